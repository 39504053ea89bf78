import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import HTTPKit

/// Workspaces that several people share, and what each role may do in them.
@Suite struct TeamTests {
    private struct Team: Sendable {
        let workspaceID: String
        let chatbotID: String
        let promptID: String
        let owner: TestUser
        let members: [String: TestUser]

        /// The owner, an editor, a viewer, another viewer to act on, and a user who is not a member.
        static func make(_ app: TestApp, _ number: Int = 0) async throws -> Team {
            let owner = try await app.user("owner\(number)")
            let workspaceID = try await app.call(.post, "/workspaces", ["name": "Team"], as: owner).string("id")
            var members = ["owner": owner]
            for role in ["editor", "viewer", "other"] {
                let member = try await app.user("\(role)\(number)")
                try await app.add(member, to: workspaceID, as: role == "other" ? "viewer" : role, by: owner)
                members[role] = member
            }
            members["stranger"] = try await app.user("stranger\(number)")
            let chatbotID = try await app.chatbot(as: owner, headers: [.workspaceID: workspaceID])
            let promptID = try await app.call(
                .post, "/chatbots/\(chatbotID)/prompts", ["content": "Be brief."], as: owner
            ).string("id")
            return Team(
                workspaceID: workspaceID, chatbotID: chatbotID, promptID: promptID, owner: owner, members: members)
        }

        func path(_ path: String) -> String {
            path.replacing("{w}", with: workspaceID).replacing("{c}", with: chatbotID).replacing("{p}", with: promptID)
                .replacing("{other}", with: members["other"]!.id)
        }
    }

    struct Action: Sendable, CustomTestStringConvertible {
        let method: HTTPRequest.Method
        let path: String
        var body: JSONValue?
        let roles: Set<String>
        var testDescription: String { "\(method) \(path)" }
    }

    private static let everyone: Set = ["owner", "editor", "viewer"]
    private static let editors: Set = ["owner", "editor"]

    static let actions = [
        Action(method: .get, path: "/workspaces/{w}", roles: everyone),
        Action(method: .get, path: "/workspaces/{w}/members", roles: everyone),
        Action(method: .get, path: "/chatbots", roles: everyone),
        Action(method: .get, path: "/chatbots/{c}", roles: everyone),
        Action(method: .get, path: "/chatbots/{c}/prompts", roles: editors),
        Action(method: .get, path: "/conversations", roles: everyone),
        Action(method: .get, path: "/conversations?chatbot_id={c}", roles: everyone),
        Action(method: .post, path: "/conversations", body: [:], roles: everyone),
        Action(method: .post, path: "/chat", body: ["message": "hi"], roles: everyone),
        Action(method: .post, path: "/chatbots", body: ["name": "New"], roles: editors),
        Action(method: .patch, path: "/chatbots/{c}", body: ["name": "New"], roles: editors),
        Action(method: .put, path: "/projects/{c}", body: ["is_default": true], roles: editors),
        Action(method: .delete, path: "/chatbots/{c}", roles: editors),
        Action(method: .post, path: "/chatbots/{c}/prompts", body: ["content": "New"], roles: editors),
        Action(method: .post, path: "/chatbots/{c}/prompts/{p}/activate", body: [:], roles: editors),
        Action(method: .patch, path: "/workspaces/{w}", body: ["name": "New"], roles: ["owner"]),
        Action(method: .delete, path: "/workspaces/{w}", roles: ["owner"]),
        Action(method: .patch, path: "/workspaces/{w}/members/{other}", body: ["role": "editor"], roles: ["owner"]),
        Action(method: .delete, path: "/workspaces/{w}/members/{other}", roles: ["owner"]),
        Action(
            method: .post, path: "/workspaces/{w}/members", body: ["username": "newcomer", "role": "viewer"],
            roles: ["owner"]),
        Action(method: .post, path: "/workspaces/{w}/invitations", body: ["role": "viewer"], roles: ["owner"]),
        Action(method: .get, path: "/workspaces/{w}/invitations", roles: ["owner"]),
        Action(method: .post, path: "/workspaces/{w}/members/{other}/revoke-keys", body: [:], roles: ["owner"]),
    ]

    @Test("Each role may do what the table says: 403 for other members, 404 for strangers", arguments: actions)
    func roles(action: Action) async throws {
        try await TestApp.run { app in
            _ = try await app.user("newcomer")
            for (number, role) in ["owner", "editor", "viewer", "stranger"].enumerated() {
                let team = try await Team.make(app, number)
                let answer = try await app.call(
                    action.method, team.path(action.path), action.body, as: team.members[role]!,
                    headers: [.workspaceID: team.workspaceID])
                let expected = action.roles.contains(role) ? 200..<300 : role == "stranger" ? 404..<405 : 403..<404
                #expect(expected.contains(answer.status), "\(role): \(answer.status) \(answer.text)")
                if answer.status == 403 { #expect(answer.errorCode == "forbidden") }
            }
        }
    }

    @Test("Members share chatbots, and each member's conversations are private")
    func privateConversations() async throws {
        try await TestApp.run { app in
            let team = try await Team.make(app)
            let viewer = team.members["viewer"]!
            let conversation = try await app.conversation(with: team.chatbotID, as: viewer)
            try await app.send("between us", in: conversation, as: viewer)
            for role in ["owner", "editor", "other"] {
                let member = team.members[role]!
                for (method, path) in [
                    (.get, ""), (.get, "/messages"), (.get, "/export"), (.get, "/stream"), (.post, "/stop"),
                    (.delete, ""),
                ] as [(HTTPRequest.Method, String)] {
                    let answer = try await app.call(method, "/conversations/\(conversation)\(path)", as: member)
                    #expect(answer.status == 404, "\(role) \(method) \(path)")
                }
                let list = try await app.call(
                    .get, "/conversations", as: member, headers: [.workspaceID: team.workspaceID])
                #expect(list["data"] == [])
            }
            #expect(try await app.call(.get, "/conversations/\(conversation)", as: viewer).status == 200)
        }
    }

    @Test("The last owner can neither leave nor step down")
    func lastOwner() async throws {
        try await TestApp.run { app in
            let team = try await Team.make(app)
            let (owner, editor) = (team.owner, team.members["editor"]!)
            let path = "/workspaces/\(team.workspaceID)/members"
            let leaving = try await app.call(.delete, "\(path)/\(owner.id)", as: owner)
            #expect(leaving.status == 409 && leaving.errorCode == "last_owner")
            let demotion = try await app.call(.patch, "\(path)/\(owner.id)", ["role": "viewer"], as: owner)
            #expect(demotion.status == 409 && demotion.errorCode == "last_owner")
            let account = try await app.call(.delete, "/users/me", ["password": .string(TestApp.password)], as: owner)
            #expect(account.status == 409 && account.errorCode == "last_owner")
            #expect(try await app.call(.get, "/users/me", as: owner).status == 200)
            #expect(try await app.call(.get, "/workspaces/\(team.workspaceID)", as: owner)["role"] == "owner")

            let promotion = try await app.call(.patch, "\(path)/\(editor.id)", ["role": "owner"], as: owner)
            #expect(promotion.status == 200 && promotion["role"] == "owner")
            let early = try await app.call(.delete, "\(path)/\(owner.id)", as: owner)
            #expect(early.status == 409 && early.errorCode == "last_owner")
            try await app.accept(team.workspaceID, "owner", as: editor)
            #expect(try await app.call(.delete, "\(path)/\(owner.id)", as: owner).status == 204)
            #expect(try await app.call(.get, "/workspaces/\(team.workspaceID)", as: owner).status == 404)
        }
    }

    @Test("Two owners who leave at once do not leave the workspace without one")
    func simultaneousLeaving() async throws {
        try await TestApp.run { app in
            let team = try await Team.make(app)
            let (owner, editor) = (team.owner, team.members["editor"]!)
            let path = "/workspaces/\(team.workspaceID)/members"
            _ = try await app.call(.patch, "\(path)/\(editor.id)", ["role": "owner"], as: owner)
            try await app.accept(team.workspaceID, "owner", as: editor)
            async let first = app.call(.delete, "\(path)/\(owner.id)", as: owner).status
            async let second = app.call(.delete, "\(path)/\(editor.id)", as: editor).status
            #expect(try await [first, second].sorted() == [204, 409])
        }
    }

    @Test("A personal workspace can be neither shared nor deleted, but renamed")
    func personalWorkspace() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            _ = try await app.user("bob")
            let path = "/workspaces/\(alice.workspaceID)"
            let shared = try await app.call(
                .post, "\(path)/members", ["username": "bob", "role": "viewer"], as: alice)
            #expect(shared.status == 409 && shared.errorCode == "personal_workspace")
            let deleted = try await app.call(.delete, path, as: alice)
            #expect(deleted.status == 409 && deleted.errorCode == "personal_workspace")
            let left = try await app.call(.delete, "\(path)/members/\(alice.id)", as: alice)
            #expect(left.status == 409)
            let renamed = try await app.call(.patch, path, ["name": "Mine"], as: alice)
            #expect(renamed.status == 200 && renamed["name"] == "Mine" && renamed["is_personal"] == true)
        }
    }

    @Test("Removing a member, or leaving, ends access at once")
    func removal() async throws {
        try await TestApp.run { app in
            let team = try await Team.make(app)
            for (role, remover) in [("viewer", team.owner), ("other", team.members["other"]!)] {
                let member = team.members[role]!
                let conversation = try await app.conversation(with: team.chatbotID, as: member)
                try await app.send("hello", in: conversation, as: member)
                let paths = [
                    "/workspaces/\(team.workspaceID)", "/chatbots/\(team.chatbotID)",
                    "/conversations/\(conversation)", "/conversations/\(conversation)/messages",
                ]
                for path in paths { #expect(try await app.call(.get, path, as: member).status == 200) }
                let removed = try await app.call(
                    .delete, "/workspaces/\(team.workspaceID)/members/\(member.id)", as: remover)
                #expect(removed.status == 204)
                for path in paths { #expect(try await app.call(.get, path, as: member).status == 404, "\(path)") }
                #expect(try await app.send("hello?", in: conversation, as: member).status == 404)
                #expect(try await app.all("/workspaces", as: member).count == 1)
            }
        }
    }

    @Test("An invitation names a person by one of id, user name and e-mail address")
    func adding() async throws {
        try await TestApp.run(configure: { $0.sendsMail() }) { app in
            let team = try await Team.make(app)
            let path = "/workspaces/\(team.workspaceID)/members"
            _ = try await app.register(email: "carol@example.com", username: "carol")
            let grant = try await app.signIn("carol")
            let carols: HTTPFields = [.authorization: "Bearer \(try grant.string("access_token"))"]
            let carol = try await app.call(.get, "/users/me", headers: carols).string("id")
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE users SET email_verified_at = 1 WHERE id = ?", [carol])
            }
            let ways: [JSONValue] = [
                ["user_id": .string(carol), "role": "editor"], ["username": "CAROL", "role": "editor"],
                ["email": "Carol@Example.com", "role": "editor"],
            ]
            for body in ways {
                let invited = try await app.call(.post, path, body, as: team.owner)
                #expect(invited.status == 202 && invited["role"] == "editor", "\(invited.text)")
                let id = try invited.string("id")
                let mine = try await app.call(.get, "/invitations", headers: carols)
                #expect(mine["data"]?[0]?["id"]?.string == id && mine["data"]?[0]?["invited_by"] == "owner0")
                let accepted = try await app.call(
                    .post, "/invitations/accept", ["id": .string(id)], headers: carols)
                #expect(accepted.status == 200 && accepted["role"] == "editor", "\(accepted.text)")
                // The same answer for a member, and accepting it changes nothing.
                let again = try await app.call(.post, path, body, as: team.owner)
                #expect(again.status == 202 && again.json.object?.keys.sorted() == ["expires_at", "id", "role"])
                let twice = try await app.call(
                    .post, "/invitations/accept", ["id": .string(try again.string("id"))], headers: carols)
                #expect(twice.status == 409 && twice.errorCode == "already_member", "\(twice.text)")
                #expect(try await app.call(.get, "/invitations", headers: carols)["data"] == [])
                let withdrawn = try await app.call(
                    .delete, "/workspaces/\(team.workspaceID)/invitations/\(try again.string("id"))", as: team.owner)
                #expect(withdrawn.status == 204)
                #expect(try await app.call(.delete, "\(path)/\(carol)", as: team.owner).status == 204)
            }
            for body: JSONValue in [
                ["role": "editor"], ["username": "carol"], ["username": "carol", "role": "boss"],
                ["username": "carol", "email": "carol@example.com", "role": "viewer"],
            ] {
                #expect(try await app.call(.post, path, body, as: team.owner).status == 422)
            }
            let members = try await app.all(path, limit: 2, as: team.owner)
            #expect(Set(members.compactMap { $0["username"]?.string }) == ["owner0", "editor0", "viewer0", "other0"])
        }
    }
}

import DatabaseMigrations
import Foundation
import HTTPTypes
import JSON
import Logging
import Storage
import Testing

@testable import Accounts
@testable import App
@testable import Chatbots
@testable import HTTPKit
@testable import Platform

/// Users become members only by accepting, and inviting reveals nothing about accounts.
@Suite struct InvitationTests {
    private struct Team: Sendable {
        let owner: TestUser
        let id: String
        var path: String { "/workspaces/\(id)" }

        static func make(_ app: TestApp, _ name: String = "owner") async throws -> Team {
            let owner = try await app.user(name)
            let id = try await app.call(.post, "/workspaces", ["name": "দল 团队 🦜"], as: owner).string("id")
            return Team(owner: owner, id: id)
        }

        /// A link, whose token is returned.
        func link(_ app: TestApp, _ role: String = "editor") async throws -> (id: String, token: String) {
            let made = try await app.call(.post, "\(path)/invitations", ["role": .string(role)], as: owner)
            try #require(made.status == 202, "\(made.text)")
            let url = try made.string("url")
            return (try made.string("id"), String(try #require(url.split(separator: "/").last)))
        }
    }

    private static func accept(_ app: TestApp, _ token: String, as user: TestUser) async throws -> TestApp.Answer {
        try await app.call(.post, "/invitations/accept", ["token": .string(token)], as: user)
    }

    @Test("The answer to an invitation is the same for known, unknown and existing people")
    func sameAnswer() async throws {
        try await TestApp.run(configure: { $0.sendsMail() }) { app in
            let team = try await Team.make(app)
            let (bob, member) = (try await app.user("bob"), try await app.user("member"))
            _ = try await app.register(email: "known@example.com")
            try await app.add(member, to: team.id, as: "viewer", by: team.owner)
            _ = try await app.mails()
            var shapes: Set<[String]> = []
            for who in [
                ["username": "bob"], ["username": "nobody"], ["username": "member"], ["username": "owner"],
                ["user_id": .string(bob.id)], ["user_id": "u1"], ["user_id": "রহিম"],
                ["user_id": .string(member.id)], ["email": "known@example.com"], ["email": "unknown@example.com"],
            ] as [[String: JSONValue]] {
                let body = JSONValue.object(who.merging(["role": "editor"]) { $1 })
                let answer = try await app.call(.post, "\(team.path)/members", body, as: team.owner)
                #expect(answer.status == 202 && answer["role"] == "editor", "\(who): \(answer.text)")
                shapes.insert(answer.json.object?.keys.sorted() ?? [])
            }
            #expect(shapes == [["expires_at", "id", "role"]])
            // Both addresses get mail, and alike.
            let mails = try await app.mails()
            #expect(Set(mails.map(\.recipient)) == ["known@example.com", "unknown@example.com"])
            #expect(mails.allSatisfy { $0.kind == .invitation && $0.about?.workspace == "দল 团队 🦜" })
            let members = try await app.all("\(team.path)/members", as: team.owner)
            #expect(Set(members.compactMap { $0["username"]?.string }) == ["owner", "member"])
            let listed = try await app.all("\(team.path)/invitations", as: team.owner)
            #expect(listed.count == 10)
            #expect(listed.first?["email"] == "unknown@example.com" && listed.first?["invited_by"] != nil)
        }
    }

    @Test("Until it is accepted, an invitation changes nothing")
    func noEffect() async throws {
        try await TestApp.run { app in
            let team = try await Team.make(app)
            let bob = try await app.user("bob")
            let chatbot = try await app.chatbot(
                ["name": "Only there"], as: team.owner, headers: [.workspaceID: team.id])
            let key = try await app.ownKey(as: bob)
            let export = try await app.call(.get, "/users/me/export", as: bob).text.count
            for role in ["viewer", "editor", "owner"] {
                let invited = try await app.call(
                    .post, "\(team.path)/members", ["user_id": .string(bob.id), "role": .string(role)], as: team.owner)
                #expect(invited.status == 202)
            }
            for headers in [[.authorization: "Bearer \(bob.token)"], [.apiKey: key.text]] as [HTTPFields] {
                for path in [
                    team.path, "\(team.path)/members", "\(team.path)/invitations", "/chatbots/\(chatbot)",
                    "/chatbots/\(chatbot)/prompts",
                ] {
                    #expect(try await app.call(.get, path, headers: headers).status == 404, "\(path)")
                }
                let models = try await app.call(.get, "/v1/models", headers: headers)
                #expect(!models.text.contains("only-there") && models["data"]?.array?.count == 2)
                for name in ["only-there", chatbot] {
                    let asked = try await app.call(
                        .post, CompletionsTests.path, CompletionsTests.asking(["model": .string(name)]),
                        headers: headers)
                    #expect(asked.status == 404, "\(asked.text)")
                }
            }
            #expect(try await app.all("/workspaces", as: bob).count == 1)
            #expect(try await app.call(.get, "/users/me/export", as: bob).text.count - export < 100)
            #expect(try await app.all("\(team.path)/members", as: team.owner).count == 1)
            // Neither the answer to a chat nor a new conversation there.
            let chat = try await app.call(
                .post, "/chat", ["message": "hi", "chatbot_id": .string(chatbot)], as: bob)
            #expect(chat.status == 404)
        }
    }

    @Test("A link is accepted once, by one of several at once, and shows what it is for")
    func link() async throws {
        try await TestApp.run(configure: { $0.publicURL = "https://chat.example.com" }) { app in
            let team = try await Team.make(app)
            var users: [TestUser] = []
            for name in ["রহিম", "علي", "李雷", "bob"] { users.append(try await app.user(name)) }
            let everyone = users
            let made = try await app.call(.post, "\(team.path)/invitations", ["role": "editor"], as: team.owner)
            let url = try made.string("url")
            #expect(url.hasPrefix("https://chat.example.com/#/invitation/"))
            let token = String(try #require(url.split(separator: "/").last))
            #expect(try await !app.databaseBytes().contains(token))
            #expect(try await !app.call(.get, "\(team.path)/invitations", as: team.owner).text.contains(token))

            let read = try await app.call(.post, "/invitations/read", ["token": .string(token)])
            #expect(read.status == 200 && read["workspace_name"] == "দল 团队 🦜" && read["role"] == "editor")
            #expect(read["invited_by"] == "owner")
            // An invitation by link cannot be accepted by its id.
            let byID = try await app.call(
                .post, "/invitations/accept", ["id": .string(try made.string("id"))], as: users[0])
            #expect(byID.status == 404)

            let answers = try await app.parallel(8) { number in
                try await Self.accept(app, token, as: everyone[number % 4])
            }
            #expect(answers.filter { $0.status == 200 }.count == 1)
            #expect(answers.allSatisfy { [200, 409, 422].contains($0.status) }, "\(answers.map(\.text))")
            #expect(try await app.all("\(team.path)/members", as: team.owner).count == 2)
            let late = try await Self.accept(app, token, as: try await app.user("late"))
            #expect(late.status == 422 && late.errorCode == "invalid_link")
            #expect(try await app.call(.post, "/invitations/read", ["token": .string(token)]).status == 422)
        }
    }

    @Test(
        "What makes an invitation void", arguments: ["withdrawn", "demoted", "left", "disabled", "deleted", "expired"])
    func void(how: String) async throws {
        try await TestApp.run { app in
            let team = try await Team.make(app)
            let (other, bob) = (try await app.user("other"), try await app.user("bob"))
            try await app.add(other, to: team.id, as: "owner", by: team.owner)
            let byOther = Team(owner: other, id: team.id)
            let link = try await byOther.link(app)
            let named = try await app.call(
                .post, "\(team.path)/members", ["user_id": .string(bob.id), "role": "editor"], as: other)
            switch how {
            case "withdrawn":
                for id in [link.id, try named.string("id")] {
                    let path = "\(team.path)/invitations/\(id)"
                    #expect(try await app.call(.delete, path, as: team.owner).status == 204)
                    #expect(try await app.call(.delete, path, as: team.owner).status == 404)
                }
            case "demoted":
                try await app.call(.patch, "\(team.path)/members/\(other.id)", ["role": "editor"], as: team.owner)
            case "left": try await app.call(.delete, "\(team.path)/members/\(other.id)", as: other)
            case "disabled", "expired":
                let change =
                    how == "disabled"
                    ? "UPDATE users SET disabled_at = 1 WHERE id = '\(other.id)'"
                    : "UPDATE invitations SET expires_at = 1"
                try await app.database.write(.system) { tx in try tx.run(change) }
            default: try await app.call(.delete, team.path, as: team.owner)
            }
            #expect(try await app.call(.get, "/invitations", as: bob)["data"] == [])
            let byToken = try await Self.accept(app, link.token, as: bob)
            #expect(byToken.status == 422 && byToken.errorCode == "invalid_link", "\(byToken.text)")
            let byID = try await app.call(
                .post, "/invitations/accept", ["id": .string(try named.string("id"))], as: bob)
            #expect(byID.status == 404, "\(byID.text)")
            #expect(try await app.call(.post, "/invitations/read", ["token": .string(link.token)]).status == 422)
            #expect(try await app.all("/workspaces", as: bob).count == 1)
        }
    }

    @Test("An address has to be confirmed before its invitations are the account's; a name is meant as it was then")
    func addressees() async throws {
        try await TestApp.run(configure: { $0.sendsMail() }) { app in
            let team = try await Team.make(app)
            for body in [["email": "carol@example.com"], ["username": "carol"]] as [[String: JSONValue]] {
                _ = try await app.call(
                    .post, "\(team.path)/members", .object(body.merging(["role": "viewer"]) { $1 }), as: team.owner)
            }
            // A user who takes the name later was not invited, and the address may belong to another person.
            _ = try await app.register(email: "Carol@example.com", username: "carol")
            let grant = try await app.signIn("carol")
            let headers: HTTPFields = [.authorization: "Bearer \(try grant.string("access_token"))"]
            #expect(try await app.call(.get, "/invitations", headers: headers)["data"] == [])
            let mails = try await app.mails()
            let verification = try #require(mails.first { $0.kind == .verifyEmail }?.token)
            #expect(
                try await app.call(.post, "/auth/email/verify", ["token": .string(verification)]).status == 204)
            let mine = try await app.call(.get, "/invitations", headers: headers)
            #expect(mine["data"]?.array?.count == 1 && mine["data"]?[0]?["role"] == "viewer")
            let id = try #require(mine["data"]?[0]?["id"]?.string)
            // A stranger cannot accept by the id, and a key cannot accept at all.
            let stranger = try await app.user("stranger")
            #expect(
                try await app.call(.post, "/invitations/accept", ["id": .string(id)], as: stranger).status == 404)
            let key = try await app.call(.post, "/users/me/api-keys", headers: headers).string("key")
            let byKey = try await app.call(
                .post, "/invitations/accept", ["id": .string(id)], headers: [.apiKey: key])
            #expect(byKey.status == 403 && byKey.errorCode == "key_not_allowed")
            for body in [[:], ["id": "a", "token": "b"]] as [JSONValue] {
                #expect(try await app.call(.post, "/invitations/accept", body, headers: headers).status == 422)
            }
            // The link of the mail does it too.
            let token = try #require(mails.first { $0.kind == .invitation }?.token)
            #expect(
                try await app.call(.post, "/invitations/accept", ["token": .string(token)], headers: headers).status
                    == 200)
        }
    }

    @Test("Mail to one address is bounded over all workspaces, whether or not invitations are withdrawn")
    func bounds() async throws {
        try await TestApp.run(configure: { $0.sendsMail() }) { app in
            var sent = 0
            for number in 0..<3 {
                let team = try await Team.make(app, "owner\(number)")
                for address in ["victim@example.com", "VICTIM@example.com"] {
                    let made = try await app.call(
                        .post, "\(team.path)/invitations", ["email": .string(address), "role": "viewer"],
                        as: team.owner)
                    #expect(made.status == 202 && made["url"] == .null, "\(made.text)")
                    sent += try await app.mails().count
                    let id = try made.string("id")
                    #expect(try await app.call(.delete, "\(team.path)/invitations/\(id)", as: team.owner).status == 204)
                }
                #expect(try await app.call(.delete, team.path, as: team.owner).status == 204)
            }
            #expect(sent == Invitation.mostMailsInADay)
            let team = try await Team.make(app)
            try await app.database.write(.system) { tx in
                try tx.run(
                    "INSERT INTO invitation_counts (subject, day, count) VALUES (?, ?, ?)",
                    ["user \(team.owner.id)", Timestamp.now.day, Invitation.mostInADay])
            }
            let refused = try await app.call(
                .post, "\(team.path)/invitations", ["role": "viewer"], as: team.owner)
            #expect(refused.status == 429 && refused.errorCode == "daily_limit_reached", "\(refused.text)")
            #expect(refused.headers[.retryAfter] != nil)
        }
    }

    @Test("By invitation only: a token opens registration once, for one of several at once")
    func registration() async throws {
        try await TestApp.run { app in
            // Registered before the door was closed.
            let team = try await Team.make(app)
            let (first, second) = (try await team.link(app), try await team.link(app))
            var configuration = app.app.configuration
            configuration.registration = .invite
            try await app.another(configuration) { app in
                @Sendable func register(_ name: String, _ token: String?) async throws -> TestApp.Answer {
                    var body: [String: JSONValue] = ["username": .string(name), "password": .string(TestApp.password)]
                    if let token { body["invitation"] = .string(token) }
                    return try await app.call(.post, "/auth/register", .object(body))
                }
                let without = try await register("eve", nil)
                #expect(without.status == 403 && without.errorCode == "registration_closed")
                let madeUp = try await register("eve", "made-up")
                #expect(madeUp.status == 422 && madeUp["error"]?["param"] == "invitation")
                let answers = try await app.parallel(6) { number in try await register("guest\(number)", first.token) }
                #expect(answers.filter { $0.status == 201 }.count == 1, "\(answers.map(\.text))")
                let name = try #require(answers.first { $0.status == 201 }).string("username")
                // Registered is not yet a member.
                let grant = try await app.signIn(name)
                let headers: HTTPFields = [.authorization: "Bearer \(try grant.string("access_token"))"]
                #expect(try await app.call(.get, team.path, headers: headers).status == 404)
                #expect(
                    try await Self.accept(app, first.token, as: team.owner).status == 422,
                    "it is bound to the new account")
                let accepted = try await app.call(
                    .post, "/invitations/accept", ["token": .string(first.token)], headers: headers)
                #expect(accepted.status == 200 && accepted["role"] == "editor", "\(accepted.text)")
                // Void with its inviter.
                try await app.database.write(.system) { tx in
                    try tx.run("UPDATE users SET disabled_at = 1 WHERE id = ?", [team.owner.id])
                }
                #expect(try await register("late", second.token).errorCode == "invalid_link")
            }
        }
    }

    @Test("With confirmed addresses, an invitation's token does not tell which addresses are registered")
    func registrationTellsNothing() async throws {
        try await TestApp.run(configure: { $0.sendsMail(verifying: true) }) { app in
            let team = try await Team.make(app)
            _ = try await app.register(email: "taken@example.com")
            for (number, email) in ["taken@example.com", "free@example.com"].enumerated() {
                let link = try await team.link(app)
                for (attempt, address) in [email, "other\(number)@example.com"].enumerated() {
                    let answer = try await app.call(
                        .post, "/auth/register",
                        [
                            "email": .string(address), "password": .string(TestApp.password),
                            "invitation": .string(link.token),
                        ])
                    #expect(answer.status == (attempt == 0 ? 202 : 422), "\(address): \(answer.text)")
                }
            }
        }
    }

    @Test("Members who had not accepted are invited by the migration, and members no longer")
    func migration() async throws {
        let testDatabase = try await TestDatabase.make(isMigrated: false)
        let database = try Database(url: testDatabase.url, logger: Logger(label: "test"))
        do {
            let migrator = Migrator(database, Migrations.all)
            try await migrator.migrate(to: 6)
            try await database.write(.system) { tx in
                for (id, name) in [("a", "alice"), ("b", "bob"), ("c", "Bob1"), ("d", "bobl")] {
                    try tx.run(
                        """
                        INSERT INTO users (id, username, username_key, password_hash, created_at, updated_at)
                        VALUES (?, ?, ?, 'x', 1, 1)
                        """,
                        [id, name, Lookalike.key(of: name)])
                }
                try tx.run("INSERT INTO workspaces (id, name, created_at, updated_at) VALUES ('w', 'Team', 1, 1)")
                for (user, role, accepted) in [("a", "owner", 1), ("b", "editor", nil), ("c", "viewer", 5)]
                    as [(String, String, Int?)]
                {
                    try tx.run(
                        """
                        INSERT INTO members (workspace_id, user_id, role, accepted_at, created_at)
                        VALUES ('w', ?, ?, ?, 1)
                        """,
                        [user, role, accepted])
                }
                for (id, slug) in [
                    ("x1", "c7"), ("x2", "chatbot-c7"), ("x3", "01935d2e-0000-7000-8000-000000000000"),
                    ("x4", "cafe"),
                ] {
                    try tx.run(
                        """
                        INSERT INTO chatbots (id, workspace_id, name, slug, models, config, is_default, created_at,
                            updated_at)
                        VALUES (?, 'w', 'x', ?, '[]', '{}', 0, 1, 1)
                        """,
                        [id, slug])
                }
            }
            for _ in 0..<2 {
                try await migrator.migrate()
                let (members, slugs, skeletons) = try await database.read(.system) { tx in
                    (
                        try tx.rows("SELECT user_id FROM members ORDER BY user_id") { try $0.string("user_id") },
                        try tx.rows("SELECT slug FROM chatbots ORDER BY id") { try $0.string("slug") },
                        try tx.rows("SELECT username_skeleton AS s FROM users ORDER BY id") {
                            try $0.stringIfPresent("s")
                        }
                    )
                }
                #expect(members == ["a", "c"])
                #expect(!slugs.contains { Chatbot.looksLikeID($0) } && Set(slugs).count == 4, "\(slugs)")
                #expect(slugs[1] == "chatbot-c7" && slugs[3] == "cafe")
                #expect(skeletons[2] == Lookalike.skeleton(of: "bobl") && skeletons[3] == nil)
                try await migrator.migrate(to: 6, force: true)
                try await database.write(.system) { tx in
                    try tx.run(
                        """
                        INSERT INTO members (workspace_id, user_id, role, created_at) VALUES ('w', 'b', 'editor', 1)
                        """)
                }
            }
            try await migrator.migrate()
            let invited = try await database.read(.system) { tx in
                (
                    try Invitation.list(tx, for: "b", after: .newest, limit: 10, now: .now),
                    try Invitation.list(tx, for: "d", after: .newest, limit: 10, now: .now)
                )
            }
            #expect(invited.0.count == 1 && invited.0[0].role == .editor && invited.0[0].invitedBy == "alice")
            #expect(invited.1.isEmpty)
        } catch {
            await database.close()
            try? await testDatabase.remove()
            throw error
        }
        await database.close()
        try await testDatabase.remove()
    }
}

import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// Recovering an account ends all access that it gave to others.
@Suite struct GrantTests {
    private static let song = "a new song to sing"

    /// A signed-in user with an email address.
    private static func person(_ app: TestApp, _ name: String) async throws -> TestUser {
        let made = try await app.register(email: "\(name)@example.com", username: name)
        let grant = try await app.signIn(name)
        return TestUser(
            id: try made.string("id"), name: name, workspaceID: try made.string("workspace_id"),
            token: try grant.string("access_token"), refreshToken: try grant.string("refresh_token"))
    }

    private static func reset(_ app: TestApp, _ user: TestUser) async throws {
        _ = try await app.mails()
        let address = "\(user.name)@example.com"
        try await app.call(.post, "/auth/password/forgot", ["email": .string(address)])
        let token = try await app.token(.resetPassword, to: address)
        let answer = try await app.call(
            .post, "/auth/password/reset", ["token": .string(token), "password": .string(song)])
        try #require(answer.status == 204, "\(answer.text)")
    }

    private static func members(_ app: TestApp, _ team: String) async throws -> Set<String> {
        Set(
            try await app.database.read(.system) { tx in
                try tx.rows(
                    """
                    SELECT u.username FROM members m JOIN users u ON u.id = m.user_id WHERE m.workspace_id = ?
                    """, [team]
                ) { try $0.string("username") }
            })
    }

    private static func key(_ app: TestApp, _ chatbot: String, as user: TestUser) async throws -> String {
        try await app.secretKey("/chatbots/\(chatbot)/api-keys", as: user).text
    }

    private static func works(_ app: TestApp, _ key: String) async throws -> Bool {
        try await app.call(.get, "/v1/models", headers: [.apiKey: key]).status == 200
    }

    @Test("A reset by mail ends second factor, keys, signing secrets, invitations, and whoever was brought in")
    func resetEndsAll() async throws {
        try await TestApp.run(configure: { $0.sendsMail() }) { app in
            let alice = try await Self.person(app, "alice")
            let own = try await app.ownKey(as: alice).text
            let personal = try await app.chatbot(as: alice)
            let (first, secret) = (
                try await Self.key(app, personal, as: alice),
                try await app.call(.get, "/chatbots/\(personal)/signing-secret", as: alice).string("signing_secret")
            )
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: alice).string("id")
            let chatbot = try await app.chatbot(as: alice, headers: [.workspaceID: team])
            // An accomplice who is an owner, and the accomplice's accomplice.
            let (accomplice, second) = (try await Self.person(app, "eve"), try await Self.person(app, "mallory"))
            try await app.add(accomplice, to: team, as: "owner", by: alice)
            try await app.add(second, to: team, as: "editor", by: accomplice)
            let keys = [
                own, first, try await Self.key(app, chatbot, as: alice),
                try await Self.key(app, chatbot, as: accomplice), try await Self.key(app, chatbot, as: second),
            ]
            let link = try await app.call(
                .post, "/workspaces/\(team)/invitations", ["role": "owner"], as: alice
            ).string("url").split(separator: "/").last!
            let theirs = try await app.call(
                .post, "/workspaces/\(team)/invitations", ["role": "owner"], as: accomplice
            ).string("url").split(separator: "/").last!
            try await app.call(
                .post, "/auth/email", ["email": "evil@example.com", "password": .string(TestApp.password)], as: alice)
            let pending = try #require(try await app.mails().last?.token)
            _ = try await app.call(.post, "/auth/mfa/totp", as: alice)
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE second_factors SET confirmed_at = 1, last_step = 1")
            }
            #expect(try await app.signIn("alice").errorCode == "mfa_required")
            for key in keys.dropFirst() { #expect(try await Self.works(app, key)) }

            try await Self.reset(app, alice)
            for key in keys {
                #expect(try await app.call(.get, "/v1/models", headers: [.apiKey: key]).errorCode == "key_revoked")
            }
            #expect(try await Self.members(app, team) == ["alice"])
            let stranger = try await app.user("stranger")
            for token in [link, theirs] {
                let refused = try await app.call(
                    .post, "/invitations/accept", ["token": .string(String(token))], as: stranger)
                #expect(refused.errorCode == "invalid_link", "\(refused.text)")
            }
            #expect(try await app.call(.post, "/auth/email/verify", ["token": .string(pending)]).status == 422)
            let grant = try await app.signIn("alice", Self.song)
            #expect(grant.status == 200, "\(grant.text)")
            let headers: HTTPFields = [.authorization: "Bearer \(try grant.string("access_token"))"]
            let now = try await app.call(.get, "/chatbots/\(personal)/signing-secret", headers: headers)
            #expect(try now.string("signing_secret") != secret)
            let left = try await app.call(.get, "/auth/grants", headers: headers)
            #expect(left["api_keys"] == [] && left["invitations"] == [] && left["memberships"] == [])
            #expect(left["second_factor"]?["enabled"] == false)
        }
    }

    @Test("A reset takes nobody out of workspaces that the account does not own, nor its colleagues' guests")
    func others() async throws {
        try await TestApp.run(configure: { $0.sendsMail() }) { app in
            let (alice, boss) = (try await Self.person(app, "alice"), try await Self.person(app, "boss"))
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: boss).string("id")
            try await app.add(alice, to: team, as: "owner", by: boss)
            let (guest, friend) = (try await Self.person(app, "guest"), try await Self.person(app, "friend"))
            try await app.add(guest, to: team, as: "editor", by: boss)
            try await app.add(friend, to: team, as: "editor", by: alice)
            let chatbot = try await app.chatbot(as: boss, headers: [.workspaceID: team])
            let (hers, bosses) = (
                try await Self.key(app, chatbot, as: alice),
                try await app.secretKey("/chatbots/\(chatbot)/api-keys", as: boss)
            )
            // Whose text she gets to know by a rotation.
            let rotated = try await app.call(
                .post, "/chatbots/\(chatbot)/api-keys/\(bosses.id)/rotate", [:], as: alice
            ).string("key")
            let kept = try await Self.key(app, chatbot, as: boss)
            let friends = try await Self.key(app, chatbot, as: friend)
            try await Self.reset(app, alice)
            #expect(try await Self.members(app, team) == ["alice", "boss", "guest"])
            // The team's keys are for its owners to judge.
            for key in [hers, rotated, kept, friends] { #expect(try await Self.works(app, key)) }
            let mails = try await app.mails().filter { $0.kind == .keysToCheck }
            #expect(mails.count == 1 && mails.first?.recipient == "boss@example.com")
            let about = try #require(mails.first?.about)
            #expect(about.person == "alice" && about.keys?.count == 3)
            // Her guest's key as well, though the guest is gone.
            let calls = try #require(about.calls)
            #expect(
                calls == [alice.id, friend.id].sorted().map { "POST /workspaces/\(team)/members/\($0)/revoke-keys" })
            let call = "POST /workspaces/\(team)/members/\(alice.id)/revoke-keys"
            let other = try await app.call(.post, "/workspaces/\(team)/members/\(friend.id)/revoke-keys", as: boss)
            #expect(other["revoked"] == 1)
            #expect(try await !Self.works(app, friends))
            let letter = MailContent(mails[0], server: "https://chat.example.com")
            #expect(letter.text.contains(call) && letter.text.contains("mk_live_"))

            for (user, status) in [(guest, 403), (friend, 404)] {
                let path = String(call.split(separator: " ")[1])
                #expect(try await app.call(.post, path, as: user).status == status)
            }
            let ended = try await app.call(.post, String(call.split(separator: " ")[1]), as: boss)
            #expect(ended.status == 200 && ended["revoked"] == 2, "\(ended.text)")
            for (key, works) in [(hers, false), (rotated, false), (kept, true)] {
                #expect(try await Self.works(app, key) == works)
            }
            // Also of one who has left, and never of a stranger.
            #expect(try await app.call(.delete, "/workspaces/\(team)/members/\(alice.id)", as: boss).status == 204)
            let gone = try await app.call(.post, "/workspaces/\(team)/members/\(alice.id)/revoke-keys", as: boss)
            #expect(gone.status == 404)
        }
    }

    @Test("Who founded a workspace and left it does not take it back by a reset")
    func founder() async throws {
        try await TestApp.run(configure: { $0.sendsMail() }) { app in
            let (alice, bob) = (try await Self.person(app, "alice"), try await Self.person(app, "bob"))
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: alice).string("id")
            try await app.add(bob, to: team, as: "owner", by: alice)
            #expect(try await app.call(.delete, "/workspaces/\(team)/members/\(alice.id)", as: alice).status == 204)
            try await Self.reset(app, alice)
            #expect(try await Self.members(app, team) == ["bob"])
        }
    }

    @Test("A change of the password shows what is left, and one call ends it, or parts of it")
    func change() async throws {
        try await TestApp.run(configure: { $0.sendsMail() }) { app in
            let alice = try await Self.person(app, "alice")
            let team = try await app.call(.post, "/workspaces", ["name": "দল"], as: alice).string("id")
            let chatbot = try await app.chatbot(as: alice, headers: [.workspaceID: team])
            let bob = try await Self.person(app, "bob")
            try await app.add(bob, to: team, as: "viewer", by: alice)
            let keys = [try await app.ownKey(as: alice).text, try await Self.key(app, chatbot, as: alice)]
            _ = try await app.call(.post, "/workspaces/\(team)/invitations", ["role": "viewer"], as: alice)
            let elsewhere = try await app.signIn("alice").string("access_token")
            let changed = try await app.call(
                .post, "/auth/password",
                ["current_password": .string(TestApp.password), "new_password": .string(Self.song)], as: alice)
            #expect(changed.status == 204)
            #expect(
                try await app.call(.get, "/users/me", headers: [.authorization: "Bearer \(elsewhere)"]).status == 401)
            let left = try await app.call(.get, "/auth/grants", as: alice)
            #expect(left["api_keys"]?.array?.count == 2 && left["invitations"]?.array?.count == 1)
            #expect(left["memberships"]?[0]?["username"] == "bob" && left["memberships"]?[0]?["workspace_name"] == "দল")
            #expect(left["second_factor"]?["enabled"] == false)

            let wrong = try await app.call(.post, "/auth/grants/revoke", ["password": "wrong one"], as: alice)
            #expect(wrong.status == 403 && wrong.errorCode == "wrong_password")
            let some = try await app.call(
                .post, "/auth/grants/revoke", ["password": .string(Self.song), "kinds": ["invitations"]], as: alice)
            #expect(some["invitations"] == 1 && some["api_keys"] == 0 && some["memberships"] == 0, "\(some.text)")
            #expect(try await Self.works(app, keys[1]))
            let all = try await app.call(
                .post, "/auth/grants/revoke", ["password": .string(Self.song)], as: alice)
            #expect(all["api_keys"] == 2 && all["memberships"] == 1 && all["second_factor"] == false, "\(all.text)")
            for key in keys { #expect(try await !Self.works(app, key)) }
            #expect(try await Self.members(app, team) == ["alice"])
        }
    }

    @Test("In a shared workspace one call ends the keys that the caller made, and nobody else's")
    func shared() async throws {
        try await TestApp.run { app in
            let (boss, editor) = (try await app.user("boss"), try await app.user("editor"))
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: boss).string("id")
            try await app.add(editor, to: team, as: "editor", by: boss)
            let chatbot = try await app.chatbot(as: boss, headers: [.workspaceID: team])
            let (own, bosses) = (
                try await Self.key(app, chatbot, as: editor), try await Self.key(app, chatbot, as: boss)
            )
            let ended = try await app.call(
                .post, "/auth/grants/revoke", ["password": .string(TestApp.password)], as: editor)
            #expect(ended["api_keys"] == 1, "\(ended.text)")
            #expect(try await !Self.works(app, own))
            #expect(try await Self.works(app, bosses))
            // Members for themselves, too.
            let another = try await Self.key(app, chatbot, as: editor)
            let path = "/workspaces/\(team)/members"
            #expect(try await app.call(.post, "\(path)/\(boss.id)/revoke-keys", as: editor).status == 403)
            #expect(try await app.call(.post, "\(path)/\(editor.id)/revoke-keys", as: editor)["revoked"] == 1)
            #expect(try await !Self.works(app, another))
            #expect(try await Self.works(app, bosses))
        }
    }
}

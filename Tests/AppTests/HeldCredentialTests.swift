import HTTPTypes
import JSON
import Storage
import Testing

@testable import Accounts
@testable import App
@testable import HTTPKit
@testable import Platform

/// That a session which has ended on another instance, and is still believed here, leaves nothing behind.
@Suite struct HeldCredentialTests {
    /// What outlives a session, each with a body that is otherwise accepted. `{…}` stands for what the user owns.
    private static let grants: [(method: HTTPRequest.Method, path: String, body: JSONValue)] = [
        (.post, "/users/me/api-keys", [:]), (.post, "/users/me/api-keys/{own_key_id}/rotate", [:]),
        (.post, "/chatbots/{chatbot_id}/api-keys", [:]),
        (.patch, "/chatbots/{chatbot_id}/api-keys/{key_id}", ["expires_at": .null]),
        (.put, "/projects/{chatbot_id}/api-keys/{key_id}", ["scopes": ["write"]]),
        (.post, "/chatbots/{chatbot_id}/api-keys/{key_id}/rotate", ["overlap_seconds": 0]),
        (.post, "/auth/mfa/totp", [:]), (.post, "/auth/email", ["email": "new@example.com", "password": password]),
        (.post, "/auth/password", ["current_password": password, "new_password": "a new song to sing"]),
        (.post, "/workspaces/{workspace_id}/members", ["username": "friend", "role": "owner"]),
        (.post, "/workspaces/{workspace_id}/invitations", ["role": "owner"]),
        (.patch, "/workspaces/{workspace_id}/members/{user_id}", ["role": "owner"]),
        (.post, "/workspaces/{workspace_id}/accept", ["role": "owner"]),
        (.get, "/chatbots/{chatbot_id}/signing-secret", .null),
        (.post, "/chatbots/{chatbot_id}/signing-secret/rotate", [:]),
        (.post, "/auth/grants/revoke", ["password": password, "kinds": []]),
    ]
    private static let password = JSONValue.string(TestApp.password)

    private static func call(
        _ app: TestApp, _ number: Int, _ owned: Owned, headers: HTTPFields
    ) async throws -> TestApp.Answer {
        let (method, path, body) = grants[number]
        let address = owned.parameters.reduce(path) { $0.replacing("{\($1.key)}", with: $1.value) }
        return try await app.call(method, address, body == .null ? nil : body, headers: headers)
    }

    @Test("Every lasting grant is refused once the session has ended elsewhere", arguments: grants.indices)
    func ended(number: Int) async throws {
        try await TestApp.run { app in
            let owned = try await Owned.make(app, app.user("alice"), member: app.user("member"))
            _ = try await app.user("friend")
            var headers: HTTPFields = [:]
            // On a machine that is busy the seconds of trust may be over at once.
            var isBelieved = false
            for _ in 0..<5 where !isBelieved {
                let token = try await app.signIn("alice").string("access_token")
                headers = [.authorization: "Bearer \(token)"]
                #expect(try await app.call(.get, "/users/me", headers: headers).status == 200)
                try await app.database.write(.system) { tx in
                    try tx.run("DELETE FROM sessions WHERE user_id = ?", [owned.user.id])
                }
                isBelieved = try await app.call(.get, "/users/me", headers: headers).status == 200
            }
            #expect(isBelieved)
            let tables = ["api_keys", "second_factors", "one_time_tokens", "invitations", "members", "replaced_keys"]
            var before: [Int] = []
            for table in tables { before.append(try await app.count(table)) }
            let refused = try await Self.call(app, number, owned, headers: headers)
            #expect(refused.status == 401 && refused.errorCode == "invalid_token", "\(refused.text)")
            var after: [Int] = []
            for table in tables { after.append(try await app.count(table)) }
            #expect(after == before)

            // The same with a session that stands.
            let grant = try await app.signIn("alice")
            let fresh: HTTPFields = [.authorization: "Bearer \(try grant.string("access_token"))"]
            let fine = try await Self.call(app, number, owned, headers: fresh)
            #expect((200..<300).contains(fine.status), "\(fine.text)")
        }
    }

    @Test("A second factor cannot be confirmed by a session that has ended")
    func secondFactor() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let secret = try await app.call(.post, "/auth/mfa/totp", as: alice).string("secret")
            try await app.database.write(.system) { tx in try tx.run("DELETE FROM sessions") }
            let totp = TOTP(secret: try #require(Self.base32(secret)))
            let code = totp.code(step: TOTP.step(at: .now))
            let refused = try await app.call(.post, "/auth/mfa/totp/confirm", ["code": .string(code)], as: alice)
            #expect(refused.status == 401, "\(refused.text)")
            #expect(try await app.signIn("alice").status == 200)
        }
    }

    private static func base32(_ text: String) -> [UInt8]? {
        var (bytes, buffer, bits): ([UInt8], UInt32, Int) = ([], 0, 0)
        for character in text.utf8 {
            guard let value = Base32.alphabet.firstIndex(of: character) else { return nil }
            buffer = buffer << 5 | UInt32(value)
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        return bytes
    }

    @Test("A user's own key that was revoked elsewhere brings nobody in, nor that of a user who was disabled")
    func ownKeys() async throws {
        try await TestApp.run { app in
            let owned = try await Owned.make(app, app.user("alice"), member: app.user("member"))
            let key = try await app.ownKey(as: owned.user)
            let headers: HTTPFields = [.apiKey: key.text]
            let path = "/workspaces/\(owned.parameters["workspace_id"]!)/invitations"
            for (change, undo) in [
                ("UPDATE api_keys SET revoked_at = 1", "UPDATE api_keys SET revoked_at = NULL"),
                ("UPDATE users SET disabled_at = 1", "UPDATE users SET disabled_at = NULL"),
            ] {
                #expect(try await app.call(.post, path, ["role": "viewer"], headers: headers).status == 202)
                try await app.database.write(.system) { tx in try tx.run(change) }
                let before = try await app.count("invitations")
                #expect(try await app.call(.post, path, ["role": "viewer"], headers: headers).status == 401)
                #expect(try await app.count("invitations") == before)
                try await app.database.write(.system) { tx in try tx.run(undo) }
                app.app.authenticator.forget(userID: owned.user.id)
            }
        }
    }

    @Test("An operator's ended session makes no operator")
    func operators() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin("boss")
            let body: JSONValue = [
                "username": "second", "name": "Second", "password": Self.password, "role": "admin",
            ]
            #expect(try await app.call(.get, "/admin/me", headers: admin.headers).status == 200)
            try await app.database.write(.system) { tx in try tx.run("DELETE FROM operator_sessions") }
            let refused = try await app.call(.post, "/admin/operators", body, headers: admin.headers)
            #expect(refused.status == 401 && refused.errorCode == "invalid_token", "\(refused.text)")
            let factor = try await app.call(.post, "/admin/mfa/totp", headers: admin.headers)
            #expect(factor.status == 401, "\(factor.text)")
            #expect(try await app.count("operators") == 1)
            #expect(try await app.count("second_factors") == 0)
        }
    }

    @Test("Whoever is being removed makes no key: the grant and the removal wait for each other")
    func removal() async throws {
        try await TestApp.run { app in
            let owner = try await app.user("owner")
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: owner).string("id")
            let chatbot = try await app.chatbot(as: owner, headers: [.workspaceID: team])
            for round in 0..<5 {
                let editor = try await app.user("editor\(round)")
                try await app.add(editor, to: team, as: "editor", by: owner)
                async let made = app.call(.post, "/chatbots/\(chatbot)/api-keys", as: editor)
                async let removed = app.call(.delete, "/workspaces/\(team)/members/\(editor.id)", as: owner)
                let (key, removal) = try await (made, removed)
                #expect(removal.status == 204 && [201, 404].contains(key.status), "\(key.text)")
                let late = try await app.call(.post, "/chatbots/\(chatbot)/api-keys", as: editor)
                #expect(late.status == 404)
            }
        }
    }
}

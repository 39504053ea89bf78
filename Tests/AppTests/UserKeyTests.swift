import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// A key of the user's own stands in for the user.
@Suite struct UserKeyTests {
    private static func headers(_ key: String) -> HTTPFields { [.apiKey: key] }

    @Test("It does what its user may do, in every workspace of the user's, by role")
    func actsAsUser() async throws {
        try await TestApp.run { app in
            let (user, owner) = (try await app.user("alice"), try await app.user("owner"))
            let key = Self.headers(try await app.ownKey(as: user).text)
            let me = try await app.call(.get, "/users/me", headers: key)
            #expect(me["id"]?.string == user.id)
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: owner).string("id")
            let chatbotID = try await app.chatbot(as: owner, headers: [.workspaceID: team])
            #expect(try await app.call(.get, "/chatbots/\(chatbotID)", headers: key).status == 404)
            try await app.add(user, to: team, as: "viewer", by: owner)
            #expect(try await app.call(.get, "/chatbots/\(chatbotID)", headers: key).status == 200)
            let renamed = try await app.call(.patch, "/chatbots/\(chatbotID)", ["name": "Mine"], headers: key)
            #expect(renamed.status == 403 && renamed.errorCode == "forbidden")
            let turn = try await app.call(.post, "/chat", ["message": "hi"], headers: key)
            #expect(turn.status == 200)
            let conversations = try await app.all("/conversations", as: user)
            #expect(conversations.count == 1, "a conversation by key is the user's")
        }
    }

    @Test("Its requests and those of the session are one user's, also for an Idempotency-Key")
    func samePrincipal() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let key = Self.headers(try await app.ownKey(as: user).text)
            let once: HTTPFields = [.idempotencyKey: "k"]
            let first = try await app.call(.post, "/chatbots", ["name": "Bot"], headers: key + once)
            let again = try await app.call(.post, "/chatbots", ["name": "Bot"], as: user, headers: once)
            #expect(first.status == 201 && again.text == first.text)
        }
    }

    @Test("A session that has ended elsewhere leaves no key behind, though this instance still believes in it")
    func endedElsewhere() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            try await app.another { other in
                let believed = try await other.call(.get, "/users/me", as: user)
                #expect(believed.status == 200)
                let ended = try await app.call(.post, "/auth/logout", as: user)
                #expect(ended.status == 204)
                let refused = try await other.call(.post, "/users/me/api-keys", [:], as: user)
                #expect(refused.status == 401, "\(refused.text)")
            }
            #expect(try await app.count("api_keys") == 0)
        }
    }

    @Test("A new password and the end of every session leave it as it is")
    func outlivesSessions() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let key = try await app.ownKey(as: user)
            let changed = try await app.call(
                .post, "/auth/password",
                ["current_password": .string(TestApp.password), "new_password": "another calm bird"], as: user)
            #expect(changed.status == 204, "\(changed.text)")
            #expect(try await app.call(.post, "/auth/logout", as: user).status == 204)
            #expect(try await app.call(.get, "/users/me", as: user).status == 401)
            #expect(try await app.fate(of: key.text) == nil)
        }
    }

    @Test("It makes no key, ends no session, changes no password and deletes no account")
    func cannotLast() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let key = try await app.ownKey(as: user)
            let password: JSONValue = ["password": .string(TestApp.password)]
            for (method, path, body) in [
                (.post, "/users/me/api-keys", password), (.post, "/users/me/api-keys/\(key.id)/rotate", password),
                (.delete, "/users/me/api-keys/\(key.id)", nil), (.delete, "/users/me", password),
                (
                    .post, "/auth/password",
                    ["current_password": .string(TestApp.password), "new_password": "another calm bird"]
                ),
            ] as [(HTTPRequest.Method, String, JSONValue?)] {
                let answer = try await app.call(method, path, body, headers: Self.headers(key.text))
                #expect(answer.status == 403 && answer.errorCode == "key_not_allowed", "\(path): \(answer.text)")
            }
            #expect(try await app.all("/users/me/api-keys", as: user).count == 1)
            #expect(try await app.fate(of: key.text) == nil)
        }
    }
}

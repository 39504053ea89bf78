import HTTPTypes
import JSON
import Testing

@testable import App
@testable import Chatbots
@testable import HTTPKit
@testable import Platform

/// What /auth/verify answers to other applications about a credential.
@Suite struct VerifyTests {
    private static func told(_ answer: TestApp.Answer) -> [String: String] {
        let names: [HTTPField.Name] = [.authUser, .authRole, .authWorkspace, .authChatbot, .authScopes]
        let headers = names.reduce(into: [:]) { $0[$1.canonicalName] = answer.headers[$1] }
        #expect(headers.count == (answer.status == 204 ? 5 : 0), "what a client sent must not be left standing")
        return headers.filter { !$0.value.isEmpty }
    }

    @Test("Verify names the kind of a token, a user's key and a chatbot's key, and its answers are not cacheable")
    func identities() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let bot = try await app.chatbot(as: user)
            let own = try await app.ownKey(["scopes": ["write", "read"]], as: user)
            let secret = try await app.secretKey("/chatbots/\(bot)/api-keys", ["scopes": ["chat"]], as: user)
            let person = ["x-auth-user": user.id, "x-auth-role": "user", "x-auth-workspace": user.workspaceID]
            let cases: [(String, [String: String])] = [
                (user.token, person), (own.text, person.merging(["x-auth-scopes": "read write"]) { $1 }),
                (
                    secret.text,
                    [
                        "x-auth-role": "application", "x-auth-workspace": user.workspaceID, "x-auth-chatbot": bot,
                        "x-auth-scopes": "chat",
                    ]
                ),
            ]
            for (credential, expected) in cases {
                for method in [.get, .head] as [HTTPRequest.Method] {
                    let answer = try await app.call(
                        method, "/auth/verify", headers: [.authorization: "Bearer \(credential)"])
                    #expect(answer.status == 204 && answer.text.isEmpty)
                    #expect(Self.told(answer) == expected)
                    #expect(answer.headers[.cacheControl] == "no-store")
                }
            }
            let byHeader = try await app.call(.get, "/auth/verify", headers: [.apiKey: secret.text])
            #expect(byHeader.status == 204 && Self.told(byHeader) == cases[2].1)
        }
    }

    @Test("Verify refuses invalid credentials, publishable keys and the console's cookie, with no detail")
    func refusals() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let bot = try await app.chatbot(as: user)
            let page = try await app.secretKey(
                "/chatbots/\(bot)/api-keys", ["kind": "publishable", "origins": ["https://a.example"]], as: user)
            let own = try await app.ownKey(as: user)
            #expect(try await app.call(.delete, "/users/me/api-keys/\(own.id)", as: user).status == 204)
            let console = try await app.call(
                .post, "/auth/session", ["username": "alice", "password": .string(TestApp.password)],
                headers: [.secFetchSite: "same-origin"])
            let cookie = try #require(console.headers[.setCookie]?.split(separator: ";").first.map(String.init))
            let cases: [(HTTPFields, Int, String)] = [
                ([:], 401, "missing_credentials"), ([.cookie: cookie], 401, "missing_credentials"),
                ([.apiKey: "made-up"], 401, "invalid_api_key"), ([.apiKey: own.text], 401, "key_revoked"),
                ([.apiKey: page.text], 403, "key_not_allowed"),
                ([.apiKey: page.text, .origin: "https://a.example"], 403, "key_not_allowed"),
                ([.authorization: "Bearer a.b.c"], 401, "invalid_token"),
            ]
            for (headers, status, code) in cases {
                let answer = try await app.call(.get, "/auth/verify", headers: headers)
                #expect(answer.status == status && answer.errorCode == code, "\(headers): \(answer.text)")
                #expect(Self.told(answer).isEmpty)
            }
        }
    }

    @Test("A scope or chatbot that the credential does not hold is 403, whether or not the chatbot exists")
    func demands() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let (hers, other) = (try await app.chatbot(as: alice), try await app.chatbot(as: alice))
            let his = try await app.chatbot(as: bob)
            let secret = try await app.secretKey("/chatbots/\(hers)/api-keys", ["scopes": ["chat"]], as: alice)
            let own = try await app.ownKey(["scopes": ["read"]], as: alice)
            func status(_ credential: String, _ query: String) async throws -> (Int, String?) {
                let answer = try await app.call(
                    .get, "/auth/verify?\(query)", headers: [.authorization: "Bearer \(credential)"])
                return (answer.status, answer.errorCode)
            }
            for (credential, query, expected) in [
                (secret.text, "scope=chat&chatbot_id=\(hers)", (204, nil)),
                (secret.text, "scope=write", (403, "key_not_allowed")),
                (secret.text, "chatbot_id=\(other)", (403, "key_not_for_chatbot")),
                (secret.text, "chatbot_id=%00", (422, "invalid_value")),
                (own.text, "scope=read&chatbot_id=\(other)", (204, nil)),
                (own.text, "scope=chat", (403, "key_not_allowed")), (own.text, "scope=spell", (422, "invalid_value")),
                (alice.token, "scope=write&chatbot_id=\(hers)", (204, nil)),
                (alice.token, "chatbot_id=\(his)", (403, "forbidden")),
                (alice.token, "chatbot_id=made-up", (403, "forbidden")),
                (alice.token, "chatbot_id=a%00b", (422, "invalid_value")),
                (alice.token, "chatbot_id=", (403, "forbidden")),
            ] as [(String, String, (Int, String?))] {
                let found = try await status(credential, query)
                #expect(found == expected, "\(query)")
            }
        }
    }

    @Test("Verify counts against a key's rate limit and refuses an origin that the key does not list")
    func limits() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let path = "/chatbots/\(try await app.chatbot(as: user))/api-keys"
            let key = try await app.secretKey(
                path, ["rate_limit": "2/hour", "origins": ["https://a.example"]], as: user)
            let foreign = try await app.call(
                .get, "/auth/verify", headers: [.apiKey: key.text, .origin: "https://b.example"])
            #expect(foreign.status == 403 && foreign.errorCode == "origin_refused")
            for left in [1, 0] {
                let answer = try await app.call(.get, "/auth/verify", headers: [.apiKey: key.text])
                #expect(answer.status == 204)
                #expect(answer.headers[HTTPField.Name("RateLimit-Remaining")!] == String(left))
            }
            let refused = try await app.call(.get, "/auth/verify", headers: [.apiKey: key.text])
            #expect(refused.status == 429 && refused.errorCode == "rate_limited")
            #expect(Int(refused.headers[.retryAfter] ?? "") ?? 0 > 0)
        }
    }
}

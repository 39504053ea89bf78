import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// Which limit a request counts against.
@Suite struct RateLimitRulesTests {
    private static let three = RateLimit(3, per: .day)

    @Test(
        "Routes where strangers can try secrets are the ones that are limited as such, and only pages are not limited")
    func classes() async throws {
        try await TestApp.run { app in
            let classes = Dictionary(grouping: app.app.routes, by: \.rateClass)
            for route in app.app.routes where route.access == .anyone && route.method == .post {
                // A refresh token is too long to be tried, and revoking tells nothing.
                let isLong = route.path.hasSuffix("/refresh") || route.path == "/auth/revoke"
                #expect((route.rateClass == .signIn) != isLong, "\(route.name)")
            }
            for route in classes[.signIn] ?? [] {
                #expect(route.access == .anyone || route.path.hasPrefix("/auth/mfa/"), "\(route.name)")
            }
            let free = (classes[.free] ?? []).filter { !["/setup", "/widget.js"].contains($0.path) }.map(\.name)
            #expect(
                Set(free).isSubset(of: [
                    "GET /", "GET /admin", "GET /docs", "GET /redoc", "GET /openapi.json", "GET /health",
                    "GET /health/live",
                    "GET /health/ready",
                ]))
            for name in [
                "POST /chat", "POST /v1/chat/completions", "POST /v1/messages", "POST /chatbots/{chatbot_id}/query",
            ] { #expect(classes[.turn]?.contains { $0.name == name } == true, "\(name)") }
            for route in classes[.read] ?? [] { #expect(route.method == .get) }
        }
    }

    @Test("An address without credentials has a limit; pages and health are not counted")
    func anonymous() async throws {
        try await TestApp.run(configure: { $0.rates.address = Self.three }) { app in
            for left in ["2", "1", "0"] {
                let answer = try await app.call(.get, "/.well-known/jwks.json")
                #expect(answer.status == 200 && answer.headers[.remaining] == left && answer.headers[.limit] == "3")
            }
            let refused = try await app.call(.get, "/.well-known/jwks.json")
            #expect(refused.status == 429 && refused.errorCode == "rate_limited")
            #expect((1...28_800).contains(Int(refused.headers[.retryAfter] ?? "") ?? 0))
            #expect(refused.headers[.remaining] == "0" && refused.headers[.limit] == "3")
            for path in ["/", "/health", "/health/live", "/docs", "/openapi.json", "/assets/app.js"] {
                for _ in 0..<5 { #expect(try await app.call(.get, path).status == 200, "\(path)") }
            }
            let user = try await app.user("alice")
            for _ in 0..<5 { #expect(try await app.call(.get, "/users/me", as: user).status == 200) }
        }
    }

    @Test("Wrong credentials count against the address and stop key guessing; valid ones are not affected")
    func guessing() async throws {
        try await TestApp.run(configure: { $0.rates.address = Self.three }) { app in
            let user = try await app.user("alice")
            let (known, late) = (try await app.ownKey(as: user), try await app.ownKey(as: user))
            #expect(try await app.call(.get, "/users/me", headers: [.apiKey: known.text]).status == 200)
            let wrong: [HTTPFields] = [
                [:], [.apiKey: "mk_user_made_up"], [.authorization: "Bearer x.y.z"], [.cookie: "mynah_session=made-up"],
            ]
            for (number, headers) in wrong.enumerated() {
                let answer = try await app.call(.get, "/users/me", headers: headers)
                #expect(answer.status == (number < 3 ? 401 : 429), "\(headers)")
            }
            #expect(try await app.call(.get, "/users/me", headers: [.apiKey: "mk_user_other"]).status == 429)
            #expect(try await app.call(.get, "/users/me", headers: [.apiKey: late.text]).status == 429, "as a guess is")
            #expect(try await app.call(.get, "/users/me", headers: [.apiKey: known.text]).status == 200)
            #expect(try await app.call(.get, "/users/me", as: user).status == 200, "a signed token is no guess")
        }
    }

    @Test("A publishable key counts as its address outside the widget's routes")
    func publishable() async throws {
        try await TestApp.run(configure: { $0.rates.address = RateLimit(3, per: .day) }) { app in
            let site = try await TestSite.make(app, as: app.user("alice"))
            for status in [403, 403, 403, 429, 429] {
                #expect(try await site.call(.post, "/chatbots", ["name": "Mine"]).status == status)
            }
            #expect(try await site.say("Hi").status == 200)
            #expect(try await app.call(.get, "/users/me", as: site.owner).status == 200)
        }
    }

    @Test("A change of the owner's keeps no known key of a chatbot out, where others have guessed from its address")
    func knownKeys() async throws {
        try await TestApp.run(configure: { $0.rates.address = RateLimit(3, per: .day) }) { app in
            let user = try await app.user("alice")
            let key = try await TestApplication.make(app, chatbotID: app.chatbot(as: user), as: user)
            let path = "/chatbots/\(key.chatbotID)"
            #expect(try await key.call(.get, path).status == 200)
            for status in [401, 401, 401, 429] {
                #expect(try await app.call(.get, path, headers: [.apiKey: "mk_sec_guess"]).status == status)
            }
            app.app.authenticator.forget(userID: user.id)
            #expect(try await key.call(.get, path).status == 200)
            try await app.database.write(.system) { tx in
                try tx.run("DELETE FROM api_keys WHERE id = ?", [key.keyID])
            }
            app.app.authenticator.forget(userID: user.id)
            #expect(try await key.call(.get, path).status != 200, "it was looked up again")
        }
    }

    @Test("Sign-in routes have their own limit, which refreshing a token does not use")
    func signIn() async throws {
        try await TestApp.run(configure: { $0.rates.signIn = RateLimit(5, per: .day) }) { app in
            let user = try await app.user("alice")
            for path in ["/auth/login", "/auth/session", "/auth/register"] {
                let answer = try await app.call(.post, path, ["username": "nobody", "password": "wrong"])
                #expect(answer.status != 429, "\(path)")
            }
            let body: JSONValue = ["username": "alice", "password": .string(TestApp.password)]
            for path in ["/auth/login", "/auth/token", "/auth/session", "/auth/register", "/users"] {
                let answer = try await app.call(.post, path, body)
                #expect(answer.status == 429 && answer.errorCode == "rate_limited", "\(path)")
                #expect(answer.headers[.retryAfter] != nil && answer.headers[.limit] == "5")
            }
            let refreshed = try await app.call(
                .post, "/auth/refresh", ["refresh_token": .string(user.refreshToken)])
            #expect(refreshed.status == 200)
            #expect(try await app.call(.get, "/users/me", as: user).status == 200)
        }
    }

    @Test("Sessions, users' keys and chatbots' keys share the account's limit; other accounts have their own")
    func account() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let chatbot = try await app.chatbot(as: alice)
            let own = try await app.ownKey(as: alice)
            let application = try await app.secretKey("/chatbots/\(chatbot)/api-keys", as: alice)
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE users SET limits = ? WHERE id = ?", ["{\"requests_per_minute\":6}", alice.id])
            }
            app.app.authenticator.forget(userID: alice.id)
            for left in [5, 4, 3] {
                let answer = try await app.call(.get, "/users/me", as: alice)
                #expect(answer.headers[.limit] == "6" && answer.headers[.remaining] == "\(left)")
            }
            for left in [2, 1] {
                let answer = try await app.call(.get, "/users/me", headers: [.apiKey: own.text])
                #expect(answer.status == 200 && answer.headers[.remaining] == "\(left)")
            }
            let answer = try await app.call(.get, "/chatbots/\(chatbot)", headers: [.apiKey: application.text])
            #expect(answer.status == 200 && answer.headers[.remaining] == "0")
            for headers in [
                [.authorization: "Bearer \(alice.token)"], [.apiKey: own.text], [.apiKey: application.text],
            ]
                as [HTTPFields]
            {
                let refused = try await app.call(.get, "/chatbots/\(chatbot)", headers: headers)
                #expect(refused.status == 429 && refused.headers[.retryAfter] != nil)
            }
            #expect(try await app.call(.get, "/users/me", as: bob).status == 200)
        }
    }
}

extension HTTPField.Name {
    fileprivate static let limit = HTTPField.Name("RateLimit-Limit")!
    fileprivate static let remaining = HTTPField.Name("RateLimit-Remaining")!
}

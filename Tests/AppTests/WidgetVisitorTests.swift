import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit
@testable import Platform

/// Who a visitor is: what this server says of a stranger, and what a website's server says of its customer.
@Suite struct VisitorTokensTests {
    static func anonymous(_ app: TestApp, _ site: TestSite) throws -> String {
        VisitorTokens(secrets: try KeyFiles.secrets(app.app.configuration)).make(chatbotID: site.chatbotID)
    }

    @Test("A named visitor is the same one with each new token, and the chatbot knows what the website says of it")
    func named() async throws {
        try await TestApp.run { app in
            let site = try await TestSite.make(
                app, as: app.user("alice"), prompt: "You talk to {{user.first_name}} of {{user.company}}, {{user.id}}.")
            let secret = try await site.signingSecret()
            func token(_ claims: [String: JSONValue] = [:]) -> String {
                let standard: [String: JSONValue] = ["sub": "customer 7", "exp": TestSite.expiry(in: 3600)]
                return TestSite.token(standard.merging(claims) { $1 }, secret: secret)
            }
            let first = try await site.say(
                "Hi", visitor: token(["first_name": "Carla", "company": "Acme", "iss": "shop", "id": "someone else"]))
            #expect(first.status == 200, "\(first.text)")
            #expect(first["visitor_token"] == .null && first.headers[.visitor] == nil)
            let prompt = app.provider.calls.requests.last?.messages.first?.content
            #expect(prompt == "You talk to Carla of Acme, customer 7.")
            let conversation = try first.string("conversation_id")
            let second = try await site.say("And?", in: conversation, visitor: token(["first_name": "Karla"]))
            #expect(second["conversation_id"]?.string == conversation)
            #expect(app.provider.calls.requests.last?.messages.first?.content.contains("Karla of Acme") == true)
            let users = try await app.call(.get, "/chatbots/\(site.chatbotID)/users", as: site.owner)
            #expect(users["data"]?.array?.count == 1 && users["data"]?[0]?["id"] == "customer 7")
            let stranger = try await site.say("Hi")
            #expect(stranger.status == 200)
            #expect(app.provider.calls.requests.last?.messages.first?.content.contains("Karla") == false)
            #expect(try await !app.databaseBytes().contains("Karla"))
        }
    }

    @Test("A visitor is never the workspace's owner, by whatever id")
    func notTheOwner() async throws {
        try await TestApp.run { app in
            let owner = try await app.user("alice")
            try await app.call(.patch, "/users/me", ["first_name": "Alicia"], as: owner)
            let site = try await TestSite.make(app, as: owner, prompt: "You talk to {{user.first_name}}.")
            let secret = try await site.signingSecret()
            let token = TestSite.token(
                ["sub": .string(owner.id), "exp": TestSite.expiry(in: 60)], secret: secret)
            #expect(try await site.say("Hi", visitor: token).status == 200)
            #expect(try await site.say("Hi").status == 200)
            for request in app.provider.calls.requests {
                #expect(request.messages.first?.content == "You talk to .")
            }
        }
    }

    @Test("Anything but a good HS256 token of this chatbot's is refused")
    func refused() async throws {
        try await TestApp.run(configure: { $0.rates.visitor = RateLimit(1000, per: .second) }) { app in
            let site = try await TestSite.make(app, as: app.user("alice"))
            let other = try await TestSite.make(app, as: app.user("bob"))
            let (secret, foreign) = (try await site.signingSecret(), try await other.signingSecret())
            let exp = TestSite.expiry(in: 3600)
            let claims: [String: JSONValue] = ["sub": "seven", "exp": exp]
            let good = TestSite.token(claims, secret: secret)
            let parts = good.split(separator: ".").map(String.init)
            let forged = Base64URL.encode(JSONValue.object(["sub": "eight", "exp": exp]).serialized())
            let anonymous = try Self.anonymous(app, site)
            let twice = Base64URL.encode(Array("{\"sub\":\"seven\",\"sub\":\"eight\",\"exp\":99999999999}".utf8))
            let tokens: [String: String] = [
                "nothing": "", "a word": "visitor", "no mark": "visitor-1.", "no parts": "..",
                "four parts": good + ".x",
                "none": TestSite.token(claims, secret: secret, header: ["alg": "none"]),
                "none, unsigned": Base64URL.encode(Array("{\"alg\":\"none\"}".utf8)) + "." + parts[1] + ".",
                "HS384": TestSite.token(claims, secret: secret, header: ["alg": "HS384"]),
                "HS512": TestSite.token(claims, secret: secret, header: ["alg": "HS512"]),
                "ES256": TestSite.token(claims, secret: secret, header: ["alg": "ES256"]),
                "RS256": TestSite.token(claims, secret: secret, header: ["alg": "RS256"]),
                "hs256": TestSite.token(claims, secret: secret, header: ["alg": "hs256"]),
                "no algorithm": TestSite.token(claims, secret: secret, header: ["typ": "JWT"]),
                "critical": TestSite.token(claims, secret: secret, header: ["alg": "HS256", "crit": ["x"]]),
                "an access token's type": TestSite.token(
                    claims, secret: secret, header: ["alg": "HS256", "typ": "at+jwt"]),
                "another chatbot's": TestSite.token(claims, secret: foreign),
                "no secret": TestSite.token(claims, secret: ""),
                "forged": "\(parts[0]).\(forged).\(parts[2])", "cut": String(good.dropLast(2)),
                "unsigned": "\(parts[0]).\(parts[1]).", "twice": "\(parts[0]).\(twice).\(parts[2])",
                "expired": TestSite.token(["sub": "seven", "exp": TestSite.expiry(in: -1)], secret: secret),
                "for ever": TestSite.token(["sub": "seven", "exp": TestSite.expiry(in: 90_000)], secret: secret),
                "not yet": TestSite.token(
                    ["sub": "seven", "exp": exp, "nbf": TestSite.expiry(in: 600)], secret: secret),
                "no end": TestSite.token(["sub": "seven"], secret: secret),
                "an end in words": TestSite.token(["sub": "seven", "exp": "tomorrow"], secret: secret),
                "nobody": TestSite.token(["exp": exp], secret: secret),
                "an empty name": TestSite.token(["sub": "", "exp": exp], secret: secret),
                "a number": TestSite.token(["sub": 7, "exp": exp], secret: secret),
                "a long name": TestSite.token(
                    ["sub": .string(String(repeating: "x", count: 201)), "exp": exp], secret: secret),
                "a zero": TestSite.token(["sub": "a\u{0}b", "exp": exp], secret: secret),
                "no address": TestSite.token(["sub": "seven", "exp": exp, "email": "x"], secret: secret),
                "too much": TestSite.token(
                    ["sub": "seven", "exp": exp, "company": .string(String(repeating: "x", count: 4000))],
                    secret: secret),
                "the owner's access token": site.owner.token,
                "another stranger's mark": "visitor-x" + anonymous.drop { $0 != "." },
                "a stranger of another chatbot": try Self.anonymous(app, other),
                "a stranger's mark, cut": String(anonymous.dropLast(2)),
            ]
            for (name, token) in tokens {
                let answer = try await site.say("Hi", visitor: token)
                #expect(answer.status == 401 && answer.errorCode == "invalid_visitor", "\(name): \(answer.text)")
            }
            #expect(app.provider.calls.requests.isEmpty)
            #expect(try await app.all("/chatbots/\(site.chatbotID)/users", as: site.owner).isEmpty)
            for token in [good, anonymous] { #expect(try await site.say("Hi", visitor: token).status == 200) }
        }
    }

    @Test("The signing secret is shown to editors, lies encrypted, and what a replaced one signed counts no longer")
    func signingSecret() async throws {
        try await TestApp.run { app in
            let site = try await TestSite.make(app, as: app.user("alice"))
            let path = "/chatbots/\(site.chatbotID)/signing-secret"
            let secret = try await site.signingSecret()
            #expect(try await site.signingSecret() == secret && secret.count >= 64)
            #expect(try await !app.databaseBytes().contains(secret))
            let token = TestSite.token(["sub": "seven", "exp": TestSite.expiry(in: 60)], secret: secret)
            #expect(try await site.say("Hi", visitor: token).status == 200)
            let stranger = try await site.say("Hi").string("visitor_token")
            let rotated = try await app.call(.post, "\(path)/rotate", as: site.owner).string("signing_secret")
            #expect(rotated != secret)
            #expect(try await site.signingSecret() == rotated)
            #expect(try await site.say("Hi", visitor: token).errorCode == "invalid_visitor")
            #expect(try await site.say("Hi", visitor: stranger).status == 200)
        }
    }

    @Test("A sign-in of an hour ago is shown no signing secret, and replaces none, without the password")
    func staleSession() async throws {
        try await TestApp.run { app in
            let site = try await TestSite.make(app, as: app.user("alice"))
            let path = "/chatbots/\(site.chatbotID)/signing-secret"
            let secret = try await site.signingSecret()
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE sessions SET created_at = ?", [Timestamp.now.adding(.seconds(-3601))])
            }
            app.app.authenticator.forget(userID: site.owner.id)
            for (method, path) in [(HTTPRequest.Method.get, path), (.post, path), (.post, "\(path)/rotate")] {
                let refused = try await app.call(method, path, as: site.owner)
                #expect(refused.status == 403 && refused.errorCode == "reauthentication_required", "\(path)")
                #expect(!refused.text.contains("mk_sign_"))
            }
            let wrong = try await app.call(.post, path, ["password": "ভুল পাসওয়ার্ড"], as: site.owner)
            #expect(wrong.status == 403 && wrong.errorCode == "wrong_password")
            let password: JSONValue = ["password": .string(TestApp.password)]
            #expect(try await app.call(.post, path, password, as: site.owner)["signing_secret"]?.string == secret)
            let rotated = try await app.call(.post, "\(path)/rotate", password, as: site.owner)
            #expect(rotated.status == 200 && rotated["signing_secret"]?.string != secret)
        }
    }

    @Test("A viewer is told no signing secret, and neither is a key")
    func viewers() async throws {
        try await TestApp.run { app in
            let owned = try await Owned.make(app, app.user("alice"), member: app.user("member"))
            let id = owned.parameters["chatbot_id"]!
            let viewer = try await app.call(
                .post, "/auth/token", ["username": "member", "password": .string(TestApp.password)])
            let own = try await app.call(.post, "/users/me/api-keys", as: owned.user).string("key")
            for (method, path) in [(HTTPRequest.Method.get, ""), (.post, ""), (.post, "/rotate")] {
                let address = "/chatbots/\(id)/signing-secret\(path)"
                let refused = try await app.call(
                    method, address, headers: [.authorization: "Bearer \(try viewer.string("access_token"))"])
                #expect(refused.status == 403 && refused.errorCode == "forbidden")
                let byKey = try await app.call(method, address, headers: [.apiKey: own])
                #expect(byKey.status == 403 && byKey.errorCode == "key_not_allowed")
            }
        }
    }
}

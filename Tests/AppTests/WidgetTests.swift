import HTTPTypes
import JSON
import LLM
import LLMTesting
import Testing

@testable import App
@testable import HTTPKit
@testable import Metering
@testable import Platform

/// What a page of a website may and may not do with a publishable key.
@Suite struct WidgetTests {
    private static let priced = Price(inputPerMillion: 1_000_000, outputPerMillion: 1_000_000)

    @Test("A visitor who comes for the first time gets a token, and with it finds what was said")
    func newcomer() async throws {
        try await TestApp.run { app in
            let site = try await TestSite.make(app, as: app.user("alice"), prompt: "A secret prompt")
            let appearance = try await site.call(.get, "/widget/config")
            #expect(
                appearance.json == [
                    "chatbot_id": .string(site.chatbotID), "name": "Shop", "greeting": "Hello!", "starters": [],
                    "look": ["side": "right", "theme": "auto", "accent": .null], "title": .null, "powered_by": true,
                    "attachments": false,
                ])
            let first = try await site.say("Hi")
            #expect(first.status == 200, "\(first.text)")
            #expect(first["message"]?["content"] == "Hi" && first["message"]?["status"] == "complete")
            let (conversation, token) = (try first.string("conversation_id"), try first.string("visitor_token"))
            #expect(first.headers[.visitor] == token)
            let second = try await site.say("And?", in: conversation, visitor: token)
            #expect(second["conversation_id"]?.string == conversation && second["visitor_token"] == .null)
            #expect(second.headers[.visitor] == nil)
            #expect(
                app.provider.calls.requests.last?.messages.map(\.content) == ["A secret prompt", "Hi", "Hi", "And?"])
            let messages = try await site.call(
                .get, "/widget/conversations/\(conversation)/messages", visitor: token)
            #expect(messages["data"]?.array?.compactMap { $0["content"]?.string } == ["Hi", "Hi", "And?", "And?"])
            // It is the chatbot's conversation, which its editors see, and not a user's own.
            #expect(try await app.all("/conversations", as: site.owner).isEmpty)
            #expect(try await app.all("/chatbots/\(site.chatbotID)/conversations", as: site.owner).count == 1)
            for answer in [appearance, first, second, messages] { #expect(!answer.text.contains("secret prompt")) }
        }
    }

    @Test("A stream carries the token in a header and in its last event, and is given again under an Idempotency-Key")
    func streamed() async throws {
        try await TestApp.run { app in
            let site = try await TestSite.make(app, as: app.user("alice"))
            let streams: HTTPFields = [.accept: "text/event-stream"]
            let newcomer = try await site.say("Hi there", headers: streams)
            #expect(newcomer.events.map(\.name).first == "start" && newcomer.events.last?.name == "done")
            let newToken = try #require(newcomer.headers[.visitor])
            #expect(newcomer.events.last?.data["visitor_token"]?.string == newToken)

            // One who wants to repeat the first message takes a token before.
            let headers = streams + [.idempotencyKey: "once"]
            let token = try #require(try await site.call(.get, "/widget/config").headers[.visitor])
            #expect(try await site.call(.get, "/widget/config", visitor: token).headers[.visitor] == nil)
            let first = try await site.say("Hi there", visitor: token, headers: headers)
            let again = try await site.say("Hi there", visitor: token, headers: headers)
            #expect(again.events.last?.data["message"] == first.events.last?.data["message"])
            #expect(app.provider.calls.requests.count == 2)
            // Someone else's key under the same name is another one, and a newcomer's is none.
            for visitor in [newToken, nil, nil] {
                let other = try await site.say("Hi there", visitor: visitor, headers: headers)
                #expect(other.events.last?.data["conversation_id"] != first.events.last?.data["conversation_id"])
            }
            #expect(app.provider.calls.requests.count == 5)
            #expect(try await app.all("/chatbots/\(site.chatbotID)/conversations", as: site.owner).count == 5)
            let last = try #require(first.events.dropFirst().first)
            let conversation = try #require(first.events.last?.data["conversation_id"]?.string)
            let rest = try await site.call(
                .get, "/widget/conversations/\(conversation)/stream", visitor: token, headers: [.lastEventID: last.id])
            #expect(rest.events.last?.name == "done")
        }
    }

    @Test("A running reply is followed and stopped by its visitor")
    func stop() async throws {
        let gate = Gate()
        let provider = ScriptedProvider(.init([.delta("before"), .wait(gate.wait)]))
        try await TestApp.run(provider: provider) { app in
            let site = try await TestSite.make(app, as: app.user("alice"))
            let token = try VisitorTokensTests.anonymous(app, site)
            async let said = site.say("Hi", visitor: token)
            try await app.eventually("the model is called") { gate.arrivals == 1 }
            let found = try await app.all("/chatbots/\(site.chatbotID)/conversations", as: site.owner)
            let path = "/widget/conversations/\(try #require(found.first?["id"]?.string))"
            async let followed = site.call(.get, "\(path)/stream", visitor: token)
            let stopped = try await site.call(.post, "\(path)/stop", visitor: token)
            #expect(stopped["message"]?["content"] == "before" && stopped["message"]?["status"] == "partial")
            #expect(try await said["message"]?["status"] == "partial")
            // It began to follow before the stop, or came too late for it.
            let status = try await followed.status
            #expect(status == 200 || status == 404)
            let nothing = try await site.call(.post, "\(path)/stop", visitor: token)
            #expect(nothing.status == 200 && nothing["message"] == .null)
        }
    }

    @Test("A visitor's conversations are 404 to every other visitor, on every route")
    func foreign() async throws {
        try await TestApp.run(configure: { $0.rates.visitor = RateLimit(1000, per: .second) }) { app in
            let owner = try await app.user("alice")
            let site = try await TestSite.make(app, as: owner)
            let first = try await site.say("A secret question")
            let conversation = try first.string("conversation_id")
            let mine = try await site.say("Mine").string("visitor_token")
            // The owner's own conversation is no visitor's either.
            let own = try await app.conversation(with: site.chatbotID, as: owner)
            let other = try await TestSite.make(app, as: app.user("bob"))
            let theirs = try await other.say("Theirs").string("visitor_token")
            let routes = app.app.routes.filter { $0.access == .visitor && !$0.parameters.isEmpty }
            #expect(routes.count >= 4)
            for route in routes {
                for id in [conversation, own] + TenancyTests.madeUpIDs {
                    for (site, visitor) in [(site, mine), (site, nil), (other, theirs), (other, nil)] {
                        let answer = try await site.call(
                            route.method, route.path(with: id), route.sampleBody, visitor: visitor,
                            headers: [.lastEventID: "x:0"])
                        #expect(answer.status == 404, "\(route.name) \(id): \(answer.text)")
                        #expect(!answer.text.contains("secret"))
                    }
                }
            }
            for (site, visitor) in [(site, mine), (site, nil), (other, theirs), (other, nil)] {
                for id in [conversation, own, "c1", "", "é"] {
                    #expect(try await site.say("And?", in: id, visitor: visitor).status == 404)
                }
            }
            #expect(app.provider.calls.requests.count == 3)
            let token = try first.string("visitor_token")
            let messages = try await site.call(.get, "/widget/conversations/\(conversation)/messages", visitor: token)
            #expect(messages["data"]?.array?.count == 2)
        }
    }

    @Test("A publishable key opens the widget's routes and no other; nothing else opens those")
    func keys() async throws {
        try await TestApp.run { app in
            let owner = try await app.user("alice")
            let site = try await TestSite.make(app, as: owner)
            let secret = try await app.call(.post, "/chatbots/\(site.chatbotID)/api-keys", as: owner).string("key")
            let own = try await app.call(.post, "/users/me/api-keys", as: owner).string("key")
            for route in app.app.routes where route.access != .anyone {
                let path = route.path(with: "x")
                if route.access == .visitor {
                    for credential in [secret, own, owner.token] {
                        let answer = try await app.call(
                            route.method, path, ["message": "Hi"],
                            headers: [.authorization: "Bearer \(credential)", .origin: TestSite.origin])
                        #expect(answer.status == 403 && answer.errorCode == "key_not_allowed", "\(route.name)")
                    }
                } else {
                    let answer = try await site.call(route.method, path, ["message": "Hi"])
                    let isOperators = [.operator, .admin, .staff].contains(route.access)
                    #expect(answer.status == (isOperators ? 401 : 403), "\(route.name): \(answer.status)")
                }
            }
        }
    }

    @Test(
        "A page of any other website is refused, whatever it calls itself",
        arguments: [
            nil, "https://evil.example", "null", "http://shop.example.com", "https://shop.example.com:8443",
            "https://shop.example.com.evil.example", "https://evil-shop.example.com", "https://shop.example.com/",
            "HTTPS://SHOP.EXAMPLE.COM", "",
        ] as [String?])
    func origins(origin: String?) async throws {
        try await TestApp.run { app in
            let site = try await TestSite.make(app, as: app.user("alice"))
            var headers: HTTPFields = [.apiKey: site.key]
            if let origin { headers[.origin] = origin }
            for route in app.app.routes where route.access == .visitor {
                let answer = try await app.call(
                    route.method, route.path(with: "x"), ["message": "Hi"], headers: headers)
                #expect(answer.status == 403 && answer.errorCode == "origin_refused", "\(route.name): \(answer.text)")
                #expect(answer.headers[.accessControlAllowOrigin] == nil)
            }
            #expect(app.provider.calls.requests.isEmpty)
        }
    }

    @Test("Pages of the key's websites may read what is answered, errors too; the console's cookie never counts")
    func crossOrigin() async throws {
        try await TestApp.run(configure: { $0.corsOrigins = [TestSite.origin] }) { app in
            let site = try await TestSite.make(app, as: app.user("alice"))
            for answer in [
                try await site.say("Hi"), try await site.say(""),
                try await site.call(.get, "/widget/conversations/x/messages"),
                try await site.say("Hi", visitor: "made.up"),
            ] {
                #expect(answer.headers[.accessControlAllowOrigin] == TestSite.origin, "\(answer.text)")
                #expect(answer.headers[.accessControlAllowCredentials] == nil)
                #expect(answer.headers[.vary] == "Origin")
                #expect(answer.headers[.accessControlExposeHeaders]?.contains("X-Visitor") == true)
            }
            let preflight = try await app.call(
                .options, "/widget/chat",
                headers: [
                    .origin: "https://any.example", .accessControlRequestMethod: "POST",
                    .accessControlRequestHeaders: "content-type,x-api-key,x-visitor",
                ])
            #expect(preflight.status == 204)
            #expect(preflight.headers[.accessControlAllowOrigin] == "https://any.example")
            #expect(preflight.headers[.accessControlAllowHeaders]?.contains("X-Visitor") == true)
            #expect(preflight.headers[.accessControlAllowCredentials] == nil)
            let cookie = try await app.call(
                .get, "/widget/config", headers: [.cookie: "mynah_session=x", .origin: TestSite.origin])
            #expect(cookie.status == 401 && cookie.errorCode == "missing_credentials")
            // Other routes allow no origin.
            let other = try await app.call(
                .get, "/health", headers: [.origin: "https://any.example", .accessControlRequestMethod: "GET"])
            #expect(other.headers[.accessControlAllowOrigin] == nil)
        }
    }

    @Test("Each address has a limit of its own, before the key's, and reading does not count")
    func addressLimit() async throws {
        try await TestApp.run(configure: { $0.rates.visitor = RateLimit(3, per: .day) }) { app in
            let site = try await TestSite.make(app, as: app.user("alice"), key: ["rate_limit": "100/day"])
            for _ in 0..<3 { #expect(try await site.say("Hi").status == 200) }
            let refused = try await site.say("Hi")
            #expect(refused.status == 429 && refused.errorCode == "rate_limited")
            #expect(Int(refused.headers[.retryAfter] ?? "") ?? 0 > 0)
            let reading = try await site.call(.get, "/widget/config")
            #expect(reading.status == 200)
            #expect(reading.headers[HTTPField.Name("RateLimit-Remaining")!] == "29")
            let another = try await TestSite.make(app, as: site.owner)
            #expect(try await another.say("Hi").status == 200)
        }
    }

    @Test("The key's own limit and budget hold for all its visitors together")
    func keyLimits() async throws {
        try await TestApp.run(configure: { $0.defaultPrice = Self.priced }) { app in
            let owner = try await app.user("alice")
            let limited = try await TestSite.make(app, as: owner, key: ["rate_limit": "2/day"])
            for _ in 0..<2 { #expect(try await limited.call(.get, "/widget/config").status == 200) }
            #expect(try await limited.say("Hi").errorCode == "rate_limited")
            let poor = try await TestSite.make(app, as: owner, key: ["budget": 0])
            let answer = try await poor.say("Hi")
            #expect(answer.status == 402 && answer.errorCode == "budget_exhausted")
            #expect(app.provider.calls.requests.isEmpty)
        }
    }

    @Test("A revoked key is refused at once, and says so")
    func revoked() async throws {
        try await TestApp.run { app in
            let site = try await TestSite.make(app, as: app.user("alice"))
            #expect(try await site.say("Hi").status == 200)
            try await app.call(.delete, "/chatbots/\(site.chatbotID)/api-keys/\(site.keyID)", as: site.owner)
            let answer = try await site.say("Hi")
            #expect(answer.status == 401 && answer.errorCode == "key_revoked")
        }
    }
}

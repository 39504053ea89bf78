import Foundation
import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// Use of a chatbot's key on every route that accepts one, according to the route table.
@Suite struct APIKeyUseTests {
    private struct Bot: Sendable {
        let owned: Owned
        let path: String
        let id: String
    }

    private static func bot(_ app: TestApp) async throws -> Bot {
        let owned = try await Owned.make(app, app.user("alice"), member: app.user("member"))
        let id = owned.parameters["chatbot_id"]!
        return Bot(owned: owned, path: "/chatbots/\(id)/api-keys", id: id)
    }

    private static func routes(_ app: TestApp) throws -> [Route] {
        let kinds: Set<Access> = [.key, .userOrKey, .client]
        let routes = app.app.routes.filter { kinds.contains($0.access) }
        try #require(Set(routes.map(\.access)) == kinds)
        return routes
    }

    private static func call(
        _ app: TestApp, _ route: Route, _ bot: Bot, key: String, _ headers: HTTPFields = [:],
        parameters: [String: String] = [:]
    ) async throws -> TestApp.Answer {
        try await app.call(
            route.method, route.path(bot.owned.parameters.merging(parameters) { $1 }), route.sampleBody,
            headers: headers + [.apiKey: key])
    }

    @Test(
        "Each scope opens its routes to a chatbot's key and no other",
        arguments: ["read", "chat", "write", "knowledge"])
    func scopes(name: String) async throws {
        try await TestApp.run { app in
            let bot = try await Self.bot(app)
            let scope = try #require(KeyScope(rawValue: name))
            let key = try await app.secretKey(bot.path, ["scopes": [.string(name)]], as: bot.owned.user)
            for route in try Self.routes(app) {
                let answer = try await Self.call(app, route, bot, key: key.text)
                let isOpen = APIKeyAccessTests.needed(route).contains(scope)
                let lacks = answer["error"]?["message"]?.string?.contains("lacks the scope") == true
                #expect(isOpen != (answer.errorCode == "key_not_allowed" && lacks), "\(route.name): \(answer.text)")
                #expect(answer.status != 401, "\(route.name)")
            }
        }
    }

    @Test("A publishable key opens none of them")
    func publishable() async throws {
        try await TestApp.run { app in
            let bot = try await Self.bot(app)
            let origin = "https://a.example"
            let key = try await app.secretKey(
                bot.path, ["kind": "publishable", "origins": [.string(origin)]], as: bot.owned.user)
            for route in try Self.routes(app) {
                let answer = try await Self.call(app, route, bot, key: key.text, [.origin: origin])
                #expect(answer.status == 403 && answer.errorCode == "key_not_allowed", "\(route.name): \(answer.text)")
            }
        }
    }

    @Test("A key with origins is refused from pages of others; servers send no Origin")
    func origins() async throws {
        try await TestApp.run { app in
            let bot = try await Self.bot(app)
            let all: JSONValue = ["read", "chat", "write", "knowledge"]
            let bound = try await app.secretKey(
                bot.path, ["scopes": all, "origins": ["https://a.example"]], as: bot.owned.user)
            let free = try await app.secretKey(bot.path, ["scopes": all], as: bot.owned.user)
            for route in try Self.routes(app) {
                for (key, origin, isRefused) in [
                    (bound, "https://b.example", true), (bound, "http://a.example", true), (bound, "null", true),
                    (bound, "https://a.example.b.example", true), (bound, "https://a.example", false),
                    (bound, nil, false), (free, "https://b.example", false),
                ] {
                    let answer = try await Self.call(
                        app, route, bot, key: key.text, origin.map { [.origin: $0] } ?? [:])
                    #expect(
                        (answer.status == 403 && answer.errorCode == "origin_refused") == isRefused,
                        "\(route.name) from \(origin ?? "nowhere"): \(answer.text)")
                }
            }
        }
    }

    @Test("Of any chatbot but its own a key learns nothing, not even whether there is one")
    func otherChatbots() async throws {
        try await TestApp.run { app in
            let bot = try await Self.bot(app)
            let key = try await app.secretKey(
                bot.path, ["scopes": ["read", "chat", "write", "knowledge"]], as: bot.owned.user)
            let sibling = try await app.chatbot(
                as: bot.owned.user, headers: [.workspaceID: bot.owned.parameters["workspace_id"]!])
            let foreign = try await app.chatbot(as: try await app.user("bob"))
            let routes = try Self.routes(app).filter { $0.parameters.contains("chatbot_id") }
            try #require(!routes.isEmpty)
            for route in routes {
                let own = try await Self.call(app, route, bot, key: key.text)
                #expect(own.errorCode != "key_not_for_chatbot", "\(route.name): \(own.text)")
                for id in [sibling, foreign, UUID().uuidString.lowercased(), "x", String(repeating: "x", count: 300)] {
                    let answer = try await Self.call(
                        app, route, bot, key: key.text, parameters: ["chatbot_id": id])
                    #expect(
                        answer.status == 403 && answer.errorCode == "key_not_for_chatbot",
                        "\(route.name) \(id): \(answer.text)")
                    #expect(answer["error"]?["message"]?.string == APIError.Code.keyNotForChatbot.text)
                }
            }
        }
    }

    @Test("A limit counts what a chatbot's key asks for, on all of its routes together")
    func limit() async throws {
        try await TestApp.run { app in
            let bot = try await Self.bot(app)
            let key = try await app.secretKey(
                bot.path, ["rate_limit": "10/day", "scopes": ["read", "chat", "knowledge"]], as: bot.owned.user)
            let routes = try Self.routes(app).filter { !APIKeyAccessTests.needed($0).contains(.write) }
            let answers = try await withThrowingTaskGroup(of: TestApp.Answer.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        try await Self.call(app, routes[number % routes.count], bot, key: key.text)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.filter { $0.errorCode != "rate_limited" }.count == 10)
            for answer in answers where answer.errorCode == "rate_limited" {
                #expect(answer.status == 429 && answer.headers[.retryAfter] != nil)
            }
        }
    }

    @Test("It works on when whoever made it has left, and stops when the owner may no longer act")
    func people() async throws {
        try await TestApp.run { app in
            let (owner, editor) = (try await app.user("owner"), try await app.user("editor"))
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: owner).string("id")
            try await app.add(editor, to: team, as: "editor", by: owner)
            let id = try await app.chatbot(as: owner, headers: [.workspaceID: team])
            let key = try await app.secretKey("/chatbots/\(id)/api-keys", as: editor)
            func read() async throws -> TestApp.Answer {
                try await app.call(.get, "/chatbots/\(id)", headers: [.apiKey: key.text])
            }
            #expect(try await read()["id"]?.string == id)
            try await app.call(.delete, "/workspaces/\(team)/members/\(editor.id)", as: owner)
            app.app.authenticator.forget(keyID: key.id)
            #expect(try await read().status == 200)
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE users SET disabled_at = ? WHERE id = ?", [Timestamp.now, owner.id])
            }
            app.app.authenticator.forget(userID: owner.id)
            let refused = try await read()
            #expect(refused.status == 401 && refused.errorCode == "invalid_api_key")
        }
    }
}

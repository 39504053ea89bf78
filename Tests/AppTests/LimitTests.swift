import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// The limits of a day.
@Suite struct LimitTests {
    private static let limitName = HTTPField.Name("Daily-Messages-Limit")!
    private static let remainingName = HTTPField.Name("Daily-Messages-Remaining")!
    private static let resetName = HTTPField.Name("Daily-Messages-Reset")!

    @Test("Past the day's message limit: 429 until midnight, nothing is stored and no model is called")
    func messages() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            try await app.limit(user, OwnLimits(messagesPerDay: 2))
            let id = try await app.conversation(as: user)
            for left in [1, 0] {
                let answer = try await app.send("Hello", in: id, as: user)
                #expect(answer.status == 200)
                #expect(answer.headers[Self.limitName] == "2")
                #expect(answer.headers[Self.remainingName] == String(left))
                #expect((1...86_400).contains(try #require(answer.headers[Self.resetName].flatMap { Int($0) })))
            }
            let before = (try await app.count("messages"), try await app.count("conversations"))
            let more: [(String, JSONValue)] = [
                ("/conversations/\(id)/messages", ["content": "Hello"]), ("/chat", ["message": "Hello"]),
                ("/conversations/\(id)/regenerate", [:]),
                ("/v1/chat/completions", ["messages": [["role": "user", "content": "Hello"]]]),
            ]
            for (path, body) in more {
                let refused = try await app.call(.post, path, body, as: user)
                #expect(refused.status == 429 && refused.errorCode == "daily_limit_reached", "\(path): \(refused.text)")
                let wait = try #require(refused.headers[.retryAfter].flatMap { Int($0) })
                #expect((1...86_400).contains(wait))
            }
            #expect(try await (app.count("messages"), app.count("conversations")) == before)
            #expect(app.provider.calls.requests.count == 2)
            #expect(try await app.usedToday(user) == DailyUsage(messages: 2, conversations: 1))
        }
    }

    @Test("Past the day's conversation limit, existing conversations continue")
    func conversations() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            try await app.limit(user, OwnLimits(conversationsPerDay: 2))
            let id = try await app.conversation(as: user)
            #expect(try await app.call(.post, "/chat", ["message": "Hi"], as: user).status == 200)
            let refused = try await [
                app.call(.post, "/conversations", [:], as: user), app.call(.post, "/chat", ["message": "Hi"], as: user),
            ]
            for answer in refused {
                #expect(answer.status == 429 && answer.errorCode == "daily_limit_reached", "\(answer.text)")
            }
            #expect(try await app.count("conversations") == 2)
            #expect(try await app.send("Hello", in: id, as: user).status == 200)
            #expect(try await app.usedToday(user) == DailyUsage(messages: 2, conversations: 2))
        }
    }

    @Test(
        "Three of 50 concurrent messages are answered if three are left", arguments: ["/chat", "/v1/chat/completions"])
    func parallel(path: String) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            try await app.limit(user, OwnLimits(messagesPerDay: 3))
            let answers = try await app.parallel(50) { _ in
                try await app.call(
                    .post, path, path == "/chat" ? ["message": "Hi"] : CompletionsTests.asking([:]), as: user)
            }
            #expect(answers.filter { $0.status == 200 }.count == 3)
            #expect(answers.filter { $0.errorCode == "daily_limit_reached" }.count == 47)
            #expect(app.provider.calls.requests.count == 3)
            #expect(try await app.usedToday(user).messages == 3)
        }
    }

    @Test("Messages of applications and visitors count for the workspace's owner; visitors do not see what is left")
    func owner() async throws {
        try await TestApp.run { app in
            let owner = try await app.user("alice")
            let site = try await TestSite.make(app, as: owner)
            let application = try await TestApplication.make(app, chatbotID: site.chatbotID, as: owner)
            try await app.limit(owner, OwnLimits(messagesPerDay: 3))
            #expect(try await app.call(.get, "/users/me", as: owner).status == 200)
            let said = try await site.say("Hello")
            #expect(said.status == 200 && said.headers[Self.limitName] == nil, "\(said.text)")
            #expect(try await application.query("Hello").headers[Self.remainingName] == "1")
            let messages: JSONValue = ["messages": [["role": "user", "content": "Hi"]], "max_tokens": 5]
            let last = try await application.call(.post, "/v1/messages", messages)
            #expect(last.headers[Self.remainingName] == "0", "\(last.text)")
            #expect(try await application.query("Hello").errorCode == "daily_limit_reached")
            #expect(try await site.say("Hello").errorCode == "daily_limit_reached")
            let refused = try await application.call(.post, "/v1/messages", messages)
            #expect(refused.status == 429 && refused["error"]?["type"] == "rate_limit_error", "\(refused.text)")
            #expect(
                try await app.usedToday(owner)
                    == DailyUsage(messages: 3, visitorMessages: 1, conversations: 2, visitorConversations: 1))
        }
    }

    @Test("A website's visitors may use up half of the day's messages, all at once or not, and the rest stays")
    func visitors() async throws {
        try await TestApp.run { app in
            let owner = try await app.user("alice")
            let sites = [try await TestSite.make(app, as: owner), try await TestSite.make(app, as: owner)]
            let application = try await TestApplication.make(app, chatbotID: sites[0].chatbotID, as: owner)
            try await app.limit(owner, OwnLimits(messagesPerDay: 5))
            let answers = try await app.parallel(12) { try await sites[$0 % 2].say("Hello") }
            #expect(answers.filter { $0.status == 200 }.count == 3)
            let refused = try #require(answers.first { $0.status != 200 })
            #expect(refused.status == 429 && refused.errorCode == "daily_limit_reached", "\(refused.text)")
            #expect(Int(refused.headers[.retryAfter] ?? "") ?? 0 > 0 && refused.text.contains("website"))
            #expect(
                try await app.usedToday(owner)
                    == DailyUsage(messages: 3, visitorMessages: 3, conversations: 3, visitorConversations: 3))
            #expect(try await application.query("Hello").status == 200)
            #expect(try await app.call(.post, "/chat", ["message": "Hi"], as: owner).status == 200)
            #expect(try await application.query("Hello").errorCode == "daily_limit_reached")
        }
    }

    @Test("A website's visitors may begin half of the day's conversations, all at once or not, and the rest stays")
    func visitorsConversations() async throws {
        try await TestApp.run { app in
            let owner = try await app.user("alice")
            let site = try await TestSite.make(app, as: owner)
            try await app.limit(owner, OwnLimits(conversationsPerDay: 5))
            let answers = try await app.parallel(12) { _ in try await site.say("Hello") }
            #expect(answers.filter { $0.status == 200 }.count == 3)
            let refused = try #require(answers.first { $0.status != 200 })
            #expect(refused.status == 429 && refused.errorCode == "daily_limit_reached", "\(refused.text)")
            #expect(refused.text.contains("website's conversations"))
            for _ in 0..<2 { #expect(try await app.call(.post, "/conversations", [:], as: owner).status == 201) }
            let last = try await app.call(.post, "/conversations", [:], as: owner)
            #expect(last.errorCode == "daily_limit_reached")
            #expect(try await app.usedToday(owner).visitorConversations == 3)
        }
    }

    @Test("A prepared context asks no model and counts nothing; a repetition under its key counts once")
    func uncounted() async throws {
        try await TestApp.run { app in
            let owner = try await app.user("alice")
            let chatbot = try await app.chatbot(as: owner)
            let application = try await TestApplication.make(app, chatbotID: chatbot, as: owner)
            #expect(try await application.query("Hello", ["context_only": true]).status == 200)
            #expect(try await app.usedToday(owner) == DailyUsage())
            for _ in 0..<2 {
                let answer = try await application.query("Hello", headers: [.idempotencyKey: "once"])
                #expect(answer.status == 200)
            }
            #expect(try await app.usedToday(owner) == DailyUsage(messages: 1, conversations: 1))
        }
    }

    @Test("A new day begins anew, a lowered limit holds at once, and a limit of none allows none")
    func days() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let noon = Timestamp(iso8601: "2026-02-28T12:00:00Z")!
            let today = Subscriber(userID: user.id, limits: try await limits(app, user, messages: 2))
            func count(_ subscriber: Subscriber, _ now: Timestamp, messages: Int = 1) async throws -> DailyUsage {
                try await app.database.write(.system) { tx in
                    try DailyUsage.count(tx, subscriber, messages: messages, conversations: 1 - messages, now: now)
                }
            }
            #expect(try await count(today, noon) == DailyUsage(messages: 1, conversations: 0))
            #expect(try await count(today, noon) == DailyUsage(messages: 2, conversations: 0))
            let refusal = await #expect(throws: APIError.self) { try await count(today, noon) }
            #expect(refusal?.retryAfter == 43_200)
            #expect(noon.nextDay == Timestamp(iso8601: "2026-03-01T00:00:00Z"))
            #expect(try await count(today, noon.nextDay).messages == 1)
            let last = noon.nextDay.adding(.zero - .milliseconds(1))
            let late = await #expect(throws: APIError.self) { try await count(today, last) }
            #expect(late?.retryAfter == 1)
            let lowered = Subscriber(userID: user.id, limits: try await limits(app, user, messages: 1))
            await #expect(throws: APIError.self) { try await count(lowered, noon) }
            // What is not a message is none too many.
            #expect(try await count(lowered, noon, messages: 0) == DailyUsage(messages: 2, conversations: 1))
            let none = Subscriber(userID: user.id, limits: try await limits(app, user, messages: 0))
            await #expect(throws: APIError.self) { try await count(none, noon.nextDay.nextDay) }
        }
    }

    private func limits(_ app: TestApp, _ user: TestUser, messages: Int) async throws -> EffectiveLimits {
        try await app.limit(user, OwnLimits(messagesPerDay: messages))
        return try await app.subscriber(user).limits
    }

    @Test("Where nothing limits, turns are counted all the same, and a completion writes no counter")
    func unlimited() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            try await app.setPlan(user, "Enterprise")
            let turn = try await app.call(.post, "/chat", ["message": "Hi"], as: user)
            #expect(turn.status == 200 && turn.headers[Self.limitName] == nil)
            let messages: JSONValue = ["messages": [["role": "user", "content": "Hi"]]]
            #expect(try await app.call(.post, "/v1/chat/completions", messages, as: user).status == 200)
            #expect(try await app.usedToday(user) == DailyUsage(messages: 1, conversations: 1))
        }
    }

    @Test("Counters of days long gone are purged")
    func purge() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let now = Timestamp.now
            let subscriber = Subscriber(userID: user.id, limits: .unlimited)
            try await app.database.write(.system) { tx in
                for day in [0, 89, 91, 400] {
                    try DailyUsage.count(
                        tx, subscriber, messages: 1, now: now.adding(.seconds(-86_400 * day)))
                }
            }
            try await app.sweep()
            #expect(try await app.count("daily_usage") == 2)
            #expect(try await app.usedToday(user).messages == 1)
        }
    }
}

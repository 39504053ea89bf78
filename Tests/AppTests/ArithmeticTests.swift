import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Metering
@testable import Platform

/// The greatest and least numbers, and what is none, through the real routes: refused, cut, or counted, and never a trap.
@Suite struct ArithmeticTests {
    @Test("Sums and products end at the greatest and least number")
    func saturated() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            func number() -> Int64 {
                let value = Int64.random(in: .min ... .max, using: &random)
                return value >> Int64.random(in: 0...63, using: &random)
            }
            let (a, b) = (number(), number())
            func cut(_ value: Int128) -> Int64 { Int64(max(Int128(Int64.min), min(value, Int128(Int64.max)))) }
            #expect(a.addingSaturated(b) == cut(Int128(a) + Int128(b)))
            #expect(a.multipliedSaturated(by: b) == cut(Int128(a) * Int128(b)))
        }
        #expect(Int64.min.multipliedSaturated(by: -1) == .max && Int64.max.multipliedSaturated(by: -2) == .min)
    }

    @Test(
        "A time at the edge of the years is a time like any other",
        arguments: [
            "from=0000-01-01T00:00:00%2B23:59&to=0000-01-03T00:00:00Z", "to=0000-01-05T00:00:00Z",
            "from=0000-01-01T00:00:00Z&to=0000-01-01T00:00:00.001Z", "to=0000-01-01T00:00:00Z",
            "from=9999-12-30T00:00:00Z&to=9999-12-31T23:59:59.999Z",
            "from=9999-12-30T00:00:00Z&to=9999-12-31T23:59:60Z",
            "from=9999-12-31T23:00:00-23:59&to=9999-12-31T23:30:00-23:59", "from=9999-12-31T23:59:59Z",
        ])
    func times(query: String) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let bot = try await app.chatbot(as: user)
            let root = try await app.admin()
            for answer in [
                try await app.call(.get, "/chatbots/\(bot)/usage?\(query)", as: user),
                try await app.call(.get, "/admin/stats?\(query)", as: root),
                try await app.call(.get, "/admin/message-logs?\(query)", as: root),
                try await app.call(.get, "/admin/audit-log?\(query)", as: root),
            ] {
                #expect(answer.status == 200 || answer.status == 422, "\(answer.text)")
            }
            #expect(try await app.call(.get, "/users/me", as: user).status == 200)
        }
    }

    @Test("A key may end with the last year, and not after it")
    func expiry() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            for (time, status) in [
                ("9999-12-31T23:59:59.999Z", 201), ("9999-12-31T23:59:59-00:01", 422), ("9999-12-31T23:59:60Z", 422),
                ("0000-01-01T00:00:00+23:59", 422),
            ] {
                let made = try await app.call(
                    .post, "/users/me/api-keys", ["name": "ক", "expires_at": .string(time)], as: user)
                #expect(made.status == status, "\(made.text)")
                if status == 201 { #expect(made["expires_at"]?.string == time) }
            }
        }
    }

    @Test("Prices, credits, limits and budgets are whole numbers within their bounds")
    func amounts() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let bot = try await app.chatbot(as: user)
            let root = try await app.admin()
            let wrong: [JSONValue] = [.int(.max), .int(.min), 1e300, -1e300, 1.5, "12", 9e18, .int(-1)]
            for number in wrong {
                let price: JSONValue = ["input_per_million": number, "output_per_million": 1]
                #expect(try await app.call(.put, "/admin/prices/m", price, as: root).status == 422, "\(number)")
                let key: JSONValue = ["budget": number]
                #expect(try await app.call(.post, "/chatbots/\(bot)/api-keys", key, as: user).status == 422)
                let plan: JSONValue = ["name": "P", "credits_per_month": number]
                #expect(try await app.call(.post, "/admin/plans", plan, as: root).status == 422)
                let tokens: JSONValue = ["name": "Bot", "max_tokens": number]
                #expect(try await app.call(.post, "/chatbots", tokens, as: user).status == 422)
                if number != .int(-1) {
                    let credits: JSONValue = ["delta": number, "reason": "r"]
                    let path = "/admin/users/\(user.id)/credits"
                    #expect(try await app.call(.post, path, credits, as: root).status == 422, "\(number)")
                }
            }
            let most: JSONValue = .int(Int64(Credits.highest))
            let path = "/admin/users/\(user.id)/credits"
            #expect(try await app.call(.post, path, ["balance": most, "reason": "r"], as: root).status == 200)
            #expect(try await app.call(.post, path, ["delta": most, "reason": "r"], as: root).status == 422)
            #expect(try await app.call(.post, path, ["delta": 1, "reason": "r"], as: root).status == 422)
            #expect(try await app.credits(user).balance == Credits.highest)
            let huge = try await app.raw(
                .post, path, Array(#"{"delta":1e400,"reason":"r"}"#.utf8), as: nil)
            #expect(huge.status == 401 || huge.status == 400)
        }
    }

    @Test("A price that only the database allows costs as much as the highest or the lowest")
    func prices() {
        for (price, cost) in [(Int64.max, 8_000_000_000_000), (.min, 0), (-1, 0), (Price.highest, 8_000_000_000_000)] {
            let price = Price(inputPerMillion: price, outputPerMillion: price)
            #expect(price.cost(inputTokens: .max, outputTokens: .max) == cost)
            #expect(price.cost(inputTokens: .min, outputTokens: -1) == 0)
        }
    }

    @Test("What a vendor claims to have counted is cut, and sums of it are shown")
    func claims() async throws {
        let most = ChatUsage(promptTokens: .max, completionTokens: .max)
        try await TestApp.run(provider: ScriptedProvider(.text("ঠিক আছে", usage: most))) { app in
            let user = try await app.user("alice")
            let bot = try await app.chatbot(as: user)
            try await app.setPlan(user, "enterprise")
            try await app.setPrice(input: 1_000_000, output: 1_000_000)
            for _ in 0..<3 {
                let answer = try await app.call(
                    .post, "/chat", ["chatbot_id": .string(bot), "message": "কত হলো?"], as: user)
                #expect(answer.status == 200, "\(answer.text)")
                #expect(answer["usage"]?["total_tokens"]?.int == 2_000_000_000)
            }
            let usage = try await app.call(.get, "/chatbots/\(bot)/usage", as: user)
            #expect(usage["total"]?["prompt_tokens"]?.int == 3_000_000_000, "\(usage.text)")
            #expect(usage["total"]?["cost"]?.int == 24_000_000_000_000)
            let root = try await app.admin()
            #expect(try await app.call(.get, "/admin/stats", as: root).status == 200)
        }
    }

    @Test("Sums of logs end at the greatest number")
    func sums() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let bot = try await app.chatbot(as: user)
            _ = try await app.call(.post, "/chat", ["chatbot_id": .string(bot), "message": "শুরু"], as: user)
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE message_logs SET prompt_tokens = ?, cost = ?", [Int64.max, Int64.max])
            }
            let usage = try await app.call(.get, "/chatbots/\(bot)/usage", as: user)
            #expect(usage["total"]?["cost"]?.int == .max, "\(usage.text)")
        }
    }

    /// Logs of that cost on some days; each has the tokens `tokens`.
    private static func insert(
        _ app: TestApp, _ user: TestUser, _ bot: String, cost: Int64, tokens: Int64, days: Range<Int64>
    ) async throws {
        try await app.database.write(.system) { tx in
            for day in days {
                try tx.run(
                    """
                    INSERT INTO message_logs (id, workspace_id, chatbot_id, model, prompt_tokens, completion_tokens,
                        cost, total_ms, outcome, created_at) VALUES (?, ?, ?, 'মডেল', ?, ?, ?, 1, 'complete', ?)
                    """,
                    [
                        Identifier.make(), user.workspaceID, bot, tokens, tokens, cost,
                        Timestamp.now.milliseconds - day * UsageRange.dayLength,
                    ])
            }
        }
    }

    @Test("Sums of many logs end at the greatest number, by day, model and key, and below it they are exact")
    func manySums() async throws {
        try await TestApp.run { app in
            let (user, root) = (try await app.user("alice"), try await app.admin())
            let (bot, other) = (try await app.chatbot(as: user), try await app.chatbot(as: user))
            let near = Int64.max / 3 - 7
            // All in one range; a range that begins within a day subtracts what was before.
            let ranges = [1, 3, 4].map { (days: Int64) in
                "from=\(Timestamp(milliseconds: Timestamp.now.milliseconds - days * 86_400_000 - 9_999_999).iso8601)"
            }
            func totals(_ bot: String) async throws -> [JSONValue] {
                var found: [JSONValue] = []
                for range in ranges {
                    for by in ["day", "model", "key"] {
                        let usage = try await app.call(.get, "/chatbots/\(bot)/usage?by=\(by)&\(range)", as: user)
                        try #require(usage.status == 200, "\(usage.text)")
                        found.append(try #require(usage["total"]))
                    }
                    let stats = try await app.call(.get, "/admin/stats?\(range)", as: root)
                    try #require(stats.status == 200, "\(stats.text)")
                    found.append(try #require(stats["total"]))
                }
                return found
            }
            try await Self.insert(app, user, bot, cost: near, tokens: near, days: 0..<3)
            let all = try await totals(bot).suffix(8)
            #expect(all.allSatisfy { $0["cost"]?.int == near * 3 && $0["prompt_tokens"]?.int == near * 3 }, "\(all)")
            for _ in 0..<12 {
                // Logs of one day and one shard, and of several.
                try await Self.insert(app, user, bot, cost: near, tokens: near, days: 0..<4)
                try await Self.insert(app, user, other, cost: .max, tokens: .max, days: 0..<4)
            }
            for bot in [bot, other] {
                let all = try await totals(bot)
                #expect(all.allSatisfy { $0["cost"]?.int == .max && $0["completion_tokens"]?.int == .max }, "\(all)")
            }
            // As retention does.
            try await app.database.write(.system) { tx in try tx.run("DELETE FROM message_logs") }
            #expect(try await totals(bot).allSatisfy { $0["cost"]?.int == 0 && $0["messages"]?.int == 0 })
            #expect(try await app.count("usage_days") == 0)
        }
    }

    @Test("A key whose spending nears the greatest number is refused like one that has spent its budget")
    func spentKey() async throws {
        let provider = ScriptedProvider(.text("ঠিক", usage: ChatUsage(promptTokens: .max, completionTokens: .max)))
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let bot = try await app.chatbot(as: user)
            try await app.setPlan(user, "enterprise")
            try await app.setPrice(input: 1_000_000, output: 1_000_000)
            let made = try await app.call(.post, "/chatbots/\(bot)/api-keys", ["name": "k"], as: user)
            let (key, id) = (try made.string("key"), try made.string("id"))
            func ask() async throws -> TestApp.Answer {
                try await app.call(
                    .post, "/v1/chat/completions", ["messages": [["role": "user", "content": "কত?"]]],
                    headers: [.authorization: "Bearer \(key)"])
            }
            for spent in [0, Int64.max / 2, Int64.max - 1_000_000_000_000_000_000, Int64.max - 9, .max] {
                try await app.database.write(.system) { tx in
                    try tx.run("UPDATE api_keys SET spent = ? WHERE id = ?", [spent, id])
                }
                let answer = try await ask()
                let isRefused = answer.status == 402 && answer.errorCode == "budget_exhausted"
                #expect(spent > 9_000_000_000_000_000_000 ? isRefused : answer.status == 200, "\(spent) \(answer.text)")
                let listed = try await app.call(.get, "/chatbots/\(bot)/api-keys", as: user)
                #expect(listed.status == 200, "\(listed.text)")
            }
        }
    }
}

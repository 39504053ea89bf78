import DatabaseMigrations
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Logging
import Storage
import TestSupport
import Testing

@testable import App
@testable import HTTPKit
@testable import Metering
@testable import Platform

/// Tokens that came from a vendor's cache, went into it, or were thought: in answers, logs, prices and metrics.
@Suite struct CompletionUsageTests {
    static let usage = ChatUsage(
        promptTokens: 100, completionTokens: 20, cachedTokens: 60, cacheWriteTokens: 10, reasoningTokens: 15)

    @Test("Each API counts in its own way, and the log has every part")
    func arithmetic() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ঠিক", usage: Self.usage))) { app in
            let key = try await CompletionsTests.application(app)
            let openAI = try await key.call(.post, CompletionsTests.path, CompletionsTests.hello)
            #expect(
                openAI["usage"] == [
                    "prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
                    "prompt_tokens_details": ["cached_tokens": 60, "cache_write_tokens": 10],
                    "completion_tokens_details": ["reasoning_tokens": 15],
                ])
            let expected = CompletionsMessagesTests.usage([
                "input_tokens": 30, "output_tokens": 20, "cache_read_input_tokens": 60,
                "cache_creation_input_tokens": 10, "output_tokens_details": ["thinking_tokens": 15],
            ])
            let anthropic = try await key.call(.post, "/v1/messages", CompletionsTests.asking(["max_tokens": 9]))
            #expect(anthropic["usage"] == expected)
            let stream = try await key.call(
                .post, "/v1/messages", CompletionsTests.asking(["max_tokens": 9, "stream": true]))
            #expect(stream.events.first { $0.name == "message_delta" }?.data["usage"] == expected)
            for log in try await MessageLogTests.logs(app) {
                #expect(log.promptTokens == 100 && log.completionTokens == 20)
                #expect(log.cachedTokens == 60 && log.cacheWriteTokens == 10 && log.reasoningTokens == 15)
            }
            #expect(try await MessageLogTests.logs(app).count == 3)
            let user = try await app.user("bob")
            _ = try await app.call(.post, "/chat", ["message": "হ্যালো"], as: user)
            #expect(try await MessageLogTests.logs(app).last?.cachedTokens == 60)
        }
    }

    @Test("Two answers to one request are summed")
    func copies() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ঠিক", usage: Self.usage))) { app in
            let key = try await CompletionsTests.application(app)
            let answer = try await key.call(.post, CompletionsTests.path, CompletionsTests.asking(["n": 2]))
            #expect(answer["choices"]?.array?.map { $0["index"] } == [0, 1])
            #expect(answer["usage"]?["prompt_tokens_details"]?["cached_tokens"] == 120)
            #expect(answer["usage"]?["completion_tokens"] == 40)
            #expect(app.provider.calls.requests.count == 2)
            let stream = try await key.call(
                .post, CompletionsTests.path,
                CompletionsTests.asking(["n": 2, "stream": true, "stream_options": ["include_usage": true]]))
            let choices = stream.events.compactMap { $0.data["choices"]?[0] }
            for index in [0, 1] as [JSONValue] {
                let own = choices.filter { $0["index"] == index }
                #expect(own.compactMap { $0["delta"]?["content"]?.string }.joined() == "ঠিক")
                #expect(own.last?["finish_reason"] == "stop")
            }
            #expect(stream.events.dropLast().last?.data["usage"]?["total_tokens"] == 240)
            #expect(stream.text.hasSuffix("data: [DONE]\n\n"))
        }
    }

    @Test("Prices of what is cached apply, and are reserved before a client may write to the cache")
    func prices() async throws {
        let markedText: JSONValue = ["type": "text", "text": "দীর্ঘ", "cache_control": ["type": "ephemeral"]]
        try await TestApp.run(provider: ScriptedProvider(.text("ঠিক", usage: Self.usage))) { app in
            let operatorCall = try await app.admin().headers
            let set = try await app.call(
                .put, "/admin/prices/scripted%2Fdefault",
                [
                    "input_per_million": 1_000_000, "output_per_million": 2_000_000,
                    "cached_input_per_million": 100_000, "cache_write_per_million": 3_000_000,
                ], headers: operatorCall)
            #expect(set.status == 200 && set["cached_input_per_million"] == 100_000, "\(set.text)")
            let listed = try await app.call(.get, "/admin/prices", headers: operatorCall)
            #expect(listed["data"]?[0]?["cache_write_per_million"] == 3_000_000)
            let key = try await CompletionsTests.application(app, ["max_tokens": 20])
            let asked = CompletionsTests.asking(["max_tokens": 9])
            #expect(try await key.call(.post, "/v1/messages", asked).status == 200)
            // 30 fresh, 60 cached, 10 written, 20 of the answer.
            #expect(try await MessageLogTests.logs(app).last?.cost == 30 + 6 + 30 + 40)
            for field in ["cached_input_per_million", "cache_write_per_million"] {
                let refused = try await app.call(
                    .put, "/admin/prices/x", ["input_per_million": 1, "output_per_million": 1, field: -1],
                    headers: operatorCall)
                #expect(refused.status == 422 && refused["error"]?["param"]?.string == field)
            }
            let user = try await app.user("carol")
            let bot = try await app.chatbot(["name": "Paid", "max_tokens": 1], as: user)
            // An hour's cache has no price of its own unless one is set.
            try await app.setPrice(of: "scripted/default", input: 1, output: 1)
            let hour: JSONValue = ["type": "text", "text": "x", "cache_control": ["type": "ephemeral", "ttl": "1h"]]
            let long = try await key.call(
                .post, "/v1/messages", ["messages": [["role": "user", "content": [hour]]]])
            #expect(long.status == 400 && long["error"]?["param"] == "cache_control", "\(long.text)")
            let poor = try await app.secretKey("/chatbots/\(bot)/api-keys", ["budget": 215], as: user)
            let headers: HTTPFields = [.apiKey: poor.text]
            // The same prompt fits the budget as long as it is not to be kept.
            let plain: JSONValue = ["messages": [["role": "user", "content": [["type": "text", "text": "দীর্ঘ"]]]]]
            let marked: JSONValue = ["messages": [["role": "user", "content": [markedText]]]]
            let refused = try await app.call(.post, "/v1/messages", marked, headers: headers)
            #expect(refused.status == 402 && refused["error"]?["code"] == "budget_exhausted", "\(refused.text)")
            #expect(try await app.call(.post, "/v1/messages", plain, headers: headers).status == 200)
        }
    }

    @Test("A cost is the sum of its parts, each at its price and all rounded up once", arguments: 0..<20)
    func cost(seed: UInt64) {
        var random = Seeded(seed)
        for _ in 0..<200 {
            func number(_ highest: Int) -> Int { Int.random(in: 0...highest, using: &random) }
            let tokens = number(1) == 0 ? 50 : 3_000_000
            let usage = ChatUsage(
                promptTokens: number(tokens), completionTokens: number(tokens), cachedTokens: number(tokens),
                cacheWriteTokens: number(tokens))
            let price = Price(
                inputPerMillion: Int64(number(9_000_000)), outputPerMillion: Int64(number(9_000_000)),
                cachedInputPerMillion: number(2) == 0 ? nil : Int64(number(9_000_000)),
                cacheWritePerMillion: number(2) == 0 ? nil : Int64(number(9_000_000)))
            let fresh = usage.promptTokens - usage.cachedTokens - usage.cacheWriteTokens
            let sum =
                Int64(fresh) * price.inputPerMillion
                + Int64(usage.cachedTokens) * (price.cachedInputPerMillion ?? price.inputPerMillion)
                + Int64(usage.cacheWriteTokens) * (price.cacheWritePerMillion ?? (price.inputPerMillion * 5 + 3) / 4)
                + Int64(usage.completionTokens) * price.outputPerMillion
            #expect(price.cost(usage) == (sum + 999_999) / 1_000_000)
            // What is reserved covers a prompt that is written to the cache whole.
            let highest = price.highestInput(writesCache: true)
            #expect(
                highest.cost(inputTokens: usage.promptTokens, outputTokens: usage.completionTokens) >= price.cost(usage)
            )
        }
        #expect(
            Price(inputPerMillion: .max, outputPerMillion: .max, cacheWritePerMillion: .max).cost(
                ChatUsage(promptTokens: .max, completionTokens: .max, cachedTokens: .max, cacheWriteTokens: .max)) > 0)
    }

    @Test("Metrics count the parts of tokens under their own directions")
    func metrics() async throws {
        try await TestApp.run(
            provider: ScriptedProvider(.text("ঠিক", usage: Self.usage)),
            configure: { $0.metricsToken = "metrics-of-usage-tests" }
        ) { app in
            let key = try await CompletionsTests.application(app)
            _ = try await key.call(.post, CompletionsTests.path, CompletionsTests.hello)
            let page = try await app.call(.get, "/metrics", headers: [.authorization: "Bearer metrics-of-usage-tests"])
            for (direction, count) in [
                ("prompt", 100), ("completion", 20), ("cached", 60), ("cache_write", 10), ("reasoning", 15),
            ] {
                let line = #"mynah_model_tokens_total{provider="scripted",direction="\#(direction)"} \#(count)"#
                #expect(page.text.contains(line + "\n"), "\(direction)")
            }
        }
    }

    @Test("The migration goes back and forth without harm to what was there before")
    func migration() async throws {
        let testDatabase = try await TestDatabase.make(isMigrated: false)
        let database = try Database(url: testDatabase.url, logger: Logger(label: "test"))
        func price() async throws -> [Int64?] {
            try await database.read(.system) { tx in
                try tx.rows("SELECT * FROM prices") { try $0.int64IfPresent("input_per_million") }
            }
        }
        do {
            let migrator = Migrator(database, Migrations.all)
            try await migrator.migrate(to: 10)
            try await database.write(.system) { tx in
                try tx.run(
                    """
                    INSERT INTO prices (model, input_per_million, output_per_million, updated_at)
                    VALUES ('মডেল', 5, 6, 7)
                    """)
            }
            for _ in 0..<2 {
                try await migrator.migrate()
                #expect(try await price() == [5])
                let cached = try await database.read(.system) { tx in
                    try tx.rows("SELECT cached_input_per_million FROM prices WHERE cached_input_per_million IS NULL") {
                        _ in 1
                    }
                }
                #expect(cached == [1])
                await #expect(throws: StorageError.self) { try await migrator.migrate(to: 10) }
                try await migrator.migrate(to: 10, force: true)
                #expect(try await price() == [5])
                for column in [
                    "messages.reasoning", "messages.finish_reason", "message_logs.cached_tokens",
                    "message_logs.reasoning_tokens", "prices.cache_write_per_million",
                ] {
                    let parts = column.split(separator: ".")
                    await #expect(throws: (any Error).self, "\(column)") {
                        try await database.read(.system) { tx in
                            try tx.rows("SELECT \(parts[1]) FROM \(parts[0])") { _ in 1 }
                        }
                    }
                }
            }
        } catch {
            await database.close()
            try? await testDatabase.remove()
            throw error
        }
        await database.close()
        try await testDatabase.remove()
    }
}

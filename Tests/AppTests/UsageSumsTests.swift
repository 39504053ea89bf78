import Foundation
import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import DatabaseMigrations
@testable import HTTPKit
@testable import Metering

/// Daily sums are what the logs add up to, whatever is done to the logs.
@Suite struct UsageSumsTests {
    private static let day = UsageRange.dayLength

    /// A log, as far as sums ask for it.
    private struct Log {
        var id: String
        var chatbotID: String
        var userID: String?
        var keyID: String?
        var provider: String?
        var model: String
        var tokens: Int64
        var outcome: String
        var firstTokenMs: Int64?
        var createdAt: Int64

        static func random(_ random: inout some RandomNumberGenerator, _ now: Int64) -> Log {
            // Some exactly at midnight, or a millisecond away from it.
            let day = now / UsageSumsTests.day - Int64.random(in: 0...5, using: &random)
            let offset = [0, 1, UsageSumsTests.day - 1].randomElement(using: &random)!
            let time = Bool.random(using: &random) ? offset : Int64.random(in: 0..<UsageSumsTests.day, using: &random)
            return Log(
                id: Identifier.make(), chatbotID: ["a", "b"].randomElement(using: &random)!,
                userID: [nil, "u1", "u2", "u3"].randomElement(using: &random)!,
                keyID: [nil, "k1", "k2"].randomElement(using: &random)!,
                provider: [nil, "openai", "local"].randomElement(using: &random)!,
                model: ["m", "মডেল", "نموذج", ""].randomElement(using: &random)!,
                tokens: Int64.random(in: 0...1000, using: &random),
                outcome: ["complete", "partial", "failed"].randomElement(using: &random)!,
                firstTokenMs: Bool.random(using: &random) ? Int64.random(in: 0...500, using: &random) : nil,
                createdAt: day * UsageSumsTests.day + time)
        }

        func insert(_ tx: Transaction, _ workspaceID: String, _ chatbots: [String: String]) throws {
            try tx.run(
                """
                INSERT INTO message_logs (id, workspace_id, chatbot_id, user_id, key_id, provider, model, prompt_tokens,
                    completion_tokens, cost, first_token_ms, total_ms, outcome, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)
                """,
                [
                    id, workspaceID, chatbots[chatbotID], userID, keyID, provider, model, tokens, tokens * 2,
                    tokens * 3, firstTokenMs, outcome, createdAt,
                ])
        }
    }

    /// The sums by going through the logs.
    private static func sums(_ logs: some Sequence<Log>) -> UsageSums {
        var sums = UsageSums()
        for log in logs {
            sums.messages += 1
            sums.promptTokens += log.tokens
            sums.completionTokens += log.tokens * 2
            sums.cost += log.tokens * 3
            sums.failures += log.outcome == "failed" ? 1 : 0
            sums.firstTokens += log.firstTokenMs == nil ? 0 : 1
            sums.firstTokenMs += log.firstTokenMs ?? 0
        }
        return sums
    }

    private static func shown(_ group: JSONValue?) -> [Int64?] {
        ["messages", "prompt_tokens", "completion_tokens", "cost", "failures", "first_token_ms"].map {
            group?[$0]?.int
        }
    }

    private static func shown(_ sums: UsageSums) -> [Int64?] {
        [
            sums.messages, sums.promptTokens, sums.completionTokens, sums.cost, sums.failures,
            sums.firstTokens == 0 ? nil : sums.firstTokenMs / sums.firstTokens,
        ]
    }

    @Test("Usage and statistics are the sums of the logs, over any range, after any change of them")
    func property() async throws {
        try await TestApp.run { app in
            let (admin, alice) = (try await app.admin(permissions: [.statsRead]), try await app.user("alice"))
            let chatbots = [
                "a": try await app.chatbot(as: alice), "b": try await app.chatbot(["name": "দ্বিতীয়"], as: alice),
            ]
            var random = SystemRandomNumberGenerator()
            let now = Timestamp.now.milliseconds
            var logs: [Log] = []
            for round in 0..<6 {
                let new = (0..<60).map { _ in Log.random(&random, now) }
                logs += new
                try await app.database.write(.system) { tx in
                    for log in new { try log.insert(tx, alice.workspaceID, chatbots) }
                }
                // Corrections, as of a reply that was closed as abandoned and ends after all; erasures; and retention.
                for index in logs.indices where Int.random(in: 0..<4, using: &random) == 0 {
                    var log = logs[index]
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0:
                        log.tokens += 7
                        log.outcome = "complete"
                        log.model = "m"
                        log.keyID = "k1"
                    case 1: log.userID = nil
                    default: log.createdAt -= Self.day / 2
                    }
                    logs[index] = log
                    let changed = log
                    try await app.database.write(.system) { tx in
                        try tx.run(
                            """
                            UPDATE message_logs SET prompt_tokens = ?, completion_tokens = ?, cost = ?, outcome = ?,
                                model = ?, key_id = ?, user_id = ?, created_at = ? WHERE id = ?
                            """,
                            [
                                changed.tokens, changed.tokens * 2, changed.tokens * 3, changed.outcome, changed.model,
                                changed.keyID, changed.userID, changed.createdAt, changed.id,
                            ])
                    }
                }
                if round == 4 {
                    let before = Timestamp(milliseconds: now - Self.day * 4 - 12_345_678)
                    _ = try await app.database.write(.system) { tx in
                        try MessageLog.purge(tx, before: before, limit: 10_000)
                    }
                    logs.removeAll { $0.createdAt < before.milliseconds }
                }
                for _ in 0..<12 {
                    let to = now + 1 - Int64.random(in: 0...3, using: &random) * Self.day / 3
                    let from = to - [1, Self.day / 5, Self.day, Self.day * 3 + 7, Self.day * 30].randomElement()!
                    try await Self.check(app, alice, admin, chatbots, logs, from: from, to: to)
                }
            }
            // No sum of anything that is gone.
            let (rows, users) = try await app.database.write(.system) { tx in
                try tx.run("DELETE FROM message_logs")
                return (
                    try tx.row("SELECT COUNT(*) AS n FROM usage_days") { try $0.int("n") },
                    try tx.row("SELECT COUNT(*) AS n FROM active_users") { try $0.int("n") }
                )
            }
            #expect(rows == 0 && users == 0)
        }
    }

    private static func check(
        _ app: TestApp, _ alice: TestUser, _ admin: TestOperator, _ chatbots: [String: String], _ logs: [Log],
        from: Int64, to: Int64
    ) async throws {
        let range = "from=\(Timestamp(milliseconds: from).iso8601)&to=\(Timestamp(milliseconds: to).iso8601)"
        let within = logs.filter { $0.createdAt >= from && $0.createdAt < to }
        for (name, id) in chatbots {
            let ofChatbot = within.filter { $0.chatbotID == name }
            for (by, key) in [
                ("day", { UsageRange.name(ofDay: $0.createdAt / day) }),
                ("model", { "\($0.provider ?? "-") \($0.model)" }), ("key", { $0.keyID ?? "-" }),
            ] as [(String, (Log) -> String)] {
                let answer = try await app.call(.get, "/chatbots/\(id)/usage?by=\(by)&\(range)", as: alice)
                try #require(answer.status == 200, "\(answer.text)")
                #expect(shown(answer["total"]) == shown(sums(ofChatbot)), "\(by) \(range)")
                let groups = try #require(answer["data"]?.array)
                let names = groups.map { group -> String in
                    switch by {
                    case "day": group["day"]?.string ?? ""
                    case "model": "\(group["provider"]?.string ?? "-") \(group["model"]?.string ?? "")"
                    default: group["key_id"]?.string ?? "-"
                    }
                }
                let expected = Dictionary(grouping: ofChatbot, by: key)
                #expect(names.sorted() == expected.keys.sorted(), "\(by) \(range)")
                for (name, group) in zip(names, groups) {
                    #expect(shown(group) == shown(sums(expected[name] ?? [])), "\(by) \(name) \(range)")
                }
            }
        }
        let stats = try await app.call(.get, "/admin/stats?\(range)", as: admin)
        #expect(stats["total"]?["messages"]?.int == Int64(within.count))
        #expect(stats["total"]?["active_users"]?.int == Int64(Set(within.compactMap(\.userID)).count), "\(range)")
        let days = Dictionary(grouping: within) { UsageRange.name(ofDay: $0.createdAt / day) }
        let listed = stats["days"]?.array?.filter { $0["messages"] != 0 } ?? []
        #expect(listed.compactMap { $0["day"]?.string } == days.keys.sorted())
        for group in listed {
            let logs = days[group["day"]?.string ?? ""] ?? []
            #expect(group["active_users"]?.int == Int64(Set(logs.compactMap(\.userID)).count))
            #expect(group["prompt_tokens"]?.int == sums(logs).promptTokens)
        }
    }

    @Test("The sums of logs that were there before are made by the migration, and go with it")
    func migrated() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let chatbots = ["a": try await app.chatbot(as: alice), "b": try await app.chatbot(as: alice)]
            var random = SystemRandomNumberGenerator()
            let logs = (0..<300).map { _ in Log.random(&random, Timestamp.now.milliseconds) }
            try await app.database.write(.system) { tx in
                for log in logs { try log.insert(tx, alice.workspaceID, chatbots) }
            }
            func state() async throws -> [String] {
                try await app.database.read(.system) { tx in
                    try tx.rows("SELECT * FROM usage_days ORDER BY chatbot_id, day, provider, model, key_id, shard") {
                        "\(try $0.string("chatbot_id")) \(try $0.int("day")) \(try $0.string("model")) "
                            + "\(try $0.int("messages")) \(try $0.int("cost")) \(try $0.int("first_token_ms"))"
                    }
                        + tx.rows("SELECT * FROM active_users ORDER BY day, user_id") {
                            "\(try $0.int("day")) \(try $0.string("user_id"))"
                        }
                        + tx.rows("SELECT * FROM workspace_totals ORDER BY workspace_id, shard") {
                            "\(try $0.string("workspace_id")) \(try $0.int("shard")) \(try $0.int("bytes"))"
                        }
                }
            }
            let before = try await state()
            let dialect = app.database.dialect
            try await app.database.write(.system) { tx in
                // Their triggers count into the table that goes.
                try Migrations.curatedAnswers.down(tx, dialect)
                try Migrations.imports.down(tx, dialect)
                try Migrations.filePartOwners.down(tx, dialect)
                try Migrations.knowledgeIndex.down(tx, dialect)
                try Migrations.fileTexts.down(tx, dialect)
                try Migrations.attachments.down(tx, dialect)
                try Migrations.responses.down(tx, dialect)
                try Migrations.widgetSettings.down(tx, dialect)
                try Migrations.files.down(tx, dialect)
                try Migrations.neighbours.down(tx, dialect)
                try Migrations.neighbours.up(tx, dialect)
                try Migrations.files.up(tx, dialect)
                try Migrations.widgetSettings.up(tx, dialect)
                try Migrations.responses.up(tx, dialect)
                try Migrations.attachments.up(tx, dialect)
                try Migrations.fileTexts.up(tx, dialect)
                try Migrations.knowledgeIndex.up(tx, dialect)
                try Migrations.filePartOwners.up(tx, dialect)
                try Migrations.imports.up(tx, dialect)
                try Migrations.curatedAnswers.up(tx, dialect)
            }
            let after = try await state()
            #expect(before == after && before.count > 50)
        }
    }
}

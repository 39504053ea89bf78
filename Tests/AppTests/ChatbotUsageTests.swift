import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Metering

@Suite struct ChatbotUsageTests {
    private static let day = Duration.seconds(86_400)

    @Test("A chatbot's usage by day, model and key, for its editors alone")
    func sums() async throws {
        try await TestApp.run(
            provider: ScriptedProvider(.text("Hi", usage: MessageLogTests.usage)),
            configure: { $0.defaultPrice = Price("1000000/2000000")! }
        ) { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let owned = try await Owned.make(app, alice, member: bob)
            let path = "/chatbots/\(owned.parameters["chatbot_id"]!)/usage"
            let key = try await TestApplication.make(app, chatbotID: owned.parameters["chatbot_id"]!, as: alice)
            // Two calls were made with what alice owns.
            for _ in 0..<3 { #expect(try await key.query("Hi").status == 200) }
            // A call of another chatbot.
            #expect(try await app.call(.post, "/chat", ["message": "Hi"], as: alice).status == 200)
            let now = Timestamp.now
            try await app.database.write(.system) { tx in
                let ids = try tx.rows("SELECT id FROM message_logs WHERE key_id IS NOT NULL ORDER BY id") {
                    try $0.string("id")
                }
                try tx.run(
                    "UPDATE message_logs SET created_at = ?, first_token_ms = 100 WHERE id = ?",
                    [now.adding(.zero - Self.day * 2), ids[0]])
                try tx.run(
                    """
                    UPDATE message_logs SET created_at = ?, outcome = 'failed', first_token_ms = NULL, model = 'other'
                    WHERE id = ?
                    """,
                    [now.adding(.zero - Self.day * 2), ids[1]])
                try tx.run(
                    "UPDATE message_logs SET created_at = ? WHERE id = ?", [now.adding(.zero - Self.day * 40), ids[2]])
            }
            func usage(_ query: String = "") async throws -> TestApp.Answer {
                let answer = try await app.call(.get, path + query, as: alice)
                try #require(answer.status == 200, "\(answer.text)")
                return answer
            }
            let days = try await usage()
            #expect(days["by"] == "day" && days["total"]?["messages"] == 4 && days["total"]?["cost"] == 76)
            let data = try #require(days["data"]?.array)
            #expect(data.count == 2 && data.map { $0["messages"] } == [2, 2])
            #expect(data[0]["day"]?.string == String(now.adding(.zero - Self.day * 2).iso8601.prefix(10)))
            #expect(data[0]["failures"] == 1 && data[0]["first_token_ms"] == 100 && data[0]["prompt_tokens"] == 22)
            #expect(data[0]["completion_tokens"] == 8 && data[0]["model"] == .null && data[0]["key_id"] == .null)
            let longer = "&from=\(now.adding(.zero - Self.day * 50).iso8601)"
            let models = try await usage("?by=model\(longer)")
            #expect(models["data"]?.array?.map { $0["model"] } == ["default", "other"])
            #expect(models["data"]?.array?.map { $0["messages"] } == [4, 1])
            #expect(models["data"]?.array?.allSatisfy { $0["provider"] == "scripted" && $0["day"] == .null } == true)
            let keys = try await usage("?by=key\(longer)")
            #expect(keys["data"]?.array?.map { $0["messages"] } == [3, 2])
            #expect(keys["data"]?.array?.map { $0["key_id"] } == [.string(key.keyID), .null])
            let before = try await usage("?to=\(now.adding(.zero - Self.day * 60).iso8601)")
            #expect(before["data"] == [] && before["total"]?["messages"] == 0)
            #expect(before["total"]?["first_token_ms"] == .null)
            // A viewer may talk to it, and no more.
            #expect(try await app.call(.get, path, as: bob).status == 403)
            #expect(try await key.call(.get, path).status == 403)
        }
    }

    @Test("A time must be one, and no longer than a year")
    func ranges() async throws {
        let now = Timestamp(milliseconds: 1_800_000_000_000)
        let standard = try UsageRange(from: nil, to: nil, now: now)
        #expect(standard.to.milliseconds == now.milliseconds + 1)
        #expect(standard.from == standard.to.adding(.zero - Self.day * 30))
        #expect(throws: Never.self) { try UsageRange(from: now.adding(.zero - Self.day * 366), to: now) }
        for (from, to) in [(now, now), (now.adding(.seconds(1)), now), (now.adding(.seconds(-366 * 86_400 - 1)), now)] {
            let error = #expect(throws: APIError.self) { try UsageRange(from: from, to: to) }
            #expect(error?.code == .invalidValue && error?.param == "from")
        }
        #expect(UsageRange.name(ofDay: 0) == "1970-01-01" && UsageRange.name(ofDay: 20_000) == "2024-10-04")
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let path = "/chatbots/\(try await app.chatbot(as: user))/usage"
            for query in ["by=hour", "from=2020-01-01T00:00:00Z", "to=x", "from=2999-01-01T00:00:00Z"] {
                #expect(try await app.call(.get, "\(path)?\(query)", as: user).status == 422, "\(query)")
            }
        }
    }
}

import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Metering

@Suite struct StatsTests {
    @Test("Statistics of the server, for today and by day")
    func stats() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("Hi", usage: MessageLogTests.usage))) { app in
            let admin = try await app.admin(permissions: [.statsRead])
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            for user in [alice, alice, bob] {
                #expect(try await app.call(.post, "/chat", ["message": "Hi"], as: user).status == 200)
            }
            let carla = try await app.user("carla")
            let key = try await TestApplication.make(app, chatbotID: app.chatbot(as: carla), as: carla)
            #expect(try await key.call(.post, CompletionsTests.path, CompletionsTests.hello).status == 200)
            let now = Timestamp.now
            let earlier = now.adding(.seconds(-3 * 86_400))
            // As if one of the conversations had been three days ago; its id tells its time.
            try await app.database.write(.system) { tx in
                let id = try tx.row("SELECT id FROM message_logs WHERE user_id = ?", [bob.id]) { try $0.string("id") }
                try tx.run(
                    "UPDATE message_logs SET created_at = ?, outcome = 'failed' WHERE id = ?", [earlier, id])
                try tx.run("DELETE FROM messages")
                try tx.run(
                    "UPDATE conversations SET created_at = ?, id = ? WHERE user_id = ?",
                    [earlier, "\(Identifier.first(at: earlier))-7000-8000-000000000000", bob.id])
            }
            let answer = try await app.call(.get, "/admin/stats", as: admin)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer["users"] == 3)
            let total = try #require(answer["total"])
            #expect(total["messages"] == 4 && total["conversations"] == 3 && total["new_users"] == 3)
            #expect(total["active_users"] == 2 && total["failures"] == 1 && total["day"] == .null)
            #expect(total["prompt_tokens"] == 44 && total["completion_tokens"] == 16 && total["cost"] == 0)
            let days = try #require(answer["days"]?.array)
            #expect(days.map { $0["messages"] } == [1, 3] && days.map { $0["conversations"] } == [1, 2])
            #expect(days[0]["day"]?.string == String(earlier.iso8601.prefix(10)) && days[0]["new_users"] == 0)
            #expect(days[1]["active_users"] == 1 && days[1] == answer["today"])
            let short = try await app.call(
                .get, "/admin/stats?from=\(now.adding(.seconds(-86_400 * 2)).iso8601)", as: admin)
            #expect(short["days"]?.array?.count == 1 && short["total"]?["failures"] == 0)
            let old = try await app.call(.get, "/admin/stats?to=2021-01-01T00:00:00Z", as: admin)
            #expect(old["days"] == [] && old["total"]?["messages"] == 0 && old["today"]?["messages"] == 3)
            let long = try await app.call(.get, "/admin/stats?from=2021-01-01T00:00:00Z", as: admin)
            #expect(long.status == 422 && long["error"]?["param"] == "from")
        }
    }

    @Test("Ids begin with their time")
    func firstID() {
        let id = Identifier.make()
        let now = Timestamp.now
        #expect(
            Identifier.first(at: now.adding(.seconds(-1))) < id && id < Identifier.first(at: now.adding(.seconds(1))))
        #expect(Identifier.first(at: Timestamp(milliseconds: 0)) == "00000000-0000")
        #expect(Identifier.first(at: Timestamp(milliseconds: .max)).utf8.count == 13)
        #expect(Identifier.first(at: Timestamp(milliseconds: -5)) == "00000000-0000")
    }
}

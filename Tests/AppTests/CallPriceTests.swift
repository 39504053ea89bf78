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

/// Prices of what a vendor bills by call: reserved, charged and logged; what has none is refused.
@Suite struct CallPriceTests {
    private static let search: JSONValue = ["search_context_size": "low"]

    @Test("Prices by call are stored, shown and audited; other names and numbers are refused by name")
    func routes() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            func put(_ perCall: JSONValue) async throws -> TestApp.Answer {
                try await app.call(
                    .put, "/admin/prices/scripted%2Fdefault",
                    ["input_per_million": 1, "output_per_million": 2, "per_call": perCall], as: admin)
            }
            let prices: JSONValue = ["request": 5000, "web_search": 0]
            #expect(try await put(prices)["per_call"] == prices)
            let listed = try await app.call(.get, "/admin/prices", as: admin)
            #expect(listed["data"]?[0]?["per_call"] == prices)
            for (wrong, param) in [
                (["request": -1], "per_call.request"), (["request": 1.5], "per_call.request"),
                (["web_search": "1"], "per_call.web_search"), (["খোঁজ": 1], "per_call.খোঁজ"),
                (["request": 9_000_000_000_000_000], "per_call.request"),
            ] as [(JSONValue, String)] {
                let answer = try await put(wrong)
                #expect(answer.status == 422 && answer["error"]?["param"]?.string == param, "\(answer.text)")
            }
            #expect(try await put(.null)["per_call"] == .null)
        }
    }

    @Test("A call reserves and costs its own price, and a search's where it asks for one that has a price")
    func spending() async throws {
        let usage = ChatUsage(promptTokens: 3, completionTokens: 2)
        try await TestApp.run(
            provider: ScriptedProvider(.text("রোদ", usage: usage)),
            configure: { $0.metricsToken = "metrics-of-price-tests" }
        ) { app in
            let key = try await CompletionsTests.application(app)
            func price(_ perCall: [String: JSONValue]) async throws {
                let price = ModelPrice(
                    model: "scripted/default", inputPerMillion: 0, outputPerMillion: 0, perCall: JSONObject(perCall),
                    updatedAt: .now)
                try await app.database.write(.system) { tx in try price.write(tx) }
                app.app.prices.prices.forget()
            }
            let refused = try await key.call(
                .post, CompletionsTests.path, CompletionsTests.asking(["web_search_options": Self.search]))
            #expect(refused.status == 400 && refused.errorCode == "tool_not_allowed", "\(refused.text)")
            try await price(["request": 700])
            let unpriced = try await key.call(
                .post, CompletionsTests.path, CompletionsTests.asking(["web_search_options": Self.search]))
            #expect(unpriced.status == 400 && unpriced["error"]?["param"] == "web_search_options")
            #expect(app.provider.calls.requests.isEmpty)
            #expect(try await key.call(.post, CompletionsTests.path, CompletionsTests.hello).status == 200)
            #expect(try await app.spent(key.keyID) == 700)
            try await price(["request": 700, "web_search": 10_000])
            let found = try await key.call(
                .post, CompletionsTests.path, CompletionsTests.asking(["web_search_options": Self.search]))
            #expect(found.status == 200, "\(found.text)")
            #expect(app.provider.calls.requests.last?.options["web_search_options"] == Self.search)
            #expect(try await app.spent(key.keyID) == 700 + 10_700)
            let logged = try await app.database.read(.system) { tx in
                try tx.rows("SELECT searches, cost FROM message_logs ORDER BY cost") {
                    [try $0.int("searches"), try $0.int("cost")]
                }
            }
            #expect(logged == [[0, 700], [1, 10_700]])
            let metrics = try await app.call(
                .get, "/metrics", headers: [.authorization: "Bearer metrics-of-price-tests"]
            ).text
            #expect(metrics.contains(#"mynah_model_searches_total{provider="scripted"} 1"#))
        }
    }

    @Test("A hundred parallel calls with a budget for one price by call: the vendor is called once")
    func parallel() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let chatbot = try await app.chatbot(["name": "Paid"], as: user)
            let key = try await TestApplication.make(app, chatbotID: chatbot, as: user)
            let price = ModelPrice(
                model: "scripted/default", inputPerMillion: 0, outputPerMillion: 0,
                perCall: JSONObject(["request": 1000]), updatedAt: .now)
            try await app.database.write(.system) { tx in try price.write(tx) }
            app.app.prices.prices.forget()
            // Two, for an attempt that is answered with nothing is billed, too.
            let patched = try await app.call(
                .patch, "/chatbots/\(chatbot)/api-keys/\(key.keyID)", ["budget": 2500], as: user)
            #expect(patched.status == 200, "\(patched.text)")
            let answers = try await app.parallel(100) { _ in
                try await key.call(.post, CompletionsTests.path, CompletionsTests.hello)
            }
            let served = answers.filter { $0.status == 200 }.count
            #expect((1...2).contains(served) && app.provider.calls.requests.count == served)
            #expect(try await app.spent(key.keyID) == served * 1000)
        }
    }

    @Test("Sums beyond 64 bits saturate")
    func arithmetic() {
        var prices = CallPrices()
        (prices.request, prices.webSearch) = (Price.highest, Price.highest)
        #expect(prices.cost(searches: .max) > 0 && prices.cost(searches: -1) == Price.highest)
        #expect(CallPrices(stored: "{") == CallPrices() && CallPrices(stored: #"{"x":1}"#) == CallPrices())
    }
}

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

@Suite struct PriceTests {
    @Test(
        "DEFAULT_PRICE is one number or two, and never negative",
        arguments: [
            ("0", 0, 0), ("150000/600000", 150_000, 600_000), ("7", 7, 7), ("1000000000000", 1_000_000_000_000, nil),
        ] as [(String, Int64, Int64?)])
    func parses(text: String, input: Int64, output: Int64?) {
        #expect(Price(text) == Price(inputPerMillion: input, outputPerMillion: output ?? input))
    }

    @Test(arguments: ["", "/", "-1", "1/-1", "1/2/3", "a", "1.5", "1000000000001", "9223372036854775808"])
    func refuses(text: String) { #expect(Price(text) == nil) }

    @Test("Costs are rounded up and cannot overflow")
    func cost() {
        let price = Price(inputPerMillion: 150_000, outputPerMillion: 600_000)
        #expect(price.cost(inputTokens: 1000, outputTokens: 500) == 450)
        #expect(price.cost(inputTokens: 1, outputTokens: 0) == 1)
        #expect(price.cost(inputTokens: 0, outputTokens: 0) == 0)
        #expect(price.cost(inputTokens: -5, outputTokens: -5) == 0)
        let dearest = Price(inputPerMillion: Price.highest, outputPerMillion: Price.highest)
        #expect(dearest.cost(inputTokens: .max, outputTokens: .max) == 8_000_000_000_000)
    }
}

@Suite struct SpendingTests {
    private func key(_ app: TestApp, budget: Int) async throws -> (id: String, text: String) {
        let user = try await app.user("alice")
        let chatbot = try await app.chatbot(["name": "Paid"], as: user)
        let key = try await app.call(
            .post, "/chatbots/\(chatbot)/api-keys", ["budget": .int(Int64(budget))], as: user)
        return (try key.string("id"), try key.string("key"))
    }

    private func bill(_ id: String, _ keyID: String) -> Spending.Bill {
        Spending.Bill(
            id: id, keyID: keyID, payer: .known(Subscriber(userID: "nobody", limits: .unlimited)), amount: 100)
    }

    @Test("A hundred parallel reservations with budget for three: three are made")
    func reservations() async throws {
        try await TestApp.run { app in
            let key = try await key(app, budget: 350)
            let made = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let bill = bill("bill-\(number)", key.id)
                        do {
                            try await app.database.write(.system) { tx in try Spending.reserve(tx, bill, now: .now) }
                            return true
                        } catch { return false }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(made == 3)
            #expect(try await app.spent(key.id) == 300)
        }
    }

    @Test("Settling charges what it cost, once, and beyond what was reserved as far as the budget reaches")
    func settling() async throws {
        try await TestApp.run { app in
            let key = try await key(app, budget: 1000)
            for (number, (cost, charged)) in [(30, 30), (100, 100), (500, 500), (-7, 0), (0, 0), (9000, 370)]
                .enumerated()
            {
                let before = try #require(try await app.spent(key.id))
                let bill = bill("bill-\(number)", key.id)
                try await app.database.write(.system) { tx in try Spending.reserve(tx, bill, now: .now) }
                for expected in [charged, 0] {
                    let settled = try await app.database.write(.system) { tx in
                        try Spending.settle(tx, bill, cost: Int64(cost))
                    }
                    #expect(settled == Int64(expected))
                }
                #expect(try await app.spent(key.id) == before + charged)
            }
        }
    }

    @Test("What a process that died had reserved is given back after its time, and not before")
    func expiry() async throws {
        try await TestApp.run { app in
            let key = try await key(app, budget: 100)
            let bill = bill("bill", key.id)
            let now = Timestamp.now
            try await app.database.write(.system) { tx in
                try Spending.reserve(tx, bill, now: now)
                try Spending.releaseExpired(tx, now: now.adding(Spending.patience))
            }
            #expect(try await app.spent(key.id) == 100)
            try await app.database.write(.system) { tx in
                try Spending.releaseExpired(tx, now: now.adding(Spending.patience + .milliseconds(1)))
                // The call lives after all, and ends: it is not charged a second time.
                try Spending.settle(tx, bill, cost: 60)
            }
            #expect(try await app.spent(key.id) == 0)
        }
    }

    @Test("A price is the model's at its provider, else the model's, else the default; what runs here is free")
    func prices() async throws {
        try await TestApp.run { app in
            try await app.database.write(.system) { tx in
                for (model, price) in [("m", 1), ("groq/m", 2)] {
                    try tx.run(
                        """
                        INSERT INTO prices (model, input_per_million, output_per_million, updated_at)
                        VALUES (?, ?, ?, 0)
                        """, [model, price, price])
                }
            }
            let prices = Prices(database: app.database, standard: Price(inputPerMillion: 9, outputPerMillion: 9))
            for (provider, model, expected) in [
                ("openai", "m", 1), ("groq", "m", 2), ("openai", "other", 9), ("local", "m", 0), ("webhook", "m", 0),
            ] {
                let price = try await prices.price(of: .init(provider: provider, model: model))
                #expect(price.inputPerMillion == expected, "\(provider)/\(model)")
            }
        }
    }

    @Test("Where others of a provider have a price, what has none is refused; a default, also of nothing, is a price")
    func unpriced() async throws {
        try await TestApp.run { app in
            func price(_ target: String, _ standard: Price?) async throws -> Price? {
                let parts = target.split(separator: " ").map(String.init)
                do {
                    return try await Prices(database: app.database, standard: standard)
                        .price(of: .init(provider: parts[0], model: parts[1]))
                } catch let error as APIError where error.code == .modelNotPriced { return nil }
            }
            #expect(try await price("openai other", nil) == .free)
            try await app.setPrice(of: "openai/small", output: 1)
            #expect(try await price("openai small", nil)?.outputPerMillion == 1_000_000)
            #expect(try await price("openai other", nil) == nil)
            #expect(try await price("openrouter openai/large", nil) == nil)
            #expect(try await price("openai other", .free) == .free)
            #expect(try await price("groq other", nil) == .free)
            try await app.setPrice(of: "bare", output: 1)
            #expect(try await price("groq other", nil) == nil)
            for provider in ["local", "ollama", "webhook"] {
                #expect(try await price("\(provider) other", nil) == .free)
            }
        }
    }

    @Test("A model without a price is refused before anything is stored, and stands in for none")
    func unpricedCalls() async throws {
        try await TestApp.runWithSpare { app, failing, other in
            let user = try await app.user("alice")
            let chatbot = try await app.chatbot(["name": "Bot", "model": "small"], as: user)
            let ask: JSONValue = ["chatbot_id": .string(chatbot), "message": "Hi"]
            try await app.setPrice(of: "scripted/small", output: 1)
            try await app.setPrice(of: "other/another", output: 1)
            #expect(
                try await app.call(.post, "/chat", ask, as: user)["message"]?["error_code"] == "provider_unavailable")
            #expect(other.calls.requests.isEmpty)
            let changed = try await app.call(
                .patch, "/chatbots/\(chatbot)", ["model": "small-2024-08-06"], as: user)
            #expect(changed.status == 200, "\(changed.text)")
            let (messages, calls) = (try await app.count("messages"), failing.calls.requests.count)
            let refused = try await app.call(.post, "/chat", ask, as: user)
            #expect(refused.status == 403 && refused.errorCode == "model_not_priced", "\(refused.text)")
            let listed = try await app.listedModels(as: user)
            #expect(listed.contains("bot") && !listed.contains { $0.hasPrefix("bot/") }, "\(listed)")
            for path in ["/v1/chat/completions", "/v1/messages"] {
                let body = CompletionsTests.asking(["model": .string(chatbot), "max_tokens": 5])
                let refused = try await app.call(.post, path, body, as: user)
                #expect(refused.status == 403 && refused.text.contains("no price"), "\(refused.text)")
            }
            #expect(try await app.count("messages") == messages && failing.calls.requests.count == calls)
        }
    }

    @Test(
        "Beyond what was reserved a call costs as much as there is, and its log says how much",
        arguments: ["/v1/chat/completions", "/v1/messages", "/chat"])
    func excess(path: String) async throws {
        let usage = ChatUsage(promptTokens: 120_000, completionTokens: 0)
        try await TestApp.run(provider: ScriptedProvider(.text("ok", usage: usage))) { app in
            let user = try await app.user("alice")
            try await app.setPrice(input: 1, output: 1)
            try await app.setCredits(user, 150_000)
            func ask() async throws -> TestApp.Answer {
                let body: JSONValue =
                    path == "/chat" ? ["message": "Hello there"] : CompletionsTests.asking(["max_tokens": 5])
                return try await app.call(.post, path, body, as: user)
            }
            for left in [30_000, 0] {
                #expect(try await ask().status == 200)
                #expect(try await app.credits(user) == Credits(balance: left, reserved: 0))
            }
            #expect(try await MessageLogTests.logs(app).map(\.cost) == [120_000, 30_000])
            #expect(try await ask().status == 402)
        }
    }

    @Test("Beyond what was reserved, the key's budget and its owner's balance are charged the same")
    func excessOfBoth() async throws {
        let usage = ChatUsage(promptTokens: 120_000, completionTokens: 0)
        try await TestApp.run(provider: ScriptedProvider(.text("ok", usage: usage))) { app in
            let user = try await app.user("alice")
            let chatbot = try await app.chatbot(as: user)
            try await app.setPrice(input: 1, output: 1)
            for (budget, balance, charged) in [(50_000, 70_000, 50_000), (70_000, 50_000, 50_000)] {
                let key = try await app.secretKey(
                    "/chatbots/\(chatbot)/api-keys", ["budget": .int(Int64(budget))], as: user)
                try await app.setCredits(user, balance)
                let answer = try await app.call(
                    .post, CompletionsTests.path, CompletionsTests.hello, headers: [.apiKey: key.text])
                #expect(answer.status == 200, "\(answer.text)")
                #expect(try await app.spent(key.id) == charged)
                #expect(try await app.credits(user) == Credits(balance: balance - charged, reserved: 0))
                #expect(try await MessageLogTests.logs(app).last?.cost == Int64(charged))
            }
        }
    }

    @Test("A call costs what the model costs that was asked for, whatever name the vendor answers with")
    func names() async throws {
        try await TestApp.run { app in
            try await app.database.write(.system) { tx in
                try tx.run(
                    """
                    INSERT INTO prices (model, input_per_million, output_per_million, updated_at)
                    VALUES ('small', 1000000, 2000000, 0)
                    """)
            }
            let spending = Spending(prices: Prices(database: app.database, standard: .free))
            let usage = ChatUsage(promptTokens: 3, completionTokens: 5)
            for (model, cost) in [("small", 13), ("small-2026-01-01", 0)] as [(String, Int64)] {
                let target = ModelTarget(provider: "openai", model: model)
                #expect(await spending.cost(bill("bill", "key"), usage, of: target, isUnfinished: false) == cost)
            }
        }
    }
}

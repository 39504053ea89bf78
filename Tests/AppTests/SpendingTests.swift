import HTTPTypes
import JSON
import LLM
import Storage
import Testing

@testable import App

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

    @Test("Settling charges the smaller of real and reserved, once")
    func settling() async throws {
        try await TestApp.run { app in
            let key = try await key(app, budget: 1000)
            for (number, (cost, charged)) in [(30, 30), (100, 100), (500, 100), (-7, 0), (0, 0)].enumerated() {
                let before = try #require(try await app.spent(key.id))
                let bill = bill("bill-\(number)", key.id)
                try await app.database.write(.system) { tx in try Spending.reserve(tx, bill, now: .now) }
                for _ in 0..<2 {
                    try await app.database.write(.system) { tx in try Spending.settle(tx, bill, cost: Int64(cost)) }
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
            var result = ChatResult(
                content: "Hi", model: "small-2026-01-01", provider: "openai", finishReason: .stop,
                usage: ChatUsage(promptTokens: 3, completionTokens: 5))
            result.target = .init(provider: "openai", model: "small")
            #expect(try await spending.cost(of: result, inputTokens: 0) == 13)
        }
    }
}

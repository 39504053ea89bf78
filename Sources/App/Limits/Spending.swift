import LLM
import Storage
import Synchronization

/// Keeps spending within budgets: before a model is called, the most that it can cost is reserved by one guarded update;
/// afterwards the real cost settles it, and the rest returns. Parallel calls can therefore never overshoot.
struct Spending: Sendable {
    /// A reservation whose call has not been heard of for this long is given back: longer than any call lasts.
    static let patience = Duration.seconds(1800)

    let prices: Prices

    /// What one call may cost at most, and against what.
    struct Bill: Sendable {
        let id: String
        let keyID: String
        let amount: Int64
    }

    /// Nil where nothing is to be reserved: no key is used, or the models are free.
    func bill(
        _ key: APIKey?, id: String, _ targets: [Gateway.Target], inputTokens: Int, maxTokens: Int
    ) async throws -> Bill? {
        guard let key else { return nil }
        var most: Int64 = 0
        for target in targets {
            let price = try await prices.price(of: target)
            most = max(most, price.cost(inputTokens: inputTokens, outputTokens: target.maxTokens ?? maxTokens))
        }
        return most > 0 ? Bill(id: id, keyID: key.id, amount: most) : nil
    }

    static func reserve(_ tx: Transaction, _ bill: Bill, now: Timestamp) throws {
        let reserved = try tx.run(
            "UPDATE api_keys SET spent = spent + ? WHERE id = ? AND (budget IS NULL OR spent + ? <= budget)",
            [bill.amount, bill.keyID, bill.amount])
        guard reserved == 1 else { throw APIError(.budgetExhausted) }
        try tx.run(
            "INSERT INTO reservations (id, key_id, amount, expires_at) VALUES (?, ?, ?, ?)",
            [bill.id, bill.keyID, bill.amount, now.adding(patience)])
    }

    /// Never more than was reserved. A reservation that was given back meanwhile is charged no more.
    static func settle(_ tx: Transaction, _ bill: Bill, cost: Int64) throws {
        guard try tx.run("DELETE FROM reservations WHERE id = ?", [bill.id]) == 1 else { return }
        try tx.run(
            "UPDATE api_keys SET spent = spent - ? WHERE id = ?",
            [bill.amount - min(max(0, cost), bill.amount), bill.keyID])
    }

    /// Gives back what calls reserved whose process died.
    static func releaseExpired(_ tx: Transaction, now: Timestamp) throws {
        let expired = try tx.rows(
            "SELECT id, key_id, amount FROM reservations WHERE expires_at < ? ORDER BY id LIMIT 500", [now]
        ) { Bill(id: try $0.string("id"), keyID: try $0.string("key_id"), amount: try $0.int64("amount")) }
        for bill in expired { try settle(tx, bill, cost: 0) }
    }

    /// What a call cost, by the name that the model was asked under: vendors answer with names of their own. Where the
    /// provider did not count, tokens are estimated.
    func cost(of result: ChatResult, inputTokens: Int) async throws -> Int64 {
        let usage =
            result.usage
            ?? ChatUsage(promptTokens: inputTokens, completionTokens: ContextWindow.estimate(result.content))
        return try await prices.price(of: result.target ?? .init(provider: result.provider, model: result.model))
            .cost(inputTokens: usage.promptTokens, outputTokens: usage.completionTokens)
    }
}

/// The prices of models, as the database has them; believed for some seconds.
final class Prices: Sendable {
    private static let trust = Duration.seconds(5)
    /// What runs on the server's own machine, or at a chatbot's own endpoint, costs nothing.
    private static let freeProviders: Set<String> = ["local", "ollama", "webhook"]

    private struct Known {
        var prices: [String: Price] = [:]
        var readAt: ContinuousClock.Instant?
    }

    private let database: Database
    private let standard: Price
    private let known = Mutex(Known())

    init(database: Database, standard: Price) {
        self.database = database
        self.standard = standard
    }

    /// By `provider/model`, or else by the model alone.
    func price(of target: Gateway.Target) async throws -> Price {
        guard !Self.freeProviders.contains(target.provider) else { return .free }
        let prices = try await all()
        return prices["\(target.provider)/\(target.model)"] ?? prices[target.model] ?? standard
    }

    private func all() async throws -> [String: Price] {
        let fresh = known.withLock { known in
            known.readAt.map { $0.duration(to: .now) < Self.trust } ?? false ? known.prices : nil
        }
        if let fresh { return fresh }
        let rows = try await database.read(.system) { tx in
            try tx.rows("SELECT model, input_per_million, output_per_million FROM prices") { row in
                (
                    try row.string("model"),
                    Price(
                        inputPerMillion: try row.int64("input_per_million"),
                        outputPerMillion: try row.int64("output_per_million"))
                )
            }
        }
        let prices = Dictionary(rows) { $1 }
        known.withLock { $0 = Known(prices: prices, readAt: .now) }
        return prices
    }
}

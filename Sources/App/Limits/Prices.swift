import LLM
import Storage
import Synchronization

/// The prices of models, as the database has them; believed for some seconds.
final class Prices: Sendable {
    private static let trust = Duration.seconds(5)
    /// What runs on the server's own machine, or at a chatbot's own endpoint, costs nothing.
    static func isFree(_ provider: String) -> Bool { ["local", "ollama", Models.webhook].contains(provider) }

    private struct Known {
        var prices: [String: Price] = [:]
        var readAt: ContinuousClock.Instant?
        /// Rises whenever a price changes here: what was read before that is not believed after it.
        var generation = 0
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
        guard !Self.isFree(target.provider) else { return .free }
        let prices = try await all()
        return prices["\(target.provider)/\(target.model)"] ?? prices[target.model] ?? standard
    }

    /// What changed here counts at once.
    func forget() {
        known.withLock { known in
            known.readAt = nil
            known.generation += 1
        }
    }

    private func all() async throws -> [String: Price] {
        let (fresh, generation) = known.withLock { known in
            let isFresh = known.readAt.map { $0.duration(to: .now) < Self.trust } ?? false
            return (isFresh ? known.prices : nil, known.generation)
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
        known.withLock { known in
            if known.generation == generation { known = Known(prices: prices, readAt: .now, generation: generation) }
        }
        return prices
    }
}

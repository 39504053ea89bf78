import HTTPKit
package import LLM
package import Storage
import Synchronization

/// The prices of models, as the database has them; believed for some seconds.
package final class Prices: Sendable {
    private static let trust = Duration.seconds(5)
    /// What runs on the server's own machine, or at a chatbot's own endpoint, costs nothing.
    package static func isFree(_ provider: String) -> Bool {
        ["local", "ollama", WebhookProvider.usualName].contains(provider)
    }

    private struct Known {
        var prices: [String: Price] = [:]
        var readAt: ContinuousClock.Instant?
        /// Rises whenever a price changes here: what was read before that is not believed after it.
        var generation = 0
    }

    private let database: Database
    private let standard: Price?
    /// Models that the settings name, as `provider/model`.
    private let chosen: Set<String>
    private let known = Mutex(Known())

    package init(database: Database, standard: Price?, chosen: Set<String> = []) {
        self.database = database
        self.chosen = chosen
        self.standard = standard
    }

    /// The price under `provider/model`, or else under the model alone. Throws `model_not_priced` if there is none.
    package func price(of target: ModelTarget) async throws -> Price {
        guard let price = try await find(target) else { throw APIError(.modelNotPriced, param: "model") }
        return price
    }

    /// Removes models without a price. Throws if the first has none.
    package func priced(_ choice: ModelChoice) async throws -> ModelChoice {
        var targets: [ModelTarget] = []
        for target in choice.targets {
            if try await find(target) != nil {
                targets.append(target)
            } else if targets.isEmpty {
                throw APIError(.modelNotPriced, param: "model")
            }
        }
        return ModelChoice(targets: targets, maxTokens: choice.maxTokens, promptTokens: choice.promptTokens)
    }

    /// Nil if models like it have a price: the operator did not mean to give this one away.
    private func find(_ target: ModelTarget) async throws -> Price? {
        guard !Self.isFree(target.provider) else { return .free }
        let prices = try await all()
        let name = "\(target.provider)/\(target.model)"
        if let price = prices[name] ?? prices[target.model] { return price }
        // What its vendor bills apart from tokens, a price for other models does not cover.
        if VendorTools.areImplied(by: target.model), !chosen.contains(name) { return nil }
        if let standard { return standard }
        // Any price may be meant for a model whose own name has a slash, as at OpenRouter.
        let isForeign = !target.model.contains("/")
        return prices.keys.allSatisfy { isForeign && $0.contains("/") && !$0.hasPrefix("\(target.provider)/") }
            ? .free : nil
    }

    /// The provider that a model without one in its name has its price at; nil if the name has no price.
    /// - Parameter providers: those that may be meant, the likeliest first.
    package func target(named model: String, at providers: [String]) async throws -> ModelTarget? {
        let prices = try await all()
        let own = providers.first { prices["\($0)/\(model)"] != nil }
        return (own ?? (prices[model] == nil ? nil : providers.first)).map { ModelTarget(provider: $0, model: model) }
    }

    /// What changed here counts at once.
    package func forget() {
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
            try tx.rows("SELECT \(ModelPrice.columns) FROM prices") { row in
                var price = Price(
                    inputPerMillion: try row.int64("input_per_million"),
                    outputPerMillion: try row.int64("output_per_million"),
                    cachedInputPerMillion: try row.int64IfPresent("cached_input_per_million"),
                    cacheWritePerMillion: try row.int64IfPresent("cache_write_per_million"))
                price.perCall = CallPrices(stored: try row.stringIfPresent("per_call"))
                return (try row.string("model"), price)
            }
        }
        let prices = Dictionary(rows) { $1 }
        known.withLock { known in
            if known.generation == generation { known = Known(prices: prices, readAt: .now, generation: generation) }
        }
        return prices
    }
}

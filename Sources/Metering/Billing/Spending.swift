package import HTTPKit
package import LLM
package import Platform
package import Storage
import Synchronization

/// Keeps spending within credits and budgets: before a model is called, the most that it can cost is reserved by guarded
/// updates; afterwards the real cost settles it, and the rest returns. Parallel calls can therefore never overshoot.
package struct Spending: Sendable {
    /// A reservation whose call has not been heard of for this long is given back: longer than any call lasts.
    package static let patience = Duration.seconds(1800)

    package let prices: Prices
    /// Tokens a second that a model is taken to write whose caller leaves or stops it.
    package var stopTokensPerSecond: Int

    package init(prices: Prices, stopTokensPerSecond: Int = 100) {
        self.prices = prices
        self.stopTokensPerSecond = stopTokensPerSecond
    }

    /// What one call may cost at most, and at whose expense.
    package struct Bill: Sendable {
        package let id: String
        /// A chatbot's key; users' own keys have no budget.
        package let keyID: String?
        package let payer: Payer
        package let amount: Int64
        /// What one attempt sends; nil if nothing can be charged for it.
        package let prompt: PromptSize?
        /// Searches that each attempt asks its vendor for.
        package let searches: Int
        fileprivate let emptyReplies = EmptyReplies()

        package enum Payer: Sendable {
            case known(Subscriber)
            case owner(workspaceID: String)
        }

        package init(
            id: String, keyID: String?, payer: Payer, amount: Int64, prompt: PromptSize? = nil, searches: Int = 0
        ) {
            self.id = id
            self.searches = searches
            self.prompt = prompt
            self.keyID = keyID
            self.payer = payer
            self.amount = amount
        }

        /// False if nothing limits what it costs.
        package var isReserved: Bool {
            if case .known(let payer) = payer { keyID != nil || payer.limits.creditsPerMonth != nil } else { true }
        }

        /// What vendors bill though it failed: an answer with nothing in it, or with something else.
        package func record(_ attempt: Gateway.Attempt) {
            guard [.emptyReply, .invalidReply].contains(attempt.error.kind) else { return }
            emptyReplies.targets.withLock { $0.append(.init(provider: attempt.provider, model: attempt.model)) }
        }
    }

    fileprivate final class EmptyReplies: Sendable {
        let targets = Mutex<[ModelTarget]>([])
    }

    /// Nil if the models are free. Throws `unsupported_input` if the client wants to keep a cache for a time that has no
    /// price.
    package func bill(
        _ requester: TurnRequester, in tenant: Tenant, id: String, _ targets: [ModelTarget], prompt: PromptSize,
        maxTokens: Int, cacheUse: ChatRequest.CacheUse = .none, searches: Int = 0
    ) async throws -> Bill? {
        try await bill(
            requester.payer(in: tenant), keyID: requester.budgetKeyID, id: id, targets, prompt: prompt,
            maxTokens: maxTokens, cacheUse: cacheUse, searches: searches)
    }

    /// The same for a payer who need not be the caller.
    package func bill(
        _ payer: Bill.Payer, keyID: String?, id: String, _ targets: [ModelTarget], prompt: PromptSize, maxTokens: Int,
        cacheUse: ChatRequest.CacheUse = .none, searches: Int = 0
    ) async throws -> Bill? {
        let most = try await mostCost(
            targets, prompt: prompt, maxTokens: maxTokens, cacheUse: cacheUse, searches: searches)
        guard most > 0 else { return nil }
        return Bill(id: id, keyID: keyID, payer: payer, amount: most, prompt: prompt, searches: searches)
    }

    private func mostCost(
        _ targets: [ModelTarget], prompt: PromptSize, maxTokens: Int, cacheUse: ChatRequest.CacheUse,
        searches: Int
    ) async throws -> Int64 {
        var (most, before): (Int64, Int64) = (0, 0)
        for target in targets {
            let own = try await prices.price(of: target)
            if cacheUse == .long, own.inputPerMillion > 0, own.cacheWritePerMillion == nil {
                throw APIError(
                    .unsupportedInput, "A cache that keeps for longer than five minutes has no price here.",
                    param: "cache_control")
            }
            if searches > 0, own.perCall.webSearch == nil, !Prices.isFree(target.provider) {
                throw VendorTools.refusal(of: "web_search_options", "web_search_options")
            }
            let price = own.highestInput(writesCache: cacheUse > .none)
            let fixed = own.perCall.cost(searches: searches)
            let input = price.cost(inputTokens: prompt.most, outputTokens: 0).addingSaturated(fixed)
            let whole = price.cost(inputTokens: prompt.most, outputTokens: target.maxTokens ?? maxTokens)
                .addingSaturated(fixed)
            // Each may answer with nothing as often as it is asked, but for the last time.
            most = max(
                most,
                before.addingSaturated(input.multipliedSaturated(by: Int64(Gateway.emptyReplies - 1)))
                    .addingSaturated(whole))
            before = before.addingSaturated(input.multipliedSaturated(by: Int64(Gateway.emptyReplies)))
        }
        return most
    }

    /// What a key without a budget may spend in all, so that its sum stays within 64 bits.
    private static let mostSpent: Int64 = 9_000_000_000_000_000_000

    package static func reserve(_ tx: Transaction, _ bill: Bill, now: Timestamp) throws {
        if let keyID = bill.keyID {
            let reserved = try tx.run(
                "UPDATE api_keys SET spent = spent + ? WHERE id = ? AND spent <= COALESCE(budget, ?) - ?",
                [bill.amount, keyID, mostSpent, bill.amount])
            guard reserved == 1 else { throw APIError(.budgetExhausted) }
        }
        let payer: Subscriber? =
            switch bill.payer {
            case .known(let payer): payer
            case .owner(let workspaceID): try Subscriber.payer(tx, workspaceID: workspaceID)
            }
        guard let payer else {
            throw APIError(.insufficientCredits, "This workspace has no owner who could pay.")
        }
        try Credits.take(tx, bill.amount, from: payer, now: now)
        let userID = payer.limits.creditsPerMonth == nil ? nil : payer.userID
        // Stored also if only the key has a budget: `settle` takes a missing row for a released reservation.
        guard bill.isReserved else { return }
        try tx.run(
            "INSERT INTO reservations (id, key_id, user_id, amount, expires_at) VALUES (?, ?, ?, ?, ?)",
            [bill.id, bill.keyID, userID, bill.amount, now.adding(patience)])
    }

    private struct Reservation {
        let keyID: String?
        let userID: String?
        let amount: Int64

        init(_ row: Row) throws {
            keyID = try row.stringIfPresent("key_id")
            userID = try row.stringIfPresent("user_id")
            amount = try row.int64("amount")
        }
    }

    /// Returns what is charged: also beyond what was reserved, as far as the key's budget and the balance reach. A
    /// reservation that was given back meanwhile is charged no more.
    @discardableResult
    package static func settle(_ tx: Transaction, _ bill: Bill, cost: Int64) throws -> Int64 {
        let cost = max(0, cost)
        guard bill.isReserved else { return cost }
        let reservation = try tx.row(
            "DELETE FROM reservations WHERE id = ? RETURNING key_id, user_id, amount", [bill.id], Reservation.init)
        guard let reservation else { return 0 }
        var excess = cost - reservation.amount
        if excess > 0, let keyID = reservation.keyID { excess = min(excess, try room(tx, keyID: keyID)) }
        if excess > 0, let userID = reservation.userID { excess = min(excess, try Credits.room(tx, userID: userID)) }
        if excess != 0 {
            if let keyID = reservation.keyID { try refund(tx, -excess, keyID: keyID) }
            if let userID = reservation.userID { try Credits.refund(tx, -excess, userID: userID) }
        }
        return reservation.amount + excess
    }

    /// What is left of the key's budget. It stays so: the row is this transaction's from here on.
    private static func room(_ tx: Transaction, keyID: String) throws -> Int64 {
        let left = try tx.row("UPDATE api_keys SET spent = spent WHERE id = ? RETURNING spent, budget", [keyID]) {
            row in
            let spent = try row.int64("spent")
            return try row.int64IfPresent("budget").map { $0 - spent } ?? .max
        }
        return max(0, left ?? 0)
    }

    private static func refund(_ tx: Transaction, _ amount: Int64, keyID: String) throws {
        try tx.run("UPDATE api_keys SET spent = spent - ? WHERE id = ?", [amount, keyID])
    }

    /// Refunds reservations that have expired because their process died; returns their number.
    @discardableResult
    package static func releaseExpired(_ tx: Transaction, now: Timestamp, limit: Int = Database.batch) throws -> Int {
        let expired = try tx.rows(
            """
            DELETE FROM reservations WHERE id IN (SELECT id FROM reservations WHERE expires_at < ? ORDER BY id LIMIT ?)
            RETURNING key_id, user_id, amount
            """,
            [now, limit], Reservation.init)
        // Keys before users, each in order, as all transactions lock them, so that no two wait for each other.
        for (keyID, amount) in sums(expired, by: \.keyID) { try refund(tx, amount, keyID: keyID) }
        for (userID, amount) in sums(expired, by: \.userID) { try Credits.refund(tx, amount, userID: userID) }
        return expired.count
    }

    private static func sums(
        _ reservations: [Reservation], by id: (Reservation) -> String?
    ) -> [(id: String, amount: Int64)] {
        Dictionary(reservations.compactMap { one in id(one).map { ($0, one.amount) } }, uniquingKeysWith: +)
            .map { (id: $0.key, amount: $0.value) }.sorted { $0.id < $1.id }
    }

    /// What a call cost with all attempts at it; `usage` is nil if no model has answered. A price that cannot be read
    /// counts as what was reserved.
    /// - Parameter target: the name that the model was asked under: vendors answer with names of their own.
    /// - Parameter isUnfinished: whether `usage` is a guess, which is never charged beyond what was reserved.
    package func cost(_ bill: Bill?, _ usage: ChatUsage?, of target: ModelTarget, isUnfinished: Bool) async -> Int64 {
        guard let bill else { return 0 }
        do {
            var cost: Int64 = 0
            if let usage {
                let price = try await prices.price(of: target)
                cost = price.cost(usage).addingSaturated(price.perCall.cost(searches: bill.searches))
            }
            for target in bill.emptyReplies.targets.withLock({ $0 }) {
                let price = try await prices.price(of: target)
                let tokens = bill.prompt?.estimate(TokenFamily(target)) ?? 0
                cost = cost.addingSaturated(price.cost(inputTokens: tokens, outputTokens: 0))
                    .addingSaturated(price.perCall.cost(searches: bill.searches))
            }
            return isUnfinished ? min(cost, bill.amount) : cost
        } catch {
            return bill.amount
        }
    }
}

extension TurnRequester {
    /// Who pays for the requester's calls: its account, or the workspace's owner if the workspace is another's.
    package func payer(in tenant: Tenant) -> Spending.Bill.Payer {
        if case .user(let who) = self, who.caller.personalWorkspaceID != tenant.workspaceID {
            return .owner(workspaceID: tenant.workspaceID)
        }
        return .known(subscriber)
    }

    /// A chatbot's key, which may have a budget; users' own keys have none.
    package var budgetKeyID: String? { key.flatMap { $0.chatbotID == nil ? nil : $0.id } }
}

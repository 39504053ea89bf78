package import HTTPKit
package import Storage

/// A user's credits, in micro-units: one balance, filled up to the plan's credits with the first use in a UTC month.
package struct Credits: Sendable, Equatable {
    /// Without what calls that run have reserved.
    package let balance: Int
    package let reserved: Int

    /// Maximum of a balance and of a change to it, in micro-units.
    package static let highest = 9_000_000_000_000_000

    /// Deducts an amount from the balance. Does nothing if the plan has no credit limit.
    ///
    /// - Throws: `insufficientCredits` if the balance is lower than the amount.
    package static func take(_ tx: Transaction, _ amount: Int64, from payer: Subscriber, now: Timestamp) throws {
        guard let perMonth = payer.limits.creditsPerMonth else { return }
        if try take(tx, amount, payer.userID, now) { return }
        try fill(tx, userID: payer.userID, perMonth: perMonth, now: now)
        guard try take(tx, amount, payer.userID, now) else { throw APIError(.insufficientCredits) }
    }

    private static func take(_ tx: Transaction, _ amount: Int64, _ userID: String, _ now: Timestamp) throws -> Bool {
        try tx.run(
            "UPDATE credits SET balance = balance - ? WHERE user_id = ? AND month >= ? AND balance >= ?",
            [amount, userID, now.month, amount]) == 1
    }

    package static func refund(_ tx: Transaction, _ amount: Int64, userID: String) throws {
        try tx.run("UPDATE credits SET balance = balance + ? WHERE user_id = ?", [amount, userID])
    }

    /// What is left of the balance. It stays so: the row is this transaction's from here on.
    package static func room(_ tx: Transaction, userID: String) throws -> Int64 {
        let balance = try tx.row("UPDATE credits SET balance = balance WHERE user_id = ? RETURNING balance", [userID]) {
            try $0.int64("balance")
        }
        return max(0, balance ?? 0)
    }

    /// Grants the month's credits if this has not been done yet. Reserved credits count as part of the balance, because
    /// they may be refunded.
    private static func fill(_ tx: Transaction, userID: String, perMonth: Int, now: Timestamp) throws {
        // The update locks the row, so that the values read next cannot change.
        let begins = try tx.run(
            "UPDATE credits SET month = ?, granted = ? WHERE user_id = ? AND month < ?",
            [now.month, perMonth, userID, now.month])
        guard begins == 1 else { return }
        let balance = perMonth - (try reserved(tx, userID: userID))
        try tx.run("UPDATE credits SET balance = ? WHERE user_id = ? AND balance < ?", [balance, userID, balance])
    }

    /// Another plan: what it has more than any plan of this month is added, so that changing back and forth adds nothing.
    package static func raise(_ tx: Transaction, userID: String, to perMonth: Int, now: Timestamp) throws {
        try fill(tx, userID: userID, perMonth: perMonth, now: now)
        try tx.run(
            "UPDATE credits SET balance = balance + ? - granted, granted = ? WHERE user_id = ? AND granted < ?",
            [perMonth, perMonth, userID, perMonth])
    }

    private static func reserved(_ tx: Transaction, userID: String) throws -> Int {
        try tx.row(
            "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS reserved FROM reservations WHERE user_id = ?", [userID]
        ) { try $0.int("reserved") } ?? 0
    }

    /// As the next call would find them.
    package static func find(_ tx: Transaction, of subscriber: Subscriber, now: Timestamp) throws -> Credits {
        let reserved = try reserved(tx, userID: subscriber.userID)
        let stored = try tx.row("SELECT balance, month FROM credits WHERE user_id = ?", [subscriber.userID]) {
            (balance: try $0.int("balance"), month: try $0.int64("month"))
        }
        guard let stored else { return Credits(balance: 0, reserved: reserved) }
        let filled = stored.month < now.month ? (subscriber.limits.creditsPerMonth ?? 0) - reserved : 0
        return Credits(balance: max(stored.balance, filled), reserved: reserved)
    }

    package enum Change: Sendable {
        case add(Int)
        case set(Int)
    }

    /// Changes the balance and returns the new one. Throws if it would be negative or above `highest`.
    package static func change(_ tx: Transaction, userID: String, _ change: Change, now: Timestamp) throws -> Int {
        guard let subscriber = try Subscriber.find(tx, userID: userID) else { throw APIError(.notFound) }
        // Otherwise the next call would grant the month's credits after this change.
        try fill(tx, userID: userID, perMonth: subscriber.limits.creditsPerMonth ?? 0, now: now)
        let (sum, value) =
            switch change {
            case .add(let delta): ("balance + ?", delta)
            case .set(let balance): ("CAST(? AS BIGINT)", balance)
            }
        guard (-highest...highest).contains(value) else { throw outOfBounds }
        let balance = try tx.row(
            """
            UPDATE credits SET balance = \(sum) WHERE user_id = ? AND \(sum) BETWEEN 0 AND \(highest)
            RETURNING balance
            """,
            [value, userID, value]
        ) { try $0.int("balance") }
        guard let balance else { throw outOfBounds }
        return balance
    }

    private static let outOfBounds = APIError.invalid(nil, "A balance is from 0 to \(highest) micro-units.")
}

extension Timestamp {
    /// Months since 1970, in UTC.
    package var month: Int64 {
        let (year, month, _) = Self.civil(day)
        return Int64((year - 1970) * 12 + month - 1)
    }

    package var nextMonth: Timestamp {
        var next = nextDay
        while Self.civil(next.day).day != 1 { next = next.nextDay }
        return next
    }
}

package import HTTPKit
package import Platform
import Storage
import Synchronization

/// Wrong codes of each account, counted in this instance: at most 5 in 15 minutes. Existing sessions go on.
package final class CodeGuesses: Sendable {
    package static let most = 5
    package static let window = Duration.seconds(900)
    /// Accounts remembered at most; those whose time is over are dropped first.
    private static let capacity = 10_000

    private struct Tally {
        var count: Int
        let since: ContinuousClock.Instant
    }

    private let tallies = Mutex<[String: Tally]>([:])

    /// Counts a guess before it is looked at, so that guesses at once do not pass together.
    package func take(_ account: String, now: ContinuousClock.Instant = .now) throws(APIError) {
        let wait = tallies.withLock { tallies -> Duration? in
            var tally = tallies[account] ?? Tally(count: 0, since: now)
            if tally.since + Self.window <= now { tally = Tally(count: 0, since: now) }
            guard tally.count < Self.most else { return tally.since + Self.window - now }
            if tallies.count >= Self.capacity { tallies = tallies.filter { $0.value.since + Self.window > now } }
            tally.count += 1
            tallies[account] = tally
            return nil
        }
        guard let wait else { return }
        throw APIError(
            .rateLimited, "Too many wrong codes. Try again later.", param: "code",
            retryAfter: Int(wait.components.seconds) + 1)
    }

    /// Takes the guess back: the code was right.
    package func refund(_ account: String) {
        tallies.withLock { tallies in
            guard let tally = tallies[account] else { return }
            if tally.count <= 1 { tallies[account] = nil } else { tallies[account]!.count -= 1 }
        }
    }
}

extension SignIn {
    /// Returns if the account has no second factor, or if `code` is valid now. Each code is accepted once.
    package func check(code: String?, of account: Account) async throws {
        guard let factorID = account.factorID else { return }
        guard let code else { throw APIError(.mfaRequired, param: "code") }
        try guesses.take(account.id)
        guard try await takes(SecondFactor.typed(code), factorID: factorID) else {
            throw APIError(.invalidCode, param: "code")
        }
        guesses.refund(account.id)
    }

    private func takes(_ code: String, factorID: String) async throws -> Bool {
        guard let factor = try await database.read(.system, { tx in try SecondFactor.find(tx, id: factorID) }) else {
            return false
        }
        let step = try TOTP(secret: secrets.decrypt(factor.secret)).step(of: code, now: .now)
        // This is not yet the sign-in, whose record goes with the session.
        return try await TransactionHook.$current.withValue(nil) {
            try await database.write(.system) { tx in
                if let step { return try SecondFactor.claim(tx, id: factorID, step: step) }
                return try SecondFactor.spend(tx, id: factorID, recoveryCode: code)
            }
        }
    }
}

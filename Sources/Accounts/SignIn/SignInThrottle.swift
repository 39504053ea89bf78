package import HTTPKit
package import Platform

/// Slows down those who guess passwords, without shutting out the one whose password they guess.
///
/// A try is counted before the password is looked at, so tries at once are not more than tries in a row, and by the name
/// as it was given, whether or not there is such an account. A name has a few tries from each address, ever slower; and a
/// number of tries from all addresses together that are strangers to it, which the account's own addresses do not share.
package struct SignInThrottle: Sendable {
    /// Limits for one name from one address. The second one makes the waits of the first one longer.
    package static let here = [RateLimit(10, per: .hour), RateLimit(30, per: .day)]
    /// Limit for one name from all addresses from which no sign-in with it has succeeded.
    package static let strangers = RateLimit(100, per: .day)
    /// Limit for one account's password, asked for again within a session.
    private static let confirmations = RateLimit(10, per: .hour)

    package let limiter: SharedRateLimiter
    package let secrets: Secrets

    /// `isKnown`: someone has signed in to the account from this address before.
    package func attempt(_ name: String, in realm: Realm, from address: String, isKnown: Bool) async -> Allowance {
        let (whole, here) = buckets(name, realm, address)
        var tightest: Allowance?
        for limit in Self.here {
            let allowance = await limiter.take(.name, "\(here) \(limit.text)", limit)
            guard allowance.isAllowed else { return allowance }
            tightest = tightest.map { allowance.isTighter(than: $0) ? allowance : $0 } ?? allowance
        }
        guard !isKnown else { return tightest! }
        let allowance = await limiter.take(.name, whole, Self.strangers)
        return allowance.isTighter(than: tightest!) ? allowance : tightest!
    }

    /// Resets the limits of this name and address after a successful sign-in. Attempts from other addresses still
    /// count.
    package func succeeded(_ name: String, in realm: Realm, from address: String) async {
        let (_, here) = buckets(name, realm, address)
        for limit in Self.here { await limiter.reset(.name, "\(here) \(limit.text)") }
    }

    /// Counts an attempt to confirm the password within a session, so that a stolen session cannot be used to guess it.
    package func attemptConfirmation(of accountID: String) async throws {
        let allowance = await limiter.take(.name, "again \(accountID)", Self.confirmations)
        guard allowance.isAllowed else { throw APIError(limited: allowance) }
    }

    package func confirmed(_ accountID: String) async { await limiter.reset(.name, "again \(accountID)") }

    private func buckets(_ name: String, _ realm: Realm, _ address: String) -> (whole: String, here: String) {
        let whole = Base64URL.encode(secrets.fingerprint(Array("\(realm.accounts) \(Lookalike.key(of: name))".utf8)))
        return (whole, "\(whole) \(IPAddress.subscriber(address))")
    }
}

/// Keeps calls away from a provider that fails again and again, and tries it with one call from time to time.
package struct CircuitBreaker {
    package enum State: String, Sendable {
        case closed, open, halfOpen
    }

    /// What a call tells about the health of its provider.
    enum Outcome {
        case success
        /// The provider answered, though not as hoped.
        case answered
        case failure
        /// The call ended for a reason of its own.
        case unknown
    }

    private static let threshold = 5
    private static let pause = (first: Duration.seconds(10), longest: Duration.seconds(60))
    /// While the one call that tries the provider is on its way.
    private static let probing = Duration.seconds(1)

    private var failures = 0
    private var pause = Self.pause.first
    private var openUntil: ContinuousClock.Instant?
    private var isProbing = false

    /// `nil` where a call may go ahead, else how long it had better wait.
    func wait(now: ContinuousClock.Instant) -> Duration? {
        guard let openUntil else { return nil }
        if now < openUntil { return openUntil - now }
        return isProbing ? Self.probing : nil
    }

    /// Whether the call that goes ahead is the one that tries the provider; only where there is nothing to wait for.
    mutating func begin() -> Bool {
        isProbing = openUntil != nil
        return isProbing
    }

    mutating func end(_ outcome: Outcome, wasProbe: Bool, now: ContinuousClock.Instant) {
        if wasProbe { isProbing = false }
        switch outcome {
        case .success: self = CircuitBreaker()
        case .answered: if wasProbe { self = CircuitBreaker() }
        case .unknown: break
        case .failure where wasProbe:
            pause = min(pause * 2, Self.pause.longest)
            openUntil = now + pause
        case .failure:
            failures += 1
            // Calls that began before it opened tell nothing new.
            if failures >= Self.threshold, openUntil == nil { openUntil = now + pause }
        }
    }

    func state(now: ContinuousClock.Instant) -> State {
        guard let openUntil else { return .closed }
        return now < openUntil ? .open : .halfOpen
    }

    /// Whether there is nothing to remember.
    var isFresh: Bool { failures == 0 }
}

extension CircuitBreaker.Outcome {
    /// A reader, not the vendor, may be what used up the time once a reply has begun.
    init(_ error: any Error, hasBegun: Bool) {
        guard let error = error as? ProviderError else {
            self = hasBegun ? .success : .unknown
            return
        }
        switch error.kind {
        case .unavailable where error.retryable: self = .failure
        case .timeout where !hasBegun: self = .failure
        default: self = .answered
        }
    }
}

/// One breaker for each key, of which those that have nothing to remember take no room.
struct CircuitBreakers {
    /// Keys come from addresses that users name.
    private static let maximum = 4096

    private var byKey: [String: CircuitBreaker] = [:]

    func wait(_ key: String, now: ContinuousClock.Instant) -> Duration? { byKey[key]?.wait(now: now) }

    mutating func begin(_ key: String) -> Bool { byKey[key]?.begin() ?? false }

    mutating func end(
        _ key: String, _ outcome: CircuitBreaker.Outcome, wasProbe: Bool, now: ContinuousClock.Instant
    ) {
        if byKey[key] == nil {
            guard outcome == .failure else { return }
            if byKey.count >= Self.maximum { byKey = byKey.filter { $0.value.state(now: now) == .open } }
            guard byKey.count < Self.maximum else { return }
        }
        byKey[key, default: CircuitBreaker()].end(outcome, wasProbe: wasProbe, now: now)
        if byKey[key]?.isFresh == true { byKey[key] = nil }
    }

    /// The gravest of all.
    func state(now: ContinuousClock.Instant) -> CircuitBreaker.State {
        let states = Set(byKey.values.map { $0.state(now: now) })
        return [.open, .halfOpen].first { states.contains($0) } ?? .closed
    }
}

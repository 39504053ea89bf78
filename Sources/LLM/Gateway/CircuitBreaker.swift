/// Holds calls back from what fails again and again, and lets one through from time to time to see whether it has
/// recovered. `ProviderHealth` keeps one for each workspace at each model.
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
        /// No connection was made.
        case unreachable
        /// The provider refused the operator's key.
        case keyRefused
        /// The provider answered 403.
        case forbidden
        /// The call ended for a reason of its own.
        case unknown
    }

    static let threshold = 5
    static let pause = (first: Duration.seconds(10), longest: Duration.seconds(60))
    /// How long others wait while a probe is on its way.
    static let probing = Duration.seconds(1)

    private var failures = 0
    private var pause = Self.pause.first
    private(set) var openUntil: ContinuousClock.Instant?
    private(set) var isProbing = false

    /// How long to hold a call back; nil if it may go ahead.
    func wait(now: ContinuousClock.Instant) -> Duration? {
        guard let openUntil else { return nil }
        if now < openUntil { return openUntil - now }
        return isProbing ? Self.probing : nil
    }

    /// Whether the call that goes ahead is a probe. `isProbe`: it is one because a shared breaker is half-open.
    mutating func begin(isProbe: Bool = false) -> Bool {
        if isProbe || openUntil != nil { isProbing = true }
        return isProbing
    }

    mutating func end(_ outcome: Outcome, wasProbe: Bool, now: ContinuousClock.Instant) {
        if wasProbe { isProbing = false }
        switch outcome {
        case .success: self = CircuitBreaker()
        case .answered: if wasProbe { self = CircuitBreaker() }
        case .unreachable, .keyRefused, .forbidden, .unknown: break
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
    var isFresh: Bool { failures == 0 && openUntil == nil && !isProbing }
}

extension CircuitBreaker.Outcome {
    /// - Parameter hasBegun: the reply had begun. From then on the reader, not the vendor, may have used up the time.
    init(_ error: any Error, hasBegun: Bool) {
        guard let error = error as? ProviderError else {
            self = hasBegun ? .success : .unknown
            return
        }
        switch error.origin {
        case .connection: self = .unreachable
        case .credentials: self = .keyRefused
        case .permission: self = .forbidden
        case .call:
            switch error.kind {
            case .unavailable where error.retryable: self = .failure
            case .timeout where !hasBegun: self = .failure
            default: self = .answered
            }
        }
    }

    /// The same for an endpoint that belongs to one workspace: only the endpoint's owner is concerned.
    var ofOneWorkspace: Self {
        switch self {
        case .unreachable: .failure
        case .keyRefused, .forbidden: .answered
        default: self
        }
    }
}

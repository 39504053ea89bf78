import Fairness

/// Holds everyone's calls back from a model, or from a whole provider. It opens only on evidence that one party cannot
/// produce alone, or on failures that have nothing to do with what was asked.
struct SharedBreaker {
    private static let memory = 8

    /// When calls may go ahead as probes; nil if it is closed.
    private(set) var openUntil: ContinuousClock.Instant?
    private var pause = CircuitBreaker.pause.first
    /// Failures since the last success.
    private(set) var failures = 0
    /// Changes whenever counting restarts.
    private(set) var run: UInt64
    /// The callers that count as failing in this run; two of them suffice.
    private var failing: [Gateway.Caller] = []
    private(set) var changedAt: ContinuousClock.Instant

    init(run: UInt64, now: ContinuousClock.Instant) {
        self.run = run
        changedAt = now
    }

    func isOpen(now: ContinuousClock.Instant) -> Bool { openUntil.map { now < $0 } ?? false }

    func state(now: ContinuousClock.Instant) -> CircuitBreaker.State {
        openUntil == nil ? .closed : isOpen(now: now) ? .open : .halfOpen
    }

    mutating func addFailure(now: ContinuousClock.Instant) {
        failures += 1
        changedAt = now
    }

    mutating func addFailing(_ caller: Gateway.Caller) {
        if failing.count < Self.memory, !failing.contains(caller) { failing.append(caller) }
    }

    /// Whether two of the failing callers share neither the workspace nor the account: one account can make many
    /// workspaces, and one workspace can have many members.
    var hasTwoParties: Bool {
        failing.contains { one in failing.contains { $0.workspace != one.workspace && $0.account != one.account } }
    }

    /// Opens, for longer each time until a success closes it.
    mutating func open(run: UInt64, now: ContinuousClock.Instant) {
        pause = openUntil == nil ? CircuitBreaker.pause.first : min(pause * 2, CircuitBreaker.pause.longest)
        openUntil = now + pause
        changedAt = now
        (self.run, failures, failing) = (run, 0, [])
    }
}

import Fairness
import Synchronization

/// The way to one provider: how many calls are on it, who waits for a place, and whether it is closed.
final class Lane: Sendable {
    /// A place, which has to be given back.
    struct Permit {
        let tenant: String
        let breaker: String
        /// Whether the breaker waits for what comes of it.
        fileprivate(set) var isProbe: Bool
        let since: ContinuousClock.Instant
    }

    private struct State {
        var queue: FairQueue<String, UInt64>
        var breakers = CircuitBreakers()
        var waiters: [UInt64: CheckedContinuation<Void, any Error>] = [:]
        var lastID: UInt64 = 0

        mutating func leave(_ tenant: String) -> CheckedContinuation<Void, any Error>? {
            queue.leave(tenant).flatMap { waiters.removeValue(forKey: $0) }
        }
    }

    private enum Entry {
        case permit(Permit), closed(Duration), full(UInt64)
    }

    private static let longestWait = Duration.seconds(30)

    let provider: any ChatProvider
    private let clockwork: Clockwork
    private let state: Mutex<State>

    init(to provider: any ChatProvider, maximumConcurrency: Int, clockwork: Clockwork) {
        self.provider = provider
        self.clockwork = clockwork
        state = Mutex(State(queue: FairQueue(capacity: maximumConcurrency)))
    }

    /// Throws `ProviderError` where the breaker is open or no place comes free in time.
    func enter(
        _ tenant: String, breaker: String, now: ContinuousClock.Instant, by deadline: ContinuousClock.Instant
    ) async throws -> Permit {
        let entry: Entry = state.withLock { state in
            if let wait = state.breakers.wait(breaker, now: now) { return .closed(wait) }
            guard state.queue.enter(tenant) else {
                state.lastID += 1
                return .full(state.lastID)
            }
            let isProbe = state.breakers.begin(breaker)
            return .permit(Permit(tenant: tenant, breaker: breaker, isProbe: isProbe, since: now))
        }
        switch entry {
        case .permit(let permit): return permit
        case .closed(let wait): throw Self.closed(wait)
        case .full(let id):
            try await wait(id, tenant, for: min(Self.longestWait, deadline - now))
            return try begin(tenant, breaker)
        }
    }

    /// A call that tries the provider has told enough with its first event: the others need not wait for its end.
    func hasBegun(_ permit: inout Permit) {
        guard permit.isProbe else { return }
        permit.isProbe = false
        state.withLock { $0.breakers.end(permit.breaker, .success, wasProbe: true, now: permit.since) }
    }

    func leave(_ permit: Permit, _ outcome: CircuitBreaker.Outcome) {
        // Only a failure depends on when it was.
        let now = outcome == .failure ? clockwork.now() : permit.since
        let next = state.withLock { state in
            state.breakers.end(permit.breaker, outcome, wasProbe: permit.isProbe, now: now)
            return state.leave(permit.tenant)
        }
        next?.resume()
    }

    var load: Gateway.Load {
        let now = clockwork.now()
        return state.withLock { state in
            Gateway.Load(
                provider: provider.name, running: state.queue.running, waiting: state.queue.waiting,
                maximum: state.queue.capacity, breaker: state.breakers.state(now: now))
        }
    }

    /// When this returns, the tenant has a place.
    private func wait(_ id: UInt64, _ tenant: String, for time: Duration) async throws {
        var timer: Task<Void, Never>?
        defer { timer?.cancel() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let known: Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.queue.enter(tenant) { return .success(()) }
                    guard state.queue.wait(id, of: tenant) else { return .failure(Self.crowded) }
                    state.waiters[id] = continuation
                    return nil
                }
                if let known { return continuation.resume(with: known) }
                timer = Task {
                    guard (try? await clockwork.sleep(time)) != nil else { return }
                    abandon(id, tenant, Self.crowded)
                }
            }
        } onCancel: {
            abandon(id, tenant, CancellationError())
        }
    }

    private func abandon(_ id: UInt64, _ tenant: String, _ error: any Error) {
        let waiter = state.withLock { state in
            state.queue.abandon(id, of: tenant) ? state.waiters.removeValue(forKey: id) : nil
        }
        waiter?.resume(throwing: error)
    }

    /// The breaker may have opened while the tenant waited for its place.
    private func begin(_ tenant: String, _ breaker: String) throws -> Permit {
        let now = clockwork.now()
        let (isProbe, wait, next) = state.withLock { state in
            guard let wait = state.breakers.wait(breaker, now: now) else {
                return (state.breakers.begin(breaker), Duration?.none, CheckedContinuation<Void, any Error>?.none)
            }
            return (false, wait, state.leave(tenant))
        }
        next?.resume()
        if let wait { throw Self.closed(wait) }
        return Permit(tenant: tenant, breaker: breaker, isProbe: isProbe, since: now)
    }

    private static func closed(_ wait: Duration) -> ProviderError {
        ProviderError(.unavailable, retryAfter: wait, detail: "it has failed too often of late")
    }

    private static var crowded: ProviderError {
        ProviderError(.unavailable, retryAfter: .seconds(1), detail: "too many calls at once")
    }
}

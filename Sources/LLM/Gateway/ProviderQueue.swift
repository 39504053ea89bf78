import Fairness
import Synchronization

/// The way to one provider: how many calls are on it, who waits for a place, and whether it is closed.
final class ProviderQueue: Sendable {
    /// A place, which has to be given back.
    struct Permit {
        let call: Call
        /// Whether a breaker waits for the outcome.
        fileprivate(set) var isProbe: Bool
        let since: ContinuousClock.Instant
    }

    /// A call as the queue and the breakers see it.
    struct Call {
        let caller: Gateway.Caller
        /// What shares its health: a model, or a workspace's calls of one host.
        let model: String
        let work: Int
    }

    private typealias Continuation = CheckedContinuation<Void, any Error>

    private struct State {
        var queue: CallQueue
        var health = ProviderHealth()
        var waiters: [UInt64: Continuation] = [:]
        var lastID: UInt64 = 0

        mutating func leave(_ call: Call) -> [Continuation] {
            queue.leave(call.caller, work: call.work).compactMap { waiters.removeValue(forKey: $0) }
        }
    }

    private enum Entry {
        case permit(Permit), closed(Duration), full(UInt64)
    }

    private static let longestWait = Duration.seconds(30)

    let provider: any ModelProvider
    /// The provider, if it chats.
    let chat: (any ChatProvider)?
    /// The provider, if it makes vectors.
    let embedder: (any EmbeddingProvider)?
    private let timeSource: TimeSource
    private let state: Mutex<State>

    init(to provider: any ModelProvider, maximumConcurrency: Int, timeSource: TimeSource) {
        self.provider = provider
        chat = provider as? any ChatProvider
        embedder = (provider as? any EmbeddingProvider).flatMap { $0.embeddingLimits == nil ? nil : $0 }
        self.timeSource = timeSource
        var most = provider.share
        // Some places stay free of one workspace's crowd, so that another's call need not wait for one.
        let reserve = maximumConcurrency < 4 ? 0 : max(1, maximumConcurrency / 8)
        most.calls = min(most.calls, maximumConcurrency - reserve)
        state = Mutex(State(queue: CallQueue(capacity: maximumConcurrency, most: most)))
    }

    /// - Parameter chat: this queue's provider.
    func call(_ request: ChatRequest, of chat: any ChatProvider, for caller: Gateway.Caller) -> Call {
        var model = request.model
        if chat.belongsToWorkspaces, let webhook = request.webhook { model = "\(caller.workspace) \(webhook.host)" }
        return Call(caller: caller, model: model, work: chat.work(of: request))
    }

    /// Throws `ProviderError` if a breaker is open or no place comes free in time.
    func enter(
        _ call: Call, now: ContinuousClock.Instant, by deadline: ContinuousClock.Instant
    ) async throws -> Permit {
        let entry: Entry = state.withLock { state in
            if let wait = state.health.wait(call.model, call.caller, now: now) { return .closed(wait) }
            guard state.queue.enter(call.caller, work: call.work) else {
                state.lastID += 1
                return .full(state.lastID)
            }
            return .permit(Self.permit(call, &state, now))
        }
        switch entry {
        case .permit(let permit): return permit
        case .closed(let wait): throw Self.closed(wait)
        case .full(let id):
            try await wait(id, call, for: min(Self.longestWait, deadline - now))
            return try begin(call)
        }
    }

    /// A probe has told enough with its first event: others need not wait for its end.
    func hasBegun(_ permit: inout Permit) {
        guard permit.isProbe else { return }
        permit.isProbe = false
        state.withLock { state in
            state.health.end(permit.call.model, permit.call.caller, .success, wasProbe: true, now: permit.since)
        }
    }

    func leave(_ permit: Permit, _ outcome: CircuitBreaker.Outcome) {
        let outcome = provider.belongsToWorkspaces ? outcome.ofOneWorkspace : outcome
        // The duration of a cancelled call says nothing.
        let now = outcome == .unknown ? permit.since : timeSource.now()
        let next = state.withLock { state in
            state.health.end(permit.call.model, permit.call.caller, outcome, wasProbe: permit.isProbe, now: now)
            return state.leave(permit.call)
        }
        for waiter in next { waiter.resume() }
    }

    var load: Gateway.Load {
        let now = timeSource.now()
        return state.withLock { state in
            let health = state.health.summary(now: now)
            return Gateway.Load(
                provider: provider.name, running: state.queue.running, waiting: state.queue.waiting,
                maximum: state.queue.capacity, breaker: health.state, openModels: health.openModels,
                heldBack: health.heldBack)
        }
    }

    /// When this returns, the call has a place.
    private func wait(_ id: UInt64, _ call: Call, for time: Duration) async throws {
        var timer: Task<Void, Never>?
        defer { timer?.cancel() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let known: Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.queue.enter(call.caller, work: call.work) { return .success(()) }
                    guard state.queue.wait(id, of: call.caller, work: call.work) else {
                        return .failure(Self.crowded)
                    }
                    state.waiters[id] = continuation
                    return nil
                }
                if let known { return continuation.resume(with: known) }
                timer = Task {
                    guard (try? await timeSource.sleep(time)) != nil else { return }
                    abandon(id, call, Self.crowded)
                }
            }
        } onCancel: {
            abandon(id, call, CancellationError())
        }
    }

    private func abandon(_ id: UInt64, _ call: Call, _ error: any Error) {
        let (waiter, next) = state.withLock { state -> (Continuation?, [Continuation]) in
            guard state.queue.abandon(id, of: call.caller) else { return (nil, []) }
            // A call that was too large for its workspace's share may have stood before smaller ones.
            let next = state.queue.next().compactMap { state.waiters.removeValue(forKey: $0) }
            return (state.waiters.removeValue(forKey: id), next)
        }
        waiter?.resume(throwing: error)
        for other in next { other.resume() }
    }

    /// A breaker may have opened while the call waited for its place.
    private func begin(_ call: Call) throws -> Permit {
        let now = timeSource.now()
        let (permit, wait, next) = state.withLock { state -> (Permit?, Duration, [Continuation]) in
            if let wait = state.health.wait(call.model, call.caller, now: now) {
                return (nil, wait, state.leave(call))
            }
            return (Self.permit(call, &state, now), .zero, [])
        }
        for waiter in next { waiter.resume() }
        guard let permit else { throw Self.closed(wait) }
        return permit
    }

    private static func permit(_ call: Call, _ state: inout State, _ now: ContinuousClock.Instant) -> Permit {
        let isProbe = state.health.begin(call.model, call.caller, now: now)
        return Permit(call: call, isProbe: isProbe, since: now)
    }

    private static func closed(_ wait: Duration) -> ProviderError {
        ProviderError(.unavailable, retryAfter: wait, detail: "it has failed too often of late")
    }

    private static var crowded: ProviderError {
        ProviderError(.unavailable, retryAfter: .seconds(1), detail: "too many calls at once")
    }
}

extension ChatRequest.Webhook {
    fileprivate var host: Substring {
        url.drop { $0 != ":" }.drop { $0 == ":" || $0 == "/" }.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    }
}

package import Fairness

/// The one door to the models. It tries again and elsewhere while the caller has seen nothing yet, bounds how many
/// calls run at once and shares them out fairly, and keeps away from what is broken.
package struct Gateway: Sendable {
    /// The workspace and account that a call is made for.
    package typealias Caller = CallQueue.Caller

    /// A call of a provider that failed.
    package struct Attempt: Sendable {
        package let provider: String
        package let model: String
        /// Number of the attempt across all targets, counted from 1.
        package let number: Int
        package let error: ProviderError
    }

    /// How busy the way to a provider is.
    package struct Load: Sendable, Equatable {
        package let provider: String
        package let running: Int
        package let waiting: Int
        package let maximum: Int
        /// The most severe state of the provider and its models that affects every active caller.
        package let breaker: CircuitBreaker.State
        /// Models that are held back from everyone.
        package var openModels = 0
        /// Workspaces that are held back from a model alone, once for each such model.
        package var heldBack = 0
    }

    /// Times at most that one target is asked which answers with nothing, as vendors bill each of them.
    package static let emptyReplies = 2

    private let queues: [String: ProviderQueue]
    private let total: Duration
    private let timeSource: TimeSource

    /// If two providers share a name, the last one wins. `total` limits the time of all attempts at one call together.
    package init(
        providers: [any ChatProvider],
        total: Duration = Timeouts().total,
        timeSource: TimeSource = .real,
        maximumConcurrency: (_ provider: String) -> Int = { _ in 4096 }
    ) {
        queues = Dictionary(
            providers.map { provider in
                let maximum = maximumConcurrency(provider.name)
                return (provider.name, ProviderQueue(to: provider, maximumConcurrency: maximum, timeSource: timeSource))
            }
        ) { $1 }
        self.total = total
        self.timeSource = timeSource
    }

    /// The same with other providers of these names and without some; the rest keep their calls, queues and breakers.
    package func with(_ providers: [any ChatProvider], without dropped: Set<String>) -> Gateway {
        var queues = queues.filter { !dropped.contains($0.key) }
        for provider in providers {
            queues[provider.name] = ProviderQueue(to: provider, maximumConcurrency: 4096, timeSource: timeSource)
        }
        return Gateway(queues: queues, total: total, timeSource: timeSource)
    }

    private init(queues: [String: ProviderQueue], total: Duration, timeSource: TimeSource) {
        self.queues = queues
        self.total = total
        self.timeSource = timeSource
    }

    package var providerNames: [String] { queues.keys.sorted() }

    package var snapshot: [Load] { queues.values.map(\.load).sorted { $0.provider < $1.provider } }

    /// Why no target can take the request; nil if one can, as far as is known.
    package func refusal(of request: ChatRequest, via targets: [ModelTarget]) -> Refusal? {
        var first: Refusal?
        for target in targets {
            guard let refusal = queues[target.provider]?.provider.limits(of: target.model).refusal(of: request) else {
                return nil
            }
            first = first ?? refusal
        }
        return first
    }

    /// What is known of the targets' models.
    package func limits(via targets: [ModelTarget]) -> [ModelLimits] {
        targets.compactMap { queues[$0.provider]?.provider.limits(of: $0.model) }
    }

    /// Asks the targets in their order, each up to three times, until `onEvent` was called for the first time. A target
    /// that cannot take the request is not asked. If all fail, throws the error that tells most about what to do; a fault
    /// of the request itself ends the search. `onCall` is told of each call before it is made.
    package func stream(
        _ request: ChatRequest,
        via targets: [ModelTarget],
        for caller: Caller,
        onCall: (ModelTarget) -> Void = { _ in },
        onFailure: (Attempt) -> Void = { _ in },
        onEvent: (ChatEvent) async throws -> Void
    ) async throws -> ChatResult {
        let start = timeSource.now()
        let deadline = start + total
        var number = 0
        var telling: ProviderError?
        var refusal: Refusal?
        search: for target in targets where number == 0 || timeSource.now() < deadline {
            if let why = queues[target.provider]?.provider.limits(of: target.model).refusal(of: request) {
                refusal = refusal ?? why
                continue
            }
            var backoff = Backoff()
            while true {
                var attempt = ProviderAttempt(request, target, for: caller, until: deadline, timeSource)
                let now = number == 0 ? start : timeSource.now()
                do {
                    guard let queue = queues[target.provider] else {
                        throw ProviderError(.misconfigured, detail: "no provider is set up under this name")
                    }
                    var result = try await attempt.run(on: queue, now: now, onCall: { onCall(target) }, onEvent)
                    result.attempts = number + 1
                    result.target = target
                    return result
                } catch let error as ProviderError {
                    telling = telling.map { $0.isOutweighed(by: error) ? error : $0 } ?? error
                    guard attempt.wasMade else { continue search }
                    number += 1
                    onFailure(Attempt(provider: target.provider, model: target.model, number: number, error: error))
                    if attempt.hasBegun || error.isFinal { throw error }
                    if let delay = backoff.delay(after: error, random: timeSource.random()) {
                        if timeSource.now() + delay >= deadline { continue search }
                        try await timeSource.sleep(delay)
                    } else {
                        continue search
                    }
                }
            }
        }
        throw telling ?? refusal.map { ProviderError($0) }
            ?? ProviderError(.misconfigured, detail: "there is no model to ask")
    }
}

/// One call of one target.
private struct ProviderAttempt {
    private var request: ChatRequest
    private let caller: Gateway.Caller
    private let deadline: ContinuousClock.Instant
    private let timeSource: TimeSource
    /// Whether the provider was called.
    private(set) var wasMade = false
    /// Whether the caller has seen something.
    private(set) var hasBegun = false

    init(
        _ request: ChatRequest, _ target: ModelTarget, for caller: Gateway.Caller,
        until deadline: ContinuousClock.Instant, _ timeSource: TimeSource
    ) {
        self.request = request
        self.request.model = target.model
        self.request.maxTokens = target.maxTokens ?? request.maxTokens
        self.request.caller = caller
        self.caller = caller
        self.deadline = deadline
        self.timeSource = timeSource
    }

    mutating func run(
        on queue: ProviderQueue, now: ContinuousClock.Instant, onCall: () -> Void,
        _ onEvent: (ChatEvent) async throws -> Void
    ) async throws -> ChatResult {
        var permit = try await queue.enter(queue.call(request, for: caller), now: now, by: deadline)
        request.timeLimit = deadline - permit.since
        var timeToFirstToken: Duration?
        do {
            // A caller that has left while it waited costs nothing, so nothing is asked for it.
            try Task.checkCancellation()
            wasMade = true
            onCall()
            var result = try await queue.provider.stream(request) { event in
                if timeToFirstToken == nil, event.isAnswer {
                    timeToFirstToken = timeSource.now() - permit.since
                    queue.hasBegun(&permit)
                }
                try await onEvent(event)
            }
            queue.leave(permit, .success)
            result.timeToFirstToken = timeToFirstToken
            return result
        } catch {
            hasBegun = timeToFirstToken != nil
            queue.leave(permit, CircuitBreaker.Outcome(error, hasBegun: hasBegun))
            throw error
        }
    }
}

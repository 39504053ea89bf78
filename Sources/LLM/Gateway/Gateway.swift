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
        /// The gravest that concerns everyone who is active, of the provider and its models.
        package let breaker: CircuitBreaker.State
        /// Models that are held back from everyone.
        package var openModels = 0
        /// Workspaces that are held back from a model alone, once for each such model.
        package var heldBack = 0
    }

    /// Times at most that one target is asked which answers with nothing, as vendors bill each of them.
    package static let emptyReplies = 2

    private let lanes: [String: Lane]
    private let total: Duration
    private let clockwork: Clockwork

    /// If two providers share a name, the last one wins. `total` limits the time of all attempts at one call together.
    package init(
        providers: [any ChatProvider],
        total: Duration = Timeouts().total,
        clockwork: Clockwork = .real,
        maximumConcurrency: (_ provider: String) -> Int = { _ in 4096 }
    ) {
        lanes = Dictionary(
            providers.map { provider in
                let maximum = maximumConcurrency(provider.name)
                return (provider.name, Lane(to: provider, maximumConcurrency: maximum, clockwork: clockwork))
            }
        ) { $1 }
        self.total = total
        self.clockwork = clockwork
    }

    /// The same with other providers of these names and without some; the rest keep their calls, queues and breakers.
    package func with(_ providers: [any ChatProvider], without dropped: Set<String>) -> Gateway {
        var lanes = lanes.filter { !dropped.contains($0.key) }
        for provider in providers {
            lanes[provider.name] = Lane(to: provider, maximumConcurrency: 4096, clockwork: clockwork)
        }
        return Gateway(lanes: lanes, total: total, clockwork: clockwork)
    }

    private init(lanes: [String: Lane], total: Duration, clockwork: Clockwork) {
        self.lanes = lanes
        self.total = total
        self.clockwork = clockwork
    }

    package var providerNames: [String] { lanes.keys.sorted() }

    package var snapshot: [Load] { lanes.values.map(\.load).sorted { $0.provider < $1.provider } }

    /// Why no target can take the request; nil if one can, as far as is known.
    package func refusal(of request: ChatRequest, via targets: [ModelTarget]) -> Refusal? {
        var first: Refusal?
        for target in targets {
            guard let refusal = lanes[target.provider]?.provider.limits(of: target.model).refusal(of: request) else {
                return nil
            }
            first = first ?? refusal
        }
        return first
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
        let start = clockwork.now()
        let deadline = start + total
        var number = 0
        var telling: ProviderError?
        var refusal: Refusal?
        search: for target in targets where number == 0 || clockwork.now() < deadline {
            if let why = lanes[target.provider]?.provider.limits(of: target.model).refusal(of: request) {
                refusal = refusal ?? why
                continue
            }
            var backoff = Backoff()
            while true {
                var trial = Trial(request, target, for: caller, until: deadline, clockwork)
                let now = number == 0 ? start : clockwork.now()
                do {
                    guard let lane = lanes[target.provider] else {
                        throw ProviderError(.misconfigured, detail: "no provider is set up under this name")
                    }
                    var result = try await trial.run(on: lane, now: now, onCall: { onCall(target) }, onEvent)
                    result.attempts = number + 1
                    result.target = target
                    return result
                } catch let error as ProviderError {
                    telling = telling.map { $0.isOutweighed(by: error) ? error : $0 } ?? error
                    guard trial.wasMade else { continue search }
                    number += 1
                    onFailure(Attempt(provider: target.provider, model: target.model, number: number, error: error))
                    if trial.hasBegun || error.isFinal { throw error }
                    if let delay = backoff.delay(after: error, random: clockwork.random()) {
                        if clockwork.now() + delay >= deadline { continue search }
                        try await clockwork.sleep(delay)
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
private struct Trial {
    private var request: ChatRequest
    private let caller: Gateway.Caller
    private let deadline: ContinuousClock.Instant
    private let clockwork: Clockwork
    /// Whether the provider was called.
    private(set) var wasMade = false
    /// Whether the caller has seen something.
    private(set) var hasBegun = false

    init(
        _ request: ChatRequest, _ target: ModelTarget, for caller: Gateway.Caller,
        until deadline: ContinuousClock.Instant, _ clockwork: Clockwork
    ) {
        self.request = request
        self.request.model = target.model
        self.request.maxTokens = target.maxTokens ?? request.maxTokens
        self.request.caller = caller
        self.caller = caller
        self.deadline = deadline
        self.clockwork = clockwork
    }

    mutating func run(
        on lane: Lane, now: ContinuousClock.Instant, onCall: () -> Void,
        _ onEvent: (ChatEvent) async throws -> Void
    ) async throws -> ChatResult {
        var permit = try await lane.enter(lane.call(request, for: caller), now: now, by: deadline)
        request.timeLimit = deadline - permit.since
        var timeToFirstToken: Duration?
        do {
            // A caller that has left while it waited costs nothing, so nothing is asked for it.
            try Task.checkCancellation()
            wasMade = true
            onCall()
            var result = try await lane.provider.stream(request) { event in
                if timeToFirstToken == nil, event.isAnswer {
                    timeToFirstToken = clockwork.now() - permit.since
                    lane.hasBegun(&permit)
                }
                try await onEvent(event)
            }
            lane.leave(permit, .success)
            result.timeToFirstToken = timeToFirstToken
            return result
        } catch {
            hasBegun = timeToFirstToken != nil
            lane.leave(permit, CircuitBreaker.Outcome(error, hasBegun: hasBegun))
            throw error
        }
    }
}

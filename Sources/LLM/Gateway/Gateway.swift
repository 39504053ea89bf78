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
    /// The queues of providers that do nothing but make vectors.
    private let ownQueues: [String: ProviderQueue]
    /// Limits the time of all attempts at one call together.
    package let total: Duration
    private let timeSource: TimeSource

    /// If two providers share a name, the last one wins. `total` limits the time of all attempts at one call together.
    /// - Parameter embedders: providers that only make vectors, one call at a time. They take the place of `providers` of
    ///   their names for that.
    package init(
        providers: [any ChatProvider],
        embedders: [any EmbeddingProvider] = [],
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
        ownQueues = Dictionary(
            embedders.map { ($0.name, ProviderQueue(to: $0, maximumConcurrency: 1, timeSource: timeSource)) }
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
        return Gateway(queues: queues, ownQueues: ownQueues, total: total, timeSource: timeSource)
    }

    private init(
        queues: [String: ProviderQueue], ownQueues: [String: ProviderQueue], total: Duration, timeSource: TimeSource
    ) {
        self.queues = queues
        self.ownQueues = ownQueues
        self.total = total
        self.timeSource = timeSource
    }

    package var providerNames: [String] { queues.keys.sorted() }

    package var snapshot: [Load] { queues.values.map(\.load).sorted { $0.provider < $1.provider } }

    /// Why no target can take the request; nil if one can, as far as is known.
    package func refusal(of request: ChatRequest, via targets: [ModelTarget]) -> Refusal? {
        var first: Refusal?
        for target in targets {
            guard let refusal = queues[target.provider]?.chat?.limits(of: target.model).refusal(of: request) else {
                return nil
            }
            first = first ?? refusal
        }
        return first
    }

    /// What is known of the targets' models.
    package func limits(via targets: [ModelTarget]) -> [ModelLimits] {
        targets.compactMap { queues[$0.provider]?.chat?.limits(of: $0.model) }
    }

    /// What a provider's models take to make vectors of; nil if they make none.
    package func embeddingLimits(of provider: String) -> EmbeddingLimits? {
        embeddingQueue(of: provider)?.embedder?.embeddingLimits
    }

    private func embeddingQueue(of provider: String) -> ProviderQueue? { ownQueues[provider] ?? queues[provider] }

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
        let found = try await search(targets, onFailure: onFailure) { target in
            queues[target.provider]?.chat?.limits(of: target.model).refusal(of: request)
        } attempt: { attempt in
            guard let queue = queues[attempt.target.provider], let chat = queue.chat else { throw Self.unknown }
            return try await attempt.stream(request, by: chat, on: queue, for: caller, onCall: onCall, onEvent)
        }
        var result = found.answer
        result.attempts = found.attempts
        result.target = found.target
        return result
    }

    /// Asks one model for vectors, up to three times. No other stands in for it, whose vectors would mean other things.
    package func embed(
        _ request: EmbeddingRequest, by provider: String, for caller: Caller,
        onCall: (ModelTarget) -> Void = { _ in }, onFailure: (Attempt) -> Void = { _ in }
    ) async throws -> EmbeddingResult {
        let target = ModelTarget(provider: provider, model: request.model)
        return try await search([target], onFailure: onFailure) { _ in
            nil
        } attempt: { attempt in
            guard let queue = embeddingQueue(of: provider), let embedder = queue.embedder else { throw Self.unknown }
            return try await attempt.embed(request, by: embedder, on: queue, for: caller, onCall: onCall)
        }.answer
    }

    private static let unknown = ProviderError(
        .misconfigured, detail: "no provider is set up under this name")

    /// Tries the targets in their order until one answers.
    private func search<Answer>(
        _ targets: [ModelTarget], onFailure: (Attempt) -> Void, refusal: (ModelTarget) -> Refusal?,
        attempt: (inout ProviderAttempt) async throws -> Answer
    ) async throws -> (answer: Answer, target: ModelTarget, attempts: Int) {
        let start = timeSource.now()
        let deadline = start + total
        var number = 0
        var telling: ProviderError?
        var refused: Refusal?
        search: for target in targets where number == 0 || timeSource.now() < deadline {
            if let why = refusal(target) {
                refused = refused ?? why
                continue
            }
            var backoff = Backoff()
            while true {
                var one = ProviderAttempt(
                    target, now: number == 0 ? start : timeSource.now(), deadline: deadline, timeSource: timeSource)
                do {
                    return (try await attempt(&one), target, number + 1)
                } catch let error as ProviderError {
                    telling = telling.map { $0.isOutweighed(by: error) ? error : $0 } ?? error
                    guard one.wasMade else { continue search }
                    number += 1
                    onFailure(Attempt(provider: target.provider, model: target.model, number: number, error: error))
                    if one.hasBegun || error.isFinal { throw error }
                    if let delay = backoff.delay(after: error, random: timeSource.random()) {
                        if timeSource.now() + delay >= deadline { continue search }
                        try await timeSource.sleep(delay)
                    } else {
                        continue search
                    }
                }
            }
        }
        throw telling ?? refused.map { ProviderError($0) }
            ?? ProviderError(.misconfigured, detail: "there is no model to ask")
    }
}

import Fairness
import Spans

/// One call of one target: its place in the queue, and what it tells the breakers.
struct ProviderAttempt {
    let target: ModelTarget
    private let now: ContinuousClock.Instant
    private let deadline: ContinuousClock.Instant
    private let timeSource: TimeSource
    /// Whether the provider was called.
    private(set) var wasMade = false
    /// Whether the caller has seen something.
    private(set) var hasBegun = false

    init(
        _ target: ModelTarget, now: ContinuousClock.Instant, deadline: ContinuousClock.Instant, timeSource: TimeSource
    ) {
        self.target = target
        self.now = now
        self.deadline = deadline
        self.timeSource = timeSource
    }

    mutating func stream(
        _ request: ChatRequest, by chat: any ChatProvider, on queue: ProviderQueue, for caller: Gateway.Caller,
        onCall: (ModelTarget) -> Void, _ onEvent: (ChatEvent) async throws -> Void
    ) async throws -> ChatResult {
        var request = request
        request.model = target.model
        request.maxTokens = target.maxTokens ?? request.maxTokens
        request.caller = caller
        let timeSource = timeSource
        return try await run("chat", queue.call(request, of: chat, for: caller), on: queue, onCall: onCall) {
            place, span in
            request.timeLimit = place.timeLimit
            var timeToFirstToken: Duration?
            var result = try await chat.stream(request) { event in
                if timeToFirstToken == nil, event.isAnswer {
                    timeToFirstToken = timeSource.now() - place.permit.since
                    place.begin()
                    span?.add(.firstToken)
                }
                try await onEvent(event)
            }
            result.timeToFirstToken = timeToFirstToken
            span?.set(result)
            return result
        }
    }

    mutating func embed(
        _ request: EmbeddingRequest, by embedder: any EmbeddingProvider, on queue: ProviderQueue,
        for caller: Gateway.Caller, onCall: (ModelTarget) -> Void
    ) async throws -> EmbeddingResult {
        let call = ProviderQueue.Call(caller: caller, model: request.model, work: embedder.work(of: request))
        return try await run("embeddings", call, on: queue, onCall: onCall) { place, span in
            var request = request
            request.timeLimit = place.timeLimit
            let result = try await embedder.embed(request)
            span?.set(result)
            return result
        }
    }

    /// A place in the queue while the call runs.
    private struct Place {
        fileprivate(set) var permit: ProviderQueue.Permit
        let queue: ProviderQueue
        let timeLimit: Duration
        fileprivate(set) var hasBegun = false

        /// The answer has begun.
        mutating func begin() {
            hasBegun = true
            queue.hasBegun(&permit)
        }
    }

    /// - Parameter operation: as the conventions for traces name it.
    private mutating func run<Answer>(
        _ operation: String, _ call: ProviderQueue.Call, on queue: ProviderQueue, onCall: (ModelTarget) -> Void,
        _ body: (inout Place, Span?) async throws -> Answer
    ) async throws -> Answer {
        let permit = try await traced(.queue) { _ in try await queue.enter(call, now: now, by: deadline) }
        var place = Place(permit: permit, queue: queue, timeLimit: deadline - permit.since)
        do {
            // A caller that has left while it waited costs nothing, so nothing is asked for it.
            try Task.checkCancellation()
            wasMade = true
            onCall(target)
            let answer = try await traced("\(operation) \(target.model)", .client) { span in
                span?.set(operation, target)
                return try await body(&place, span)
            }
            queue.leave(place.permit, .success)
            return answer
        } catch {
            hasBegun = place.hasBegun
            queue.leave(place.permit, CircuitBreaker.Outcome(error, hasBegun: hasBegun))
            throw error
        }
    }
}

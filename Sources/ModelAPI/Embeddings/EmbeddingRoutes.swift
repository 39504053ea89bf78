import Accounts
import Chatbots
package import HTTPKit
import HTTPTypes
import LLM
package import ModelCalls
import NIOCore
import Platform
import Storage
import Synchronization

/// OpenAI's API of vectors, which clients search texts by.
package struct EmbeddingRoutes: Sendable {
    let calls: MeteredCalls
    let running: RunningCompletions

    package init(calls: MeteredCalls, running: RunningCompletions) {
        self.calls = calls
        self.running = running
    }

    package func embed(_ client: APIClient, _ input: EmbeddingBody) async throws -> EmbeddingAnswer {
        let request = try input.asked()
        let caller = try await caller(client, input)
        let target = try await target(client, input.model, caller.limits)
        let held = try hold(request, client.call.memory)
        defer { withExtendedLifetime(held) {} }
        let (calls, id) = (calls, client.call.id)
        let result = try await running(client) { call in
            try await calls.embed(
                request, by: target, for: caller, id: id, requestID: id, callerLeft: { call.callerLeft })
        }
        return result.map { .vectors($0, input.encodingFormat ?? .float) } ?? .nobody
    }

    /// A chatbot has no model of vectors of its own: its name, all that `/v1/models` lists, means the default one.
    private func target(_ client: APIClient, _ name: String?, _ limits: EffectiveLimits) async throws -> ModelTarget {
        do {
            return try await calls.embeddingTarget(name, limits)
        } catch let error as APIError where error.code == .modelNotFound {
            guard let name, try await isChatbot(name, of: client) else { throw error }
            return try await calls.embeddingTarget(nil, limits)
        }
    }

    private func isChatbot(_ name: String, of client: APIClient) async throws -> Bool {
        try await calls.database.read(client.scope) { tx in
            switch client.who {
            case .key(let who): [try Chatbot.find(tx, of: who.holder)]
            case .user(let who): try Chatbot.callable(tx, who)
            }
        }.contains { $0.id == name || $0.slug == name }
    }

    /// An application calls for its chatbot, a user for the default chatbot of the workspace.
    private func caller(_ client: APIClient, _ input: EmbeddingBody) async throws -> EmbeddingCaller {
        let requester = client.requester()
        switch client.who {
        case .key(let who):
            return EmbeddingCaller(
                requester, in: Tenant(who.holder), chatbotID: who.holder.chatbotID, externalID: input.user)
        case .user(let who):
            let (tenant, chatbot) = try await calls.database.read(client.scope) { tx in
                let tenant = try who.tenant(tx, .read)
                return (tenant, try Chatbot.findDefault(tx, in: tenant))
            }
            return EmbeddingCaller(requester, in: tenant, chatbotID: chatbot.id, externalID: input.user)
        }
    }

    /// Bytes for each number of a vector: as the vendor writes it, in memory, and in the answer.
    private static let bytesPerNumber = 24
    /// Numbers in a vector, if the client does not say.
    private static let usualDimensions = 1536

    private func hold(_ request: EmbeddingRequest, _ memory: CallMemory) throws(APIError) -> [HeldBytes] {
        let numbers = request.inputs.count * (request.dimensions ?? Self.usualDimensions)
        let texts = request.inputs.reduce(0) { $0 + $1.bytes }
        return [try memory.hold(texts * 2, .prompt), try memory.hold(numbers * Self.bytesPerNumber, .answer)]
    }

    /// Ends the call if its client leaves, which gets nil, or if the server stops.
    private func running<Result: Sendable>(
        _ client: APIClient, _ work: @escaping @Sendable (RunningEmbedding) async throws -> Result
    ) async throws -> Result? {
        let call = RunningEmbedding(id: client.call.id)
        try running.add(call)
        defer { running.remove(call) }
        let disconnectHandler = ClientDisconnectHandler(call)
        let pipeline = client.call.channel.pipeline
        pipeline.addHandler(disconnectHandler, position: .first).whenFailure { _ in
            call.cancel(RunningCompletion.ClientLeft())
        }
        defer { pipeline.removeHandler(disconnectHandler, promise: nil) }
        let task = Task { try await work(call) }
        call.cancels { task.cancel() }
        do {
            return try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                call.cancel(RunningCompletion.ClientLeft())
            }
        } catch {
            if call.callerLeft { return nil }
            throw APIError(ofCompletion: call.whyCancelled ?? error)
        }
    }
}

/// Vectors on their way to the one client that waits for them.
final class RunningEmbedding: RunningCall {
    private struct State {
        var cancel: (@Sendable () -> Void)?
        var why: (any Error)?
    }

    let id: String
    private let state = Mutex(State())

    init(id: String) { self.id = id }

    var whyCancelled: (any Error)? { state.withLock { $0.why } }
    var callerLeft: Bool { whyCancelled is RunningCompletion.ClientLeft }

    func cancels(_ cancel: @escaping @Sendable () -> Void) {
        let isCancelled = state.withLock { state in
            state.cancel = cancel
            return state.why != nil
        }
        if isCancelled { cancel() }
    }

    func cancel(_ why: any Error) {
        let cancel = state.withLock { state in
            if state.why == nil { state.why = why }
            return state.cancel
        }
        cancel?()
    }
}

extension EmbeddingRoutes {
    package var table: [Route] {
        [
            Route(
                .post, "/v1/embeddings", .turn.body(upTo: EmbeddingBody.mostBytes), id: "create_embedding",
                "Create embeddings",
                about: "OpenAI's API: a vector for each text, by which texts are compared and found. `model` is "
                    + "`provider/model`, the name of a model that has a price, or left out; a chatbot's name means the "
                    + "default, too.",
                embed,
                errors: [
                    .notFound, .modelNotFound, .modelNotInPlan, .modelNotPriced, .messageTooLong, .unsupportedInput,
                    .budgetExhausted, .insufficientCredits, .dailyLimitReached, .invalidReply, .providerRefused,
                    .providerTimeout, .providerRateLimited, .providerUnavailable, .modelLoading, .shuttingDown,
                ])
        ].tagged(.completions)
    }
}

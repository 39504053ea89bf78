import Chatbots
import Fairness
import HTTPKit
package import LLM
import Logging
import Metering
import Platform
import Storage

/// Vectors of one request, made at the caller's expense.
struct MeteredEmbedding: Metered {
    let calls: MeteredCalls
    let caller: EmbeddingCaller
    let target: ModelTarget
    let request: EmbeddingRequest
    let bill: Spending.Bill?
    /// Id of the log.
    let id: String
    let requestID: String

    var tenant: Tenant { caller.tenant }

    /// What came of the inputs so far.
    private struct Progress {
        var exchange: Exchange
        var result: EmbeddingResult?
        /// Tokens of the texts that were sent, as the vendor counted or as estimated.
        var tokens = 0
        /// Estimated tokens of the texts on their way.
        var unanswered = 0
    }

    /// - Parameter callerLeft: whether the caller ended the call, if it was cancelled.
    func run(callerLeft: @Sendable () -> Bool) async throws -> EmbeddingResult {
        try await begin()
        var progress = Progress(exchange: Exchange(asking: target))
        var failure: (any Error)?
        do {
            try await embed(&progress)
        } catch {
            failure = error
        }
        try await settle(progress, failure, callerLeft: failure != nil && callerLeft())
        if let failure { throw failure }
        guard var result = progress.result else { preconditionFailure("inputs without a result") }
        result.promptTokens = progress.tokens
        return result
    }

    /// Without any limit nothing is written, and the day's messages are not counted.
    private func begin() async throws {
        let counted = caller.requester.flatMap { $0.subscriber.limits.messagesPerDay == nil ? nil : $0.subscriber }
        let isReserved = bill?.isReserved == true
        guard isReserved || counted != nil else { return }
        let used = try await calls.database.write(.workspace(tenant.workspaceID)) { tx in
            let used = try caller.requester.map {
                try DailyUsage.count(
                    tx, $0.subscriber, messages: 1, byVisitor: $0.isVisitor, now: .now)
            }
            try reserve(tx)
            return used
        }
        if let used { caller.requester?.setDailyUsage(used) }
    }

    /// Calls the vendor, in parts if the model is shared by parts.
    private func embed(_ progress: inout Progress) async throws {
        let gateway = calls.providers.gateway
        let deadline = ContinuousClock.now + gateway.total
        let limits = gateway.embeddingLimits(of: target.provider) ?? EmbeddingLimits()
        for inputs in request.inputs.parts(ofBytes: limits.bytesPerCall) {
            guard ContinuousClock.now < deadline else {
                throw ProviderError(.timeout, detail: "the time for all inputs is over")
            }
            var part = request
            part.inputs = Array(inputs)
            let estimate = PromptSize(part.inputs).estimate(TokenFamily(target))
            let result = try await gateway.embed(
                part, by: target.provider, for: caller.gatewayCaller,
                onCall: { target in
                    progress.exchange.asks(target)
                    progress.unanswered = estimate
                }, onFailure: { failed($0, &progress) })
            progress.unanswered = 0
            progress.tokens = progress.tokens.addingSaturated(result.promptTokens ?? estimate)
            try add(result, to: &progress)
        }
    }

    private func failed(_ attempt: Gateway.Attempt, _ progress: inout Progress) {
        calls.logger.failedCall(attempt, requestID: requestID)
        calls.metrics.count(attempt)
        bill?.record(attempt)
        progress.exchange.fails()
        progress.unanswered = 0
    }

    private func add(_ result: EmbeddingResult, to progress: inout Progress) throws {
        guard progress.result != nil else {
            progress.result = result
            return
        }
        guard progress.result!.vectors.append(result.vectors) else {
            throw ProviderError(.invalidReply, detail: "the vendor's answers have vectors of several lengths")
        }
    }

    /// A caller that leaves while texts are on their way pays for them: vendors bill them all the same.
    private func settle(_ progress: Progress, _ failure: (any Error)?, callerLeft: Bool) async throws {
        let tokens = progress.tokens.addingSaturated(callerLeft ? progress.unanswered : 0)
        let usage = tokens == 0 ? nil : ChatUsage(promptTokens: tokens, completionTokens: 0)
        let cost = await calls.spending.cost(bill, usage, of: target, isUnfinished: failure != nil)
        let error = failure.map { APIError(any: $0) }
        let log = MessageLog(
            id: id, workspaceID: tenant.workspaceID, chatbotID: caller.chatbotID, asker: caller.asker,
            requestID: requestID, provider: target.provider, model: target.model,
            usage: .init(usage, cost: max(0, cost)), firstToken: nil, total: progress.exchange.total,
            outcome: failure == nil ? .complete : callerLeft ? .partial : .failed,
            errorCode: callerLeft ? nil : error?.code.rawValue,
            content: try calls.logs.content(question: request.shown, answer: ""),
            createdAt: progress.exchange.beganAt)
        try await end(log, cost: cost)
    }
}

extension MeteredCalls {
    /// Makes vectors of texts. The caller's task may be cancelled; what was spent is settled before this throws.
    /// - Parameters:
    ///   - target: from `embeddingTarget`.
    ///   - id: of the log.
    ///   - callerLeft: whether the caller ended the call, if it was cancelled.
    package func embed(
        _ request: EmbeddingRequest, by target: ModelTarget, for caller: EmbeddingCaller, id: String, requestID: String,
        callerLeft: @Sendable () -> Bool = { false }
    ) async throws -> EmbeddingResult {
        var request = request
        request.model = target.model
        try requireTaken(request, by: target)
        let bill = try await spending.bill(
            caller.payer, keyID: caller.keyID, id: Identifier.make(), [target], prompt: PromptSize(request.inputs),
            maxTokens: 0)
        return try await MeteredEmbedding(
            calls: self, caller: caller, target: target, request: request, bill: bill, id: id, requestID: requestID
        ).run(callerLeft: callerLeft)
    }
}

extension EmbeddingRequest {
    /// The texts, as far as a log keeps them.
    fileprivate var shown: String {
        var shown = ""
        for case .text(let text) in inputs where shown.utf8.count < MessageLog.Content.longest {
            shown += shown.isEmpty ? text : "\n\(text)"
        }
        return shown
    }
}

extension [EmbeddingInput] {
    /// Neighbours that have so many bytes at most, or one that has more.
    package func parts(ofBytes most: Int) -> [ArraySlice<EmbeddingInput>] {
        var parts: [ArraySlice<EmbeddingInput>] = []
        var (start, bytes) = (0, 0)
        for index in indices {
            let size = self[index].bytes
            if index > start, bytes > most - Swift.min(size, most) {
                parts.append(self[start..<index])
                (start, bytes) = (index, 0)
            }
            bytes = bytes.addingReportingOverflow(size).partialValue
        }
        if start < count { parts.append(self[start...]) }
        return parts
    }
}

import HTTPKit
package import LLM
package import Metering
import Platform
import Spans
import Storage

extension MeteredCalls {
    /// Asks a model for something that a turn needs besides its reply. What was spent is settled before this throws.
    /// - Parameter caller: pays for it.
    package func ask(
        _ request: ChatRequest, by choice: ModelChoice, for caller: EmbeddingCaller, requestID: String
    ) async throws -> ChatResult {
        let prompt = PromptSize(request.messages, request.options)
        let call = MeteredCall(
            calls: self, tenant: caller.tenant, caller: caller.gatewayCaller, choice: choice, request: request,
            prompt: prompt,
            bill: try await spending.bill(
                caller.payer, keyID: caller.keyID, id: Identifier.make(), choice.targets, prompt: prompt,
                maxTokens: request.maxTokens))
        if call.bill?.isReserved == true {
            try await database.write(.workspace(caller.tenant.workspaceID), as: .reserve) { tx in try call.reserve(tx) }
        }
        var exchange = Exchange(asking: choice.targets[0])
        let ending: Result<ChatResult, any Error>
        do {
            ending = .success(try await call.stream(request, requestID: requestID, &exchange) { _ in })
        } catch {
            ending = .failure(error)
        }
        try await end(call, ending, exchange, for: caller, requestID: requestID, isCancelled: Task.isCancelled)
        return try ending.get()
    }

    private func end(
        _ call: MeteredCall, _ ending: Result<ChatResult, any Error>, _ exchange: Exchange,
        for caller: EmbeddingCaller, requestID: String, isCancelled: Bool
    ) async throws {
        var (usage, failure): (ChatUsage?, APIError?)
        switch ending {
        case .success(let result): usage = exchange.usage(of: result, prompt: call.prompt)
        case .failure(let error):
            // The caller has not asked for it, and so does not pay for what did not come.
            usage = call.unfinishedUsage(exchange, callerLeft: false)
            failure = APIError(any: error)
        }
        let cost = await call.cost(usage, exchange, isUnfinished: failure != nil)
        let log = MessageLog(
            id: Identifier.make(), workspaceID: caller.tenant.workspaceID, chatbotID: caller.chatbotID,
            asker: caller.asker, requestID: requestID, provider: exchange.target.provider,
            model: exchange.target.model, usage: .init(usage, cost: max(0, cost)), firstToken: exchange.firstToken,
            total: exchange.total, outcome: failure == nil ? .complete : isCancelled ? .partial : .failed,
            errorCode: isCancelled ? nil : failure?.code.rawValue,
            content: try logs.content(question: call.request.messages.last?.text ?? "", answer: exchange.answer),
            createdAt: exchange.beganAt)
        try await call.end(log, cost: cost)
    }
}

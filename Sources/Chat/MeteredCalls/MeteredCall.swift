import Chatbots
import HTTPKit
import LLM
import Metering
import Platform
import Storage

/// One call of a model at the caller's expense.
package struct MeteredCall: Metered {
    let calls: MeteredCalls
    let tenant: Tenant
    let caller: Gateway.Caller
    let choice: ModelChoice
    let request: ChatRequest
    let prompt: PromptSize
    /// Nil if the call costs nothing.
    let bill: Spending.Bill?

    /// Asks the models in turn. Failed attempts are logged and counted.
    /// - Parameter request: differs from the prepared one only in being shorter.
    /// - Parameter onFailure: is told that what the last attempt sent is void.
    func stream(
        _ request: ChatRequest, requestID: String, _ exchange: inout Exchange, onFailure: () -> Void = {},
        onEvent: (ChatEvent) -> Void
    ) async throws -> ChatResult {
        try await calls.providers.gateway.stream(
            request, via: choice.targets, for: caller,
            onCall: { exchange.asks($0) },
            onFailure: { attempt in
                calls.logger.failedCall(attempt, requestID: requestID)
                calls.metrics.count(attempt)
                bill?.record(attempt)
                exchange.fails()
                onFailure()
            }
        ) { event in
            exchange.receives(event)
            onEvent(event)
        }
    }

    /// What a call is charged for that did not end by itself.
    /// - Parameter isLeft: whether the caller ended it.
    func unfinishedUsage(_ exchange: Exchange, isLeft: Bool) -> ChatUsage? {
        exchange.unfinishedUsage(
            prompt: prompt, maxTokens: request.maxTokens,
            tokensPerSecond: isLeft ? calls.spending.stopTokensPerSecond : nil)
    }

    /// The cost of all attempts, in micro-units.
    func cost(_ usage: ChatUsage?, _ exchange: Exchange, isUnfinished: Bool) async -> Int64 {
        await calls.spending.cost(bill, usage, of: exchange.target, isUnfinished: isUnfinished)
    }
}

import Chatbots
import HTTPKit
package import LLM
package import Metering
package import Platform
import Storage

/// One call of a model at the caller's expense.
package struct MeteredCall: Metered {
    package let calls: MeteredCalls
    package let tenant: Tenant
    package let caller: Gateway.Caller
    package let choice: ModelChoice
    package let request: ChatRequest
    package let prompt: PromptSize
    /// Nil if the call costs nothing.
    package let bill: Spending.Bill?

    /// The same call with more in its request, as much as was reserved for.
    package func with(_ request: ChatRequest) -> MeteredCall {
        MeteredCall(
            calls: calls, tenant: tenant, caller: caller, choice: choice, request: request,
            prompt: PromptSize(request.messages, request.options), bill: bill)
    }

    /// The same call for a reply that needs no model.
    package var unbilled: MeteredCall {
        MeteredCall(
            calls: calls, tenant: tenant, caller: caller, choice: choice, request: request, prompt: prompt, bill: nil)
    }

    /// Asks the models in turn. Failed attempts are logged and counted.
    /// - Parameter request: differs from the prepared one only in being shorter.
    /// - Parameter onFailure: is told that what the last attempt sent is void.
    package func stream(
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
    /// - Parameter callerLeft: whether the caller ended it.
    package func unfinishedUsage(_ exchange: Exchange, callerLeft: Bool) -> ChatUsage? {
        exchange.unfinishedUsage(
            prompt: prompt, maxTokens: request.maxTokens,
            tokensPerSecond: callerLeft ? calls.spending.stopTokensPerSecond : nil)
    }

    /// The cost of all attempts, in micro-units.
    package func cost(_ usage: ChatUsage?, _ exchange: Exchange, isUnfinished: Bool) async -> Int64 {
        await calls.spending.cost(bill, usage, of: exchange.target, isUnfinished: isUnfinished)
    }
}

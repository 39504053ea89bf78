import Chatbots
import HTTPKit
import LLM
import Metering
import Platform
import Storage

/// One call of a model at the caller's expense.
package struct MeteredCall: Sendable {
    let calls: MeteredCalls
    let tenant: Tenant
    let caller: Gateway.Caller
    let choice: ModelChoice
    let request: ChatRequest
    let prompt: PromptSize
    /// Nil if the call costs nothing.
    let bill: Spending.Bill?

    /// Reserves the most that the call can cost. Throws `insufficient_credits` or `budget_exhausted`.
    func reserve(_ tx: Transaction) throws {
        if let bill { try Spending.reserve(tx, bill, now: .now) }
    }

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

    /// The pauses between attempts to settle while a client waits for it.
    static let shortPauses: [Duration] = [.milliseconds(200), .seconds(1)]
    /// The pauses if the call would otherwise be settled only when its reservation expires.
    static let longPauses: [Duration] = (0..<8).map { .milliseconds(200 << $0) }

    /// Charges the cost, refunds the rest of the reservation and writes the log, in one transaction with `work`, which comes
    /// first. Tries again after each pause.
    /// - Parameter onFailure: is told of each failed attempt and of the pause that would follow; nil if it was the last.
    ///   Returns whether to go on.
    func settle(
        _ log: MessageLog, cost: Int64, pauses: [Duration],
        with work: @escaping @Sendable (Transaction) throws -> Void = { _ in },
        onFailure: (any Error, _ next: Duration?) -> Bool
    ) async throws {
        var pauses = pauses[...]
        while true {
            do {
                let written = try await calls.database.write(.workspace(tenant.workspaceID)) { [bill] tx in
                    try work(tx)
                    var log = log
                    if let bill { log.usage.cost = try Spending.settle(tx, bill, cost: cost) }
                    try log.insert(tx)
                    return log
                }
                return calls.metrics.count(written)
            } catch {
                let pause = pauses.popFirst()
                guard onFailure(error, pause), let pause else { throw error }
                // The pause has its own task, so that cancelling the call does not shorten it.
                await Task { try? await Task.sleep(for: pause) }.value
            }
        }
    }
}

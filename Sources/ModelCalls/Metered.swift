import HTTPKit
import Logging
package import Metering
package import Platform
import Spans
package import Storage

/// A call at a tenant's expense: what it reserves, and how it is settled.
package protocol Metered: Sendable {
    var calls: MeteredCalls { get }
    var tenant: Tenant { get }
    /// Nil if the call costs nothing.
    var bill: Spending.Bill? { get }
}

extension Metered {
    /// Reserves the most that the call can cost. Throws `insufficient_credits` or `budget_exhausted`.
    package func reserve(_ tx: Transaction) throws {
        if let bill { try Spending.reserve(tx, bill, now: .now) }
    }

    /// The pauses between attempts to settle while a client waits for it.
    package static var shortPauses: [Duration] { [.milliseconds(200), .seconds(1)] }
    /// The pauses if the call would otherwise be settled only when its reservation expires.
    package static var longPauses: [Duration] { (0..<8).map { .milliseconds(200 << $0) } }

    /// Writes the log of a call that a client waits for, and settles what was reserved for it.
    func end(_ log: MessageLog, cost: Int64) async throws {
        guard bill?.isReserved == true else {
            calls.metrics.count(log)
            return try await calls.logs.write(log)
        }
        try await settle(log, cost: cost, pauses: Self.shortPauses) { error, pause in
            calls.logger.error(
                "spending not settled",
                metadata: ["request_id": .string(log.requestID ?? ""), "cause": .string(String(describing: error))])
            if pause == nil { calls.metrics.count(log) }
            return true
        }
    }

    /// Charges the cost, refunds the rest of the reservation and writes the log, in one transaction with `work`, which comes
    /// first. Tries again after each pause.
    /// - Parameter onFailure: is told of each failed attempt and of the pause that would follow; nil if it was the last.
    ///   Returns whether to go on.
    package func settle(
        _ log: MessageLog, cost: Int64, pauses: [Duration],
        with work: @escaping @Sendable (Transaction) throws -> Void = { _ in },
        onFailure: (any Error, _ next: Duration?) -> Bool
    ) async throws {
        var pauses = pauses[...]
        while true {
            do {
                let written = try await calls.database.write(.workspace(tenant.workspaceID), as: .settle) { [bill] tx in
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

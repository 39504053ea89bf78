import Logging
import ServiceLifecycle
import Storage

/// What must be done from time to time: expired rows go, and turns that nobody carries on are closed.
struct Housekeeping: Service {
    let database: Database
    let logger: Logger
    let interval: Duration
    let lock: InstanceLock?

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await sweep()
                } catch {
                    logger.warning("housekeeping failed", metadata: ["cause": .string(String(describing: error))])
                }
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// Run before any request is taken: where no other server uses the database, no turn in it has a writer.
    func closeTurnsOfLastRun() async throws {
        guard lock != nil else { return }
        try await database.write(.system) { tx in
            try TurnQueries.closeAbandoned(tx, before: Timestamp(milliseconds: .max))
        }
    }

    func sweep(now: Timestamp = .now) async throws {
        try await database.write(.system) { tx in
            try TurnQueries.closeAbandoned(tx, before: now)
            try Session.purge(tx, before: now)
            try Spending.releaseExpired(tx, now: now)
            try Idempotency.purge(tx, before: now.adding(.zero - Idempotency.lifetime))
        }
    }
}

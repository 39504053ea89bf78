import HTTPKit
import Storage

/// What must be done from time to time: expired rows go, and turns that nobody carries on are closed.
struct Housekeeping: Sendable {
    /// The most rows that one transaction deletes, so that no request waits long for it.
    static let batch = 500

    let database: Database

    var jobs: [Job] {
        [
            Job(kind: "turns.close", interval: .seconds(30)) { _ in try await closeTurns(now: .now) },
            Job(kind: "reservations.release", interval: .seconds(60)) { _ in try await releaseReservations(now: .now) },
            Job(kind: "expired.purge", interval: .seconds(300)) { _ in try await purge(now: .now) },
        ]
    }

    /// All of it at once.
    func sweep(now: Timestamp = .now) async throws {
        try await closeTurns(now: now)
        try await releaseReservations(now: now)
        try await purge(now: now)
    }

    func closeTurns(now: Timestamp) async throws {
        try await database.write(.system) { tx in try TurnQueries.closeAbandoned(tx, before: now) }
    }

    func releaseReservations(now: Timestamp) async throws {
        try await database.inBatches { tx in try Spending.releaseExpired(tx, now: now, limit: Self.batch) }
    }

    private func purge(now: Timestamp) async throws {
        try await database.inBatches { tx in try Session.purge(tx, before: now, limit: Self.batch) }
        try await database.inBatches { tx in try OperatorSession.purge(tx, before: now, limit: Self.batch) }
        try await database.inBatches { tx in try KnownAddress.purge(tx, now: now, limit: Self.batch) }
        try await database.inBatches { tx in try OneTimeToken.purge(tx, before: now, limit: Self.batch) }
        try await database.inBatches { tx in try Ticket.purge(tx, before: now, limit: Self.batch) }
        let before = now.adding(.zero - Idempotency.lifetime)
        try await database.inBatches { tx in try Idempotency.purge(tx, before: before, limit: Self.batch) }
        let ended = now.adding(.zero - Invitation.lifetime)
        try await database.inBatches { tx in try Invitation.purge(tx, before: ended, limit: Self.batch) }
        try await database.inBatches { tx in try Invitation.purgeCounts(tx, before: now, limit: Self.batch) }
        let (emptied, gone) = (JobQueue.payloadRetention, JobQueue.retention)
        try await database.inBatches { tx in
            try JobQueue.emptyDead(tx, before: now.adding(.zero - emptied), limit: Self.batch)
        }
        try await database.inBatches { tx in
            try JobQueue.purgeDead(tx, before: now.adding(.zero - gone), limit: Self.batch)
        }
        let oldest = now.adding(.zero - DailyUsage.retention)
        try await database.inBatches { tx in try DailyUsage.purge(tx, before: oldest, limit: Self.batch) }
    }
}

extension Database {
    /// Repeats a deletion, which returns how many rows it took, until it takes fewer than a whole batch.
    func inBatches(_ delete: @escaping @Sendable (Transaction) throws -> Int) async throws {
        while try await write(.system, delete) >= Housekeeping.batch { try Task.checkCancellation() }
    }
}

import Accounts
import Chat
import HTTPKit
import Metering
import Platform
import Storage

/// What must be done from time to time: expired rows go, and turns that nobody carries on are closed.
struct Housekeeping: Sendable {
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
        try await database.inBatches { tx in try Spending.releaseExpired(tx, now: now, limit: Database.batch) }
    }

    private func purge(now: Timestamp) async throws {
        try await database.inBatches { tx in try Session.purge(tx, before: now, limit: Database.batch) }
        try await database.inBatches { tx in try OperatorSession.purge(tx, before: now, limit: Database.batch) }
        try await database.inBatches { tx in try KnownAddress.purge(tx, now: now, limit: Database.batch) }
        try await database.inBatches { tx in try OneTimeToken.purge(tx, before: now, limit: Database.batch) }
        try await database.inBatches { tx in try Ticket.purge(tx, before: now, limit: Database.batch) }
        let before = now.adding(.zero - Idempotency.lifetime)
        try await database.inBatches { tx in try Idempotency.purge(tx, before: before, limit: Database.batch) }
        let ended = now.adding(.zero - Invitation.lifetime)
        try await database.inBatches { tx in try Invitation.purge(tx, before: ended, limit: Database.batch) }
        try await database.inBatches { tx in try Invitation.purgeCounts(tx, before: now, limit: Database.batch) }
        let (emptied, gone) = (JobQueue.payloadRetention, JobQueue.retention)
        try await database.inBatches { tx in
            try JobQueue.emptyDead(tx, before: now.adding(.zero - emptied), limit: Database.batch)
        }
        try await database.inBatches { tx in
            try JobQueue.purgeDead(tx, before: now.adding(.zero - gone), limit: Database.batch)
        }
        let oldest = now.adding(.zero - DailyUsage.retention)
        try await database.inBatches { tx in try DailyUsage.purge(tx, before: oldest, limit: Database.batch) }
    }
}

import Accounts
import Chat
import HTTPKit
import Logging
import Metering
import ModelAPI
import Platform
import Storage
import Titles

/// Periodic cleanup: deletes expired rows and closes abandoned turns.
struct Housekeeping: Sendable {
    let database: Database

    var jobs: [Job] {
        [
            Job(kind: "turns.close", interval: .seconds(30)) { _ in try await closeTurns(now: .now) },
            Job(kind: "reservations.release", interval: .seconds(60)) { _ in try await releaseReservations(now: .now) },
            Job(kind: "expired.purge", interval: .seconds(300)) { _ in try await purge(now: .now) },
        ]
    }

    /// Closes turns that were still open when the only server of this database last stopped. On a full disk, the jobs do
    /// it when the turns have expired and there is space, because reads can be answered without.
    func closeLastRun(_ logger: Logger) async throws {
        do {
            try await closeTurns(now: Timestamp(milliseconds: .max))
            try await releaseReservations(now: Timestamp(milliseconds: .max))
            try await database.write(.system) { tx in try JobQueue.releaseAll(tx) }
        } catch let error as StorageError where error.kind == .full {
            logger.warning("turns of the last run not closed yet", metadata: ["cause": .string("\(error)")])
        }
    }

    /// Does all of it once.
    func sweep(now: Timestamp = .now) async throws {
        try await closeTurns(now: now)
        try await releaseReservations(now: now)
        try await purge(now: now)
    }

    func closeTurns(now: Timestamp) async throws {
        try await database.write(.system) { tx in
            try TurnQueries.closeAbandoned(tx, before: now)
            try ResponseUpkeep.closeAbandoned(tx, before: now)
        }
    }

    func releaseReservations(now: Timestamp) async throws {
        try await database.inBatches { tx, limit in try Spending.releaseExpired(tx, now: now, limit: limit) }
    }

    private func purge(now: Timestamp) async throws {
        try await database.inBatches { tx, limit in try Session.purge(tx, before: now, limit: limit) }
        try await database.inBatches { tx, limit in try OperatorSession.purge(tx, before: now, limit: limit) }
        try await database.inBatches { tx, limit in try KnownAddress.purge(tx, now: now, limit: limit) }
        try await database.inBatches { tx, limit in try OneTimeToken.purge(tx, before: now, limit: limit) }
        try await database.inBatches { tx, limit in try Ticket.purge(tx, before: now, limit: limit) }
        let before = now.adding(.zero - Idempotency.lifetime)
        try await database.inBatches { tx, limit in try Idempotency.purge(tx, before: before, limit: limit) }
        while try await database.write(
            .system,
            { tx in
                var purge = RowPurge(tx)
                return try !ResponseUpkeep.purge(&purge, before: now)
            })
        { try Task.checkCancellation() }
        let ended = now.adding(.zero - Invitation.lifetime)
        try await database.inBatches { tx, limit in try Invitation.purge(tx, before: ended, limit: limit) }
        try await database.inBatches { tx, limit in try Invitation.purgeCounts(tx, before: now, limit: limit) }
        try await database.inBatches { tx, limit in try UntitledConversation.giveUp(tx, now: now, limit: limit) }
        try await database.inBatches { tx, limit in try ConversationShare.purge(tx, before: now, limit: limit) }
        let (emptied, gone) = (JobQueue.payloadRetention, JobQueue.retention)
        try await database.inBatches { tx, limit in
            try JobQueue.emptyDead(tx, before: now.adding(.zero - emptied), limit: limit)
        }
        try await database.inBatches { tx, limit in
            try JobQueue.purgeDead(tx, before: now.adding(.zero - gone), limit: limit)
        }
        let oldest = now.adding(.zero - DailyUsage.retention)
        try await database.inBatches { tx, limit in try DailyUsage.purge(tx, before: oldest, limit: limit) }
    }
}

import HTTPKit
import Storage

/// What is known of the backups of this database: one row.
struct BackupState: Sendable, Equatable {
    /// When the schedule was first seen.
    var scheduledSince: Timestamp?
    /// The time of the schedule for which a backup was queued last.
    var dueAt: Timestamp?
    var madeAt: Timestamp?
    /// When a backup was last restored and found complete.
    var provenAt: Timestamp?

    static func read(_ tx: Transaction) throws -> BackupState {
        try tx.row("SELECT scheduled_since, due_at, made_at, proven_at FROM backup_state") { row in
            func time(_ column: String) throws -> Timestamp? {
                try row.int64IfPresent(column).map(Timestamp.init(milliseconds:))
            }
            return BackupState(
                scheduledSince: try time("scheduled_since"), dueAt: try time("due_at"), madeAt: try time("made_at"),
                provenAt: try time("proven_at"))
        } ?? BackupState()
    }

    static func setMade(_ tx: Transaction, at time: Timestamp) throws {
        try tx.run("UPDATE backup_state SET made_at = ?", [time])
    }

    static func setProven(_ tx: Transaction, at time: Timestamp) throws {
        try tx.run("UPDATE backup_state SET proven_at = ?", [time])
    }

    /// - Parameter due: nil if the schedule has ended.
    static func setDue(_ tx: Transaction, _ due: Timestamp?, since: Timestamp?) throws {
        try tx.run("UPDATE backup_state SET due_at = ?, scheduled_since = ?", [due, since])
    }
}

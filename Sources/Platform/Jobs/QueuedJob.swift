package import HTTPKit
package import Storage

/// Work as the queue holds it.
package struct QueuedJob: JSONOutput, Equatable {
    package let id: String
    package let kind: String
    package let state: State
    package let attempts: Int
    /// When it is due.
    package let runAt: Timestamp
    /// How long the instance that does it has it to itself.
    package let leasedUntil: Timestamp?
    package let lastError: String?
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    package enum State: String, Choice { case queued, running, dead }
}

extension QueuedJob {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.string("id"), kind: try row.string("kind"),
            state: State(rawValue: try row.string("state")) ?? .dead, attempts: try row.int("attempts"),
            runAt: Timestamp(milliseconds: try row.int64("run_at")),
            leasedUntil: try row.int64IfPresent("leased_until").map(Timestamp.init),
            lastError: try row.stringIfPresent("last_error"),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")),
            updatedAt: Timestamp(milliseconds: try row.int64("updated_at")))
    }
}

/// For operators.
extension JobQueue {
    package static func list(_ tx: Transaction, state: QueuedJob.State?, after: Cursor, limit: Int) throws
        -> [QueuedJob]
    {
        try tx.rows(
            """
            SELECT id, kind, state, attempts, run_at, leased_until, last_error, created_at, updated_at
            FROM jobs WHERE id < ? \(state == nil ? "" : "AND state = ?") ORDER BY id DESC LIMIT ?
            """,
            [after.id] + (state.map { [$0.rawValue] } ?? []) + [limit + 1], QueuedJob.init)
    }

    /// Begins a dead one anew.
    package static func retry(_ tx: Transaction, id: String, now: Timestamp) throws -> QueuedJob {
        let retried = try tx.row(
            """
            UPDATE jobs SET state = 'queued', attempts = 0, run_at = ?, updated_at = ?
            WHERE id = ? AND state = 'dead' RETURNING *
            """,
            [now, now, id], QueuedJob.init)
        if let retried { return retried }
        let isThere = try tx.row("SELECT 1 AS one FROM jobs WHERE id = ?", [id]) { _ in true } ?? false
        throw isThere ? APIError(.conflict, "Only a dead job can be retried.") : APIError(.notFound)
    }
}

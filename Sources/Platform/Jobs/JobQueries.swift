package import HTTPKit
package import Storage

/// What one instance has taken upon itself.
package struct Claim: Sendable {
    package let run: Job.Run
    package let kind: String
    /// Made anew for each claim, so that one who has lost the lease cannot speak for the next.
    package let lease: String
    package let leasedUntil: Timestamp
}

extension JobQueue {
    @discardableResult
    package static func insert(
        _ tx: Transaction, _ kind: String, payload: String? = nil, uniqueKey: String? = nil, at time: Timestamp = .now
    ) throws -> Bool {
        guard (payload?.utf8.count ?? 0) <= maxPayload else {
            throw APIError(.internalError, cause: StorageError(.other, "the payload of a job '\(kind)' is too large"))
        }
        let now = Timestamp.now
        return try tx.run(
            """
            INSERT INTO jobs (id, kind, unique_key, payload, state, attempts, run_at, created_at, updated_at)
            VALUES (?, ?, ?, ?, 'queued', 0, ?, ?, ?) ON CONFLICT (unique_key) DO NOTHING
            """,
            [Identifier.make(), kind, uniqueKey, payload, time, now, now]) == 1
    }

    /// Sees to it that what recurs is queued, and not for later than it should be, as a clock that was wrong leaves it.
    package static func insert(_ tx: Transaction, recurring job: Job, every interval: Duration, now: Timestamp) throws {
        let key = "recurring:\(job.kind)"
        try insert(tx, job.kind, uniqueKey: key, at: now)
        try tx.run(
            "UPDATE jobs SET run_at = ? WHERE unique_key = ? AND state = 'queued' AND run_at > ?",
            [now, key, now.adding(interval)])
    }

    /// Has what recurs begin now, unless it runs already.
    package static func hasten(_ tx: Transaction, recurring kind: String, now: Timestamp) throws {
        try tx.run(
            "UPDATE jobs SET run_at = ? WHERE unique_key = ? AND state = 'queued' AND run_at > ?",
            [now, "recurring:\(kind)", now])
    }

    /// Gives all that runs back to the queue, for the only instance that there is: it has just begun.
    package static func releaseAll(_ tx: Transaction) throws {
        try tx.run("UPDATE jobs SET leased_until = 0 WHERE state = 'running'")
    }

    /// Gives back what an instance that is gone was doing.
    package static func release(_ tx: Transaction, from instance: String) throws {
        let prefix = "\(instance):"
        try tx.run(
            "UPDATE jobs SET leased_until = 0 WHERE state = 'running' AND SUBSTR(leased_by, 1, \(prefix.count)) = ?",
            [prefix])
    }

    private static func due(_ kinds: [String], _ now: Timestamp) -> (sql: String, args: [any SQLBindable]) {
        return (
            "kind IN (\(kinds.placeholders)) AND ((state = 'queued' AND run_at <= ?) OR (state = 'running' AND leased_until < ?))",
            kinds + [now, now]
        )
    }

    package static func isDue(_ tx: Transaction, kinds: [String], now: Timestamp) throws -> Bool {
        let due = due(kinds, now)
        return try tx.row("SELECT 1 AS one FROM jobs WHERE \(due.sql) LIMIT 1", due.args) { _ in true } ?? false
    }

    /// Claims the job that has been due longest. Returns nil if none is due or another instance claimed it first: the
    /// update checks the condition again on the row itself, so only one of two concurrent claims succeeds.
    package static func claim(
        _ tx: Transaction, kinds: [String], by instance: String = "", until: Timestamp, now: Timestamp
    ) throws -> Claim? {
        let due = due(kinds, now)
        let lease = "\(instance):\(Identifier.make())"
        return try tx.row(
            """
            UPDATE jobs SET state = 'running', leased_by = ?, leased_until = ?, attempts = attempts + 1, updated_at = ?
            WHERE id = (SELECT id FROM jobs WHERE \(due.sql) ORDER BY run_at, id LIMIT 1) AND \(due.sql)
            RETURNING id, kind, payload, attempts
            """,
            [lease, until, now] + due.args + due.args
        ) { row in
            Claim(
                run: Job.Run(
                    id: try row.string("id"), payload: try row.stringIfPresent("payload"),
                    attempt: try row.int("attempts")),
                kind: try row.string("kind"), lease: lease, leasedUntil: until)
        }
    }

    /// Returns false if the lease is lost.
    package static func renew(_ tx: Transaction, _ claim: Claim, until: Timestamp) throws -> Bool {
        try tx.run(
            "UPDATE jobs SET leased_until = ? WHERE id = ? AND leased_by = ?", [until, claim.run.id, claim.lease]) == 1
    }

    /// How a run ended. The result of a run that lost its lease is discarded.
    package enum Ending: Sendable {
        case done
        /// Queued once more.
        case again(at: Timestamp, attempts: Int, error: String?)
        case dead(error: String)
    }

    package static func end(_ tx: Transaction, _ claim: Claim, _ ending: Ending, now: Timestamp) throws {
        let whose: [any SQLBindable] = [claim.run.id, claim.lease]
        switch ending {
        case .done:
            try tx.run("DELETE FROM jobs WHERE id = ? AND leased_by = ?", whose)
        case .again(let time, let attempts, let error):
            try tx.run(
                """
                UPDATE jobs SET state = 'queued', run_at = ?, attempts = ?, last_error = ?, leased_by = NULL,
                leased_until = NULL, updated_at = ? WHERE id = ? AND leased_by = ?
                """,
                [time, attempts, error, now] + whose)
        case .dead(let error):
            try tx.run(
                """
                UPDATE jobs SET state = 'dead', last_error = ?, leased_by = NULL, leased_until = NULL, updated_at = ?
                WHERE id = ? AND leased_by = ?
                """,
                [error, now] + whose)
        }
    }

    /// Deletes the payloads of dead jobs, which may hold personal data, such as a mail.
    package static func emptyDead(_ tx: Transaction, before: Timestamp, limit: Int) throws -> Int {
        try tx.run(
            """
            UPDATE jobs SET payload = NULL WHERE id IN (SELECT id FROM jobs
                WHERE state = 'dead' AND updated_at < ? AND payload IS NOT NULL LIMIT ?) AND state = 'dead'
            """,
            [before, limit])
    }

    package static func purgeDead(_ tx: Transaction, before: Timestamp, limit: Int) throws -> Int {
        try tx.run(
            """
            DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE state = 'dead' AND updated_at < ? LIMIT ?)
                AND state = 'dead'
            """,
            [before, limit])
    }
}

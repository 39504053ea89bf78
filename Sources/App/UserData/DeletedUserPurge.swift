import Chatbots
import HTTPKit
import JSON
import Logging
import Metering
import Platform
import Storage

/// Purges the data of users who were deleted long enough ago. Deletes dependent rows first, in small transactions that
/// do not delay others, and continues an interrupted run.
struct DeletedUserPurge: Sendable {
    let database: Database
    let secrets: Secrets
    let objects: FileObjects
    let logger: Logger
    /// Time from the deletion to the purge.
    let keptFor: Duration
    /// Rows that one transaction deletes.
    var batch = Database.batch

    var job: Job {
        Job(kind: "deleted_users.purge", interval: .seconds(3600), timeLimit: .seconds(6 * 3600)) { _ in
            try await run(now: .now)
        }
    }

    func run(now: Timestamp) async throws {
        try await KeptExport.dropExpired(database, now: now)
        var after = Cursor.oldest
        var failure: (any Error)?
        // One that cannot be purged keeps none of the others.
        while let user = try await next(after, now: now) {
            after = Cursor(key: user.deletedAt.milliseconds, id: user.id)
            do {
                try await purge(user, now: now)
            } catch {
                try Task.checkCancellation()
                logger.warning("user not purged", metadata: ["user": .string(user.id), "cause": "\(error)"])
                failure = error
            }
        }
        if let failure { throw failure }
    }

    private struct Condemned: Sendable {
        let id: String
        let deletedBy: String
        let reason: String
        let deletedAt: Timestamp
        let awaitsExport: Bool
        let wantsExport: Bool
    }

    /// Selects the next user to purge and marks it, so that it can no longer be restored.
    private func next(_ after: Cursor, now: Timestamp) async throws -> Condemned? {
        let before = now.adding(.zero - keptFor)
        return try await database.write(.system) { tx in
            try tx.row(
                """
                UPDATE deleted_users SET purging_at = COALESCE(purging_at, ?) WHERE user_id = (
                    SELECT user_id FROM deleted_users WHERE (deleted_at <= ? OR purging_at IS NOT NULL)
                    AND (deleted_at, user_id) > (?, ?) ORDER BY deleted_at, user_id LIMIT 1)
                RETURNING user_id, deleted_by, reason, deleted_at, wants_export, exported_at
                """,
                [now, before, after.key, after.id]
            ) { row in
                let wantsExport = try row.bool("wants_export")
                return Condemned(
                    id: try row.string("user_id"), deletedBy: try row.string("deleted_by"),
                    reason: try row.string("reason"), deletedAt: Timestamp(milliseconds: try row.int64("deleted_at")),
                    awaitsExport: try wantsExport && row.int64IfPresent("exported_at") == nil, wantsExport: wantsExport)
            }
        }
    }

    private func purge(_ user: Condemned, now: Timestamp) async throws {
        let id = user.id
        if user.awaitsExport {
            try await KeptExport(database: database, secrets: secrets, objects: objects, userID: id).keep(now: now)
        }
        try await removing { try $0.removeConversations(where: "user_id = ?", [id]) }
        try await removing { try $0.removeResponses(where: "responses.user_id = ?", [id]) }
        // A workspace that others belong to stays.
        let workspaceIDs = try await database.read(.system) { tx in
            try tx.rows(
                """
                SELECT m.workspace_id FROM members m WHERE m.user_id = ? AND NOT EXISTS (SELECT 1 FROM members o
                    WHERE o.workspace_id = m.workspace_id AND o.user_id <> m.user_id)
                """,
                [id]
            ) { try $0.string("workspace_id") }
        }
        for workspaceID in workspaceIDs {
            try await removing { try $0.removeContents(ofWorkspace: workspaceID) }
        }
        try await removing {
            try $0.removeFiles(of: "uploads", where: "user_id = ?", [id])
                && $0.removeFiles(of: "files", where: "user_id = ? AND kind = 'client'", [id])
        }
        // What the user added to the knowledge of a team's chatbot stays, without the user's name.
        try await repeated { tx in
            try tx.run("UPDATE files SET owner = 'erased', user_id = NULL WHERE user_id = ?", [id]) > 0
        }
        for table in ["sessions", "api_keys", "staff_accesses"] {
            try await removing { try $0.removeRows(of: table, where: "user_id = ?", [id]) }
        }
        try await repeated { [batch] tx in try MessageLog.forget(tx, userID: id, limit: batch) > 0 }
        try await database.write(.system) { tx in
            for workspaceID in workspaceIDs { try tx.run("DELETE FROM workspaces WHERE id = ?", [workspaceID]) }
            guard try tx.run("DELETE FROM users WHERE id = ? AND deleted_at IS NOT NULL", [id]) == 1 else { return }
            try AuditEntry.insert(
                tx, actor: AuditEntry.system, action: "purge user", target: "user:\(id)",
                detail: [
                    "deleted_by": .string(user.deletedBy), "deleted_at": .string(user.deletedAt.iso8601),
                    "reason": .string(user.reason), "export": .bool(user.wantsExport),
                ])
        }
    }

    private func removing(_ some: @escaping @Sendable (inout RowPurge) throws -> Bool) async throws {
        try await repeated { [batch] tx in
            var purge = RowPurge(tx, rows: batch)
            return try !some(&purge)
        }
    }

    /// Until nothing is left to do.
    private func repeated(_ some: @escaping @Sendable (Transaction) throws -> Bool) async throws {
        while try await database.write(.system, some) { try Task.checkCancellation() }
    }
}

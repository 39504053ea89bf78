import Accounts
import Chatbots
import HTTPKit
import Platform
import Storage

extension Import {
    private static let columns = """
        i.id, i.workspace_id, i.user_id, i.chatbot_id, i.name, i.state, i.format, i.error_code, i.imported, i.skipped,
        i.failed, i.progress, i.created_at, i.ended_at
        """
    /// Imports of one user in one workspace that are not over.
    private static let mostWaiting = 20
    /// Imports of one user in one workspace that are remembered.
    private static let mostKept = 50

    private init(_ row: Row) throws {
        let counts = ImportCounts(
            imported: try row.int("imported"), skipped: ImportCounts.counts(try row.string("skipped")),
            failed: ImportCounts.counts(try row.string("failed")))
        self.init(
            id: try row.string("id"), workspaceID: try row.string("workspace_id"),
            chatbotID: try row.string("chatbot_id"), name: try row.string("name"),
            state: State(rawValue: try row.string("state")) ?? .failed,
            format: try row.stringIfPresent("format").flatMap(ImportFormat.init(rawValue:)),
            errorCode: try row.stringIfPresent("error_code"), found: counts.found, imported: counts.imported,
            skipped: ImportCounts.list(counts.skipped), failed: ImportCounts.list(counts.failed),
            progress: try row.int("progress"), createdAt: Timestamp(milliseconds: try row.int64("created_at")),
            endedAt: try row.int64IfPresent("ended_at").map(Timestamp.init(milliseconds:)))
    }

    /// Takes the upload over. Throws `conflict` if too many imports wait.
    static func create(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, uploadID: String, of owner: FileOwner,
        format: ImportFormat?, now: Timestamp
    ) throws -> Import {
        let own: [any SQLBindable] = [tenant.workspaceID, tenant.userID]
        // Locks the membership, so that parallel calls are counted one after another.
        try tenant.held(tx)
        let waiting = try tx.row(
            """
            SELECT COUNT(*) AS count FROM imports WHERE workspace_id = ? AND user_id = ? AND state IN ('queued', 'running')
            """, own
        ) { try $0.int("count") }
        guard waiting ?? 0 < mostWaiting else {
            throw APIError(
                .conflict, "\(mostWaiting) imports are waiting. Try again when one is done.",
                bengali: "\(mostWaiting)টি আমদানি অপেক্ষায় আছে। একটি শেষ হলে আবার চেষ্টা করুন।")
        }
        try tx.run(
            """
            DELETE FROM imports WHERE workspace_id = ? AND user_id = ? AND state NOT IN ('queued', 'running')
            AND id NOT IN (SELECT id FROM imports WHERE workspace_id = ? AND user_id = ? ORDER BY id DESC LIMIT \(mostKept))
            """, own + own)
        let id = Identifier.make()
        let upload = try UploadContent.take(
            tx, in: tenant, id: uploadID, of: owner, for: "import:\(id)", now: now)
        try tx.insert(
            into: "imports",
            [
                "id": id, "workspace_id": tenant.workspaceID, "user_id": tenant.userID, "chatbot_id": chatbotID,
                "upload_id": upload.id, "name": upload.name, "wanted_format": format?.rawValue,
                "state": State.queued.rawValue,
                "created_at": now,
            ])
        return try find(tx, id: id, of: tenant.userID)
    }

    /// The user's own, in a workspace to which the user still belongs. Throws `not_found`.
    static func find(_ tx: Transaction, id: String, of userID: String) throws -> Import {
        let found = try tx.row(
            """
            SELECT \(columns) FROM imports i JOIN members m ON m.workspace_id = i.workspace_id AND m.user_id = i.user_id
            WHERE i.id = ? AND i.user_id = ?
            """,
            [id, userID], Import.init)
        guard let found else { throw APIError(.notFound) }
        return found
    }

    /// At most `limit` and one more, newest first.
    static func list(_ tx: Transaction, in tenant: Tenant, after: Cursor, limit: Int) throws -> [Import] {
        try tx.rows(
            """
            SELECT \(columns) FROM imports i WHERE i.workspace_id = ? AND i.user_id = ? AND i.id < ?
            ORDER BY i.id DESC LIMIT ?
            """,
            [tenant.workspaceID, tenant.userID, after.id, limit + 1], Import.init)
    }

    /// Ends an import that is not over. What came stays.
    static func cancel(_ tx: Transaction, id: String, of userID: String, now: Timestamp) throws {
        _ = try find(tx, id: id, of: userID)
        let uploadID = try tx.row(
            """
            UPDATE imports SET state = 'cancelled', run_by = NULL, ended_at = ?
            WHERE id = ? AND state IN ('queued', 'running') RETURNING upload_id
            """,
            [now, id]
        ) { try $0.stringIfPresent("upload_id") }
        if let uploadID = uploadID ?? nil { try UploadContent.delete(tx, id: uploadID) }
    }
}

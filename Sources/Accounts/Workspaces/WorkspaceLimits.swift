import HTTPKit
package import Platform
package import Storage

/// Whether the plan of the one who pays for a workspace leaves room for more in it. Reading and deleting are never refused.
package enum WorkspaceLimits {
    package enum Thing: Sendable {
        case chatbot, endUser
        /// Anything that is not counted by itself.
        case bytes
        case promptVersion(chatbotID: String)
        /// A file of a chatbot or an API client. Its bytes are counted by `upload`.
        case file
        /// Bytes of a file that is going to be stored.
        case upload(bytes: Int)
    }

    /// Throws `plan_limit_reached`. Several at once are counted one after another, except of what only adds bytes.
    package static func require(_ thing: Thing, _ tx: Transaction, in tenant: Tenant) throws {
        guard let limits = try Subscriber.payer(tx, workspaceID: tenant.workspaceID)?.limits else { return }
        let id = tenant.workspaceID
        switch thing {
        case .bytes: break
        case .chatbot:
            guard let most = limits.chatbots else { break }
            let sql = "SELECT COUNT(*) AS count FROM chatbots WHERE workspace_id = ? AND deleted_at IS NULL"
            try require(most, "chatbots in a workspace", tx, sql, [id], lockedBy: id)
        case .promptVersion(let chatbotID):
            guard let most = limits.promptVersions else { break }
            let sql = "SELECT COUNT(*) AS count FROM prompts WHERE workspace_id = ? AND chatbot_id = ?"
            try require(most, "versions of a chatbot's prompt", tx, sql, [id, chatbotID], lockedBy: id)
        case .file:
            guard let most = limits.files else { return }
            let sql = "SELECT COUNT(*) AS count FROM files WHERE workspace_id = ? AND kind <> 'attachment'"
            return try require(most, "files in a workspace", tx, sql, [id], lockedBy: id)
        case .upload(let bytes):
            guard let most = limits.storedBytes else { return }
            let sql = "SELECT \(storedBytes(in: "?")) + CAST(? AS BIGINT) - 1 AS count"
            return try require(
                most, "stored bytes in a workspace", tx, sql, [id, max(1, min(bytes, 1 << 60))], lockedBy: id)
        case .endUser:
            guard let most = limits.endUsers else { break }
            let sql = """
                SELECT CAST(COALESCE(SUM(end_users), 0) AS BIGINT) AS count FROM workspace_totals
                WHERE workspace_id = ?
                """
            try require(most, "end users in a workspace", tx, sql, [id], lockedBy: id)
        }
        if let most = limits.storedBytes {
            let stored = try tx.row("SELECT \(storedBytes(in: "?")) AS bytes", [id]) { try $0.int("bytes") } ?? 0
            guard stored < most else { throw isFull(most) }
        }
    }

    /// Whether the workspace may store more bytes. It has all the room if it has no active owner, as in `require`.
    package static func hasRoom(_ tx: Transaction, for bytes: Int, workspaceID: String) throws -> Bool {
        guard let most = try Subscriber.payer(tx, workspaceID: workspaceID)?.limits.storedBytes else { return true }
        let stored = try tx.row("SELECT \(storedBytes(in: "?")) AS bytes", [workspaceID]) { try $0.int("bytes") } ?? 0
        return stored <= most - bytes
    }

    /// Throws `plan_limit_reached` if the user owns as many workspaces as the plan allows.
    package static func requireWorkspace(_ tx: Transaction, for caller: Caller) throws {
        try tx.run("UPDATE users SET plan_id = plan_id WHERE id = ?", [caller.userID])
        guard let most = try Subscriber.find(tx, userID: caller.userID)?.limits.workspaces else { return }
        let owned = try tx.row(
            """
            SELECT COUNT(*) AS count FROM members WHERE user_id = ? AND role = 'owner' AND accepted_at IS NOT NULL
            """,
            [caller.userID]
        ) { try $0.int("count") }
        guard owned ?? 0 < most else { throw isFull(most, "workspaces") }
    }

    /// An SQL expression for the bytes that a workspace stores.
    package static func storedBytes(in workspace: String) -> String {
        """
        CAST(COALESCE((SELECT SUM(t.bytes) FROM workspace_totals t WHERE t.workspace_id = \(workspace)), 0) AS BIGINT)
        """
    }

    /// Throws `plan_limit_reached` if a workspace stores so much that no turn may begin there. The limit is the greater of
    /// the requester's and the payer's, who is looked up only if that decides.
    package static func require(storedBytes: Int, _ tx: Transaction, in tenant: Tenant, for subscriber: Subscriber)
        throws
    {
        guard let own = subscriber.limits.storedBytes, storedBytes >= own else { return }
        let payer = try Subscriber.payer(tx, workspaceID: tenant.workspaceID) ?? subscriber
        guard let most = payer.limits.storedBytes else { return }
        guard storedBytes < most else { throw isFull(max(own, most)) }
    }

    /// The number of files that the plan counts, in all workspaces that the user owns.
    package static func countFiles(_ tx: Transaction, ofOwner userID: String) throws -> Int {
        try tx.row(
            """
            SELECT COUNT(*) AS files FROM files WHERE kind <> 'attachment' AND workspace_id IN
                (SELECT workspace_id FROM members WHERE user_id = ? AND role = 'owner' AND accepted_at IS NOT NULL)
            """,
            [userID]
        ) { try $0.int("files") } ?? 0
    }

    private static func require(
        _ most: Int, _ things: String, _ tx: Transaction, _ count: String, _ args: [any SQLBindable],
        lockedBy workspaceID: String
    ) throws {
        try tx.run("UPDATE workspaces SET updated_at = updated_at WHERE id = ?", [workspaceID])
        let count = try tx.row(count, args) { try $0.int("count") } ?? 0
        guard count < most else { throw isFull(most, things) }
    }

    private static func isFull(_ most: Int, _ things: String = "stored bytes in a workspace") -> APIError {
        APIError(.planLimitReached, "The plan allows \(most) \(things). Delete what is not needed.")
    }
}

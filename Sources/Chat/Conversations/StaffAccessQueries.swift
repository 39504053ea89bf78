package import HTTPKit
package import Platform
package import Storage

extension StaffAccess {
    /// Grants access. The user concerned is the one who began the conversation, or, if an application did, the owner of
    /// its workspace who pays.
    package static func begin(
        _ tx: Transaction, for caller: OperatorCaller, conversationID: String, reason: String, now: Timestamp
    ) throws -> StaffAccess {
        let found = try tx.row(
            """
            SELECT c.workspace_id, u.id AS user_id FROM conversations c JOIN users u ON u.deleted_at IS NULL
            AND u.id = COALESCE(c.user_id, (SELECT m.user_id FROM members m
                JOIN users o ON o.id = m.user_id AND o.deleted_at IS NULL
                WHERE m.workspace_id = c.workspace_id AND m.role = 'owner' AND m.accepted_at IS NOT NULL
                ORDER BY CASE WHEN o.disabled_at IS NULL THEN 0 ELSE 1 END, m.created_at, m.user_id LIMIT 1))
            WHERE c.id = ? AND \(Conversation.isThere)
            """,
            [conversationID]
        ) { (workspaceID: try $0.string("workspace_id"), userID: try $0.string("user_id")) }
        guard let found else { throw APIError(.notFound) }
        let access = StaffAccess(
            accessID: Identifier.make(), conversationID: conversationID, reason: reason,
            expiresAt: now.adding(lifetime))
        try tx.run(
            """
            INSERT INTO staff_accesses (id, operator_id, operator_name, workspace_id, conversation_id, user_id, reason,
                created_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                access.accessID, caller.id, caller.name, found.workspaceID, conversationID, found.userID, reason, now,
                access.expiresAt,
            ])
        return access
    }

    /// The conversation. Throws if this operator has no valid access to it.
    package static func opened(
        _ tx: Transaction, by operatorID: String, conversationID: String, now: Timestamp
    ) throws -> (accessID: String, conversation: Conversation, tenant: Tenant) {
        let found = try tx.row(
            """
            SELECT \(Conversation.columns), a.id AS access_id, a.user_id FROM staff_accesses a
            JOIN users u ON u.id = a.user_id AND u.deleted_at IS NULL
            JOIN conversations c ON c.workspace_id = a.workspace_id AND c.id = a.conversation_id
            WHERE a.conversation_id = ? AND a.operator_id = ? AND a.expires_at > ?
            AND \(Conversation.isThere)
            ORDER BY a.expires_at DESC LIMIT 1
            """,
            [conversationID, operatorID, now]
        ) { row in
            (
                try row.string("access_id"), try Conversation(row, now: now),
                Tenant(openedTo: try row.string("user_id"), workspaceID: try row.string("workspace_id"))
            )
        }
        guard let found else { throw APIError(.accessRequired) }
        return found
    }
}

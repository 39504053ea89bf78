package import HTTPKit
package import Platform
package import Storage

/// A part of an imported conversation that its source did not show, such as instructions or the call of a tool. It is kept
/// for its user's exports alone: no list shows it and no model gets it.
package struct HiddenMessage: JSONOutput {
    package let id: String
    /// Who or what wrote it, in the words of its source.
    package let role: String
    package let content: String
    package let createdAt: Timestamp

    package static func list(
        _ tx: Transaction, in tenant: Tenant, conversationID: String, after: String, limit: Int
    ) throws -> [HiddenMessage] {
        try tx.rows(
            """
            SELECT id, role, content, created_at FROM hidden_messages
            WHERE workspace_id = ? AND conversation_id = ? AND id > ? ORDER BY id LIMIT ?
            """,
            [tenant.workspaceID, conversationID, after, limit]
        ) { row in
            HiddenMessage(
                id: try row.string("id"), role: try row.string("role"), content: try row.string("content"),
                createdAt: Timestamp(milliseconds: try row.int64("created_at")))
        }
    }
}

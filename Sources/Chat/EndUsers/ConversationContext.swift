package import HTTPKit
package import LLM
package import Platform
package import Storage

/// What a conversation holds for the next turn: its session data and its last turns.
package struct ConversationContext: Sendable {
    package let encryptedSessionData: String?
    /// Oldest first.
    package let history: [ChatMessage]

    private static let longestHistory = 50

    /// - Parameter messageID: only what came before this message.
    package static func find(
        _ tx: Transaction, in tenant: Tenant, id: String, before messageID: String? = nil
    ) throws -> ConversationContext {
        let found = try tx.row(
            "SELECT session_data, path FROM conversations WHERE workspace_id = ? AND id = ?", [tenant.workspaceID, id]
        ) {
            (
                sessionData: try $0.stringIfPresent("session_data"),
                path: try MessagePath(text: try $0.stringIfPresent("path"))
            )
        }
        let end = try messageID.flatMap { messageID in
            try tx.row(
                "SELECT position FROM messages WHERE workspace_id = ? AND conversation_id = ? AND id = ?",
                [tenant.workspaceID, id, messageID]
            ) { try $0.int64("position") }
        }
        let (onPath, ranges) = (found?.path ?? .whole).condition(
            after: end ?? .max, isNewestFirst: true, limit: longestHistory)
        let newest = try tx.rows(
            """
            SELECT sender, content, status FROM messages
            WHERE workspace_id = ? AND conversation_id = ? AND position < ? \(onPath)
            ORDER BY position DESC LIMIT \(longestHistory)
            """,
            [tenant.workspaceID, id, end ?? .max] + ranges
        ) { row in
            (
                message: ChatMessage(
                    role: try row.string("sender") == "user" ? .user : .assistant, content: try row.string("content")),
                status: try row.string("status")
            )
        }
        return ConversationContext(
            encryptedSessionData: found?.sessionData,
            history: newest.reversed().filter {
                !["failed", "running"].contains($0.status) && !$0.message.content.isEmpty
            }.map(\.message))
    }

    package func sessionData(_ secrets: Secrets) throws -> JSONObject {
        try encryptedSessionData.map { try secrets.decryptJSON(JSONObject.self, $0) } ?? JSONObject()
    }
}

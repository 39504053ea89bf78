import Chatbots
import HTTPKit
import HTTPTypes
import Platform
import Storage

/// An operator's access to a conversation, as the user concerned sees it.
struct AccessLogEntry: JSONOutput {
    let id: String
    let operatorName: String
    let reason: String
    let conversationID: String
    let createdAt: Timestamp
    let expiresAt: Timestamp
}

extension AccessLogEntry {
    /// Asked for by the user alone, so that one who has left a workspace goes on seeing what was read there.
    static func list(_ tx: Transaction, userID: String, after: Cursor, limit: Int) throws -> [AccessLogEntry] {
        try tx.rows(
            """
            SELECT id, operator_name, reason, conversation_id, created_at, expires_at FROM staff_accesses
            WHERE user_id = ? AND id < ? ORDER BY id DESC LIMIT ?
            """,
            [userID, after.id, limit + 1]
        ) { row in
            AccessLogEntry(
                id: try row.string("id"), operatorName: try row.string("operator_name"),
                reason: try row.string("reason"), conversationID: try row.string("conversation_id"),
                createdAt: Timestamp(milliseconds: try row.int64("created_at")),
                expiresAt: Timestamp(milliseconds: try row.int64("expires_at")))
        }
    }
}

/// What operators have read, and all that is the caller's, as a file.
struct AccessLogRoutes: Sendable {
    let database: Database
    let secrets: Secrets
    let objects: FileObjects

    func accessLog(_ who: UserCaller, _ paging: Paging) async throws -> List<AccessLogEntry> {
        let after = try paging.cursor(or: .newest)
        let entries = try await database.read(.system) { tx in
            try AccessLogEntry.list(tx, userID: who.caller.userID, after: after, limit: paging.count)
        }
        return List(entries, limit: paging.count) { Cursor(id: $0.id) }
    }

    func export(_ who: SessionCaller) -> UserFile {
        UserExport(database: database, secrets: secrets, objects: objects, userID: who.caller.userID).file
    }
}

extension AccessLogRoutes {
    var table: [Route] {
        [
            Route(
                .get, "/users/me/access-log", .read, id: "list_operator_access",
                "List operators who could read my conversations",
                about: "Each entry names the operator, the conversation and the reason.",
                accessLog),
            Route(
                .get, "/users/me/export", .read, id: "export_my_data", "Export all my data",
                about: "A JSON file with the account, workspaces, chatbots, conversations and usage.",
                export),
        ].tagged(.users)
    }
}

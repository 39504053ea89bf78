import Chatbots
package import HTTPKit
import HTTPTypes
package import Platform
import Storage

/// A passage of a file, as it was read and is given to models.
package struct FilePassage: JSONOutput, Equatable {
    /// Its place among the file's passages, starting at 1.
    package let position: Int
    /// The page that it begins on; null if the file has none.
    package let page: Int?
    /// The headings above it.
    package let heading: String?
    /// Its position in the file's text, in Unicode scalars.
    package let start: Int
    package let end: Int
    package let text: String

    private init(_ row: Row) throws {
        position = try row.int("position") + 1
        page = try row.intIfPresent("page")
        heading = try row.stringIfPresent("heading")
        (start, end) = (try row.int("start_at"), try row.int("end_at"))
        text = try row.string("text")
    }

    /// In the order of the file; none before all are stored.
    static func list(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, fileID: String, after: Cursor, limit: Int
    ) throws -> RowPage<FilePassage> {
        try tx.page(
            """
            SELECT c.position, c.page, c.heading, c.start_at, c.end_at, c.text FROM knowledge_chunks c
            JOIN files f ON f.workspace_id = c.workspace_id AND f.id = c.file_id
            WHERE c.workspace_id = ? AND f.chatbot_id = ? AND f.kind = 'knowledge' AND f.id = ? AND f.chunks > 0
                AND c.position >= ? ORDER BY c.position
            """,
            [tenant.workspaceID, chatbotID, fileID, after.key], limit: limit, FilePassage.init)
    }
}

extension KnowledgeSearchRoutes {
    package func passages(_ who: UserOrKey, _ paging: Paging) async throws -> List<FilePassage> {
        let after = try paging.cursor(or: .oldest)
        let (chatbotID, fileID) = (who["chatbot_id"], who["file_id"])
        let (tenant, _) = try await tenant(who)
        let page = try await database.read(who.scope) { tx in
            _ = try StoredFile.find(tx, in: tenant, .chatbot(chatbotID), id: fileID)
            return try FilePassage.list(
                tx, in: tenant, chatbotID: chatbotID, fileID: fileID, after: after, limit: paging.count)
        }
        // Positions are stored from 0, so that the last one's is the next one's here.
        return List(page) { Cursor(key: Int64($0.position), id: fileID) }
    }

    var passageTable: [Route] {
        [
            Route(
                .get, "/chatbots/{chatbot_id}/files/{file_id}/passages", RoutePolicy.read.scopes(.knowledge),
                id: "list_file_passages", "List the passages of a file",
                about: "What was read of the file, in its order.",
                passages,
                errors: [.forbidden, .keyNotForChatbot])
        ]
    }
}

import HTTPKit
import Platform
import Storage

/// A user's conversation with changes that are not in the index yet.
struct WaitingConversation: Sendable {
    let tenant: Tenant
    let id: String
    let title: String?
    let createdAt: Timestamp
    let changes: Int64

    /// The next ones in the order of their ids, without those whose turn is running, and those that are being removed.
    static func find(_ tx: Transaction, after id: String, limit: Int) throws -> [WaitingConversation] {
        try tx.rows(
            """
            SELECT id, workspace_id, user_id, title, created_at, to_index FROM conversations v
            WHERE to_index > 0 AND user_id IS NOT NULL AND deleted_at IS NULL AND turn_message_id IS NULL AND id > ?
            AND NOT EXISTS (SELECT 1 FROM chatbots c
                WHERE c.workspace_id = v.workspace_id AND c.id = v.chatbot_id AND c.deleted_at IS NOT NULL)
            ORDER BY id LIMIT ?
            """,
            [id, limit]
        ) { row in
            WaitingConversation(
                tenant: Tenant(jobOf: try row.string("workspace_id"), payerID: try row.string("user_id")),
                id: try row.string("id"), title: try row.stringIfPresent("title"),
                createdAt: Timestamp(milliseconds: try row.int64("created_at")), changes: try row.int64("to_index"))
        }
    }
}

/// Messages of a conversation that are not in the index yet, and its title before the first one.
struct SearchPart: Sendable {
    let conversation: WaitingConversation
    /// Messages, and the bytes of their texts.
    let (count, bytes): (Int, Int)
    let lastPosition: Int64
    /// Whether nothing is left.
    let isEnd: Bool
    private let entries: [SearchEntry]

    /// Divides the texts into words, outside the transaction that writes them.
    init(_ tx: Transaction, _ conversation: WaitingConversation, after: Int64, messages: Int, bytes: Int) throws {
        let owner = SearchOwner(conversation.tenant)
        let page = try Self.messages(tx, conversation.id, after: after, limit: messages, bytes: bytes)
        let title = after == SearchEntry.titlePosition ? conversation.title : nil
        self.conversation = conversation
        (count, self.bytes) = (page.items.count, page.items.reduce(0) { $0 + $1.text.utf8.count })
        lastPosition = page.items.last?.position ?? after
        isEnd = !page.hasMore
        entries =
            [title.flatMap { SearchEntry($0, of: owner, time: conversation.createdAt) }].compactMap(\.self)
            + page.items.compactMap { SearchEntry($0.text, of: owner, position: $0.position, time: $0.time) }
    }

    private static func messages(
        _ tx: Transaction, _ conversationID: String, after: Int64, limit: Int, bytes: Int
    ) throws -> RowPage<(position: Int64, text: String, time: Timestamp)> {
        try tx.page(
            """
            SELECT position, content, created_at FROM messages m
            WHERE conversation_id = ? AND position > ? AND status NOT IN ('running', 'failed')
                AND NOT EXISTS (SELECT 1 FROM search_entries e
                    WHERE e.conversation_id = m.conversation_id AND e.position = m.position)
            ORDER BY position
            """,
            [conversationID, after], limit: limit, bytes: bytes
        ) { row in
            (
                try row.int64("position"), try row.string("content"),
                Timestamp(milliseconds: try row.int64("created_at"))
            )
        }
    }

    /// Writes nothing if the conversation has changed or is gone: the next run reads it again. The first statement makes
    /// changes wait until the end of the transaction.
    func index(_ tx: Transaction, _ dialect: Dialect) throws {
        let isUnchanged = try tx.run(
            "UPDATE conversations SET to_index = ? WHERE workspace_id = ? AND id = ? AND to_index = ?",
            [isEnd ? 0 : conversation.changes, conversation.tenant.workspaceID, conversation.id, conversation.changes])
        guard isUnchanged == 1 else { return }
        for entry in entries {
            try entry.insert(tx, in: conversation.tenant, conversationID: conversation.id, dialect)
        }
    }
}

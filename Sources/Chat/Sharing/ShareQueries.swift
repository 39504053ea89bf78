import Accounts
package import HTTPKit
import Platform
package import Storage

extension ConversationShare {
    /// Creates a link to the shown messages, without a reply that is still being written. The membership's row is held
    /// meanwhile, so that no more links than allowed are made.
    static func create(
        _ tx: Transaction, in tenant: Tenant, _ conversation: Conversation, token: String, expiresAt: Timestamp,
        now: Timestamp
    ) throws -> ConversationShare {
        try tenant.held(tx)
        try requireAllowed(tx, in: tenant)
        let open = try list(tx, in: tenant, conversationID: conversation.id, after: .newest, limit: most, now: now)
        guard open.count < most else {
            throw APIError(
                .conflict, "There are \(most) links to this conversation. End one of them first.",
                bengali: "এই কথোপকথনের \(most)টি লিঙ্ক আছে। আগে তার একটি বন্ধ করুন।")
        }
        guard let last = try lastPosition(tx, in: tenant, conversation) else {
            throw APIError(
                .conflict, "There is nothing to share in this conversation yet.",
                bengali: "এই কথোপকথনে শেয়ার করার মতো এখনও কিছু নেই।")
        }
        let share = ConversationShare(id: Identifier.make(), createdAt: now, expiresAt: expiresAt)
        try tx.run(
            """
            INSERT INTO conversation_shares (id, workspace_id, conversation_id, user_id, token_hash, title, path,
                last_position, created_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                share.id, tenant.workspaceID, conversation.id, tenant.userID, Secrets.hash(token), conversation.title,
                conversation.path.text, last, now, expiresAt,
            ])
        return share
    }

    /// Throws `forbidden` unless the workspace allows links to what is said in it.
    static func requireAllowed(_ tx: Transaction, in tenant: Tenant) throws {
        let isAllowed = try tx.row("SELECT allows_sharing FROM workspaces WHERE id = ?", [tenant.workspaceID]) {
            try $0.int("allows_sharing") == 1
        }
        guard isAllowed == true else {
            throw APIError(
                .forbidden, "This workspace does not allow links to conversations. An owner can change that.",
                bengali: "এই কর্মক্ষেত্রে কথোপকথনের লিঙ্ক দেওয়া যায় না। মালিক তা বদলাতে পারেন।")
        }
    }

    /// The position of the last shown message that has been written to its end; nil if there is none.
    private static func lastPosition(
        _ tx: Transaction, in tenant: Tenant, _ conversation: Conversation
    ) throws -> Int64? {
        let (onPath, ranges) = conversation.path.condition(after: .max, isNewestFirst: true, limit: 2)
        return try tx.row(
            """
            SELECT position FROM messages
            WHERE workspace_id = ? AND conversation_id = ? AND id <> ? \(onPath) ORDER BY position DESC LIMIT 1
            """,
            [tenant.workspaceID, conversation.id, conversation.runningMessageID ?? ""] + ranges
        ) { try $0.int64("position") }
    }

    /// The open links to a conversation, newest first.
    static func list(
        _ tx: Transaction, in tenant: Tenant, conversationID: String, after: Cursor, limit: Int, now: Timestamp
    ) throws -> [ConversationShare] {
        try tx.rows(
            """
            SELECT id, created_at, expires_at FROM conversation_shares
            WHERE workspace_id = ? AND conversation_id = ? AND id < ? AND expires_at > ? ORDER BY id DESC LIMIT ?
            """,
            [tenant.workspaceID, conversationID, after.id, now, limit + 1], ConversationShare.init)
    }

    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.string("id"), createdAt: Timestamp(milliseconds: try row.int64("created_at")),
            expiresAt: Timestamp(milliseconds: try row.int64("expires_at")))
    }

    static func end(_ tx: Transaction, in tenant: Tenant, conversationID: String, id: String) throws {
        let ended = try tx.run(
            "DELETE FROM conversation_shares WHERE workspace_id = ? AND conversation_id = ? AND id = ?",
            [tenant.workspaceID, conversationID, id])
        guard ended == 1 else { throw APIError(.notFound) }
    }

    /// Returns the number of removed rows.
    package static func purge(_ tx: Transaction, before: Timestamp, limit: Int) throws -> Int {
        try tx.run(
            """
            DELETE FROM conversation_shares
            WHERE id IN (SELECT id FROM conversation_shares WHERE expires_at <= ? LIMIT ?)
            """,
            [before, limit])
    }
}

/// What a link opens, for as long as its conversation, its workspace's consent and its maker's account and membership last.
struct OpenedShare: Sendable {
    let workspaceID: String
    let conversationID: String
    let chatbotName: String
    let title: String?
    let path: MessagePath
    let lastPosition: Int64
    let share: ConversationShare

    static func find(_ tx: Transaction, token: String, now: Timestamp) throws -> OpenedShare {
        let found = try tx.row(
            """
            SELECT s.id, s.workspace_id, s.conversation_id, s.title, s.path, s.last_position, s.created_at, s.expires_at,
                (SELECT b.name FROM chatbots b WHERE b.workspace_id = c.workspace_id AND b.id = c.chatbot_id) AS chatbot
            FROM conversation_shares s
            JOIN conversations c ON c.workspace_id = s.workspace_id AND c.id = s.conversation_id
                AND c.user_id = s.user_id AND c.end_user_id IS NULL
            JOIN workspaces w ON w.id = s.workspace_id AND w.deleted_at IS NULL AND w.allows_sharing = 1
            JOIN members m ON m.workspace_id = s.workspace_id AND m.user_id = s.user_id
            JOIN users u ON u.id = s.user_id AND u.deleted_at IS NULL AND u.disabled_at IS NULL
            WHERE s.token_hash = ? AND s.expires_at > ? AND \(Conversation.isThere)
            """,
            [Secrets.hash(token), now], OpenedShare.init)
        guard let found else { throw APIError(.notFound) }
        return found
    }

    private init(_ row: Row) throws {
        workspaceID = try row.string("workspace_id")
        conversationID = try row.string("conversation_id")
        chatbotName = try row.string("chatbot")
        title = try row.stringIfPresent("title")
        path = try MessagePath(text: try row.stringIfPresent("path"))
        lastPosition = try row.int64("last_position")
        share = try ConversationShare(row)
    }

    /// The messages after `position`, oldest first. What is no part of the talk, such as an imported instruction, stays out.
    func messages(_ tx: Transaction, after position: Int64, limit: Int) throws -> RowPage<Message.Placed> {
        let (onPath, ranges) = path.condition(after: position, limit: limit)
        return try tx.page(
            """
            SELECT \(Message.columns) FROM messages
            WHERE workspace_id = ? AND conversation_id = ? AND position > ? AND position <= ?
            AND sender <> 'system' \(onPath)
            ORDER BY position
            """,
            [workspaceID, conversationID, position, lastPosition] + ranges, limit: limit, Message.Placed.init)
    }
}

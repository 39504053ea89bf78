import Accounts
package import HTTPKit
package import Platform
package import Storage

extension Conversation {
    package static let columns = """
        c.id, c.workspace_id, c.chatbot_id, c.title, c.turn_message_id, c.turn_until, c.created_at, c.updated_at,
        c.pinned, c.archived, c.folder, c.path, c.last_position
        """

    /// Whether a conversation `c` is there: neither it nor its chatbot nor its end user has been deleted.
    package static let isThere = """
        c.deleted_at IS NULL AND EXISTS (SELECT 1 FROM chatbots b WHERE b.workspace_id = c.workspace_id
            AND b.id = c.chatbot_id AND b.deleted_at IS NULL)
        AND (c.end_user_id IS NULL OR EXISTS (SELECT 1 FROM end_users e WHERE e.workspace_id = c.workspace_id
            AND e.id = c.end_user_id AND e.deleted_at IS NULL))
        """

    package init(_ row: Row, now: Timestamp) throws {
        let id = try row.string("id")
        let chatbotID = try row.string("chatbot_id")
        let isRunning = try row.int64IfPresent("turn_until").map { $0 >= now.milliseconds } ?? false
        self.init(
            id: id, sessionID: id, workspaceID: try row.string("workspace_id"), chatbotID: chatbotID,
            projectID: chatbotID, title: try row.stringIfPresent("title"),
            runningMessageID: isRunning ? try row.stringIfPresent("turn_message_id") : nil,
            createdAt: Timestamp(milliseconds: try row.int64("created_at")),
            updatedAt: Timestamp(milliseconds: try row.int64("updated_at")),
            pinned: try row.bool("pinned"), archived: try row.bool("archived"),
            folder: try row.stringIfPresent("folder"),
            path: try MessagePath(text: try row.stringIfPresent("path")),
            lastPosition: try row.int64("last_position"))
    }

    /// The caller's own conversation, in any workspace that the caller belongs to.
    package static func find(
        _ tx: Transaction, id: String, for caller: Caller, now: Timestamp = .now
    ) throws -> (conversation: Conversation, tenant: Tenant) {
        let found = try tx.row(
            """
            SELECT \(columns), \(Tenant.roleColumn) FROM conversations c
            JOIN members m ON m.workspace_id = c.workspace_id AND m.user_id = c.user_id
            WHERE c.id = ? AND c.user_id = ? AND \(isThere)
            """,
            [id, caller.userID]
        ) { (try Conversation($0, now: now), try Tenant($0, userID: caller.userID)) }
        guard let found else { throw APIError(.notFound) }
        return found
    }

    /// One that the caller may read: its own, or, for an editor, one that an application began.
    package static func findReadable(
        _ tx: Transaction, id: String, for caller: Caller, now: Timestamp = .now
    ) throws -> (conversation: Conversation, tenant: Tenant) {
        let found = try tx.row(
            """
            SELECT \(columns), \(Tenant.roleColumn) FROM conversations c
            JOIN members m ON m.workspace_id = c.workspace_id AND m.user_id = ?
            WHERE c.id = ? AND (c.user_id = m.user_id OR (c.user_id IS NULL AND m.role IN ('owner', 'editor')))
            AND \(isThere)
            """,
            [caller.userID, id]
        ) { (try Conversation($0, now: now), try Tenant($0, userID: caller.userID)) }
        guard let found else { throw APIError(.notFound) }
        return found
    }

    package static func list(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String?, pinned: Bool? = nil, archived: Bool? = nil,
        folder: String? = nil, after: Cursor, limit: Int, now: Timestamp = .now
    ) throws -> [Conversation] {
        // Written out, for the indexes of those that are.
        let filter =
            (chatbotID == nil ? "" : "AND c.chatbot_id = ?") + (pinned.map { " AND c.pinned = \($0 ? 1 : 0)" } ?? "")
            + (archived.map { " AND c.archived = \($0 ? 1 : 0)" } ?? "")
            + (folder.map { $0.isEmpty ? " AND c.folder IS NULL" : " AND c.folder = ?" } ?? "")
        let filters: [any SQLBindable] = [chatbotID, folder].compactMap { $0?.isEmpty == false ? $0 : nil }
        return try tx.rows(
            """
            SELECT \(columns) FROM conversations c
            WHERE c.user_id = ? AND c.workspace_id = ? \(filter) AND (c.updated_at, c.id) < (?, ?)
            AND \(isThere)
            ORDER BY c.updated_at DESC, c.id DESC LIMIT ?
            """,
            [tenant.userID, tenant.workspaceID] + filters + [after.key, after.id, limit + 1]
        ) { try Conversation($0, now: now) }
    }

    /// - Parameter isTitleGiven: whether the user has given the title, so that none is written.
    package static func create(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, owner: Owner, title: String?, isTitleGiven: Bool,
        now: Timestamp
    ) throws -> Conversation {
        let id = Identifier.make()
        let (userID, endUserID): (String?, String?) =
            switch owner {
            case .user(let id): (id, nil)
            case .application(let id): (nil, id)
            }
        try tx.run(
            """
            INSERT INTO conversations (id, workspace_id, chatbot_id, user_id, end_user_id, title, to_title, created_at,
                updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id, tenant.workspaceID, chatbotID, userID, endUserID, title,
                userID == nil || isTitleGiven ? 0 : titleTries, now, now,
            ])
        return Conversation(
            id: id, sessionID: id, workspaceID: tenant.workspaceID, chatbotID: chatbotID, projectID: chatbotID,
            title: title, runningMessageID: nil, createdAt: now, updatedAt: now)
    }

    package static func update(
        _ tx: Transaction, in tenant: Tenant, _ conversation: Conversation, _ change: Update
    ) throws {
        let folder = change.folder.applied(to: conversation.folder).map(Folder.composed)
        if let folder, folder != conversation.folder { try Folder.requireRoom(tx, in: tenant, for: folder) }
        try tx.run(
            """
            UPDATE conversations SET title = ?, to_title = CASE WHEN ? = 1 THEN 0 ELSE to_title END, chatbot_id = ?,
                pinned = ?, archived = ?, folder = ?, to_index = to_index + 1
            WHERE workspace_id = ? AND id = ?
            """,
            [
                change.title.applied(to: conversation.title), change.title.isGiven ? 1 : 0,
                change.chatbotID ?? conversation.chatbotID,
                change.pinned ?? conversation.pinned ? 1 : 0, change.archived ?? conversation.archived ? 1 : 0, folder,
                tenant.workspaceID, conversation.id,
            ])
    }

    /// Notes which chatbot gave the replies so far, before another one goes on. Only then, so that a turn costs no more.
    package static func keepAuthors(_ tx: Transaction, in tenant: Tenant, _ conversation: Conversation) throws {
        try tx.run(
            """
            UPDATE messages SET chatbot_id = ?
            WHERE workspace_id = ? AND conversation_id = ? AND sender = 'ai' AND chatbot_id IS NULL
            """,
            [conversation.chatbotID, tenant.workspaceID, conversation.id])
    }

    /// Hides the conversation, and asks its running reply to stop; `Deletions` removes it.
    package static func delete(_ tx: Transaction, in tenant: Tenant, id: String, now: Timestamp) throws
        -> Deletions.Root
    {
        try tx.run(
            "UPDATE conversations SET deleted_at = ?, turn_stop = 1 WHERE workspace_id = ? AND id = ?",
            [now, tenant.workspaceID, id])
        return .conversation(workspaceID: tenant.workspaceID, id: id)
    }
}

extension Message {
    package static let columns = """
        id, conversation_id, position, sender, content, status, error_code, model, prompt_tokens, completion_tokens,
        rating, comment, created_at, reasoning, reasoning_ms, finish_reason, attached, parent_position,
        chatbot_id, citations
        """

    package init(_ row: Row) throws {
        let prompt = try row.intIfPresent("prompt_tokens")
        let completion = try row.intIfPresent("completion_tokens")
        self.init(
            id: try row.string("id"), conversationID: try row.string("conversation_id"),
            sender: Sender(rawValue: try row.string("sender")) ?? .system, content: try row.string("content"),
            // A reply still marked as running whose writer is gone is what it left behind.
            status: Status(rawValue: try row.string("status")) ?? .partial,
            errorCode: try row.stringIfPresent("error_code"), model: try row.stringIfPresent("model"),
            usage: prompt.map { Usage(promptTokens: $0, completionTokens: completion ?? 0) },
            rating: try row.intIfPresent("rating"), comment: try row.stringIfPresent("comment"),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")),
            reasoning: try row.stringIfPresent("reasoning").map {
                Reasoning(content: $0, seconds: Double(try row.int64IfPresent("reasoning_ms") ?? 0) / 1000)
            }, finishReason: try row.stringIfPresent("finish_reason"),
            // `withAttachments` finds them.
            attachments: try row.int("attached") == 0 ? nil : [], chatbotID: try row.stringIfPresent("chatbot_id"),
            citations: try row.stringIfPresent("citations").map(Citation.parse))
    }

    /// A message and its place in the conversation, which pages follow.
    package struct Placed: Sendable {
        package var message: Message
        package let position: Int64
        /// Nil: it follows the message before it in the order of positions.
        let parentPosition: Int64?

        init(_ row: Row) throws {
            message = try Message(row)
            position = try row.int64("position")
            parentPosition = try row.int64IfPresent("parent_position")
        }
    }

    /// Without the reply that is still being written.
    package static func list(
        _ tx: Transaction, in tenant: Tenant, of conversation: Conversation, branch: Branch = .active,
        order: Order = .asc, after: Int64, limit: Int
    ) throws -> RowPage<Placed> {
        let isNewestFirst = order == .desc
        let path = branch == .all ? MessagePath.whole : conversation.path
        let (onPath, ranges) = path.condition(after: after, isNewestFirst: isNewestFirst, limit: limit)
        var page = try tx.page(
            """
            SELECT \(columns) FROM messages
            WHERE workspace_id = ? AND conversation_id = ? AND position \(isNewestFirst ? "<" : ">") ? AND id <> ? \(onPath)
            ORDER BY position \(isNewestFirst ? "DESC" : "ASC")
            """,
            [tenant.workspaceID, conversation.id, after, conversation.runningMessageID ?? ""] + ranges, limit: limit,
            Placed.init)
        var messages = try withAttachments(tx, in: tenant, page.items.map(\.message))
        try Citation.quote(&messages, tx, in: tenant)
        for (index, message) in messages.enumerated() { page.items[index].message = message }
        try MessageTree.place(
            &page.items, tx, in: tenant, conversationID: conversation.id, isNewestFirst: isNewestFirst,
            startsWithFirst: isNewestFirst ? !page.hasMore : after < 0, hasVersions: !conversation.path.isWhole)
        return page
    }

    package static func find(_ tx: Transaction, in tenant: Tenant, conversationID: String, id: String) throws -> Message
    {
        let found = try tx.row(
            "SELECT \(columns) FROM messages WHERE workspace_id = ? AND conversation_id = ? AND id = ?",
            [tenant.workspaceID, conversationID, id], Placed.init)
        return try placed(tx, in: tenant, conversationID: conversationID, found)
    }

    /// The message that this one answers.
    package static func before(_ tx: Transaction, in tenant: Tenant, conversationID: String, id: String) throws
        -> Message?
    {
        guard let parentID = try find(tx, in: tenant, conversationID: conversationID, id: id).parentID else {
            return nil
        }
        let parent = try find(tx, in: tenant, conversationID: conversationID, id: parentID)
        return try withAttachments(tx, in: tenant, [parent]).first
    }

    private static func placed(
        _ tx: Transaction, in tenant: Tenant, conversationID: String, _ found: Placed?
    ) throws -> Message {
        guard let found else { throw APIError(.notFound) }
        var messages = [found]
        try MessageTree.place(&messages, tx, in: tenant, conversationID: conversationID, hasVersions: true)
        var quoted = messages.map(\.message)
        try Citation.quote(&quoted, tx, in: tenant)
        return quoted[0]
    }

    package static func rate(
        _ tx: Transaction, in tenant: Tenant, conversationID: String, id: String, _ feedback: Feedback
    ) throws -> Message {
        let found = try tx.row(
            """
            UPDATE messages SET rating = ?, comment = ?
            WHERE workspace_id = ? AND conversation_id = ? AND id = ? AND sender = 'ai' RETURNING \(columns)
            """,
            [feedback.rating, feedback.comment, tenant.workspaceID, conversationID, id], Placed.init)
        return try placed(tx, in: tenant, conversationID: conversationID, found)
    }
}

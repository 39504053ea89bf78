import LLM
import Storage

/// The statements of one turn: one read, one write before the model is called, one after.
enum TurnQueries {
    /// A turn whose writer has not been heard of for this long is over.
    static let lease = Duration.seconds(30)

    /// What a turn needs to know, read in one transaction.
    struct Plan: Sendable {
        let tenant: Tenant
        let chatbot: Chatbot
        /// Nil: a new one begins.
        let conversationID: String?
        let lastPosition: Int64
        let prompt: String?
        /// Oldest first.
        let history: [ChatMessage]
        /// The reply that another one is to replace.
        let replacedID: String?
        /// A reply whose writer may have died.
        let abandonedID: String?
    }

    enum Wanted: Sendable {
        case chatbot(String)
        case defaultChatbot
        case conversation(String)
        case anotherReply(conversationID: String)
    }

    static func plan(_ tx: Transaction, _ who: SignedIn, _ wanted: Wanted) throws -> Plan {
        switch wanted {
        case .chatbot(let id):
            let (chatbot, tenant) = try Chatbot.find(tx, id: id, for: who.caller)
            return try plan(tx, tenant, chatbot)
        case .defaultChatbot:
            let tenant = try who.tenant(tx, .read)
            return try plan(tx, tenant, Chatbot.findDefault(tx, in: tenant))
        case .conversation(let id):
            return try plan(tx, who.caller, conversationID: id, again: false)
        case .anotherReply(let id):
            return try plan(tx, who.caller, conversationID: id, again: true)
        }
    }

    private static func plan(_ tx: Transaction, _ tenant: Tenant, _ chatbot: Chatbot) throws -> Plan {
        Plan(
            tenant: tenant, chatbot: chatbot, conversationID: nil, lastPosition: 0,
            prompt: try Prompt.active(tx, in: tenant, chatbotID: chatbot.id), history: [], replacedID: nil,
            abandonedID: nil)
    }

    private static func plan(
        _ tx: Transaction, _ caller: Caller, conversationID: String, again: Bool
    ) throws -> Plan {
        let found = try tx.row(
            """
            SELECT \(Chatbot.columns), m.role, v.last_position, v.turn_message_id FROM conversations v
            JOIN members m ON m.workspace_id = v.workspace_id AND m.user_id = v.user_id
            JOIN chatbots c ON c.workspace_id = v.workspace_id AND c.id = v.chatbot_id
            WHERE v.id = ? AND v.user_id = ?
            """,
            [conversationID, caller.userID]
        ) {
            (
                try Chatbot($0), try Tenant($0, userID: caller.userID), try $0.int64("last_position"),
                try $0.stringIfPresent("turn_message_id")
            )
        }
        guard let (chatbot, tenant, lastPosition, abandonedID) = found else { throw APIError(.notFound) }
        var turns = try tx.rows(
            """
            SELECT id, sender, content, status FROM messages WHERE workspace_id = ? AND conversation_id = ?
            ORDER BY position DESC LIMIT 50
            """,
            [tenant.workspaceID, conversationID]
        ) { row in
            Turn(
                id: try row.string("id"), isUser: try row.string("sender") == "user",
                content: try row.string("content"), status: try row.string("status"))
        }
        var replacedID: String?
        if again {
            replacedID = turns.first.flatMap { $0.isUser ? nil : $0.id }
            turns = Array(turns.drop { !$0.isUser })
            guard !turns.isEmpty else { throw APIError(.nothingToRegenerate) }
        }
        return Plan(
            tenant: tenant, chatbot: chatbot, conversationID: conversationID, lastPosition: lastPosition,
            prompt: try Prompt.active(tx, in: tenant, chatbotID: chatbot.id),
            history: turns.reversed().filter { $0.status != "failed" && !$0.content.isEmpty }.map {
                ChatMessage(role: $0.isUser ? .user : .assistant, content: $0.content)
            },
            replacedID: replacedID, abandonedID: abandonedID)
    }

    private struct Turn {
        let id: String
        let isUser: Bool
        let content: String
        let status: String
    }

    struct Reserved: Sendable {
        let conversationID: String
        let userMessage: Message?
        let reply: Message
    }

    /// Takes the conversation's turn and makes the user's message durable, with an empty reply after it. Nil: the
    /// conversation has moved on since it was read.
    static func reserve(
        _ tx: Transaction, _ plan: Plan, message: String?, model: String, now: Timestamp
    ) throws -> Reserved? {
        let tenant = plan.tenant
        let messageID = Identifier.make()
        let replyID = Identifier.make()
        let added: Int64 = message == nil ? 1 : 2
        let conversationID: String
        if let id = plan.conversationID {
            conversationID = id
            let taken = try tx.run(
                """
                UPDATE conversations SET turn_message_id = ?, turn_until = ?, turn_stop = 0,
                    last_position = last_position + ?, updated_at = ?, title = COALESCE(title, ?)
                WHERE workspace_id = ? AND id = ? AND last_position = ?
                AND (turn_message_id IS NULL OR turn_until < ?)
                """,
                [
                    replyID, now.adding(lease), added, now, message.map(Conversation.title), tenant.workspaceID, id,
                    plan.lastPosition, now,
                ])
            guard taken == 1 else { return try explain(tx, plan, now: now) }
            if let abandonedID = plan.abandonedID { try closeAbandoned(tx, tenant, replyID: abandonedID) }
        } else {
            let conversation = try Conversation.create(
                tx, in: tenant, chatbotID: plan.chatbot.id, title: message.map(Conversation.title), now: now)
            conversationID = conversation.id
            try tx.run(
                """
                UPDATE conversations SET turn_message_id = ?, turn_until = ?, last_position = ?
                WHERE workspace_id = ? AND id = ?
                """,
                [replyID, now.adding(lease), added, tenant.workspaceID, conversationID])
        }
        var userMessage: Message?
        if let message {
            let user = Message(
                id: messageID, conversationID: conversationID, sender: .user, content: message,
                status: .complete, errorCode: nil, model: nil, usage: nil, rating: nil, comment: nil, createdAt: now)
            try insert(tx, tenant, user, status: "complete", position: plan.lastPosition + 1)
            userMessage = user
        }
        let reply = Message(
            id: replyID, conversationID: conversationID, sender: .ai, content: "", status: .partial, errorCode: nil,
            model: model, usage: nil, rating: nil, comment: nil, createdAt: now)
        try insert(tx, tenant, reply, status: "running", position: plan.lastPosition + added)
        return Reserved(conversationID: conversationID, userMessage: userMessage, reply: reply)
    }

    private static func insert(
        _ tx: Transaction, _ tenant: Tenant, _ message: Message, status: String, position: Int64
    ) throws {
        try tx.run(
            """
            INSERT INTO messages (id, workspace_id, conversation_id, position, sender, content, status, model, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                message.id, tenant.workspaceID, message.conversationID, position, message.sender.rawValue,
                message.content, status, message.model, message.createdAt,
            ])
    }

    private static func explain(_ tx: Transaction, _ plan: Plan, now: Timestamp) throws -> Reserved? {
        let busy = try tx.row(
            """
            SELECT turn_message_id IS NOT NULL AND turn_until >= ? AS busy FROM conversations
            WHERE workspace_id = ? AND id = ?
            """,
            [now, plan.tenant.workspaceID, plan.conversationID]
        ) { try $0.bool("busy") }
        guard let busy else { throw APIError(.notFound) }
        if busy { throw APIError(.conversationBusy) }
        return nil
    }

    /// A reply whose writer died keeps what came.
    private static func closeAbandoned(_ tx: Transaction, _ tenant: Tenant, replyID: String) throws {
        try tx.run(
            "UPDATE messages SET status = 'partial' WHERE workspace_id = ? AND id = ? AND status = 'running'",
            [tenant.workspaceID, replyID])
    }

    /// Keeps what has come so far, so that a crash leaves it and another instance can follow; true where a stop was
    /// asked for elsewhere.
    static func keep(
        _ tx: Transaction, _ tenant: Tenant, conversationID: String, replyID: String, content: String?, now: Timestamp
    ) throws -> Bool {
        if let content {
            try tx.run(
                "UPDATE messages SET content = ? WHERE workspace_id = ? AND id = ? AND status = 'running'",
                [content, tenant.workspaceID, replyID])
        }
        let stop = try tx.row(
            """
            UPDATE conversations SET turn_until = ? WHERE workspace_id = ? AND id = ? AND turn_message_id = ?
            RETURNING turn_stop
            """,
            [now.adding(lease), tenant.workspaceID, conversationID, replyID]
        ) { try $0.bool("turn_stop") }
        // A conversation deleted meanwhile needs no reply any more.
        return stop ?? true
    }

    /// Stores how the reply ended and gives the turn back. A reply that replaces another one does so only if it came.
    static func settle(
        _ tx: Transaction, _ tenant: Tenant, _ reply: Message, replacing replacedID: String?
    ) throws {
        try tx.run(
            """
            UPDATE messages SET content = ?, status = ?, error_code = ?, model = ?, prompt_tokens = ?,
                completion_tokens = ? WHERE workspace_id = ? AND id = ?
            """,
            [
                reply.content, reply.status.rawValue, reply.errorCode, reply.model, reply.usage?.promptTokens,
                reply.usage?.completionTokens, tenant.workspaceID, reply.id,
            ])
        try tx.run(
            """
            UPDATE conversations SET turn_message_id = NULL, turn_until = NULL, turn_stop = 0
            WHERE workspace_id = ? AND id = ? AND turn_message_id = ?
            """,
            [tenant.workspaceID, reply.conversationID, reply.id])
        if let replacedID {
            // Either the new reply stands or the old one.
            let loser = reply.status == .failed ? reply.id : replacedID
            try tx.run(
                "DELETE FROM messages WHERE workspace_id = ? AND id = ?", [tenant.workspaceID, loser])
        }
    }

    static func requestStop(_ tx: Transaction, _ tenant: Tenant, conversationID: String) throws {
        try tx.run(
            """
            UPDATE conversations SET turn_stop = 1 WHERE workspace_id = ? AND id = ? AND turn_message_id IS NOT NULL
            """,
            [tenant.workspaceID, conversationID])
    }

    /// The running replies that are to stop.
    static func stopped(_ tx: Transaction, now: Timestamp) throws -> [String] {
        try tx.rows(
            "SELECT turn_message_id FROM conversations WHERE turn_stop = 1 AND turn_until >= ?", [now]
        ) { try $0.string("turn_message_id") }
    }

    /// Every turn that nobody carries on any more: its reply keeps what came.
    static func closeAbandoned(_ tx: Transaction, before now: Timestamp) throws {
        try tx.run(
            """
            UPDATE messages SET status = 'partial' WHERE status = 'running' AND (workspace_id, id) IN
                (SELECT workspace_id, turn_message_id FROM conversations
                WHERE turn_message_id IS NOT NULL AND turn_until < ?)
            """,
            [now])
        try tx.run(
            """
            UPDATE conversations SET turn_message_id = NULL, turn_until = NULL, turn_stop = 0
            WHERE turn_message_id IS NOT NULL AND turn_until < ?
            """,
            [now])
    }
}

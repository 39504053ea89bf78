import Accounts
package import Chatbots
package import HTTPKit
package import LLM
import Metering
package import Platform
package import Storage

/// The statements of one turn: one read, one write before the model is called, one after.
package enum TurnQueries {
    /// A turn whose writer has not been heard of for this long is over.
    package static let lease = Duration.seconds(30)

    /// What a turn needs to know, read in one transaction.
    package struct TurnInput: Sendable {
        package let tenant: Tenant
        package let chatbot: Chatbot
        /// Nil: a new one begins.
        package let conversation: TurnConversation?
        package let prompt: String?
        /// Oldest first.
        package var history: [ChatMessage]
        /// Files of the history's messages and of the new one.
        package var files: MessageFiles
        package let place: TurnPlace
        /// Nil unless the prompt, the endpoint or the caller needs it.
        package let person: Person?
        /// Nil if the chatbot has no endpoint of its own; empty if there is no secret yet.
        package let signingSecret: String?
        /// Whether the reply is to be made from files. A chatbot's own endpoint is given none.
        package let hasKnowledge: Bool
        /// What is said without asking a model.
        package let curatedAnswer: String?

        /// The conversation with a message at its end.
        func conversation(_ message: String?) -> [ChatMessage] {
            history + (message.map { [ChatMessage(role: .user, content: $0)] } ?? [])
        }
    }

    /// The conversation that a turn continues.
    package struct TurnConversation: Sendable {
        package let id: String
        package let lastPosition: Int64
        package let path: MessagePath
        /// A reply whose writer may have died.
        package let abandonedID: String?
        package let endUserID: String?
        /// Encrypted.
        package let sessionData: String?
        package let hasTitle: Bool
        /// The chatbot's active one.
        package let prompt: String?
        /// In the workspace.
        package let storedBytes: Int
        package let hasKnowledge: Bool
        package let curatedAnswer: String?
    }

    package enum TurnTarget: Sendable {
        case chatbot(String)
        case defaultChatbot
        case conversation(String)
        /// To the last message, or in place of the reply that is named, or to the user's message that is.
        case anotherReply(conversationID: String, messageID: String? = nil)
        /// The message in place of a user's earlier one.
        case edit(conversationID: String, messageID: String)

        var conversationID: String? {
            switch self {
            case .chatbot, .defaultChatbot: nil
            case .conversation(let id), .anotherReply(let id, _), .edit(let id, _): id
            }
        }
    }

    package static func input(
        _ tx: Transaction, _ requester: TurnRequester, _ wanted: TurnTarget, _ secrets: Secrets, person: Person? = nil,
        wantsPerson: Bool = false, attaching: TurnAttachments = TurnAttachments(), message: String? = nil
    ) throws -> TurnInput {
        let key = attaching.references.isEmpty ? message.flatMap(CuratedAnswer.key) : nil
        let (chatbot, tenant, found) = try find(tx, requester, wanted, key)
        let (prompt, storedBytes, hasKnowledge, curatedAnswer) =
            try found.map { ($0.prompt, $0.storedBytes, $0.hasKnowledge, $0.curatedAnswer) }
            ?? newConversation(tx, tenant, chatbot, key)
        try WorkspaceLimits.require(storedBytes: storedBytes, tx, in: tenant, for: requester.subscriber)
        let (recent, place) = try found.map { try self.place(tx, tenant, $0, wanted) } ?? ([], .first)
        let needsPerson =
            wantsPerson || chatbot.llmEndpointURL != nil || prompt.map(PromptTemplate.hasVariables) == true
        let turns = recent.reversed().filter { $0.status != "failed" && !$0.content.isEmpty }
        return TurnInput(
            tenant: tenant, chatbot: chatbot, conversation: found, prompt: prompt,
            history: turns.map { ChatMessage(role: $0.isUser ? .user : .assistant, content: $0.content) },
            files: try files(tx, tenant, turns, attaching.files(tx, in: tenant, conversationID: found?.id)),
            place: place,
            person: needsPerson
                ? try person ?? Person.find(tx, requester, in: tenant, endUserID: found?.endUserID) : nil,
            signingSecret: chatbot.llmEndpointURL == nil
                ? nil : try SigningSecret.find(tx, in: tenant, chatbotID: chatbot.id, secrets) ?? "",
            hasKnowledge: hasKnowledge && curatedAnswer == nil && chatbot.llmEndpointURL == nil,
            curatedAnswer: curatedAnswer)
    }

    private static func files(
        _ tx: Transaction, _ tenant: Tenant, _ turns: [Turn], _ asked: [ReadableFile]
    ) throws -> MessageFiles {
        let withFiles = turns.enumerated().filter { $0.element.hasFiles }
        var files = try MessageFiles(
            tx, in: tenant, messageIDs: Dictionary(uniqueKeysWithValues: withFiles.map { ($0.offset, $0.element.id) }),
            reserving: asked.reduce(0) { $0 + $1.bytes })
        try files.ask(asked, at: turns.count)
        return files
    }

    /// The chatbot's active prompt, what the workspace stores, whether the chatbot knows files, and a curated answer.
    private static func newConversation(
        _ tx: Transaction, _ tenant: Tenant, _ chatbot: Chatbot, _ key: String?
    ) throws -> (prompt: String?, storedBytes: Int, hasKnowledge: Bool, curatedAnswer: String?) {
        let found = try tx.row(
            """
            SELECT (SELECT content FROM prompts WHERE workspace_id = ? AND chatbot_id = ? AND is_active = 1) AS prompt,
                \(WorkspaceLimits.storedBytes(in: "?")) AS stored_bytes,
                \(KnowledgeFile.exists(workspaceID: "?", chatbotID: "?")) AS has_knowledge,
                \(CuratedAnswer.answer(workspaceID: "?", chatbotID: "?")) AS curated_answer
            """,
            [
                tenant.workspaceID, chatbot.id, tenant.workspaceID, tenant.workspaceID, chatbot.id, tenant.workspaceID,
                chatbot.id, key,
            ]
        ) {
            (
                prompt: try $0.stringIfPresent("prompt"), storedBytes: try $0.int("stored_bytes"),
                hasKnowledge: try $0.bool("has_knowledge"), curatedAnswer: try $0.stringIfPresent("curated_answer")
            )
        }
        return found ?? (nil, 0, false, nil)
    }

    private static func find(
        _ tx: Transaction, _ requester: TurnRequester, _ wanted: TurnTarget, _ key: String?
    ) throws -> (chatbot: Chatbot, tenant: Tenant, conversation: TurnConversation?) {
        switch (requester, wanted) {
        case (.user(let who), .chatbot(let id)):
            let (chatbot, tenant) = try Chatbot.find(tx, id: id, for: who.caller)
            return (chatbot, tenant, nil)
        case (.user(let who), .defaultChatbot):
            let tenant = try who.tenant(tx, .read)
            return (try Chatbot.findDefault(tx, in: tenant), tenant, nil)
        case (.user(let who), .conversation(let id)), (.user(let who), .anotherReply(let id, _)),
            (.user(let who), .edit(let id, _)):
            let userID = who.caller.userID
            let found = try tx.row(ofUser, [key, id, userID]) {
                (try Chatbot($0), try Tenant($0, userID: userID), try TurnConversation($0, id: id))
            }
            guard let found else { throw APIError(.notFound) }
            return found
        case (.application(let who, let endUserID), _):
            return try find(tx, who.holder, endUserID: endUserID, wanted, key)
        case (.visitor(let who, let endUserID), _):
            return try find(tx, who.holder, endUserID: endUserID, wanted, key)
        }
    }

    private static func find(
        _ tx: Transaction, _ holder: KeyHolder, endUserID: String?, _ wanted: TurnTarget, _ key: String?
    ) throws -> (chatbot: Chatbot, tenant: Tenant, conversation: TurnConversation?) {
        guard let id = wanted.conversationID else { return (try Chatbot.find(tx, of: holder), Tenant(holder), nil) }
        let found = try tx.row(
            """
            \(columns) FROM conversations v
            JOIN chatbots c ON c.workspace_id = v.workspace_id AND c.id = v.chatbot_id AND c.deleted_at IS NULL
            WHERE v.workspace_id = ? AND v.id = ? AND v.chatbot_id = ? AND v.user_id IS NULL
            AND v.deleted_at IS NULL AND (v.end_user_id IS NULL OR EXISTS (SELECT 1 FROM end_users e
                WHERE e.workspace_id = v.workspace_id AND e.id = v.end_user_id AND e.deleted_at IS NULL))
            """,
            [key, holder.workspaceID, id, holder.chatbotID]
        ) { (try Chatbot($0), Tenant(holder), try TurnConversation($0, id: id)) }
        guard let found, endUserID == nil || endUserID == found.2.endUserID else { throw APIError(.notFound) }
        return found
    }

    private static let ofUser = """
        \(columns), \(Tenant.roleColumn) FROM conversations v
        JOIN members m ON m.workspace_id = v.workspace_id AND m.user_id = v.user_id
        JOIN chatbots c ON c.workspace_id = v.workspace_id AND c.id = v.chatbot_id AND c.deleted_at IS NULL
        WHERE v.id = ? AND v.user_id = ? AND v.deleted_at IS NULL
        """

    private static let columns = """
        SELECT \(Chatbot.columns), v.last_position, v.path, v.turn_message_id, v.end_user_id, v.session_data,
            v.title IS NOT NULL AS has_title, \(WorkspaceLimits.storedBytes(in: "v.workspace_id")) AS stored_bytes,
            (SELECT p.content FROM prompts p WHERE p.workspace_id = c.workspace_id
                AND p.chatbot_id = c.id AND p.is_active = 1) AS prompt,
            \(KnowledgeFile.exists(workspaceID: "c.workspace_id", chatbotID: "c.id")) AS has_knowledge,
            \(CuratedAnswer.answer(workspaceID: "c.workspace_id", chatbotID: "c.id")) AS curated_answer
        """

    package struct Reserved: Sendable {
        package let conversationID: String
        package let userMessage: Message?
        package let reply: Message
    }

    /// Takes the conversation's turn and makes the user's message durable, with an empty reply after it. Nil: the
    /// conversation has moved on since it was read.
    package static func reserve(
        _ tx: Transaction, _ input: TurnInput, owner: Conversation.Owner, message: String?, sessionData: String?,
        model: String, replyID: String, instance: String, attaching: TurnAttachments, now: Timestamp
    ) throws -> Reserved? {
        let tenant = input.tenant
        let messageID = Identifier.make()
        let added: Int64 = message == nil ? 1 : 2
        let conversationID: String
        let lastPosition = input.conversation?.lastPosition ?? 0
        if let found = input.conversation {
            conversationID = found.id
            let taken = try tx.run(
                """
                UPDATE conversations SET turn_message_id = ?, turn_until = ?, turn_instance = ?, turn_stop = 0,
                    last_position = last_position + ?, path = ?, updated_at = ?, title = COALESCE(title, ?),
                    session_data = COALESCE(?, session_data), to_index = to_index + 1
                WHERE workspace_id = ? AND id = ? AND deleted_at IS NULL AND last_position = ?
                AND COALESCE(path, '') = ? AND COALESCE(turn_message_id, '') = ?
                AND (turn_message_id IS NULL OR turn_until < ?)
                AND (CAST(? AS TEXT) IS NULL OR COALESCE(session_data, '') = ?)
                """,
                [
                    replyID, now.adding(lease), instance, added, input.place.path.text, now,
                    found.hasTitle ? nil as String? : message.map(Conversation.title), sessionData,
                    // A reply that has ended since was read without its end.
                    tenant.workspaceID, found.id, lastPosition, found.path.text ?? "", found.abandonedID ?? "", now,
                    sessionData, found.sessionData ?? "",
                ])
            guard taken == 1 else { return try explain(tx, input, now: now) }
            if let abandonedID = found.abandonedID { try closeAbandoned(tx, tenant, replyID: abandonedID) }
        } else {
            let conversation = try Conversation.create(
                tx, in: tenant, chatbotID: input.chatbot.id, owner: owner, title: message.map(Conversation.title),
                isTitleGiven: false, now: now)
            conversationID = conversation.id
            try tx.send(
                """
                UPDATE conversations SET turn_message_id = ?, turn_until = ?, turn_instance = ?, last_position = ?,
                    session_data = ?
                WHERE workspace_id = ? AND id = ?
                """,
                [replyID, now.adding(lease), instance, added, sessionData, tenant.workspaceID, conversationID])
        }
        var userMessage: Message?
        if let message {
            var user = Message(
                id: messageID, conversationID: conversationID, sender: .user, content: message,
                status: .complete, errorCode: nil, model: nil, usage: nil, rating: nil, comment: nil, createdAt: now,
                parentID: input.place.parentID, siblings: input.place.versions + [messageID])
            try insert(
                tx, tenant, user, status: "complete", position: lastPosition + 1,
                parentPosition: input.place.parentPosition, attached: attaching.references.count)
            user.attachments = try attaching.attach(
                tx, in: tenant, conversationID: conversationID, messageID: messageID)
            userMessage = user
        }
        let reply = Message(
            id: replyID, conversationID: conversationID, sender: .ai, content: "", status: .partial, errorCode: nil,
            model: model, usage: nil, rating: nil, comment: nil, createdAt: now,
            parentID: userMessage?.id ?? input.place.parentID,
            siblings: (userMessage == nil ? input.place.versions : []) + [replyID])
        try insert(
            tx, tenant, reply, status: "running", position: lastPosition + added,
            parentPosition: userMessage == nil ? input.place.parentPosition : nil)
        return Reserved(conversationID: conversationID, userMessage: userMessage, reply: reply)
    }

    private static func insert(
        _ tx: Transaction, _ tenant: Tenant, _ message: Message, status: String, position: Int64,
        parentPosition: Int64?, attached: Int = 0
    ) throws {
        try tx.send(
            """
            INSERT INTO messages (id, workspace_id, conversation_id, position, parent_position, sender, content, status,
                model, created_at, attached)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                message.id, tenant.workspaceID, message.conversationID, position, parentPosition,
                message.sender.rawValue, message.content, status, message.model, message.createdAt, attached,
            ])
    }

    private static func explain(_ tx: Transaction, _ input: TurnInput, now: Timestamp) throws -> Reserved? {
        let busy = try tx.row(
            """
            SELECT turn_message_id IS NOT NULL AND turn_until >= ? AS busy FROM conversations
            WHERE workspace_id = ? AND id = ? AND deleted_at IS NULL
            """,
            [now, input.tenant.workspaceID, input.conversation?.id]
        ) { try $0.bool("busy") }
        guard let busy else { throw APIError(.notFound) }
        if busy { throw APIError(.conversationBusy) }
        return nil
    }

    /// A reply whose writer died keeps what came.
    private static func closeAbandoned(_ tx: Transaction, _ tenant: Tenant, replyID: String) throws {
        try MessageLog.insertAbandoned(tx, where: "a.workspace_id = ? AND a.id = ?", [tenant.workspaceID, replyID])
        try tx.send(
            "UPDATE messages SET status = 'partial' WHERE workspace_id = ? AND id = ? AND status = 'running'",
            [tenant.workspaceID, replyID])
    }

    /// Keeps what has come so far, so that a crash leaves it and another instance can follow; true if a stop was
    /// asked for elsewhere.
    package static func keep(
        _ tx: Transaction, _ tenant: Tenant, conversationID: String, replyID: String, _ came: RunningReply.Unstored?,
        now: Timestamp
    ) throws -> Bool {
        if let came {
            try tx.send(
                """
                UPDATE messages SET content = ?, citations = ? WHERE workspace_id = ? AND id = ? AND status = 'running'
                """,
                [came.text, try came.citations.map(Citation.text), tenant.workspaceID, replyID])
        }
        let stop = try tx.row(
            """
            UPDATE conversations SET turn_until = ? WHERE workspace_id = ? AND id = ? AND turn_message_id = ?
            RETURNING turn_stop = 1 OR deleted_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM chatbots c
                WHERE c.workspace_id = conversations.workspace_id AND c.id = conversations.chatbot_id
                AND c.deleted_at IS NULL) AS is_stopped
            """,
            [now.adding(lease), tenant.workspaceID, conversationID, replyID]
        ) { try $0.bool("is_stopped") }
        // What has been deleted meanwhile needs no reply any more.
        return stop ?? true
    }

    /// Stores how the reply ended and gives the turn back. A reply that failed beside other versions leaves no trace, and
    /// the path becomes what it was before.
    package static func settle(
        _ tx: Transaction, _ tenant: Tenant, _ reply: Message, fallback: MessagePath?
    ) throws {
        if reply.status == .failed, let fallback {
            let isOurs = try tx.run(
                """
                UPDATE conversations SET turn_message_id = NULL, turn_until = NULL, turn_stop = 0, path = ?
                WHERE workspace_id = ? AND id = ? AND turn_message_id = ?
                """,
                [fallback.text, tenant.workspaceID, reply.conversationID, reply.id])
            if isOurs == 1 {
                try tx.send(
                    "DELETE FROM messages WHERE workspace_id = ? AND id = ?", [tenant.workspaceID, reply.id])
                return
            }
        }
        try tx.send(
            """
            UPDATE messages SET content = ?, status = ?, error_code = ?, model = ?, prompt_tokens = ?,
                completion_tokens = ?, reasoning = ?, reasoning_ms = ?, finish_reason = ?, citations = ?
            WHERE workspace_id = ? AND id = ?
            """,
            [
                reply.content, reply.status.rawValue, reply.errorCode, reply.model, reply.usage?.promptTokens,
                reply.usage?.completionTokens, reply.reasoning?.content,
                reply.reasoning.map { Int64(($0.seconds * 1000).rounded()) }, reply.finishReason,
                try reply.citations.map(Citation.text), tenant.workspaceID, reply.id,
            ])
        try tx.send(
            """
            UPDATE conversations SET turn_message_id = NULL, turn_until = NULL, turn_stop = 0
            WHERE workspace_id = ? AND id = ? AND turn_message_id = ?
            """,
            [tenant.workspaceID, reply.conversationID, reply.id])
    }

    /// Stops the reply that the conversation was read with, and no later one.
    package static func requestStop(_ tx: Transaction, _ tenant: Tenant, _ conversation: Conversation) throws {
        guard let messageID = conversation.runningMessageID else { return }
        try tx.run(
            "UPDATE conversations SET turn_stop = 1 WHERE workspace_id = ? AND id = ? AND turn_message_id = ?",
            [tenant.workspaceID, conversation.id, messageID])
    }
}

extension TurnQueries.TurnConversation {
    fileprivate init(_ row: Row, id: String) throws {
        self.init(
            id: id, lastPosition: try row.int64("last_position"),
            path: try MessagePath(text: try row.stringIfPresent("path")),
            abandonedID: try row.stringIfPresent("turn_message_id"),
            endUserID: try row.stringIfPresent("end_user_id"), sessionData: try row.stringIfPresent("session_data"),
            hasTitle: try row.bool("has_title"), prompt: try row.stringIfPresent("prompt"),
            storedBytes: try row.int("stored_bytes"), hasKnowledge: try row.bool("has_knowledge"),
            curatedAnswer: try row.stringIfPresent("curated_answer"))
    }
}

package import HTTPKit
import HTTPTypes
import JSON
package import Platform
package import Storage

/// Sending messages and following replies.
package struct ChatRoutes: Sendable {
    package let turn: ChatTurn

    package init(turn: ChatTurn) {
        self.turn = turn
    }
    package var database: Database { turn.database }

    package struct Send: Input, Ruled {
        package let chatbotID: String?
        package let projectID: String?
        package let conversationID: String?
        package let sessionID: String?
        package let message: String
        package let model: String?
        package let stream: Bool?
        package let sessionData: JSONObject?
        package let attachments: [Attachment.Reference]?
        package let whileRunning: WhileRunning?

        package static var rules: [String: Rule] {
            [
                "chatbot_id": .note("The default chatbot if neither it nor a conversation is named."),
                "project_id": .note("Another name of chatbot_id."),
                "conversation_id": .note("A new conversation begins if omitted."),
                "session_id": .note("Another name of conversation_id."),
                "message": .text(1...Message.maxLength), "model": .note("One of the chatbot's models."),
                "stream": .note("Answer with server-sent events; so does `Accept: text/event-stream`."),
                "session_data": .note("Kept with the conversation; merged from each call that sends some."),
                "attachments": Attachment.rule, "while_running": WhileRunning.rule,
            ]
        }

        package func validate() throws(APIError) { try Attachment.check(attachments) }

        package func wanted() -> TurnQueries.TurnTarget {
            if let id = conversationID ?? sessionID { return .conversation(id) }
            if let id = chatbotID ?? projectID { return .chatbot(id) }
            return .defaultChatbot
        }
    }

    /// A reply, and the conversation it belongs to.
    package struct Reply: JSONOutput {
        package let conversationID: String
        package let sessionID: String
        package let message: Message
        package let usage: Message.Usage?

        package init(_ message: Message) {
            conversationID = message.conversationID
            sessionID = message.conversationID
            self.message = message
            usage = message.usage
        }
    }

    package func chat(_ who: UserCaller, _ input: Send) async throws -> Answer<Reply> {
        try await answer(who, begin(who, input), streams: input.stream) { Reply($0) }
    }

    package func begin(_ who: UserCaller, _ input: Send) async throws -> RunningReply {
        try await begin(
            who,
            .init(
                wanted: input.wanted(), message: input.message, model: input.model, sessionData: input.sessionData,
                attachments: input.attachments ?? []),
            input.whileRunning)
    }

    /// The user's message and the reply to it.
    package func send(_ who: UserCaller, _ input: Message.Create) async throws -> Answer<Pair> {
        let reply = try await begin(
            who,
            .init(
                wanted: .conversation(who["conversation_id"]), message: input.content, model: input.model,
                attachments: input.attachments ?? []),
            input.whileRunning)
        return try await answer(who, reply, streams: input.stream) { Pair(user: reply.userMessage, reply: $0) }
    }

    package struct Again: Input, Ruled {
        package let model: String?
        package let stream: Bool?
        package static var rules: [String: Rule] {
            ["model": .note("One of the chatbot's models."), "stream": .note("Answer with server-sent events.")]
        }
    }

    package func regenerate(_ who: UserCaller, _ input: Again) async throws -> Answer<Reply> {
        let reply = try await turn.begin(
            .user(who),
            .init(wanted: .anotherReply(conversationID: who["conversation_id"]), message: nil, model: input.model)
        ).reply
        return try await answer(who, reply, streams: input.stream) { Reply($0) }
    }

    package func answer<Body: JSONOutput>(
        _ who: some Context, _ reply: RunningReply, streams: Bool?, _ body: @escaping @Sendable (Message) -> Body
    ) async throws -> Answer<Body> {
        if streams ?? who.call.wantsEventStream { return .stream(events(who, of: reply, body)) }
        switch try await reply.ended() {
        case .message(let message): return .body(body(message))
        case .lost(let error): throw error
        }
    }

    /// A reply that has just begun here, from its beginning.
    package func events<Body: JSONOutput>(
        _ who: some Context, of reply: RunningReply, _ body: @escaping @Sendable (Message) -> Body
    ) -> EventStream {
        EventStream(
            messageID: reply.messageID, conversationID: reply.conversationID, offset: 0, next: reply.next,
            done: { try JSONWriter.encode(body($0)) }, requestID: who.call.id, language: who.call.language)
    }

    package struct Stopped: JSONOutput {
        package let conversationID: String
        /// The stopped reply; null if no reply was running on this instance.
        package let message: Message?
    }

    package func stop(_ who: UserCaller) async throws -> Stopped {
        let id = who["conversation_id"]
        return try await stopped(id, requestStop(who, conversationID: id))
    }

    /// Waits until the reply has ended, if this instance writes it.
    package func stopped(_ conversationID: String, _ reply: RunningReply?) async throws -> Stopped {
        guard case .message(let message) = try await reply?.ended() else {
            return Stopped(conversationID: conversationID, message: nil)
        }
        return Stopped(conversationID: conversationID, message: message)
    }

    /// Asks the running reply to stop, on whichever instance it runs. Returns it if that is this instance.
    @discardableResult
    package func requestStop(_ who: UserCaller, conversationID: String) async throws -> RunningReply? {
        let conversation = try await database.write(who.scope) { tx in
            let (conversation, tenant) = try Conversation.find(tx, id: conversationID, for: who.caller)
            try TurnQueries.requestStop(tx, tenant, conversation)
            return conversation
        }
        return stopHere(conversation)
    }

    package func stopHere(_ conversation: Conversation) -> RunningReply? {
        let reply = conversation.runningMessageID.flatMap(turn.replies.reply)
        reply?.stop()
        return reply
    }

    /// Follows the reply that is running, or gives the rest of the one that `Last-Event-ID` names.
    package func follow(_ who: UserCaller) async throws -> EventStream {
        try await follow(who, conversationID: who["conversation_id"], lastEventID: who.call.header(.lastEventID))
    }

    package func follow(_ who: UserCaller, conversationID id: String, lastEventID: String?) async throws -> EventStream
    {
        let position = try EventStream.position(lastEventID)
        let running = try await database.read(who.scope) { tx in
            try Conversation.find(tx, id: id, for: who.caller).conversation.runningMessageID
        }
        guard let messageID = position?.messageID ?? running else {
            throw APIError(.notFound, "No reply is running in this conversation.")
        }
        return try await own(who, conversationID: id, messageID: messageID, from: position?.offset ?? 0) {
            Reply($0)
        }
    }

    /// The same stream again, for a request that was repeated under its idempotency key.
    package func replay(_ who: UserCaller, conversationID: String, messageID: String, path: String) async throws
        -> EventStream
    {
        guard ["messages", "edit"].contains(path.split(separator: "/").last) else {
            return try await own(who, conversationID: conversationID, messageID: messageID, from: 0) { Reply($0) }
        }
        let user = try await database.read(who.scope) { tx in
            let (conversation, tenant) = try Conversation.find(tx, id: conversationID, for: who.caller)
            return try Message.before(tx, in: tenant, conversationID: conversation.id, id: messageID)
        }
        return try await own(who, conversationID: conversationID, messageID: messageID, from: 0) {
            Pair(user: user, reply: $0)
        }
    }

    private func own<Body: JSONOutput>(
        _ who: UserCaller, conversationID: String, messageID: String, from offset: Int,
        _ body: @escaping @Sendable (Message) -> Body
    ) async throws -> EventStream {
        let (conversation, tenant) = try await database.read(who.scope) { tx in
            try Conversation.find(tx, id: conversationID, for: who.caller)
        }
        return try await events(
            who, who.scope, tenant, conversationID: conversation.id, messageID: messageID, from: offset, body)
    }

    /// Streams a reply from an offset, in a conversation that the caller may read: from memory if this instance writes
    /// it, else from the database.
    package func events<Body: JSONOutput>(
        _ who: some Context, _ scope: Scope, _ tenant: Tenant, conversationID: String, messageID: String,
        from offset: Int, _ body: @escaping @Sendable (Message) -> Body
    ) async throws -> EventStream {
        let stored = StoredReply(
            database: database, scope: scope, tenant: tenant, conversationID: conversationID, messageID: messageID)
        let next: @Sendable (Int) async throws -> RunningReply.Piece
        if let reply = turn.replies.reply(messageID), reply.conversationID == conversationID {
            next = reply.next
        } else {
            _ = try await stored.find()
            next = stored.next
        }
        return EventStream(
            messageID: messageID, conversationID: conversationID, offset: offset, next: next,
            done: { try JSONWriter.encode(body($0)) }, requestID: who.call.id, language: who.call.language)
    }
}

/// The user's message and the reply, as a bare array.
package struct Pair: JSONOutput {
    package let user: Message?
    package let reply: Message

    package init(user: Message?, reply: Message) {
        self.user = user
        self.reply = reply
    }

    package init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        user = try container.decode(Message.self)
        reply = try container.decode(Message.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        if let user { try container.encode(user) }
        try container.encode(reply)
    }

    package static var schema: Schema? { .of([Message].self) }
}

/// A reply as the database has it: one that has ended, or one that another instance is writing.
package struct StoredReply: Sendable {
    package let database: Database
    package let scope: Scope
    package let tenant: Tenant
    package let conversationID: String
    package let messageID: String

    package func find() async throws -> (message: Message, isRunning: Bool) {
        try await database.read(scope) { tx in
            let message = try Message.find(tx, in: tenant, conversationID: conversationID, id: messageID)
            let running = try tx.row(
                """
                SELECT 1 AS running FROM conversations
                WHERE workspace_id = ? AND id = ? AND turn_message_id = ? AND turn_until >= ?
                """,
                [tenant.workspaceID, conversationID, messageID, Timestamp.now]
            ) { _ in true }
            return (message, running ?? false)
        }
    }

    @Sendable package func next(after offset: Int) async throws -> RunningReply.Piece {
        for _ in 0..<30 {
            let (message, isRunning) = try await find()
            let bytes = Array(message.content.utf8)
            if offset < bytes.count, message.status != .failed {
                return .text(in: bytes, after: offset, citing: message.firstUses)
            }
            if !isRunning { return .ended(.message(message)) }
            try await Task.sleep(for: .milliseconds(500))
        }
        return .heartbeat
    }
}

extension ChatRoutes {
    package var table: [Route] {
        [
            Route(
                .post, "/chat", .turn, id: "send_chat_message", "Send a message and get the reply",
                about: "Begins a conversation, or continues `conversation_id`. A failed reply is a message with "
                    + "`status` `failed`. `stream` answers with server-sent events.",
                chat,
                errors: .ofTurns),
            Route(
                .post, "/conversations/{conversation_id}/messages", .turn, id: "send_message",
                "Send a message to a conversation",
                about: "Returns the user's message and the reply as an array. `stream` answers with server-sent "
                    + "events.",
                send,
                errors: .ofTurns),
            Route(
                .get, "/conversations/{conversation_id}/stream", .readChat, id: "follow_reply",
                "Follow the running reply",
                about: "Server-sent events; `Last-Event-ID` continues where a stream broke off.",
                follow),
            Route(
                .post, "/conversations/{conversation_id}/stop", .chat.audit(.none), id: "stop_reply",
                "Stop the running reply",
                about: "Keeps the text that was generated so far.",
                stop),
            Route(
                .post, "/conversations/{conversation_id}/regenerate", .turn, id: "regenerate_reply",
                "Generate another reply to the last message",
                about: "The earlier reply stays as another version, unless the new one fails.",
                regenerate,
                errors: .ofTurns + [.nothingToRegenerate, .conflict]),
        ].tagged(.chat) + versionTable
    }
}

extension [APIError.Code] {
    /// What a turn of a chatbot can be refused with.
    static var ofTurns: [APIError.Code] {
        [
            .notFound, .conversationBusy, .modelNotAllowed, .modelNotInPlan, .modelNotPriced, .insufficientCredits,
            .messageTooLong, .unsupportedInput, .dailyLimitReached, .planLimitReached, .modelLoading,
            .providerUnavailable, .shuttingDown,
        ]
    }
}

import Chatbots
package import HTTPKit
import HTTPTypes
import JSON
import LLM
package import Platform
import Storage

/// Questions of an application, by a chatbot's key, on behalf of its own users.
package struct QueryRoutes: Sendable {
    package let chat: ChatRoutes

    package init(chat: ChatRoutes) {
        self.chat = chat
    }
    private var turn: ChatTurn { chat.turn }
    private var database: Database { chat.database }

    package struct Send: Input, Ruled {
        package let message: String
        package let conversationID: String?
        package let sessionID: String?
        package let user: EndUser.Named?
        package let sessionData: JSONObject?
        package let contextOnly: Bool?
        package let model: String?
        package let stream: Bool?
        package let attachments: [Attachment.Reference]?

        package static var rules: [String: Rule] {
            [
                "message": .text(1...Message.maxLength),
                "conversation_id": .note("A new conversation begins if omitted."),
                "session_id": .note("Another name of conversation_id."),
                "session_data": .note("Kept with the conversation; merged from each call that sends some."),
                "context_only": .note(
                    "Prepare the context and ask no model: no message is kept, and no conversation begins."),
                "model": .note("One of the chatbot's models."),
                "stream": .note("Answer with server-sent events; so does `Accept: text/event-stream`."),
                "attachments": Attachment.rule,
            ]
        }

        package func validate() throws(APIError) {
            try user?.details.check(under: "user.")
            try Attachment.check(attachments)
        }
    }

    package func query(_ who: KeyCaller, _ input: Send) async throws -> Answer<QueryAnswer> {
        try who.require(chatbotID: who["chatbot_id"])
        who.call.record(language: input.user?.details.language)
        let (endUserID, pending) = try await endUser(who, input.user)
        let wanted: TurnQueries.TurnTarget =
            (input.conversationID ?? input.sessionID).map { .conversation($0) } ?? .chatbot(who.holder.chatbotID)
        let begin = ChatTurn.Begin(
            wanted: wanted, message: input.message, model: input.model, sessionData: input.sessionData,
            attachments: input.attachments ?? [], wantsContext: true, endUser: pending)
        if input.contextOnly == true {
            let stored = try await store(who, pending)
            let requester = TurnRequester.application(who, endUserID: stored ?? endUserID)
            let prepared = try await turn.prepare(requester, begin)
            return .body(
                QueryAnswer(
                    try document(who, prepared.chatbot, input, prepared.context),
                    conversationID: prepared.conversationID))
        }
        let begun = try await turn.begin(.application(who, endUserID: endUserID), begin)
        guard let context = begun.context else { throw APIError(.internalError) }
        let document = try document(who, begun.chatbot, input, context)
        return try await chat.answer(who, begun.reply, streams: input.stream) { QueryAnswer(document, $0) }
    }

    private func document(
        _ who: KeyCaller, _ chatbot: Chatbot, _ input: Send, _ context: UserContext
    ) throws -> QueryDocument {
        QueryDocument(
            chatbot, try turn.providers.models.choose(for: chatbot, asked: input.model), message: input.message,
            context,
            key: who.holder.key, now: context.timestamp)
    }

    /// The end user that a call names, and the changes to store. Nil stands for the workspace's owner, on whose behalf
    /// a call is made that names no user. An end user with the same id as the owner is still an end user: applications
    /// pass on names that their own users have chosen.
    private func endUser(
        _ who: KeyCaller, _ named: EndUser.Named?
    ) async throws -> (id: String?, pending: EndUser.Pending?) {
        guard let named else { return (nil, nil) }
        let holder = who.holder
        let found = try await database.read(who.scope) { tx in
            try EndUser.find(tx, in: Tenant(holder), chatbotID: holder.chatbotID, externalID: named.id)
        }
        let pending = try EndUser.Pending(found, named, chatbotID: holder.chatbotID, turn.secrets)
        return (pending?.id ?? found?.id, pending)
    }

    /// Stores what a call without a turn tells.
    private func store(_ who: KeyCaller, _ pending: EndUser.Pending?) async throws -> String? {
        guard let pending else { return nil }
        return try await database.write(who.scope) { tx in
            try pending.save(tx, in: Tenant(who.holder), now: .now)
        }
    }

    /// The same stream again, for a request that was repeated under its idempotency key.
    package func replay(_ who: KeyCaller, conversationID: String, messageID: String) async throws -> EventStream {
        let tenant = Tenant(who.holder)
        let (chatbot, question, person, recalled) = try await database.read(who.scope) { tx in
            let chatbot = try Chatbot.find(tx, of: who.holder)
            let found = try ApplicationConversation.find(tx, in: tenant, chatbotID: chatbot.id, id: conversationID)
            let endUser = try found.userID.flatMap {
                try EndUser.find(tx, in: tenant, chatbotID: chatbot.id, externalID: $0)
            }
            let question = try Message.before(tx, in: tenant, conversationID: conversationID, id: messageID)
            return (
                chatbot, question,
                try Person.find(tx, .application(who, endUserID: endUser?.id), in: tenant, endUserID: nil),
                try ConversationContext.find(tx, in: tenant, id: conversationID, before: question?.id)
            )
        }
        let context = try UserContext(
            person, sessionData: recalled.sessionData(turn.secrets), history: recalled.history, turn.secrets, now: .now)
        let document = QueryDocument(
            chatbot, try turn.providers.models.choose(for: chatbot, asked: nil), message: question?.content ?? "",
            context,
            key: who.holder.key, now: context.timestamp)
        return try await chat.events(
            who, who.scope, tenant, conversationID: conversationID, messageID: messageID, from: 0
        ) { QueryAnswer(document, $0) }
    }
}

/// The document that was prepared for a question, and the model's reply.
package struct QueryAnswer: JSONOutput {
    package let document: QueryDocument
    package let reply: Reply

    package struct Reply: Codable, Sendable {
        package let response: String?
        package let conversationID: String?
        package let sessionID: String?
        package let messageID: String?
        package let status: Message.Status?
        package let errorCode: String?
        package let usage: Message.Usage?
    }

    package init(_ document: QueryDocument, _ message: Message) {
        self.document = document
        reply = Reply(
            response: message.content, conversationID: message.conversationID, sessionID: message.conversationID,
            messageID: message.id, status: message.status, errorCode: message.errorCode, usage: message.usage)
    }

    /// The response if no model was called.
    package init(_ document: QueryDocument, conversationID: String?) {
        self.document = document
        reply = Reply(
            response: nil, conversationID: conversationID, sessionID: conversationID, messageID: nil, status: nil,
            errorCode: nil, usage: nil)
    }

    package init(from decoder: any Decoder) throws {
        document = try QueryDocument(from: decoder)
        reply = try Reply(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        try document.encode(to: encoder)
        try reply.encode(to: encoder)
    }
}

extension QueryRoutes {
    package var table: [Route] {
        let query = Route(
            .post, "/chatbots/{chatbot_id}/query", .turn, id: "query_chatbot",
            "Ask a chatbot on behalf of an application's user",
            about: "Returns the reply with the context it was made from. `user` describes the end user; without "
                + "it the workspace's owner is the user. `stream` answers with server-sent events.",
            self.query,
            errors: .ofTurns + [.keyNotForChatbot, .budgetExhausted])
        // The older path.
        return [query, query.also(at: "/chatbot/{chatbot_id}/query")].tagged(.chat)
    }
}

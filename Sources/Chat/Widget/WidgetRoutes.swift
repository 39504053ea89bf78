package import Chatbots
package import HTTPKit
import HTTPTypes
import Hummingbird
import JSON
package import Platform
import Storage

/// What the widget on a website calls, by a publishable key: a visitor sees its own conversations and nothing else.
package struct WidgetRoutes: Sendable {
    package let chatRoutes: ChatRoutes
    private let tokens: VisitorTokens
    var database: Database { chatRoutes.database }
    private var secrets: Secrets { chatRoutes.turn.secrets }

    package init(chat: ChatRoutes) {
        chatRoutes = chat
        tokens = VisitorTokens(secrets: chat.turn.secrets)
    }

    package struct Appearance: JSONOutput {
        package let chatbotID: String
        package let name: String
        package let greeting: String?
        package let look: WidgetSettings.Look
        /// The panel's heading. Nil: the chatbot's name.
        package let title: String?
        package let starters: [String]
        package let poweredBy: Bool
        /// Whether visitors may attach files.
        package let attachments: Bool

        init(_ chatbot: Chatbot, _ settings: WidgetSettings) {
            chatbotID = chatbot.id
            name = chatbot.name
            greeting = settings.greeting ?? chatbot.greeting
            look = settings.look
            title = settings.title
            starters = settings.starters
            poweredBy = settings.poweredBy
            attachments = settings.attachments
        }
    }

    /// With a token for a newcomer to begin with: without one an `Idempotency-Key` has no effect.
    package func appearance(_ who: Visitor) async throws -> WithVisitorToken<Appearance> {
        let appearance = try await database.read(who.scope) { tx in
            let chatbot = try Chatbot.find(tx, of: who.holder)
            let settings = try WidgetSettings.find(tx, in: Tenant(who.holder), chatbotID: chatbot.id)
            return Appearance(chatbot, settings)
        }
        return WithVisitorToken(
            answer: appearance,
            newToken: who.call.header(.visitor) == nil ? tokens.make(chatbotID: appearance.chatbotID) : nil)
    }

    package struct Send: Input, Ruled {
        package let message: String
        package let conversationID: String?
        package let stream: Bool?
        package let attachments: [Attachment.Reference]?
        package static var rules: [String: Rule] {
            [
                "message": .text(1...Message.maxLength),
                "conversation_id": .note("A new conversation begins if omitted."),
                "stream": .note("Answer with server-sent events; so does `Accept: text/event-stream`."),
                "attachments": Attachment.rule.noting("Files of this conversation, each by `file_id`."),
            ]
        }

        package func validate() throws(APIError) {
            try Attachment.check(attachments)
            // Visitors have no uploads in parts.
            guard attachments?.allSatisfy({ $0.uploadID == nil }) ?? true else { throw Attachment.missing }
        }
    }

    package func chat(_ who: Visitor, _ input: Send) async throws -> WithVisitorToken<Answer<Reply>> {
        let (visitor, newToken) = try await self.visitor(who, isNewcomer: input.conversationID == nil)
        guard let visitor else { throw APIError(.notFound) }
        let (endUserID, pending) = try await endUser(visitor, who)
        let reply = try await chatRoutes.turn.begin(
            .visitor(who, endUserID: endUserID),
            .init(
                wanted: input.conversationID.map { .conversation($0) } ?? .chatbot(who.holder.chatbotID),
                message: input.message, model: nil, attachments: input.attachments ?? [], endUser: pending)
        ).reply
        let answer = try await chatRoutes.answer(who, reply, streams: input.stream) {
            Reply($0, visitorToken: newToken)
        }
        return WithVisitorToken(answer: answer, newToken: newToken)
    }

    package func messages(_ who: Visitor, _ listing: Message.Listing) async throws -> List<Message> {
        let order = listing.order ?? .asc
        let paging = listing.paging
        let after = try paging.cursor(or: order == .asc ? .oldest : .newest)
        let visitor = try await known(who)
        let placed = try await database.read(who.scope) { tx in
            let (conversation, tenant) = try find(tx, who, visitor, who["conversation_id"])
            return try Message.list(
                tx, in: tenant, of: conversation, branch: listing.branch ?? .active, order: order, after: after.key,
                limit: paging.count)
        }
        return List(placed)
    }

    /// Follows the reply that is running, or gives the rest of the one that `Last-Event-ID` names.
    package func follow(_ who: Visitor) async throws -> EventStream {
        let position = try EventStream.position(who.call.header(.lastEventID))
        let visitor = try await known(who)
        let (conversation, tenant) = try await database.read(who.scope) { tx in
            try find(tx, who, visitor, who["conversation_id"])
        }
        guard let messageID = position?.messageID ?? conversation.runningMessageID else {
            throw APIError(.notFound, "No reply is running in this conversation.")
        }
        return try await chatRoutes.events(
            who, who.scope, tenant, conversationID: conversation.id, messageID: messageID, from: position?.offset ?? 0
        ) { Reply($0, visitorToken: nil) }
    }

    /// The same stream again, for a request that was repeated under its idempotency key.
    package func replay(_ who: Visitor, conversationID: String, messageID: String) async throws -> EventStream {
        let tenant = Tenant(who.holder)
        return try await chatRoutes.events(
            who, who.scope, tenant, conversationID: conversationID, messageID: messageID, from: 0
        ) { Reply($0, visitorToken: nil) }
    }

    package func stop(_ who: Visitor) async throws -> ChatRoutes.Stopped {
        let visitor = try await known(who)
        let conversation = try await database.write(who.scope) { tx in
            let (conversation, tenant) = try find(tx, who, visitor, who["conversation_id"])
            try TurnQueries.requestStop(tx, tenant, conversation)
            return conversation
        }
        return try await chatRoutes.stopped(conversation.id, chatRoutes.stopHere(conversation))
    }

    package struct Rate: Input, Ruled {
        package let messageID: String
        package let rating: Int
        package let comment: String?
        package static var rules: [String: Rule] { Message.Feedback.rules }
    }

    package func rate(_ who: Visitor, _ input: Rate) async throws -> Message {
        let visitor = try await known(who)
        return try await database.write(who.scope) { tx in
            let (conversation, tenant) = try find(tx, who, visitor, who["conversation_id"])
            return try Message.rate(
                tx, in: tenant, conversationID: conversation.id,
                id: Identifier.isPlausible(input.messageID) ? input.messageID : "",
                Message.Feedback(rating: input.rating, comment: input.comment))
        }
    }

    // MARK: Who the visitor is

    /// The one that the token names; without a token, for a newcomer, a new one with its token.
    func visitor(_ who: Visitor, isNewcomer: Bool) async throws -> (EndUser.Named?, newToken: String?) {
        let chatbotID = who.holder.chatbotID
        var token = who.call.header(.visitor)
        var newToken: String?
        if token == nil, isNewcomer {
            newToken = tokens.make(chatbotID: chatbotID)
            token = newToken
        }
        guard let token else { return (nil, nil) }
        let visitor = try await tokens.visitor(token, chatbotID: chatbotID) {
            try await database.read(who.scope) { tx in
                try SigningSecret.find(tx, in: Tenant(who.holder), chatbotID: chatbotID, secrets)
            }
        }
        who.call.record(language: visitor.details.language)
        return (visitor, newToken)
    }

    /// The end user that the visitor is, and what is to be stored of it when its turn begins.
    func endUser(
        _ visitor: EndUser.Named, _ who: Visitor
    ) async throws -> (id: String, pending: EndUser.Pending?) {
        let (tenant, chatbotID) = (Tenant(who.holder), who.holder.chatbotID)
        let found = try await database.read(who.scope) { tx in
            try EndUser.find(tx, in: tenant, chatbotID: chatbotID, externalID: visitor.id)
        }
        let pending = try EndUser.Pending(found, visitor, chatbotID: chatbotID, secrets)
        return (pending?.id ?? found?.id ?? "", pending)
    }

    func known(_ who: Visitor) async throws -> EndUser.Named {
        guard let visitor = try await visitor(who, isNewcomer: false).0 else { throw APIError(.notFound) }
        return visitor
    }

    private func find(
        _ tx: Transaction, _ who: Visitor, _ visitor: EndUser.Named, _ conversationID: String
    ) throws -> (conversation: Conversation, tenant: Tenant) {
        let found = try place(tx, who, visitor, conversationID)
        return (found.conversation, found.tenant)
    }

    /// A conversation of the visitor's, with the end user that the visitor is. Throws `not_found`.
    func place(
        _ tx: Transaction, _ who: Visitor, _ visitor: EndUser.Named, _ conversationID: String
    ) throws -> (conversation: Conversation, tenant: Tenant, endUserID: String) {
        let (tenant, chatbotID) = (Tenant(who.holder), who.holder.chatbotID)
        guard let endUser = try EndUser.find(tx, in: tenant, chatbotID: chatbotID, externalID: visitor.id) else {
            throw APIError(.notFound)
        }
        let found = try ApplicationConversation.find(
            tx, in: tenant, chatbotID: chatbotID, of: .endUser(id: endUser.id), id: conversationID)
        return (found.conversation, tenant, endUser.id)
    }
}

extension WidgetRoutes {
    /// A reply, and for a newcomer the token to come back with.
    package struct Reply: JSONOutput {
        package let conversationID: String
        package let message: Message
        package let visitorToken: String?

        package init(_ message: Message, visitorToken: String?) {
            conversationID = message.conversationID
            self.message = message
            self.visitorToken = visitorToken
        }
    }
}

extension WidgetRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/widget/config", .readChat, id: "get_widget_config", "Get what a widget shows first",
                about: "The chatbot's name, greeting, starters and look; a new visitor gets a token in `X-Visitor`.",
                appearance),
            Route(
                .post, "/widget/chat", .turn, id: "send_visitor_message", "Send a visitor's message and get the reply",
                about: "The first answer has a visitor token, which later calls send as `X-Visitor`. `stream` "
                    + "answers with server-sent events.",
                chat,
                errors: .ofTurns + [.invalidVisitor, .budgetExhausted]),
            Route(
                .get, "/widget/conversations/{conversation_id}/messages", .readChat, id: "list_visitor_messages",
                "List the messages of a visitor's conversation",
                about: "Oldest first. Needs the visitor's token.",
                messages,
                errors: [.invalidVisitor]),
            Route(
                .get, "/widget/conversations/{conversation_id}/stream", .readChat, id: "follow_visitor_reply",
                "Follow the running reply to a visitor",
                about: "Server-sent events; `Last-Event-ID` continues where a stream broke off.",
                follow,
                errors: [.invalidVisitor]),
            Route(
                .post, "/widget/conversations/{conversation_id}/stop", .chat.audit(.none), id: "stop_visitor_reply",
                "Stop the running reply to a visitor",
                about: "Keeps the text that was generated so far.",
                stop,
                errors: [.invalidVisitor]),
            Route(
                .post, "/widget/conversations/{conversation_id}/feedback", .chat.audit(.none),
                id: "rate_visitor_reply", "Rate a reply to a visitor",
                about: "Replaces an earlier rating.",
                rate,
                errors: [.invalidVisitor]),
        ].tagged(.widget)
    }
}

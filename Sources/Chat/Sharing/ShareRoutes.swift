import Accounts
package import HTTPKit
import HTTPTypes
import JSON
package import Platform
package import Storage

/// Conversations shown to anyone who has a link.
package struct ShareRoutes: Sendable {
    package let database: Database
    /// The setting `SHARING`.
    package let isOn: Bool
    package let server: String

    package init(database: Database, isOn: Bool, server: String) {
        self.database = database
        self.isOn = isOn
        self.server = server
    }

    package func create(_ who: UserCaller, _ input: ConversationShare.Create) async throws -> ConversationShare.Made {
        try requireOn()
        let token = RandomText.make(bytes: 32)
        let now = Timestamp.now
        let share = try await database.write(who.scope) { tx in
            let (conversation, tenant) = try Conversation.find(tx, id: who["conversation_id"], for: who.caller)
            return try ConversationShare.create(
                tx, in: tenant, conversation, token: token,
                expiresAt: input.expiresAt ?? now.adding(.seconds(86_400 * ConversationShare.usualDays)), now: now)
        }
        who.call.audit(detail: ["share": .string(share.id), "expires_at": .string(share.expiresAt.iso8601)])
        return ConversationShare.Made(
            id: share.id, url: "\(server)/#/shared/\(token)", createdAt: share.createdAt, expiresAt: share.expiresAt)
    }

    package func list(_ who: UserCaller, _ paging: Paging) async throws -> List<ConversationShare> {
        try requireOn()
        let after = try paging.cursor(or: .newest)
        let found = try await database.read(who.scope) { tx in
            let (conversation, tenant) = try Conversation.find(tx, id: who["conversation_id"], for: who.caller)
            try ConversationShare.requireAllowed(tx, in: tenant)
            return try ConversationShare.list(
                tx, in: tenant, conversationID: conversation.id, after: after, limit: paging.count, now: .now)
        }
        return List(found, limit: paging.count) { Cursor(id: $0.id) }
    }

    package func end(_ who: UserCaller) async throws -> NoContent {
        try await database.write(who.scope) { tx in
            let (conversation, tenant) = try Conversation.find(tx, id: who["conversation_id"], for: who.caller)
            try ConversationShare.end(tx, in: tenant, conversationID: conversation.id, id: who["share_id"])
        }
        return NoContent()
    }

    package func read(_ who: AnonymousCaller, _ paging: Paging) async throws -> SharedConversation {
        guard isOn else { throw APIError(.notFound) }
        let after = try paging.cursor(or: .oldest)
        let (opened, page) = try await database.read(.system) { tx in
            let opened = try OpenedShare.find(tx, token: who["share_token"], now: .now)
            return (opened, try opened.messages(tx, after: after.key, limit: paging.count))
        }
        return SharedConversation(opened, page)
    }

    private func requireOn() throws(APIError) {
        guard isOn else {
            throw APIError(
                .forbidden, "Links to conversations are off on this server.",
                bengali: "এই সার্ভারে কথোপকথনের লিঙ্ক দেওয়া বন্ধ।")
        }
    }
}

extension SharedConversation {
    fileprivate init(_ opened: OpenedShare, _ page: RowPage<Message.Placed>) {
        let list = List(
            page, cursor: { Cursor(key: $0.position, id: $0.message.id) }, shown: { SharedMessage($0.message) })
        self.init(
            title: opened.title, chatbotName: opened.chatbotName, createdAt: opened.share.createdAt,
            expiresAt: opened.share.expiresAt, data: list.data, next: list.next)
    }
}

extension SharedMessage {
    fileprivate init(_ message: Message) {
        self.init(
            sender: message.sender, content: message.content, status: message.status, createdAt: message.createdAt,
            citations: message.citations?.map { Source(n: $0.n, name: $0.name, page: $0.page) })
    }
}

extension ShareRoutes {
    package var table: [Route] {
        [
            Route(
                .post, "/conversations/{conversation_id}/share", .chat, id: "share_conversation",
                "Share a conversation",
                about:
                    "Makes a link to the shown messages as they are now, for anyone who has it. It is shown once, and ends "
                    + "with the conversation, and with your account or membership. In a workspace with others its owner must "
                    + "allow it.",
                create, .created,
                errors: [.forbidden, .conflict]),
            Route(
                .get, "/conversations/{conversation_id}/share", .readChat, id: "list_shares",
                "List a conversation's links",
                about: "Newest first, those that have not ended.",
                list,
                errors: [.forbidden]),
            Route(
                .delete, "/conversations/{conversation_id}/share/{share_id}", .chat, id: "end_share",
                "End a link to a conversation",
                about: "It opens nothing from now on.",
                end, .noContent),
            Route(
                .get, "/shared/{share_token}", .readChat, id: "read_shared_conversation", "Read a shared conversation",
                about: "For anyone who has the link, oldest message first.",
                read,
                errors: [.notFound]),
        ].tagged(.conversations)
    }
}

import Accounts
import Chatbots
package import HTTPKit
import HTTPTypes
package import Platform
package import Storage

/// Conversations and their messages.
package struct ConversationRoutes: Sendable {
    package let database: Database
    package let replies: RunningReplies
    package let deletions: Deletions

    package init(database: Database, replies: RunningReplies, deletions: Deletions) {
        self.database = database
        self.replies = replies
        self.deletions = deletions
    }

    package func list(_ who: UserCaller, _ filter: Conversation.Filter) async throws -> List<Conversation> {
        let after = try filter.paging.cursor(or: .newest)
        let limit = filter.paging.count
        let conversations = try await database.read(who.scope) { tx in
            let chatbotID = filter.chatbotID ?? filter.projectID
            let tenant =
                try chatbotID.map { try Chatbot.find(tx, id: $0, for: who.caller).tenant } ?? who.tenant(tx, .read)
            return try Conversation.list(
                tx, in: tenant, chatbotID: chatbotID, pinned: filter.pinned, archived: filter.archived ?? false,
                folder: filter.folder.map(Folder.composed), after: after, limit: limit)
        }
        return List(conversations, limit: limit) { Cursor(key: $0.updatedAt.milliseconds, id: $0.id) }
    }

    package func create(_ who: UserCaller, _ input: Conversation.Create) async throws -> Conversation {
        try await database.write(who.scope) { tx in
            let (chatbot, tenant): (Chatbot, Tenant)
            if let id = input.chatbotID ?? input.projectID {
                (chatbot, tenant) = try Chatbot.find(tx, id: id, for: who.caller)
            } else {
                tenant = try who.tenant(tx, .read)
                chatbot = try Chatbot.findDefault(tx, in: tenant)
            }
            try WorkspaceLimits.require(.bytes, tx, in: tenant)
            let conversation = try Conversation.create(
                tx, in: tenant, chatbotID: chatbot.id, owner: .user(who.caller.userID), title: input.title,
                isTitleGiven: input.title != nil, now: .now)
            try DailyUsage.count(tx, who.caller.subscriber, conversations: 1, now: .now)
            return conversation
        }
    }

    package func read(_ who: UserCaller) async throws -> Conversation {
        try await database.read(who.scope) { tx in
            try Conversation.findReadable(tx, id: who["conversation_id"], for: who.caller).conversation
        }
    }

    package func update(_ who: UserCaller, _ input: Conversation.Update) async throws -> Conversation {
        try await database.write(who.scope) { tx in
            let (conversation, tenant) = try Conversation.find(tx, id: who["conversation_id"], for: who.caller)
            let chatbotID = input.chatbotID ?? conversation.chatbotID
            if chatbotID != conversation.chatbotID {
                let other = try Chatbot.find(tx, id: chatbotID, for: who.caller).tenant
                guard other.workspaceID == tenant.workspaceID else {
                    throw APIError(.otherWorkspace, param: "chatbot_id")
                }
                try Conversation.keepAuthors(tx, in: tenant, conversation)
            }
            try Conversation.update(tx, in: tenant, conversation, input)
            return try Conversation.find(tx, id: conversation.id, for: who.caller).conversation
        }
    }

    package func delete(_ who: UserCaller) async throws -> NoContent {
        let (conversation, root) = try await database.write(who.scope) { tx in
            let (conversation, tenant) = try Conversation.find(tx, id: who["conversation_id"], for: who.caller)
            return (conversation, try Conversation.delete(tx, in: tenant, id: conversation.id, now: .now))
        }
        // Stops the reply that is still being written.
        conversation.runningMessageID.flatMap(replies.reply)?.stop()
        await deletions.begin(root)
        return NoContent()
    }

    package func messages(_ who: UserCaller, _ listing: Message.Listing) async throws -> List<Message> {
        let order = listing.order ?? .asc
        let paging = listing.paging
        let after = try paging.cursor(or: order == .asc ? .oldest : .newest)
        let placed = try await database.read(who.scope) { tx in
            let (conversation, tenant) = try Conversation.findReadable(tx, id: who["conversation_id"], for: who.caller)
            return try Message.list(
                tx, in: tenant, of: conversation, branch: listing.branch ?? .active, order: order, after: after.key,
                limit: paging.count)
        }
        return List(placed)
    }

    package func rate(_ who: UserCaller, _ input: Message.Feedback) async throws -> Message {
        try await database.write(who.scope) { tx in
            let (conversation, tenant) = try Conversation.find(tx, id: who["conversation_id"], for: who.caller)
            return try Message.rate(
                tx, in: tenant, conversationID: conversation.id, id: who["message_id"], input)
        }
    }

    package struct ExportFormat: Input, Ruled {
        package let format: Format?
        package let branch: Message.Branch?
        package enum Format: String, Choice { case json, markdown }
        package static var rules: [String: Rule] {
            ["format": .note("`json` if omitted."), "branch": Message.Branch.rule]
        }
    }

    /// The whole conversation as a file, read and sent page by page.
    package func export(_ who: UserCaller, _ input: ExportFormat) async throws -> Export {
        let (conversation, tenant) = try await database.read(who.scope) { tx in
            try Conversation.findReadable(tx, id: who["conversation_id"], for: who.caller)
        }
        let (scope, branch) = (who.scope, input.branch ?? .active)
        return Export(conversation: conversation, format: input.format ?? .json, branch: branch) { after in
            try await database.read(scope) { tx in
                try Message.list(tx, in: tenant, of: conversation, branch: branch, after: after, limit: 200).items
            }
        } hidden: { after in
            try await database.read(scope) { tx in
                try HiddenMessage.list(tx, in: tenant, conversationID: conversation.id, after: after, limit: 20)
            }
        }
    }
}

extension List where Item == Message {
    package init(_ placed: RowPage<Message.Placed>) {
        self.init(placed, cursor: { Cursor(key: $0.position, id: $0.message.id) }, shown: \.message)
    }
}

extension ConversationRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/conversations", .readChat, id: "list_conversations", "List my conversations",
                about: "Newest first, without those in the archive; also those of one chatbot or one folder.",
                list,
                errors: [.notFound]),
            Route(
                .post, "/conversations", .chat, id: "create_conversation", "Create a conversation",
                about: "With the default chatbot unless `chatbot_id` names another one.",
                create, .created,
                errors: [.notFound, .dailyLimitReached, .planLimitReached]),
            Route(
                .get, "/conversations/{conversation_id}", .readChat, id: "get_conversation", "Get a conversation",
                about: "Conversations are private to the user who began them.",
                read),
            Route(
                .patch, "/conversations/{conversation_id}", .chat, id: "update_conversation",
                "Rename, pin, archive or file a conversation, or change its chatbot",
                about:
                    "Changes the fields that are sent and keeps the others. Earlier messages stay, and the new chatbot "
                    + "reads them.",
                update,
                errors: [.otherWorkspace, .planLimitReached]),
            Route(
                .delete, "/conversations/{conversation_id}", .chat, id: "delete_conversation", "Delete a conversation",
                about: "With its messages; a running reply is stopped.",
                delete, .noContent),
            Route(
                .get, "/conversations/{conversation_id}/messages", .readChat, id: "list_messages",
                "List a conversation's messages",
                about: "Oldest first unless `order` says otherwise. Of a message with several versions the shown one, "
                    + "unless `branch` is `all`.",
                messages),
            Route(
                .put, "/conversations/{conversation_id}/messages/{message_id}/feedback", .chat, id: "rate_message",
                "Rate a reply",
                about: "Replaces an earlier rating.",
                rate),
            Route(
                .get, "/conversations/{conversation_id}/export", .readChat, id: "export_conversation",
                "Export a conversation",
                about:
                    "As JSON or Markdown: the shown versions, or with `branch` `all` every message. JSON then also has "
                    + "what the source of an imported conversation did not show.",
                export),
        ].tagged(.conversations) + searchTable + folderTable + branchTable + citationTable + unansweredTable
    }
}

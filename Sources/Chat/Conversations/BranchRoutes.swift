import Accounts
import HTTPKit
import HTTPTypes
import Metering
package import Platform
import Storage

/// Other versions of a conversation: shown in its place, or as a conversation of their own.
extension ConversationRoutes {
    package func show(_ who: UserCaller, _ input: Conversation.Shown) async throws -> Conversation {
        // Tries again if another call has changed the conversation since it was read.
        for _ in 0..<2 {
            do {
                return try await showOnce(who, input.messageID)
            } catch let error as APIError where error.code == .conversationBusy {}
        }
        return try await showOnce(who, input.messageID)
    }

    /// The tree is read before the change, so that a long conversation does not hold up other writers.
    private func showOnce(_ who: UserCaller, _ messageID: String) async throws -> Conversation {
        let id = who["conversation_id"]
        let (conversation, tenant, path) = try await database.read(who.scope) { tx in
            let (conversation, tenant) = try Conversation.find(tx, id: id, for: who.caller)
            let tree = try MessageTree(tx, in: tenant, conversationID: id)
            guard let leaf = tree.newest(from: messageID) else { throw APIError(.notFound, param: "message_id") }
            return (conversation, tenant, tree.path(to: leaf))
        }
        return try await database.write(who.scope) { tx in
            try Conversation.show(tx, in: tenant, path, of: conversation, now: .now)
            return try Conversation.find(tx, id: id, for: who.caller).conversation
        }
    }

    package func copy(_ who: UserCaller, _ input: Conversation.Copy) async throws -> Conversation {
        let id = who["conversation_id"]
        let ids = try await database.read(who.scope) { tx in
            let (conversation, tenant) = try Conversation.find(tx, id: id, for: who.caller)
            return try Conversation.toCopy(tx, in: tenant, conversation, upTo: input.messageID)
        }
        return try await database.write(who.scope) { tx in
            let (conversation, tenant) = try Conversation.find(tx, id: id, for: who.caller)
            try WorkspaceLimits.require(.bytes, tx, in: tenant)
            let copy = try Conversation.copy(tx, in: tenant, conversation, ids, now: .now)
            try DailyUsage.count(tx, who.caller.subscriber, conversations: 1, now: .now)
            return copy
        }
    }

    var branchTable: [Route] {
        [
            Route(
                .put, "/conversations/{conversation_id}/branch", .chat, id: "show_branch",
                "Show another version of a message",
                about: "The shown messages are then those that lead to it and the newest that follow it. The next "
                    + "message continues there.",
                show,
                errors: [.conversationBusy]),
            Route(
                .post, "/conversations/{conversation_id}/copy", .chat, id: "copy_conversation", "Copy a conversation",
                about: "Begins a conversation with the shown messages, or those up to `message_id`, as a line without "
                    + "other versions, files, ratings and session data.",
                copy, .created,
                errors: [.conflict, .dailyLimitReached, .planLimitReached]),
        ].tagged(.conversations)
    }
}

extension Conversation {
    private static let mostCopied = 1000
    private static let mostCopiedCharacters = 4_000_000

    /// Throws `conversation_busy` if a reply is being written, or the conversation is not as it was read.
    fileprivate static func show(
        _ tx: Transaction, in tenant: Tenant, _ path: MessagePath, of conversation: Conversation, now: Timestamp
    ) throws {
        let changed = try tx.run(
            """
            UPDATE conversations SET path = ? WHERE workspace_id = ? AND id = ? AND deleted_at IS NULL
            AND last_position = ? AND COALESCE(path, '') = ? AND (turn_message_id IS NULL OR turn_until < ?)
            """,
            [
                path.text, tenant.workspaceID, conversation.id, conversation.lastPosition,
                conversation.path.text ?? "", now,
            ])
        guard changed == 1 else { throw APIError(.conversationBusy) }
    }

    /// The ids of the messages to copy, in their order. Throws `conflict` if they are too many or too long.
    fileprivate static func toCopy(
        _ tx: Transaction, in tenant: Tenant, _ conversation: Conversation, upTo messageID: String?
    ) throws -> [String] {
        let path =
            try messageID.map {
                try Self.path(tx, in: tenant, id: conversation.id, shown: conversation.path, to: $0).path
            } ?? conversation.path
        let (onPath, ranges) = path.condition(after: .min, limit: mostCopied)
        let found = try tx.rows(
            """
            SELECT id, LENGTH(content) AS length FROM messages
            WHERE workspace_id = ? AND conversation_id = ? AND id <> ? \(onPath)
            ORDER BY position LIMIT \(mostCopied + 1)
            """,
            [tenant.workspaceID, conversation.id, conversation.runningMessageID ?? ""] + ranges
        ) { (id: try $0.string("id"), length: try $0.int("length")) }
        guard found.count <= mostCopied, found.reduce(0, { $0 + $1.length }) <= mostCopiedCharacters else {
            throw APIError(
                .conflict,
                "At most \(mostCopied) messages with 4,000,000 characters can be copied. Name an earlier message.",
                bengali: "সর্বোচ্চ \(mostCopied)টি বার্তা ও ৪০,০০,০০০ অক্ষর অনুলিপি করা যায়। আগের কোনো বার্তা বেছে নিন।",
                param: "message_id")
        }
        return found.map(\.id)
    }

    fileprivate static func copy(
        _ tx: Transaction, in tenant: Tenant, _ conversation: Conversation, _ messageIDs: [String], now: Timestamp
    ) throws -> Conversation {
        let copy = try create(
            tx, in: tenant, chatbotID: conversation.chatbotID, owner: .user(tenant.userID), title: conversation.title,
            isTitleGiven: true, now: now)
        for (index, id) in messageIDs.enumerated() {
            try tx.send(
                """
                INSERT INTO messages (id, workspace_id, conversation_id, position, sender, content, status, error_code,
                    model, prompt_tokens, completion_tokens, created_at, reasoning, reasoning_ms, finish_reason,
                    chatbot_id, citations)
                SELECT ?, workspace_id, ?, ?, sender, content,
                    CASE status WHEN 'running' THEN 'partial' ELSE status END, error_code, model, prompt_tokens,
                    completion_tokens, created_at, reasoning, reasoning_ms, finish_reason, chatbot_id,
                    citations
                FROM messages WHERE workspace_id = ? AND id = ?
                """,
                [Identifier.make(), copy.id, index + 1, tenant.workspaceID, id])
        }
        try tx.run(
            "UPDATE conversations SET last_position = ? WHERE workspace_id = ? AND id = ?",
            [messageIDs.count, tenant.workspaceID, copy.id])
        return copy
    }
}

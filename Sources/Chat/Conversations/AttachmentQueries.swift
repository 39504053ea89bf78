package import Chatbots
package import HTTPKit
package import Platform
package import Storage

extension Attachment {
    /// The files of messages, in their order, by the message's id.
    package static func files(
        _ tx: Transaction, in tenant: Tenant, ofMessages ids: [String]
    ) throws -> [String: [StoredFile]] {
        if ids.isEmpty { return [:] }
        let found = try tx.rows(
            """
            SELECT m.message_id, \(StoredFile.columns) FROM message_files m
            JOIN files f ON f.workspace_id = m.workspace_id AND f.id = m.file_id
            WHERE m.workspace_id = ? AND m.message_id IN (\(ids.placeholders)) ORDER BY m.message_id, m.position
            """,
            [tenant.workspaceID] + ids
        ) { (try $0.string("message_id"), try StoredFile($0)) }
        return Dictionary(grouping: found, by: \.0).mapValues { $0.map(\.1) }
    }

    /// Gives a message files of its conversation. Throws `not_found` if one is not a file of this conversation.
    package static func attach(
        _ tx: Transaction, in tenant: Tenant, conversationID: String, messageID: String, fileIDs: [String]
    ) throws {
        for (position, id) in fileIDs.enumerated() {
            let added = try tx.run(
                """
                INSERT INTO message_files (workspace_id, message_id, file_id, position)
                SELECT f.workspace_id, ?, f.id, ? FROM files f WHERE f.workspace_id = ? AND f.id = ?
                AND f.kind = 'attachment' AND f.conversation_id = ?
                """,
                [messageID, position, tenant.workspaceID, id, conversationID])
            guard added == 1 else { throw missing }
        }
    }

    package static let missing = APIError(
        .notFound, "This conversation has no such file.", bengali: "এই কথোপকথনে এমন কোনো ফাইল নেই।", param: "attachments")

    /// Throws `plan_limit_reached` if the conversation has as many files as it may have, those that are about to be added
    /// included. The conversation's row is locked, so that parallel calls are counted one after another.
    package static func requireRoom(
        _ tx: Transaction, in tenant: Tenant, conversationID: String, for added: Int = 1
    ) throws {
        try tx.run(
            "UPDATE conversations SET title = title WHERE workspace_id = ? AND id = ?",
            [tenant.workspaceID, conversationID])
        let count =
            try tx.row(
                "SELECT COUNT(*) AS count FROM files WHERE workspace_id = ? AND conversation_id = ?",
                [tenant.workspaceID, conversationID]
            ) { try $0.int("count") } ?? 0
        guard count + added <= mostOfConversation else {
            throw APIError(
                .planLimitReached, "A conversation has at most \(mostOfConversation) files. Delete what is not needed.",
                bengali: "একটি কথোপকথনে সর্বোচ্চ \(mostOfConversation)টি ফাইল থাকতে পারে। যা লাগে না তা মুছুন।")
        }
    }
}

extension Message {
    /// The messages with their files. Those that have none are not looked up.
    package static func withAttachments(
        _ tx: Transaction, in tenant: Tenant, _ messages: [Message]
    ) throws -> [Message] {
        let ids = messages.compactMap { $0.attachments == nil ? nil : $0.id }
        if ids.isEmpty { return messages }
        let files = try Attachment.files(tx, in: tenant, ofMessages: ids)
        return messages.map { message in
            guard message.attachments != nil else { return message }
            var message = message
            message.attachments = (files[message.id] ?? []).map { Attachment($0) }
            return message
        }
    }
}

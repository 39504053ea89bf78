import HTTPKit
import HTTPTypes
package import Platform
import Storage

/// Other versions of what was said: the earlier ones stay.
extension ChatRoutes {
    package func edit(_ who: UserCaller, _ input: Message.Create) async throws -> Answer<Pair> {
        let (conversationID, messageID) = (who["conversation_id"], who["message_id"])
        var attachments = input.attachments
        if attachments == nil { attachments = try await kept(who, conversationID, messageID) }
        let reply = try await begin(
            who,
            .init(
                wanted: .edit(conversationID: conversationID, messageID: messageID), message: input.content,
                model: input.model, attachments: attachments ?? []),
            input.whileRunning)
        return try await answer(who, reply, streams: input.stream) { Pair(user: reply.userMessage, reply: $0) }
    }

    /// The files of the message that is edited.
    private func kept(
        _ who: UserCaller, _ conversationID: String, _ messageID: String
    ) async throws -> [Attachment.Reference] {
        let files = try await database.read(who.scope) { tx in
            let (conversation, tenant) = try Conversation.find(tx, id: conversationID, for: who.caller)
            let message = try Message.find(tx, in: tenant, conversationID: conversation.id, id: messageID)
            return try Message.withAttachments(tx, in: tenant, [message])[0].attachments ?? []
        }
        return files.map { Attachment.Reference(fileID: $0.fileID, uploadID: nil) }
    }

    package func regenerateMessage(_ who: UserCaller, _ input: Again) async throws -> Answer<Reply> {
        let wanted = TurnQueries.TurnTarget.anotherReply(
            conversationID: who["conversation_id"], messageID: who["message_id"])
        let reply = try await turn.begin(.user(who), .init(wanted: wanted, message: nil, model: input.model)).reply
        return try await answer(who, reply, streams: input.stream) { Reply($0) }
    }

    var versionTable: [Route] {
        [
            Route(
                .post, "/conversations/{conversation_id}/messages/{message_id}/edit", .turn, id: "edit_message",
                "Send another version of a message",
                about: "Answers as sending a message does. The earlier version stays with all that follows it, and "
                    + "`PUT /conversations/{conversation_id}/branch` shows it again. Without `attachments` its files "
                    + "are kept.",
                edit,
                errors: .ofTurns + [.conflict]),
            Route(
                .post, "/conversations/{conversation_id}/messages/{message_id}/regenerate", .turn,
                id: "regenerate_message", "Generate another version of a reply",
                about: "The earlier version stays with all that follows it. If `message_id` is a user's message, "
                    + "another reply to it is generated.",
                regenerateMessage,
                errors: .ofTurns + [.nothingToRegenerate, .conflict]),
        ].tagged(.chat)
    }
}

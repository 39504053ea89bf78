package import Chatbots
package import HTTPKit
import HTTPTypes
package import Platform
import Storage

/// The files of a conversation, for the user or the application that began it alone.
package struct AttachmentRoutes: Sendable {
    package let files: ConversationFiles

    package init(files: ConversationFiles) {
        self.files = files
    }
    private var database: Database { files.database }
    private var uploads: Uploads { files.uploads }

    /// Receives the file of a form.
    package func receive(_ who: UserOrKey) async throws -> SentFile {
        try await uploads.receive(who.call, FileOwner(who)) { tx in try place(tx, who).tenant }
    }

    package func create(_ who: UserOrKey, _ input: FileInput<Upload.Reference>) async throws -> ConversationFile {
        let owner = FileOwner(who)
        // A caller without this conversation must not learn whether an upload exists.
        _ = try await database.read(owner.scope) { tx in try place(tx, who) }
        let id = try await uploads.ready(input, of: owner)
        return try await database.write(owner.scope) { tx in
            let file = try ConversationFiles.add(tx, place(tx, who), from: id, by: owner)
            try uploads.check(bytes: file.bytes)
            who.call.audit(target: "file:\(file.id)")
            return ConversationFile(file)
        }
    }

    package func list(_ who: UserOrKey, _ paging: Paging) async throws -> List<ConversationFile> {
        let after = try paging.cursor(or: .newest)
        let found = try await database.read(who.scope) { tx in
            let (conversationID, tenant) = try place(tx, who)
            return try StoredFile.list(
                tx, in: tenant, .conversation(conversationID), after: after, limit: paging.count)
        }
        return List(found, limit: paging.count, cursor: { Cursor(id: $0.id) }, shown: ConversationFile.init)
    }

    package func read(_ who: UserOrKey) async throws -> ConversationFile {
        try await database.read(who.scope) { tx in
            ConversationFile(try ConversationFiles.find(tx, place(tx, who), id: who["conversation_file_id"]))
        }
    }

    package func content(_ who: UserOrKey) async throws -> FileContent {
        let (file, parts) = try await database.read(who.scope) { tx in
            let file = try ConversationFiles.find(tx, place(tx, who), id: who["conversation_file_id"])
            return (file, try FilePart.list(tx, ofFile: file.id))
        }
        return FileContent(file, parts, uploads.objects, who.call)
    }

    package func delete(_ who: UserOrKey) async throws -> NoContent {
        try await database.write(who.scope) { tx in
            try ConversationFiles.delete(tx, place(tx, who), id: who["conversation_file_id"])
        }
        await uploads.sweep.hasten()
        return NoContent()
    }

    /// A user's own conversation, or one that an application began with the key's chatbot. Throws `not_found`.
    private func place(_ tx: Transaction, _ who: UserOrKey) throws -> ConversationFiles.Place {
        let id = who["conversation_id"]
        switch who {
        case .user(let user):
            let found = try Conversation.find(tx, id: id, for: user.caller)
            return (found.conversation.id, found.tenant)
        case .key(let key):
            let tenant = Tenant(key.holder)
            let found = try ApplicationConversation.find(tx, in: tenant, chatbotID: key.holder.chatbotID, id: id)
            return (found.conversation.id, tenant)
        }
    }
}

extension AttachmentRoutes {
    package var table: [Route] {
        [
            Route(
                .post, "/conversations/{conversation_id}/files", RoutePolicy.chat.body(upTo: uploads.maxForm),
                id: "create_conversation_file", "Add a file to a conversation",
                about: "A form with the field `file`, or JSON that names a complete upload. A message names it in "
                    + "`attachments`. Pictures, PDF and text files.",
                receiving: receive, create, .created,
                errors: [
                    .planLimitReached, .uploadIncomplete, .unsupportedMediaType, .fileStoreUnavailable, .fileStoreFull,
                ]),
            Route(
                .get, "/conversations/{conversation_id}/files", .readChat, id: "list_conversation_files",
                "List the files of a conversation",
                about: "Newest first, those that no message has included.",
                list),
            Route(
                .get, "/conversations/{conversation_id}/files/{conversation_file_id}", .readChat,
                id: "get_conversation_file", "Get a file of a conversation",
                about: "Only who began the conversation sees it.",
                read),
            Route(
                .get, "/conversations/{conversation_id}/files/{conversation_file_id}/content", .readChat,
                id: "download_conversation_file", "Download a file of a conversation",
                about: "The bytes as they were sent, or the range that `Range` asks for.",
                content,
                errors: [.fileStoreUnavailable]),
            Route(
                .delete, "/conversations/{conversation_id}/files/{conversation_file_id}", .chat,
                id: "delete_conversation_file", "Remove a file from a conversation",
                about: "Also from the messages that have it. Its bytes are removed within half a minute.",
                delete, .noContent),
        ].tagged(.conversations)
    }
}

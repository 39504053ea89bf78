package import Chatbots
package import HTTPKit
import HTTPTypes
package import Platform
import Storage

/// The files that a visitor of a website attaches, if the widget's settings allow it.
package struct VisitorFileRoutes: Sendable {
    /// Maximum size of one file, in bytes.
    private static let most = 8 << 20
    /// Maximum number of files that a visitor stores in a day.
    private static let mostPerDay = 20

    let widget: WidgetRoutes
    private let uploads: Uploads
    var database: Database { uploads.database }

    package init(widget: WidgetRoutes) {
        self.widget = widget
        uploads = widget.chatRoutes.turn.files.uploads.limited(to: Self.most)
    }

    private struct Place: Sendable {
        let conversation: ConversationFiles.Place
        let owner: FileOwner
        let endUserID: String
    }

    package func receive(_ who: Visitor) async throws -> SentFile {
        let visitor = try await widget.known(who)
        let place = try await database.write(who.scope) { tx in
            let place = try self.place(tx, who, visitor)
            try requireAllowed(tx, who, place)
            return place
        }
        try await who.call.countVisitorFile(of: who.holder)
        return try await uploads.receive(who.call, place.owner) { _ in place.conversation.tenant }
    }

    package func create(_ who: Visitor, _ input: FileInput<NoInput>) async throws -> ConversationFile {
        guard case .file(let sent) = input else { throw APIError(.unsupportedMediaType) }
        let visitor = try await widget.known(who)
        return try await database.write(who.scope) { tx in
            let place = try place(tx, who, visitor)
            try requireAllowed(tx, who, place)
            return ConversationFile(try ConversationFiles.add(tx, place.conversation, from: sent.id, by: place.owner))
        }
    }

    package func content(_ who: Visitor) async throws -> FileContent {
        let visitor = try await widget.known(who)
        let (file, parts) = try await database.read(who.scope) { tx in
            let place = try place(tx, who, visitor).conversation
            let file = try ConversationFiles.find(tx, place, id: who["conversation_file_id"])
            return (file, try FilePart.list(tx, ofFile: file.id))
        }
        return FileContent(file, parts, uploads.objects, who.call)
    }

    package func delete(_ who: Visitor) async throws -> NoContent {
        let visitor = try await widget.known(who)
        try await database.write(who.scope) { tx in
            try ConversationFiles.delete(
                tx, place(tx, who, visitor).conversation, id: who["conversation_file_id"])
        }
        await uploads.sweep.hasten()
        return NoContent()
    }

    private func place(_ tx: Transaction, _ who: Visitor, _ visitor: EndUser.Named) throws -> Place {
        let found = try widget.place(tx, who, visitor, who["conversation_id"])
        return Place(
            conversation: (found.conversation.id, found.tenant), owner: FileOwner(who, endUserID: found.endUserID),
            endUserID: found.endUserID)
    }

    /// Throws `forbidden` if the widget takes no files, and `rate_limited` if the visitor has stored as many as one may in
    /// a day.
    private func requireAllowed(_ tx: Transaction, _ who: Visitor, _ place: Place) throws {
        let tenant = place.conversation.tenant
        try requireAllowed(tx, in: tenant, chatbotID: who.holder.chatbotID)
        // Parallel calls are counted one after another.
        try tx.run(
            "UPDATE end_users SET created_at = created_at WHERE workspace_id = ? AND id = ?",
            [tenant.workspaceID, place.endUserID])
        let since = Timestamp.now.adding(.seconds(-86_400))
        guard try StoredFile.count(tx, in: tenant, of: place.owner, since: since) < Self.mostPerDay else {
            throw APIError(
                .rateLimited, "These are too many files for one day.", bengali: "এক দিনের জন্য এগুলো অনেক বেশি ফাইল।",
                retryAfter: 3600)
        }
    }

    /// Throws `forbidden` if the widget takes no files.
    func requireAllowed(_ tx: Transaction, in tenant: Tenant, chatbotID: String) throws {
        guard try WidgetSettings.find(tx, in: tenant, chatbotID: chatbotID).attachments else {
            throw APIError(.forbidden, "This widget takes no files.", bengali: "এই উইজেট ফাইল নেয় না।")
        }
    }
}

extension VisitorFileRoutes {
    package var table: [Route] {
        let file = "/widget/conversations/{conversation_id}/files/{conversation_file_id}"
        return [
            Route(
                .post, "/widget/conversations", .chat, id: "begin_visitor_conversation",
                "Begin a visitor's conversation without a message",
                about: "If the widget's settings allow files, so that the first message can have some.",
                begin, .created,
                errors: [.forbidden, .invalidVisitor, .dailyLimitReached, .planLimitReached]),
            Route(
                .post, "/widget/conversations/{conversation_id}/files", RoutePolicy.chat.body(upTo: uploads.maxForm),
                id: "create_visitor_file", "Add a file to a visitor's conversation",
                about: "If the widget's settings allow it. A message names the file in `attachments`.",
                receiving: receive, create, .created,
                errors: [
                    .forbidden, .invalidVisitor, .planLimitReached, .unsupportedMediaType, .fileStoreUnavailable,
                    .fileStoreFull,
                ]),
            Route(
                .get, "\(file)/content", .readChat, id: "download_visitor_file",
                "Download a file of a visitor's conversation",
                about: "Only the visitor's own.",
                content,
                errors: [.invalidVisitor, .fileStoreUnavailable]),
            Route(
                .delete, file, .chat, id: "delete_visitor_file", "Remove a file from a visitor's conversation",
                about: "Also from the messages that have it.",
                delete, .noContent,
                errors: [.invalidVisitor]),
        ].tagged(.widget)
    }
}

import Accounts
package import Chatbots
package import HTTPKit
import HTTPTypes
package import Platform
package import Storage

/// Brings conversations in from the exports of other services.
package struct ImportRoutes: Sendable {
    package let database: Database
    package let uploads: Uploads
    package let job: ImportJob

    package init(database: Database, uploads: Uploads, job: ImportJob) {
        self.database = database
        self.uploads = uploads
        self.job = job
    }

    /// Receives the file of a form.
    package func receive(_ who: UserCaller) async throws -> SentFile {
        try await uploads.receive(who.call, FileOwner(userID: who.caller.userID)) { tx in try who.tenant(tx, .read) }
    }

    package func create(_ who: UserCaller, _ input: FileInput<Import.Create>) async throws -> Import {
        let owner = FileOwner(userID: who.caller.userID)
        let (uploadID, chatbotID, format) = try await read(input, owner)
        let created = try await database.write(who.scope) { tx in
            let place = try place(tx, who, chatbotID: chatbotID)
            let made = try Import.create(
                tx, in: place.tenant, chatbotID: place.chatbotID, uploadID: uploadID, of: owner, format: format,
                now: .now)
            who.call.audit(target: "import:\(made.id)")
            return made
        }
        await job.hasten()
        return created
    }

    private func read(
        _ input: FileInput<Import.Create>, _ owner: FileOwner
    ) async throws -> (uploadID: String, chatbotID: String?, format: ImportFormat?) {
        switch input {
        case .file(let file): return (file.id, nil, nil)
        case .json(let input):
            let upload = try await uploads.completed(known: input.uploadID, of: owner, param: "upload_id")
            return (upload.id, input.chatbotID, input.format)
        }
    }

    private func place(
        _ tx: Transaction, _ who: UserCaller, chatbotID: String?
    ) throws -> (chatbotID: String, tenant: Tenant) {
        if let chatbotID {
            let (chatbot, tenant) = try Chatbot.find(tx, id: chatbotID, for: who.caller)
            return (chatbot.id, tenant)
        }
        let tenant = try who.tenant(tx, .read)
        return (try Chatbot.findDefault(tx, in: tenant).id, tenant)
    }

    package func list(_ who: UserCaller, _ paging: Paging) async throws -> List<Import> {
        let after = try paging.cursor(or: .newest)
        let imports = try await database.read(who.scope) { tx in
            try Import.list(tx, in: who.tenant(tx, .read), after: after, limit: paging.count)
        }
        return List(imports, limit: paging.count) { Cursor(id: $0.id) }
    }

    package func read(_ who: UserCaller) async throws -> Import {
        try await database.read(who.scope) { tx in try Import.find(tx, id: who["import_id"], of: who.caller.userID) }
    }

    package func cancel(_ who: UserCaller) async throws -> NoContent {
        try await database.write(who.scope) { tx in
            try Import.cancel(tx, id: who["import_id"], of: who.caller.userID, now: .now)
        }
        await uploads.sweep.hasten()
        return NoContent()
    }
}

extension ImportRoutes {
    package var table: [Route] {
        [
            Route(
                .post, "/conversations/import", RoutePolicy.chat.body(upTo: uploads.maxForm),
                id: "import_conversations", "Import conversations from another service",
                about:
                    "From an export of ChatGPT, Claude, Open WebUI, LibreChat or Mynah: a form with the field `file`, "
                    + "or JSON that names a complete upload. What has been imported before is skipped.",
                receiving: receive, create, .accepted,
                errors: [
                    .notFound, .conflict, .planLimitReached, .uploadIncomplete, .fileStoreUnavailable, .fileStoreFull,
                ]),
            Route(
                .get, "/imports", .readChat, id: "list_imports", "List my imports",
                about: "Newest first.",
                list),
            Route(
                .get, "/imports/{import_id}", .readChat, id: "get_import", "Get an import",
                about: "How far it is, and what has become of each conversation of the file.",
                read),
            Route(
                .delete, "/imports/{import_id}", .chat, id: "cancel_import", "Stop an import",
                about: "The conversations that have come stay. One that is over is left as it is.",
                cancel, .noContent),
        ].tagged(.conversations)
    }
}

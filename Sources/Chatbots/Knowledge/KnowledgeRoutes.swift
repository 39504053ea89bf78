package import HTTPKit
import HTTPTypes
package import Platform
package import Storage

/// The files that a chatbot knows, for the workspace's editors and for keys with the scope `knowledge`.
package struct KnowledgeRoutes: Sendable {
    package let database: Database
    package let uploads: Uploads
    let reading: KnowledgeReading
    let pages: PageFetch

    package init(database: Database, uploads: Uploads, reading: KnowledgeReading, pages: PageFetch) {
        self.database = database
        self.uploads = uploads
        self.reading = reading
        self.pages = pages
    }

    /// Receives the file of a form.
    package func receive(_ who: UserOrKey) async throws -> SentFile {
        try await uploads.receive(who.call, FileOwner(who)) { tx in try chatbot(tx, who).tenant }
    }

    package func create(_ who: UserOrKey, _ input: FileInput<Upload.Source>) async throws -> KnowledgeFile {
        let owner = FileOwner(who)
        // A caller without this chatbot must not learn whether an upload exists, nor what is at an address.
        let tenant = try await database.read(owner.scope) { tx in try chatbot(tx, who, forChange: false).tenant }
        if case .json(let source) = input { try source.check() }
        guard case .json(let source) = input, let url = source.url else {
            return try await create(who, from: try await uploadID(input, owner), by: owner)
        }
        let id = try await pages.upload(url, who.call, owner, in: tenant, to: uploads)
        do {
            return try await create(who, from: id, by: owner)
        } catch {
            await uploads.discard(id, of: owner)
            throw error
        }
    }

    private func uploadID(_ input: FileInput<Upload.Source>, _ owner: FileOwner) async throws -> String {
        switch input {
        case .file(let file): file.id
        case .json(let source): try await uploads.completed(named: source.uploadID ?? "", of: owner).id
        }
    }

    private func create(_ who: UserOrKey, from id: String, by owner: FileOwner) async throws -> KnowledgeFile {
        let created = try await database.write(owner.scope) { tx in
            let (chatbot, tenant) = try chatbot(tx, who)
            let file = try StoredFile.create(tx, in: tenant, .chatbot(chatbot.id), from: id, by: owner, now: .now)
            who.call.audit(target: "file:\(file.id)")
            return KnowledgeFile(file)
        }
        await reading.hasten()
        return created
    }

    package func list(_ who: UserOrKey, _ paging: Paging) async throws -> List<KnowledgeFile> {
        let after = try paging.cursor(or: .newest)
        let files = try await database.read(who.scope) { tx in
            let (chatbot, tenant) = try chatbot(tx, who, forChange: false)
            return try StoredFile.list(tx, in: tenant, .chatbot(chatbot.id), after: after, limit: paging.count)
        }
        return List(files, limit: paging.count, cursor: { Cursor(id: $0.id) }, shown: KnowledgeFile.init)
    }

    package func read(_ who: UserOrKey) async throws -> KnowledgeFile {
        try await database.read(who.scope) { tx in
            let (chatbot, tenant) = try chatbot(tx, who, forChange: false)
            return KnowledgeFile(try StoredFile.find(tx, in: tenant, .chatbot(chatbot.id), id: who["file_id"]))
        }
    }

    package func content(_ who: UserOrKey) async throws -> FileContent {
        let (file, parts) = try await database.read(who.scope) { tx in
            let (chatbot, tenant) = try chatbot(tx, who, forChange: false)
            let file = try StoredFile.find(tx, in: tenant, .chatbot(chatbot.id), id: who["file_id"])
            return (file, try FilePart.list(tx, ofFile: file.id))
        }
        return FileContent(file, parts, uploads.objects, who.call)
    }

    package func delete(_ who: UserOrKey) async throws -> NoContent {
        let (id, tenant) = try await database.write(who.scope) { tx in
            let (chatbot, tenant) = try chatbot(tx, who)
            let file = try StoredFile.find(tx, in: tenant, .chatbot(chatbot.id), id: who["file_id"])
            try StoredFile.beginRemoval(tx, in: tenant, id: file.id)
            return (file.id, tenant)
        }
        // A large file has many rows, and others write between them.
        while try await !database.write(
            who.scope,
            { tx in
                var purge = RowPurge(tx)
                return try purge.removeFiles(
                    of: "files", where: "workspace_id = ? AND id = ?", [tenant.workspaceID, id])
            })
        {}
        await uploads.sweep.hasten()
        return NoContent()
    }

    /// - Parameter forChange: whether something is created or removed, which needs a lock on the membership.
    func chatbot(
        _ tx: Transaction, _ who: UserOrKey, forChange: Bool = true
    ) throws -> (chatbot: Chatbot, tenant: Tenant) {
        switch who {
        case .user(let user):
            if forChange { return try Chatbot.findEditable(tx, id: who["chatbot_id"], for: user.caller) }
            let found = try Chatbot.find(tx, id: who["chatbot_id"], for: user.caller)
            try found.tenant.require(.edit)
            return found
        case .key(let key):
            try key.require(chatbotID: who["chatbot_id"])
            return (try Chatbot.find(tx, of: key.holder), Tenant(key.holder))
        }
    }
}

extension KnowledgeRoutes {
    package var table: [Route] {
        [
            Route(
                .post, "/chatbots/{chatbot_id}/files", Self.change.body(upTo: uploads.maxForm),
                id: "create_chatbot_file",
                "Add a file to a chatbot's knowledge",
                about: "A form with the field `file`, or JSON that names a complete upload or a public address, which "
                    + "the site's robots.txt must allow.",
                receiving: receive, create, .accepted,
                errors: [
                    .forbidden, .keyNotForChatbot, .planLimitReached, .uploadIncomplete, .robotsDisallowed,
                    .fileStoreUnavailable, .fileStoreFull,
                ]),
            Route(
                .get, "/chatbots/{chatbot_id}/files", Self.reading, id: "list_chatbot_files",
                "List the files that a chatbot knows",
                about: "Newest first.",
                list,
                errors: [.forbidden, .keyNotForChatbot]),
            Route(
                .get, "/chatbots/{chatbot_id}/files/{file_id}", Self.reading, id: "get_chatbot_file",
                "Get a file that a chatbot knows",
                about: "With its state, and in `error_code` why it was not read.",
                read,
                errors: [.forbidden, .keyNotForChatbot]),
            Route(
                .get, "/chatbots/{chatbot_id}/files/{file_id}/content", Self.reading, id: "download_chatbot_file",
                "Download a file that a chatbot knows",
                about: "The bytes as they were sent, or the range that `Range` asks for.",
                content,
                errors: [.forbidden, .keyNotForChatbot, .fileStoreUnavailable]),
            Route(
                .delete, "/chatbots/{chatbot_id}/files/{file_id}", Self.change, id: "delete_chatbot_file",
                "Remove a file from a chatbot's knowledge",
                about: "Its bytes are removed within half a minute.",
                delete, .noContent,
                errors: [.forbidden, .keyNotForChatbot]),
            Route(
                .post, "/chatbots/{chatbot_id}/files/{file_id}/retry", Self.change, id: "retry_chatbot_file",
                "Read a file again",
                about:
                    "For a file that failed, or to read one anew; until that is done the chatbot does not find it. A file whose "
                    + "text is stored goes on where indexing stopped.",
                retry, .accepted,
                errors: [.forbidden, .keyNotForChatbot, .conflict]),
            Route(
                .get, "/chatbots/{chatbot_id}/knowledge", Self.reading, id: "get_chatbot_knowledge",
                "Get the room for a chatbot's knowledge",
                about: "What the workspace stores, and what its owner's plan allows.",
                room,
                errors: [.forbidden, .keyNotForChatbot]),
        ].tagged(.files)
    }

    private static let change = RoutePolicy.write.scopes(.knowledge)
    private static let reading = RoutePolicy.read.scopes(.knowledge)
}

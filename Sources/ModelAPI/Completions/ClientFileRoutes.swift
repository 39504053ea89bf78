import Chat
package import Chatbots
package import HTTPKit
import HTTPTypes
import Platform
package import Storage

/// The files of an API client, in OpenAI's shape. Only the key or the user that stored a file sees it, and no chatbot knows
/// it.
package struct ClientFileRoutes: Sendable {
    package let database: Database
    package let uploads: Uploads

    package init(database: Database, uploads: Uploads) {
        self.database = database
        self.uploads = uploads
    }

    package func receive(_ client: APIClient) async throws -> SentFile {
        try await uploads.receive(client.call, FileOwner(client.who)) { tx in try client.who.tenant(tx, .read) }
    }

    package func create(_ client: APIClient, _ input: FileInput<NoInput>) async throws -> ClientFile {
        guard case .file(let sent) = input else { throw APIError(.unsupportedMediaType) }
        guard let purpose = sent.fields["purpose"], ClientFile.purposes.contains(purpose) else {
            throw APIError.invalid(
                "purpose", "'purpose' must be '\(ClientFile.purpose)', or '\(ClientFile.picturePurpose)' for a picture."
            )
        }
        let owner = FileOwner(client.who)
        return try await database.write(owner.scope) { tx in
            let file = try StoredFile.create(
                tx, in: client.who.tenant(tx, .read), place(client), from: sent.id, by: owner, now: .now)
            guard purpose == ClientFile.purpose || file.contentType.hasPrefix("image/") else {
                throw APIError.invalid("purpose", "'\(purpose)' is for pictures; send '\(ClientFile.purpose)'.")
            }
            client.call.audit(target: "file:\(file.id)")
            return ClientFile(file)
        }
    }

    package func list(_ client: APIClient, _ paging: ClientFile.Listing) async throws -> ClientFile.Page {
        let limit = paging.limit ?? 200
        let files = try await database.read(client.scope) { tx in
            try StoredFile.list(
                tx, in: client.who.tenant(tx, .read), place(client), of: FileOwner(client.who),
                after: cursor(tx, client, after: paging.after), limit: limit)
        }
        return ClientFile.Page(files.prefix(limit).map(ClientFile.init), hasMore: files.count > limit)
    }

    package func read(_ client: APIClient) async throws -> ClientFile {
        try await database.read(client.scope) { tx in ClientFile(try find(tx, client)) }
    }

    package func content(_ client: APIClient) async throws -> FileContent {
        let (file, parts) = try await database.read(client.scope) { tx in
            let file = try find(tx, client)
            return (file, try FilePart.list(tx, ofFile: file.id))
        }
        return FileContent(file, parts, uploads.objects, client.call)
    }

    package func delete(_ client: APIClient) async throws -> ClientFile.Deleted {
        let id = try await database.write(client.scope) { tx in
            let file = try find(tx, client)
            try StoredFile.delete(
                tx, in: client.who.tenant(tx, .read), place(client), of: FileOwner(client.who), id: file.id)
            return file.id
        }
        await uploads.sweep.hasten()
        return ClientFile.Deleted(id: id)
    }

    private func find(_ tx: Transaction, _ client: APIClient) throws -> StoredFile {
        try find(tx, client, id: client["client_file_id"])
    }

    private func find(_ tx: Transaction, _ client: APIClient, id: String) throws -> StoredFile {
        try StoredFile.find(
            tx, in: client.who.tenant(tx, .read), place(client), of: FileOwner(client.who), id: id)
    }

    /// Cursor after the file with this id. Throws `invalid_cursor` if the client has no such file.
    private func cursor(_ tx: Transaction, _ client: APIClient, after id: String?) throws -> Cursor {
        guard let id else { return .newest }
        guard Identifier.isPlausible(id) else { throw APIError(.invalidCursor, param: "after") }
        do {
            return Cursor(id: try find(tx, client, id: id).id)
        } catch let error as APIError where error.code == .notFound {
            throw APIError(.invalidCursor, param: "after")
        }
    }

    private func place(_ client: APIClient) -> StoredFile.Place {
        if case .key(let key) = client.who { .client(chatbotID: key.holder.chatbotID) } else { .client(chatbotID: nil) }
    }
}

extension ClientFileRoutes {
    package var table: [Route] {
        [
            Route(
                .post, "/v1/files", RoutePolicy.chat.body(upTo: uploads.maxForm), id: "create_file", "Store a file",
                about:
                    "OpenAI's API. `purpose` is `user_data`; `vision` is accepted for pictures, which are kept for the "
                    + "same.",
                receiving: receive, fields: ["purpose": ClientFile.purposes], create,
                errors: [.planLimitReached, .fileStoreUnavailable, .fileStoreFull]),
            Route(
                .get, "/v1/files", .readChat, id: "list_files", "List the client's files",
                about: "OpenAI's API. Newest first.",
                list,
                errors: [.notFound]),
            Route(
                .get, "/v1/files/{client_file_id}", .readChat, id: "get_file", "Get one of the client's files",
                about: "OpenAI's API.",
                read),
            Route(
                .get, "/v1/files/{client_file_id}/content", .readChat, id: "download_file",
                "Download one of the client's files",
                about: "OpenAI's API. `Range` is supported.",
                content,
                errors: [.fileStoreUnavailable]),
            Route(
                .delete, "/v1/files/{client_file_id}", .chat, id: "delete_file", "Delete one of the client's files",
                about: "OpenAI's API.",
                delete),
        ].tagged(.completions)
    }
}

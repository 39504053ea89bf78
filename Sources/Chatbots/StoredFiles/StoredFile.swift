import Accounts
import Files
package import HTTPKit
package import Platform
package import Storage

/// A file as it is stored. Files of different kinds never mix: each kind has its own routes and its own shape.
package struct StoredFile: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// A file that a chatbot knows.
        case knowledge
        /// A file within a conversation.
        case attachment
        /// A file of an API client: a key or a user.
        case client
    }

    /// What a file belongs to.
    package enum Place: Sendable {
        case chatbot(String)
        case conversation(String)
        /// - Parameter chatbotID: the key's chatbot, with which the file is deleted; nil for a user.
        case client(chatbotID: String?)

        var kind: Kind {
            switch self {
            case .chatbot: .knowledge
            case .conversation: .attachment
            case .client: .client
            }
        }
    }

    package enum State: String, Choice { case queued, reading, embedding, ready, failed }

    package let id: String
    let workspaceID: String
    let kind: Kind
    package let chatbotID: String?
    package let conversationID: String?
    package let name: String
    package let bytes: Int
    package let contentType: String
    package let sha256: [UInt8]
    package let state: State
    package let errorCode: String?
    package let chunks: Int
    /// How many of them have been embedded.
    package let indexedChunks: Int
    package let createdAt: Timestamp

    /// SHA-256 of the content, in hexadecimal.
    package var hash: String { sha256.hexadecimal }
}

extension StoredFile {
    package static let columns = """
        f.id, f.workspace_id, f.kind, f.chatbot_id, f.conversation_id, f.name, f.bytes, f.content_type, f.sha256,
        f.state, f.error_code, f.chunks, f.indexed_chunks, f.created_at
        """

    package init(_ row: Row) throws {
        self.init(
            id: try row.string("id"), workspaceID: try row.string("workspace_id"),
            kind: Kind(rawValue: try row.string("kind")) ?? .client, chatbotID: try row.stringIfPresent("chatbot_id"),
            conversationID: try row.stringIfPresent("conversation_id"), name: try row.string("name"),
            bytes: try row.int("bytes"), contentType: try row.string("content_type"), sha256: try row.bytes("sha256"),
            state: State(rawValue: try row.string("state")) ?? .failed,
            errorCode: try row.stringIfPresent("error_code"), chunks: try row.int("chunks"),
            indexedChunks: try row.int("indexed_chunks"),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")))
    }

    /// Turns a complete upload into a file, with its bytes. Throws `not_found` if the upload is gone, and
    /// `plan_limit_reached` if the workspace has no room for the file.
    package static func create(
        _ tx: Transaction, in tenant: Tenant, _ place: Place, from uploadID: String, by owner: FileOwner, now: Timestamp
    ) throws -> StoredFile {
        let upload = try Upload.lock(tx, id: uploadID, of: owner, now: now)
        guard let sha256 = upload.sha256, let contentType = upload.contentType else {
            throw APIError(.uploadIncomplete)
        }
        if place.kind != .attachment { try WorkspaceLimits.require(.file, tx, in: tenant) }
        // The workspace of the upload counts its bytes already.
        if upload.workspaceID != tenant.workspaceID {
            try WorkspaceLimits.require(.upload(bytes: upload.bytes), tx, in: tenant)
        }
        let (chatbotID, conversationID): (String?, String?) =
            switch place {
            case .chatbot(let id): (id, nil)
            case .conversation(let id): (nil, id)
            case .client(let chatbotID): (chatbotID, nil)
            }
        let id = Identifier.make()
        let state: State = place.kind == .knowledge ? .queued : .ready
        try tx.run(
            """
            INSERT INTO files (id, workspace_id, kind, chatbot_id, conversation_id, owner, user_id, name, bytes,
                content_type, sha256, state, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id, tenant.workspaceID, place.kind.rawValue, chatbotID, conversationID, owner.principal, owner.userID,
                upload.name, upload.bytes, contentType, sha256, state.rawValue, now,
            ])
        try tx.run(
            "UPDATE file_parts SET upload_id = NULL, file_id = ?, workspace_id = ? WHERE upload_id = ?",
            [id, tenant.workspaceID, uploadID])
        try Upload.delete(tx, id: uploadID, of: owner)
        return StoredFile(
            id: id, workspaceID: tenant.workspaceID, kind: place.kind, chatbotID: chatbotID,
            conversationID: conversationID, name: upload.name, bytes: upload.bytes, contentType: contentType,
            sha256: sha256, state: state, errorCode: nil, chunks: 0, indexedChunks: 0, createdAt: now)
    }

    /// Selects the files of a place. A client's files are those of one owner.
    private static func filter(_ place: Place, _ owner: FileOwner?) -> (sql: String, args: [any SQLBindable]) {
        switch place {
        case .chatbot(let id): ("f.kind = 'knowledge' AND f.chatbot_id = ?", [id])
        case .conversation(let id): ("f.kind = 'attachment' AND f.conversation_id = ?", [id])
        case .client: ("f.kind = 'client' AND f.owner = ?", [owner?.principal ?? ""])
        }
    }

    /// At most `limit` files and one more, newest first.
    package static func list(
        _ tx: Transaction, in tenant: Tenant, _ place: Place, of owner: FileOwner? = nil, after: Cursor, limit: Int
    ) throws -> [StoredFile] {
        let (filter, args) = filter(place, owner)
        return try tx.rows(
            """
            SELECT \(columns) FROM files f WHERE f.workspace_id = ? AND \(filter) AND f.id < ?
            ORDER BY f.id DESC LIMIT ?
            """,
            [tenant.workspaceID] + args + [after.id, limit + 1], StoredFile.init)
    }

    /// How many attachments an owner has stored since a time.
    package static func count(
        _ tx: Transaction, in tenant: Tenant, of owner: FileOwner, since: Timestamp
    ) throws -> Int {
        try tx.row(
            "SELECT COUNT(*) AS count FROM files WHERE workspace_id = ? AND owner = ? AND kind = 'attachment' AND created_at > ?",
            [tenant.workspaceID, owner.principal, since]
        ) { try $0.int("count") } ?? 0
    }

    /// Throws `not_found`, also for a file of another place.
    package static func find(
        _ tx: Transaction, in tenant: Tenant, _ place: Place, of owner: FileOwner? = nil, id: String
    ) throws -> StoredFile {
        let (filter, args) = filter(place, owner)
        let found = try tx.row(
            "SELECT \(columns) FROM files f WHERE f.workspace_id = ? AND \(filter) AND f.id = ?",
            [tenant.workspaceID] + args + [id], StoredFile.init)
        guard let found else { throw APIError(.notFound) }
        return found
    }

    /// The `error_code` of a file that is being removed.
    static let notRemoved = "not_removed"

    /// Has nothing find a knowledge file any more. If its removal is interrupted, it can be removed again.
    static func beginRemoval(_ tx: Transaction, in tenant: Tenant, id: String) throws {
        try tx.run(
            "UPDATE files SET state = 'failed', error_code = ? WHERE workspace_id = ? AND id = ?",
            [notRemoved, tenant.workspaceID, id])
    }

    /// Deletes the rows. `FileSweep` removes the bytes later.
    package static func delete(
        _ tx: Transaction, in tenant: Tenant, _ place: Place, of owner: FileOwner? = nil, id: String
    ) throws {
        let file = try find(tx, in: tenant, place, of: owner, id: id)
        try tx.run("DELETE FROM files WHERE workspace_id = ? AND id = ?", [tenant.workspaceID, file.id])
    }
}

package import Chatbots
import HTTPKit
package import Platform
package import Storage

/// Stores and reads files of conversations that the caller has been found to own.
package struct ConversationFiles: Sendable {
    package let database: Database
    package let uploads: Uploads

    package init(database: Database, uploads: Uploads) {
        self.database = database
        self.uploads = uploads.limited(to: ModelFile.most)
    }

    /// A conversation and its workspace.
    package typealias Place = (conversationID: String, tenant: Tenant)

    /// Makes an upload a file of the conversation.
    static func add(
        _ tx: Transaction, _ place: Place, from uploadID: String, by owner: FileOwner
    ) throws -> StoredFile {
        try Attachment.requireRoom(tx, in: place.tenant, conversationID: place.conversationID)
        let file = try StoredFile.create(
            tx, in: place.tenant, .conversation(place.conversationID), from: uploadID, by: owner, now: .now)
        try Attachment.requireReadable(name: file.name, contentType: file.contentType)
        return file
    }

    static func find(_ tx: Transaction, _ place: Place, id: String) throws -> StoredFile {
        try StoredFile.find(tx, in: place.tenant, .conversation(place.conversationID), id: id)
    }

    static func delete(_ tx: Transaction, _ place: Place, id: String) throws {
        try StoredFile.delete(tx, in: place.tenant, .conversation(place.conversationID), id: id)
    }

    /// Turns uploads that a message names into `ReadableFile`s. Throws `not_found` for those of another owner.
    package func uploaded(_ references: [Attachment.Reference], by owner: FileOwner) async throws -> [ReadableFile] {
        var files: [ReadableFile] = []
        for id in references.compactMap(\.uploadID) {
            let file = try ReadableFile(try await uploads.completed(known: id, of: owner, param: "attachments"))
            try uploads.check(bytes: file.bytes)
            try Attachment.requireReadable(name: file.name, contentType: file.contentType)
            files.append(file)
        }
        return files
    }
}

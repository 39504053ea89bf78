import Accounts
import Files
package import HTTPKit
import HTTPTypes
import NIOCore
package import Platform
package import Storage

/// Receives files: in parts, or whole within a form. Both make an upload first, whose bytes count in the workspace from
/// the beginning. Only a complete upload becomes a file.
package struct Uploads: Sendable {
    package let database: Database
    package let objects: FileObjects
    /// Maximum size of one file, in bytes.
    package let maxBytes: Int
    package let sweep: FileSweep
    private let hashing = SharedWork<String, FoundContent>()

    package init(database: Database, objects: FileObjects, maxBytes: Int, sweep: FileSweep) {
        self.database = database
        self.objects = objects
        self.maxBytes = maxBytes
        self.sweep = sweep
    }

    // MARK: In parts

    /// The same uploads for smaller files.
    package func limited(to bytes: Int) -> Uploads {
        Uploads(database: database, objects: objects, maxBytes: min(maxBytes, bytes), sweep: sweep)
    }

    package func create(_ who: UserOrKey, _ input: Upload.Create) async throws -> Upload {
        try check(bytes: input.bytes)
        let name = try FileName.checked(input.name, param: "name")
        let owner = FileOwner(who)
        return try await database.write(owner.scope) { tx in
            let tenant = try who.tenant(tx, .read)
            try WorkspaceLimits.require(.upload(bytes: input.bytes), tx, in: tenant)
            let upload = try Upload.create(tx, in: tenant, owner, name: name, bytes: input.bytes, now: .now)
            who.call.audit(target: "upload:\(upload.id)")
            return Upload(upload)
        }
    }

    package func read(_ who: UserOrKey) async throws -> Upload {
        let owner = FileOwner(who)
        return try await database.read(owner.scope) { tx in
            Upload(try Upload.find(tx, id: who["upload_id"], of: owner))
        }
    }

    package func put(_ who: UserOrKey) async throws -> Upload.Part {
        let owner = FileOwner(who)
        let upload = try await database.read(owner.scope) { tx in
            try Upload.find(tx, id: who["upload_id"], of: owner)
        }
        let text = who.call.parameter("part")
        guard let number = Int(text), String(number) == text,
            let length = Upload.length(ofPart: number, bytes: upload.bytes)
        else { throw APIError(.notFound) }
        try Self.requireOpen(upload)
        if let given = who.call.header(.contentLength), Int(given) != length {
            throw Self.wrongLength(number, length)
        }
        let held = try who.call.memory.hold(length, .body)
        var bytes = ByteBuffer()
        bytes.reserveCapacity(length)
        try await who.call.forEachPiece { piece in
            guard bytes.readableBytes + piece.readableBytes <= length else { throw Self.wrongLength(number, length) }
            bytes.writeImmutableBuffer(piece)
        }
        guard bytes.readableBytes == length else { throw Self.wrongLength(number, length) }
        let part = try await objects.put(bytes, position: number)
        withExtendedLifetime(held) {}
        try await keeping(part) {
            try await database.write(owner.scope) { tx in
                let upload = try Upload.lock(tx, id: upload.id, of: owner)
                try Self.requireOpen(upload)
                if upload.bytes > 0 { try part.insert(tx, of: upload) }
            }
        }
        if upload.bytes == 0 { try? await objects.store.remove(part.object) }
        return Upload.Part(part: number, bytes: length, sha256: part.sha256.hexadecimal)
    }

    package func complete(_ who: UserOrKey) async throws -> Upload {
        Upload(try await completed(who["upload_id"], of: FileOwner(who)))
    }

    package func delete(_ who: UserOrKey) async throws -> NoContent {
        let owner = FileOwner(who)
        try await database.write(owner.scope) { tx in
            let upload = try Upload.find(tx, id: who["upload_id"], of: owner)
            try Upload.delete(tx, id: upload.id, of: owner)
        }
        await sweep.hasten()
        return NoContent()
    }

    /// The upload with its hash and its type, which are found if that has not been done. Throws `upload_incomplete` if a
    /// part is missing.
    package func completed(_ id: String, of owner: FileOwner) async throws -> Upload.Stored {
        let upload = try await database.read(owner.scope) { tx in try Upload.find(tx, id: id, of: owner) }
        if upload.isComplete { return upload }
        if let missing = upload.missingPart {
            throw APIError(.uploadIncomplete, "Part \(missing) of \(Upload.partCount(bytes: upload.bytes)) is missing.")
        }
        let found = try await content(of: upload)
        return try await database.write(owner.scope) { tx in
            let now = try Upload.lock(tx, id: id, of: owner)
            if now.isComplete { return now }
            guard now.parts == upload.parts else { throw APIError(.uploadIncomplete, "A part was sent meanwhile.") }
            try Upload.complete(tx, id: id, sha256: found.sha256, contentType: found.contentType)
            return try Upload.find(tx, id: id, of: owner)
        }
    }

    /// What the bytes of an upload tell.
    private struct FoundContent: Sendable {
        let parts: [FilePart]
        let sha256: [UInt8]
        let contentType: String
    }

    /// Reads the whole upload once for all who ask at the same time. Throws `conflict` if another call reads a content that
    /// has been replaced meanwhile.
    private func content(of upload: Upload.Stored) async throws -> FoundContent {
        let found = try await hashing.value(of: upload.id) { [objects] in
            FoundContent(
                parts: upload.parts, sha256: try await objects.hash(upload.parts),
                contentType: ContentType.of(try await objects.beginning(upload.parts), name: upload.name))
        }
        guard found.parts == upload.parts else {
            throw APIError(
                .conflict, "Another call is completing this upload. Try again when it has ended.",
                bengali: "আরেকটি অনুরোধ এই আপলোডটি সম্পূর্ণ করছে। সেটি শেষ হলে আবার চেষ্টা করুন।", retryAfter: 1)
        }
        return found
    }

    // MARK: Within a form

    /// Receives the file of a form.
    /// - Parameter tenant: finds the workspace of the file, and checks that the caller may store it there.
    package func receive(
        _ call: Call, _ owner: FileOwner, tenant: @escaping @Sendable (Transaction) throws -> Tenant
    ) async throws -> SentFile {
        guard var reader = MultipartReader(contentType: call.header(.contentType)) else {
            throw APIError(.unsupportedMediaType, "Send the file as 'file' in multipart/form-data.")
        }
        let declared = call.header(.contentLength).map { Int($0) ?? .max }
        if let declared { try check(bytes: declared - min(declared, Self.formBytes)) }
        try await database.write(owner.scope) { tx in
            // A file for which there is no room is refused before it is read.
            try WorkspaceLimits.require(.upload(bytes: max(0, (declared ?? 0) - Self.formBytes)), tx, in: tenant(tx))
        }
        var writer = UploadWriter(uploads: self, call: call, owner: owner, tenant: tenant)
        do {
            try await call.forEachPiece { piece in
                for event in try reader.read(piece) { try await writer.take(event) }
            }
            guard reader.isComplete else { throw APIError(.malformedBody, "The form is cut off.") }
            return try await writer.finish()
        } catch {
            await writer.discard()
            throw error
        }
    }

    /// Maximum size of what a form has beside its file, in bytes.
    static let formBytes = 64 << 10

    /// Maximum size of a form with a file, in bytes.
    package var maxForm: Int { maxBytes + Self.formBytes }

    /// Deletes an upload that nothing will use, also if the client has gone and the call's task is cancelled.
    func discard(_ id: String, of owner: FileOwner) async {
        await Task { [database] in
            try? await database.write(owner.scope) { tx in try Upload.delete(tx, id: id, of: owner) }
        }.value
    }

    /// Writes the row of a part. Removes the object if the row is refused. If the database fails, the row may exist, so the
    /// object is left to `FileSweep`.
    func keeping(_ part: FilePart, _ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch let error as APIError {
            try? await objects.store.remove(part.object)
            throw error
        }
    }

    package func check(bytes: Int) throws(APIError) {
        guard bytes <= maxBytes else {
            throw APIError(.tooLarge, "A file may have at most \(maxBytes >> 20) MiB here.")
        }
    }

    private static func requireOpen(_ upload: Upload.Stored) throws(APIError) {
        if upload.isComplete { throw APIError(.conflict, "This upload is complete.") }
    }

    private static func wrongLength(_ number: Int, _ length: Int) -> APIError {
        .invalid("part", "Part \(number) of this upload has \(length) bytes.")
    }
}

extension Uploads {
    package var table: [Route] {
        [
            Route(
                .post, "/uploads", Self.change, id: "create_upload", "Begin an upload in parts",
                about: "Reserves room for the whole file. The upload is removed after 24 hours if nothing uses it.",
                create, .created,
                errors: [.notFound, .planLimitReached]),
            Route(
                .get, "/uploads/{upload_id}",
                Self.change.rate(.read).audit(.none).scopes(.chat, .read, .write, .knowledge),
                id: "get_upload", "Get an upload",
                about: "`parts` lists the parts that have arrived.",
                read),
            Route(
                .put, "/uploads/{upload_id}/{part}", Self.change.audit(.none).body(upTo: ObjectLimits.maxObject),
                id: "put_upload_part", "Send a part of an upload",
                about:
                    "Parts are numbered from 1 and have `part_bytes` bytes each, the last one the rest. They may come "
                    + "in any order, and again.",
                bytes: put,
                errors: [.invalidValue, .conflict, .fileStoreUnavailable, .fileStoreFull]),
            Route(
                .post, "/uploads/{upload_id}/complete", Self.change, id: "complete_upload", "Complete an upload",
                about: "Checks that all parts have arrived, and finds the hash and the type. It can be repeated.",
                complete,
                errors: [.uploadIncomplete, .fileStoreUnavailable]),
            Route(
                .delete, "/uploads/{upload_id}", Self.change, id: "delete_upload", "Delete an upload",
                about: "Its room is free again at once.",
                delete, .noContent),
        ].tagged(.files)
    }

    /// What an upload becomes decides which scope is needed in the end.
    private static let change = RoutePolicy.write.scopes(.chat, .write, .knowledge)
}

extension Uploads {
    /// The complete upload that a field names.
    package func completed(known id: String, of owner: FileOwner, param: String) async throws -> Upload.Stored {
        do {
            return try await completed(named: id, of: owner)
        } catch let error as APIError where error.code == .notFound {
            throw APIError(.notFound, "There is no such upload.", bengali: "এমন কোনো আপলোড নেই।", param: param)
        }
    }

    /// The id of the complete upload that a route received or that its input names.
    package func ready(_ input: FileInput<Upload.Reference>, of owner: FileOwner) async throws -> String {
        switch input {
        case .file(let file): file.id
        case .json(let reference): try await completed(named: reference.uploadID, of: owner).id
        }
    }

    /// - Parameter id: as a client sent it.
    func completed(named id: String, of owner: FileOwner) async throws -> Upload.Stored {
        try await completed(Identifier.isPlausible(id) ? id : "", of: owner)
    }
}

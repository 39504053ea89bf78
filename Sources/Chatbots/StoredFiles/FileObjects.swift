import Crypto
package import Files
package import HTTPKit
import NIOCore
package import Storage

/// A part of a file or an upload: one object in the byte store.
package struct FilePart: Sendable, Equatable {
    let object: ObjectName
    /// Position of the part in the file, starting at 1.
    let position: Int
    let bytes: Int
    let sha256: [UInt8]

    init(object: ObjectName, position: Int, bytes: Int, sha256: [UInt8]) {
        self.object = object
        self.position = position
        self.bytes = bytes
        self.sha256 = sha256
    }

    private init(_ row: Row) throws {
        guard let object = ObjectName(try row.string("object")) else {
            throw APIError(.internalError, "The row of a part names no object.")
        }
        self.init(
            object: object, position: try row.int("position"), bytes: try row.int("bytes"),
            sha256: try row.bytes("sha256"))
    }

    static func list(_ tx: Transaction, ofUpload id: String) throws -> [FilePart] {
        try tx.rows(
            "SELECT object, position, bytes, sha256 FROM file_parts WHERE upload_id = ? ORDER BY position", [id],
            FilePart.init)
    }

    package static func list(_ tx: Transaction, ofFile id: String) throws -> [FilePart] {
        try tx.rows(
            "SELECT object, position, bytes, sha256 FROM file_parts WHERE file_id = ? ORDER BY position", [id],
            FilePart.init)
    }

    /// Adds the part to an upload, and removes the part that was at its position.
    func insert(_ tx: Transaction, of upload: Upload.Stored) throws {
        try tx.run("DELETE FROM file_parts WHERE upload_id = ? AND position = ?", [upload.id, position])
        try tx.run(
            """
            INSERT INTO file_parts (object, workspace_id, upload_id, position, bytes, sha256) VALUES (?, ?, ?, ?, ?, ?)
            """,
            [object.text, upload.workspaceID, upload.id, position, bytes, sha256])
    }
}

/// Stores parts and reads ranges of files, never more than one object at a time.
package struct FileObjects: Sendable {
    let store: any ByteStore

    package init(store: any ByteStore) { self.store = store }

    /// Stores one part.
    func put(_ bytes: ByteBuffer, position: Int) async throws -> FilePart {
        let name = ObjectName()
        let sha256 = Array(bytes.withUnsafeReadableBytes { SHA256.hash(data: $0) })
        try await store.put(bytes, as: name)
        return FilePart(object: name, position: position, bytes: bytes.readableBytes, sha256: sha256)
    }

    /// A range of bytes within one part.
    struct Piece: Sendable {
        let part: FilePart
        let range: Range<Int>
    }

    /// The pieces that make up a range of the whole, in order.
    static func pieces(of parts: [FilePart], in range: Range<Int>) -> [Piece] {
        var start = 0
        return parts.compactMap { part in
            defer { start += part.bytes }
            let wanted = range.clamped(to: start..<start + part.bytes)
            return wanted.isEmpty
                ? nil : Piece(part: part, range: wanted.lowerBound - start..<wanted.upperBound - start)
        }
    }

    /// Throws `StoreError` of the kind `damaged` if the object is missing or shorter than the part.
    func read(_ piece: Piece) async throws -> ByteBuffer {
        let isWhole = piece.range.count == piece.part.bytes
        guard let bytes = try await store.get(piece.part.object, isWhole ? nil : piece.range),
            bytes.readableBytes == piece.range.count
        else { throw StoreError(.damaged, detail: "the object \(piece.part.object) is not as it was stored") }
        return bytes
    }

    /// SHA-256 of the whole. Throws if a part is not as it was stored.
    func hash(_ parts: [FilePart]) async throws -> [UInt8] {
        if parts.count == 1 { return parts[0].sha256 }
        var hash = SHA256()
        for piece in Self.pieces(of: parts, in: 0..<parts.reduce(0) { $0 + $1.bytes }) {
            try await read(piece).withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        }
        return Array(hash.finalize())
    }

    /// The first bytes of the file, from which its type is detected.
    func beginning(_ parts: [FilePart]) async throws -> ByteBuffer {
        guard let first = parts.first else { return ByteBuffer() }
        let length = min(first.bytes, ContentType.sample)
        return try await read(Piece(part: first, range: 0..<length))
    }
}

extension StoreError: APIErrorConvertible {
    package var apiError: APIError {
        switch kind {
        case .full: APIError(.fileStoreFull, cause: self)
        case .unavailable, .misconfigured: APIError(.fileStoreUnavailable, cause: self)
        case .damaged: APIError(.internalError, cause: self)
        }
    }
}

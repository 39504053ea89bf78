package import HTTPKit
package import NIOCore
package import Storage

/// A file, or a complete upload that is going to be one, with the parts that hold its bytes.
package struct ReadableFile: Sendable {
    package let id: String
    package let name: String
    package let bytes: Int
    package let contentType: String
    package let parts: [FilePart]

    package init(_ tx: Transaction, _ file: StoredFile) throws {
        id = file.id
        name = file.name
        bytes = file.bytes
        contentType = file.contentType
        parts = try FilePart.list(tx, ofFile: file.id)
    }

    /// Throws `upload_incomplete` unless the upload is complete.
    package init(_ upload: Upload.Stored) throws(APIError) {
        guard let contentType = upload.contentType else { throw APIError(.uploadIncomplete) }
        id = upload.id
        name = upload.name
        bytes = upload.bytes
        self.contentType = contentType
        parts = upload.parts
    }
}

extension FileObjects {
    /// One part as a whole. Throws `StoreError` of the kind `damaged` if it is missing or not as it was stored.
    package func read(_ part: FilePart) async throws -> ByteBuffer {
        try await read(Piece(part: part, range: 0..<part.bytes))
    }

    /// The whole file. The caller bounds its size and holds the memory.
    package func read(_ file: ReadableFile) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(file.bytes)
        for piece in Self.pieces(of: file.parts, in: 0..<file.bytes) {
            bytes += try await read(piece).readableBytesView
        }
        return bytes
    }
}

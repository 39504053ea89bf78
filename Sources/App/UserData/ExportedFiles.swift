import Chatbots
import Files
import Foundation
import HTTPKit
import JSON
import NIOCore
import Platform
import Storage

/// A file in a user's export, whose content follows it.
struct ExportedFile: JSONOutput {
    let id: String
    let name: String
    let bytes: Int
    let contentType: String
    let sha256: String
    let createdAt: Timestamp

    init(_ file: StoredFile) {
        id = file.id
        name = file.name
        bytes = file.bytes
        contentType = file.contentType
        sha256 = file.hash
        createdAt = file.createdAt
    }
}

extension UserExport {
    /// The files of a place, each with its content in base64.
    @concurrent func writeFiles(
        _ name: String = "files", of place: StoredFile.Place, by owner: FileOwner? = nil, in tenant: Tenant,
        _ out: inout JSONPieces, _ emit: Emit
    ) async throws {
        out.open("[", name: name)
        try await each(&out, emit, from: .newest) { [page] tx, after in
            let files = try StoredFile.list(tx, in: tenant, place, of: owner, after: after, limit: page - 1)
            return (try files.map { try ($0, ReadableFile(tx, $0)) }, files.last.map { Cursor(id: $0.id) })
        } with: { files, out in
            try await write(files.0, files.1, &out, emit)
        }
        out.close("]")
    }

    @concurrent private func write(
        _ file: StoredFile, _ readable: ReadableFile, _ out: inout JSONPieces, _ emit: Emit
    ) async throws {
        out.open("{")
        try out.add(name: "file", ExportedFile(file))
        out.open("\"", name: "content")
        let isComplete: Bool
        do {
            var encoder = Base64Pieces()
            for part in readable.parts {
                out.append(encoder.encode(try await objects.read(part)))
                try await emit(out.take())
            }
            out.append(encoder.finish())
            isComplete = true
        } catch let error as StoreError where error.kind == .damaged {
            // Bytes that are lost do not keep a user from the rest.
            isComplete = false
        }
        out.close("\"")
        try out.add(name: "is_complete", isComplete)
        out.close("}")
    }
}

/// Base64 of bytes that come in pieces.
struct Base64Pieces {
    private var rest: [UInt8] = []

    /// The text of what makes up whole groups of three bytes.
    mutating func encode(_ bytes: ByteBuffer) -> [UInt8] {
        rest += bytes.readableBytesView
        let whole = rest.count - rest.count % 3
        defer { rest.removeFirst(whole) }
        return Array(Data(rest.prefix(whole)).base64EncodedData())
    }

    mutating func finish() -> [UInt8] {
        defer { rest = [] }
        return Array(Data(rest).base64EncodedData())
    }
}

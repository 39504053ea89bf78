import HTTPKit
import JSON
import LLM
import Platform
import Storage

/// A response as the database has it.
struct StoredResponse: Sendable {
    let id: String
    let workspaceID: String
    let isBackground: Bool
    let status: ResponseObject.Status
    let previousID: String?
    /// Encrypted; nil while it runs, and if it was abandoned.
    let ending: String?
    /// Size of what it holds, in bytes, before encryption.
    let bytes: Int
    let leaseUntil: Timestamp?

    var isRunning: Bool { status == .inProgress }

    /// Parts of a response's content, of which a large one has several.
    enum PartKind: String { case opening, output }

    struct Part: Sendable {
        let id: String
        var responseID = ""
        let kind: String
        /// Encrypted.
        let content: String
    }
}

/// What is written of a response, so much at a time that no other write waits long for it.
struct ResponseParts: Sendable {
    /// Size of one part before its encryption, in bytes.
    private static let longest = 256 << 10

    let secrets: Secrets

    func split(_ bytes: [UInt8], _ kind: StoredResponse.PartKind) throws -> [StoredResponse.Part] {
        try stride(from: 0, to: max(bytes.count, 1), by: Self.longest).map { start in
            let piece = bytes[start..<min(bytes.count, start + Self.longest)]
            return StoredResponse.Part(
                id: Identifier.make(), kind: kind.rawValue, content: try secrets.encrypt(Array(piece)))
        }
    }

    func output(_ events: some Sequence<ChatEvent>) throws -> [StoredResponse.Part] {
        let pieces = ResponsePieces.encode(events)
        return pieces == [] ? [] : try split(pieces.serialized(), .output)
    }

    func opening(_ parts: [StoredResponse.Part]) throws -> ResponseOpening {
        let bytes = try parts.filter { $0.kind == StoredResponse.PartKind.opening.rawValue }
            .flatMap { try secrets.decrypt($0.content) }
        return try JSONTreeDecoder().decode(ResponseOpening.self, from: JSONValue(parsing: bytes))
    }

    /// The events in parts of output. Each time that some were stored, they began with a new array.
    func events(_ parts: [StoredResponse.Part]) throws -> [ChatEvent] {
        var events: [ChatEvent] = []
        var rest: [UInt8] = []
        for part in parts where part.kind == StoredResponse.PartKind.output.rawValue {
            rest += try secrets.decrypt(part.content)
            // A long array continues in the next part.
            guard rest.last == UInt8(ascii: "]"), let value = try? JSONValue(parsing: rest) else { continue }
            events += ResponsePieces.decode(value)
            rest = []
        }
        return events
    }

    func ending(of response: StoredResponse) throws -> ResponseEnding? {
        if let ending = response.ending { return try secrets.decryptJSON(ResponseEnding.self, ending) }
        guard !response.isRunning else { return nil }
        // Its server stopped without a word.
        let error = APIError(.shuttingDown, "The server stopped while it was working on this response.")
        return ResponseEnding(error, nil)
    }
}

import Archive
import HTTPKit
import JSON
import Testing
import Texts

@testable import Imports

/// HTTPKit has another type of this name.
typealias Chance = Texts.RandomText

/// Short forms of what the tests of imports look at.
func conversation(_ json: String, _ format: ImportFormat) throws -> ArrangedConversation {
    let value = try JSONValue(parsing: json.utf8, maxDepth: 256)
    try #require(ImportFormat(value) == format)
    return try ArrangedConversation(format.conversation(value), now: .now)
}

extension ArrangedConversation {
    /// The shown texts, those of the user with `> `.
    var shown: [String] {
        path.sorted().map { messages[Int($0) - 1] }.map { ($0.isFromUser ? "> " : "") + $0.text }
    }

    var all: [String] { messages.map(\.text) }

    /// What is not shown, as `role: text`.
    var kept: [String] { hidden.map { "\($0.role): \($0.text)" } }
}

/// Bytes in memory as an archive or a file.
final class MemoryFile: ZipSource {
    let content: [UInt8]
    var bytes: Int { content.count }

    init(_ content: some Sequence<UInt8>) { self.content = Array(content) }

    func read(_ range: Range<Int>) async throws -> [UInt8] { Array(content[range]) }
}

/// The elements of a file: texts, or nil for what is too long.
func elements(of content: some Sequence<UInt8>) async throws -> [String?] {
    var file = try await ImportFile(MemoryFile(content))
    var found: [String?] = []
    while let element = try await file.nextElement() {
        switch element {
        case .bytes(let bytes): found.append(String(decoding: bytes, as: UTF8.self))
        case .tooLong: found.append(nil)
        }
    }
    return found
}

import Crypto
import Files
import Foundation
import HTTPKit
import JSON
import Platform

/// What an element of an export is: a conversation to write, or why there is none.
enum ImportElement {
    case conversation(ArrangedConversation, ImportFormat, source: String)
    case skipped(Import.Skipped, ImportFormat?)
    case failed(Import.Failed)

    /// JSON within JSON, of one conversation.
    private static let mostDepth = 256

    /// - Parameter wanted: the only format to take; any if nil.
    init(_ element: ElementSplitter.Element, wanted: ImportFormat?) {
        self = Self.read(element, wanted: wanted)
    }

    private static func read(_ element: ElementSplitter.Element, wanted: ImportFormat?) -> Self {
        guard case .bytes(let bytes) = element else { return .failed(.tooLarge) }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes, maxDepth: Self.mostDepth)
        } catch {
            return .failed(error.kind == .tooLarge || error.kind == .tooDeep ? .tooLarge : .invalid)
        }
        guard let format = ImportFormat(value), wanted == nil || format == wanted else { return .skipped(.other, nil) }
        let found = format.conversation(value)
        do {
            let arranged = try ArrangedConversation(found, now: .now)
            return .conversation(arranged, format, source: Self.source(found.id, format, bytes))
        } catch ArrangedConversation.Problem.empty {
            return .skipped(.empty, format)
        } catch {
            return .failed(.tooLarge)
        }
    }

    /// What the conversation is recognized by when it comes again: its id, or its content.
    private static func source(_ id: String?, _ format: ImportFormat, _ bytes: [UInt8]) -> String {
        if let id, id.utf8.count <= 200, !id.utf8.contains(0) { return "\(format.rawValue):\(id)" }
        return "\(format.rawValue):sha256:\(SHA256.hash(data: bytes).hexadecimal)"
    }
}

import Foundation
package import JSON

/// How a request to a model names a file: one that the client stored, one within the request, or one at an address.
package enum FileReference: Sendable, Hashable {
    case stored(id: String)
    /// Encoded in base64, or as a `data:` URL.
    case inline(data: String, name: String?)
    case address(url: String, name: String?)

    /// Reads OpenAI's `file` of a part: `{file_id}`, `{file_data, filename}`, or, as `/v1/responses` has it, `{file_url}`.
    /// Returns nil if it is none of these.
    package init?(openAI file: JSONValue) {
        let name = file["filename"]?.string
        if let id = file["file_id"]?.string {
            self = .stored(id: id)
        } else if let data = file["file_data"]?.string {
            self = .inline(data: data, name: name)
        } else if let url = file["file_url"]?.string {
            self = .address(url: url, name: name)
        } else {
            return nil
        }
    }

    /// Reads an `image` or `document` block of Anthropic's. Returns nil for pictures that need no reading here, and for
    /// documents of text.
    package init?(anthropic block: JSONValue) {
        guard let source = block["source"] else { return nil }
        let name = block["title"]?.string
        switch (block["type"]?.string, source["type"]?.string) {
        case ("image", "file"), ("document", "file"):
            guard let id = source["file_id"]?.string else { return nil }
            self = .stored(id: id)
        case ("document", "base64"):
            guard let data = source["data"]?.string else { return nil }
            self = .inline(data: data, name: name)
        case ("document", "url"):
            guard let url = source["url"]?.string else { return nil }
            self = .address(url: url, name: name)
        default: return nil
        }
    }

    /// The part of a message that stands for the file until it has been read.
    package var part: JSONValue {
        switch self {
        case .stored(let id): ["type": "file", "file": ["file_id": .string(id)]]
        case .inline(let data, let name):
            ["type": "file", "file": ["file_data": .string(data), "filename": .string(name ?? Self.unnamed)]]
        case .address(let url, let name):
            ["type": "file", "file": ["file_url": .string(url), "filename": .string(name ?? Self.unnamed)]]
        }
    }

    package static let unnamed = "file"
}

extension ModelFile {
    /// Reads what a request carries in base64. Returns nil if it is not base64.
    static func bytes(ofInline data: String) -> [UInt8]? {
        let isURL = data.prefix(5).lowercased() == "data:"
        let encoded = isURL ? data.firstIndex(of: ",").map { data[data.index(after: $0)...] } : data[...]
        guard let encoded, !isURL || data[..<encoded.startIndex].contains(";base64") else { return nil }
        return Data(base64Encoded: String(encoded)).map { Array($0) }
    }
}

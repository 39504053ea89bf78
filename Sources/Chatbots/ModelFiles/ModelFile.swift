import Foundation
package import JSON

/// What a model is given of a file: a text, a picture, or a PDF as it is.
package enum ModelFile: Sendable, Equatable {
    case text(name: String, text: String)
    /// Encoded in base64.
    case picture(type: String, data: String)
    /// A PDF, in base64.
    case document(name: String, data: String)

    package enum Kind: Sendable {
        case text, picture, document

        /// Returns nil for types that no model is given.
        package init?(contentType: String) {
            switch contentType {
            case "image/png", "image/jpeg", "image/gif", "image/webp": self = .picture
            case "application/pdf": self = .document
            case "application/json", "application/jsonl", "application/xml", "application/yaml", "image/svg+xml":
                self = .text
            case _ where contentType.hasPrefix("text/"): self = .text
            default: return nil
            }
        }
    }

    /// Maximum size of all files that one call of a model gets, in bytes.
    package static let most = 16 << 20
    /// Maximum size of a file that is given as text, in bytes.
    package static let longestText = 1 << 20
    /// What models can be given, for people who tried something else.
    package static let kinds = "pictures (PNG, JPEG, GIF, WebP), PDF and text files"

    /// Returns nil for a type that no model is given.
    /// - Parameter contentType: as it was detected from the bytes.
    package init?(_ bytes: [UInt8], name: String, contentType: String) {
        switch Kind(contentType: contentType) {
        case .text: self = .text(name: name, text: FileText.decode(bytes))
        case .picture: self = .picture(type: contentType, data: Data(bytes).base64EncodedString())
        case .document: self = .document(name: name, data: Data(bytes).base64EncodedString())
        case nil: return nil
        }
    }

    /// The part of a message in OpenAI's form.
    /// - Parameter id: see `FileText.marked`.
    package func part(id: String) -> JSONValue {
        switch self {
        case .text(let name, let text): ["type": "text", "text": .string(FileText.marked(text, name: name, id: id))]
        case .picture(let type, let data):
            ["type": "image_url", "image_url": ["url": .string("data:\(type);base64,\(data)")]]
        case .document(let name, let data):
            [
                "type": "file",
                "file": ["filename": .string(name), "file_data": .string("data:application/pdf;base64,\(data)")],
            ]
        }
    }
}

import Chatbots
package import HTTPKit

/// A file of a conversation, as the message that has it shows it.
package struct Attachment: JSONOutput, Equatable {
    package let fileID: String
    package let name: String
    package let bytes: Int
    /// Detected from the bytes.
    package let contentType: String

    /// Maximum number of files of one message.
    static let mostOfMessage = 10
    /// Maximum number of files of one conversation.
    package static let mostOfConversation = 200

    init(_ file: StoredFile) {
        fileID = file.id
        name = file.name
        bytes = file.bytes
        contentType = file.contentType
    }

    /// A file for a message: one that the conversation has, or a complete upload.
    package struct Reference: Codable, Sendable, Ruled, Hashable {
        package let fileID: String?
        package let uploadID: String?

        package static var rules: [String: Rule] {
            [
                "file_id": .note("A file of this conversation."),
                "upload_id": .note("A complete upload, which becomes a file of the conversation."),
            ]
        }
    }

    package static let rule = Rule.items(
        mostOfMessage, note: "Files for the model to read, each by `file_id` or `upload_id`.")

    /// Throws `invalid_value` unless each names one file, and none twice.
    package static func check(_ references: [Reference]?) throws(APIError) {
        let references = references ?? []
        for (index, reference) in references.enumerated() where (reference.fileID == nil) == (reference.uploadID == nil)
        {
            throw .invalid("attachments[\(index)]", "'attachments[\(index)]' must have a 'file_id' or an 'upload_id'.")
        }
        guard Set(references).count == references.count else {
            throw .invalid("attachments", "'attachments' names a file twice.")
        }
    }

    /// Throws `unsupported_media_type` for a file that no model could be given.
    package static func requireReadable(name: String, contentType: String) throws(APIError) {
        guard ModelFile.Kind(contentType: contentType) == nil else { return }
        throw APIError(
            .unsupportedMediaType,
            "'\(name)' cannot be attached: models can read \(ModelFile.kinds).",
            bengali: "'\(name)' যোগ করা যায় না: মডেল ছবি (PNG, JPEG, GIF, WebP), PDF ও লেখার ফাইল পড়তে পারে।",
            param: "file")
    }
}

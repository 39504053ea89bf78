package import HTTPKit

/// A file within a conversation.
package struct ConversationFile: JSONOutput, Equatable {
    package let id: String
    package let conversationID: String
    package let name: String
    package let bytes: Int
    /// Detected from the bytes.
    package let contentType: String
    /// SHA-256 of the content, in hexadecimal.
    package let sha256: String
    package let createdAt: Timestamp

    package init(_ file: StoredFile) {
        id = file.id
        conversationID = file.conversationID ?? ""
        name = file.name
        bytes = file.bytes
        contentType = file.contentType
        sha256 = file.hash
        createdAt = file.createdAt
    }
}

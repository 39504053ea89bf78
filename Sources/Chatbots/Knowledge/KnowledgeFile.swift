import Files
package import HTTPKit
package import Platform
package import Storage

/// A file of a chatbot's knowledge.
package struct KnowledgeFile: JSONOutput, Equatable {
    package let id: String
    package let chatbotID: String
    package let name: String
    package let bytes: Int
    /// Detected from the bytes.
    package let contentType: String
    /// SHA-256 of the content, in hexadecimal.
    package let sha256: String
    package let state: StoredFile.State
    /// Why it was not read: a `ReadingFailure`.
    package let errorCode: String?
    /// Passages that the file was cut into.
    package let chunks: Int
    /// Passages that have been embedded so far.
    package let indexedChunks: Int
    package let createdAt: Timestamp

    init(_ file: StoredFile) {
        id = file.id
        chatbotID = file.chatbotID ?? ""
        name = file.name
        bytes = file.bytes
        contentType = file.contentType
        sha256 = file.sha256.hexadecimal
        state = file.state
        errorCode = file.errorCode
        chunks = file.chunks
        indexedChunks = file.indexedChunks
        createdAt = file.createdAt
    }
}

extension KnowledgeFile {
    /// A condition: the chatbot has files that it can answer from.
    package static func exists(workspaceID: String, chatbotID: String) -> String {
        """
        EXISTS (SELECT 1 FROM files k WHERE k.workspace_id = \(workspaceID) AND k.chatbot_id = \(chatbotID)
            AND k.kind = 'knowledge' AND k.state = 'ready')
        """
    }

    package static func exists(_ tx: Transaction, in tenant: Tenant, chatbotID: String) throws -> Bool {
        try tx.row(
            "SELECT \(exists(workspaceID: "?", chatbotID: "?")) AS has_knowledge", [tenant.workspaceID, chatbotID]
        ) { try $0.bool("has_knowledge") } ?? false
    }
}

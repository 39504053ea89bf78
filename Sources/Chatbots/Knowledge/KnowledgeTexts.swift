import JSON
package import Reading
package import Storage

/// The texts of knowledge files, stored as blocks: a row has some hundred lines of JSON, each a block.
package enum KnowledgeTexts {
    /// Text of one row, in bytes; a row ends with the block that reaches it.
    static let rowBytes = 64 << 10

    /// The kind of the recurring job that goes on with files in the state `embedding`.
    package static let indexing = "knowledge.index"

    /// Returns nil if the file has not been read, or is of another workspace.
    package static func document(
        _ tx: Transaction, of fileID: String, in workspaceID: String
    ) throws -> ReadDocument? {
        let title = try tx.row(
            "SELECT title FROM files WHERE workspace_id = ? AND id = ? AND state IN ('embedding', 'ready')",
            [workspaceID, fileID]
        ) { row in [try row.stringIfPresent("title")] }
        guard let title else { return nil }
        let rows = try tx.rows(
            "SELECT blocks FROM file_texts WHERE workspace_id = ? AND file_id = ? ORDER BY position",
            [workspaceID, fileID]
        ) { try $0.string("blocks") }
        return ReadDocument(
            title: title[0],
            blocks: try rows.flatMap { try $0.utf8.split(separator: 10).map { try DocumentBlock(line: $0) } })
    }
}

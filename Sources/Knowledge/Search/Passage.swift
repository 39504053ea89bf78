import HTTPKit
import Platform
import Storage

/// A passage of a chatbot's knowledge that was found, and why.
package struct Passage: JSONOutput, Equatable {
    package let fileID: String
    package let name: String
    /// The page that it begins on; null if the file has none.
    package let page: Int?
    /// The headings above it.
    package let heading: String?
    /// Its position in the file's text, in Unicode scalars.
    package let start: Int
    package let end: Int
    package let text: String
    /// The passage before it in the file; null at the beginning.
    package let before: String?
    /// The passage after it in the file; null at the end.
    package let after: String?
    /// From 0 to 1, which is what is first by words and by meaning.
    package let score: Double
    /// Its place among the passages with words of the question, starting at 1; null if it is not among the first of them.
    package let wordRank: Int?
    /// Its place among the passages by likeness of meaning, starting at 1; null if it is not among the first of them.
    package let meaningRank: Int?
}

/// What was found, best first.
package struct Findings: JSONOutput {
    package let data: [Passage]
    /// Why the model that finds by meaning could not be asked; null if it was. The passages are then those with words of
    /// the question.
    package let errorCode: String?
}

/// The text of a chunk with its place, as its row has it.
struct ChunkText: Sendable {
    let number: Int64
    let fileID: String
    let name: String
    let range: Range<Int>
    let page: Int?
    let heading: String?
    let text: String

    private static let select = """
        SELECT c.number, c.file_id, f.name, c.start_at, c.end_at, c.page, c.heading, c.text
        FROM knowledge_chunks c JOIN files f ON f.workspace_id = c.workspace_id AND f.id = c.file_id
        WHERE c.workspace_id = ? AND f.chatbot_id = ? AND f.kind = 'knowledge' AND f.state = 'ready'
        """

    private init(_ row: Row) throws {
        self.init(
            number: try row.int64("number"), fileID: try row.string("file_id"), name: try row.string("name"),
            range: try row.int("start_at")..<row.int("end_at"), page: try row.intIfPresent("page"),
            heading: try row.stringIfPresent("heading"), text: try row.string("text"))
    }

    private init(
        number: Int64, fileID: String, name: String, range: Range<Int>, page: Int?, heading: String?, text: String
    ) {
        self.number = number
        self.fileID = fileID
        self.name = name
        self.range = range
        self.page = page
        self.heading = heading
        self.text = text
    }

    /// Whole files, in the order of their ids.
    static func list(
        _ tx: Transaction, ofFiles ids: [String], in tenant: Tenant, chatbotID: String
    ) throws -> [ChunkText] {
        let marks = ids.map { _ in "?" }.joined(separator: ", ")
        return try tx.rows(
            "\(select) AND c.file_id IN (\(marks)) ORDER BY c.file_id, c.position",
            [tenant.workspaceID, chatbotID] + ids, ChunkText.init)
    }

    /// Those of the numbers that are a tenant's, in files of a chatbot that can be searched.
    static func find(
        _ tx: Transaction, _ numbers: [Int64], in tenant: Tenant, chatbotID: String
    ) throws -> [Int64: ChunkText] {
        var found: [Int64: ChunkText] = [:]
        if numbers.isEmpty { return found }
        let rows = try tx.rows(
            "\(select) AND c.number IN (\(numbers.placeholders))", [tenant.workspaceID, chatbotID] + numbers,
            ChunkText.init)
        for row in rows { found[row.number] = row }
        return found
    }
}

import HTTPKit
import Knowledge
import Platform
import Storage

/// A passage of a knowledge file that a reply refers to as `[n]`.
package struct Citation: JSONOutput, Equatable {
    package let n: Int
    package let fileID: String
    package let name: String
    /// The page that it begins on; null if the file has none.
    package let page: Int?
    /// The headings above it.
    package let heading: String?
    /// Its position in the file's text, in Unicode scalars.
    package let start: Int
    package let end: Int
    /// The passage. Null if the file has been deleted.
    package var quote: String?
    /// Not shown.
    package var chunk: Int64 = 0

    private enum CodingKeys: CodingKey { case n, fileID, name, page, heading, start, end, quote }

    init(_ source: Source) {
        n = source.number
        fileID = source.fileID
        name = source.name
        page = source.page
        heading = source.heading
        start = source.range.lowerBound
        end = source.range.upperBound
        quote = source.text
        chunk = source.chunk
    }
}

extension Citation {
    /// As it is stored: without the passage, which is its file's and goes with it.
    private struct Stored: Codable {
        let n: Int
        let fileID: String
        let name: String
        let page: Int?
        let heading: String?
        let start: Int
        let end: Int
        let chunk: Int64
    }

    private init(_ stored: Stored) {
        n = stored.n
        fileID = stored.fileID
        name = stored.name
        page = stored.page
        heading = stored.heading
        start = stored.start
        end = stored.end
        chunk = stored.chunk
    }

    static func text(_ citations: [Citation]) throws -> String {
        try JSONText.text(
            citations.map {
                Stored(
                    n: $0.n, fileID: $0.fileID, name: $0.name, page: $0.page, heading: $0.heading, start: $0.start,
                    end: $0.end, chunk: $0.chunk)
            })
    }

    static func parse(_ text: String) throws -> [Citation] {
        try JSONText.parse([Stored].self, text).map { Citation($0) }
    }

    /// Puts the passages into the citations of messages. A message without citations costs nothing.
    static func quote(_ messages: inout [Message], _ tx: Transaction, in tenant: Tenant) throws {
        let numbers = Set(messages.flatMap { $0.citations ?? [] }.map(\.chunk)).sorted()
        if numbers.isEmpty { return }
        let texts = try find(tx, numbers, in: tenant)
        for index in messages.indices {
            messages[index].citations = messages[index].citations?.map { citation in
                var citation = citation
                citation.quote = texts[citation.chunk].flatMap { $0.fileID == citation.fileID ? $0.text : nil }
                return citation
            }
        }
    }

    private static func find(
        _ tx: Transaction, _ numbers: [Int64], in tenant: Tenant
    ) throws -> [Int64: (fileID: String, text: String)] {
        let marks = numbers.map { _ in "?" }.joined(separator: ", ")
        let found = try tx.rows(
            "SELECT number, file_id, text FROM knowledge_chunks WHERE workspace_id = ? AND number IN (\(marks))",
            [tenant.workspaceID] + numbers.map { $0 as any SQLBindable }
        ) { (try $0.int64("number"), (fileID: try $0.string("file_id"), text: try $0.string("text"))) }
        return Dictionary(uniqueKeysWithValues: found)
    }
}

extension Message {
    /// The citations with the offsets of their first uses, in bytes.
    package var firstUses: [(offset: Int, citation: Citation)] {
        guard let citations, !citations.isEmpty else { return [] }
        return CitationScanner.uses(in: content).compactMap { use in
            citations.first { $0.n == use.number }.map { (use.offset, $0) }
        }
    }
}

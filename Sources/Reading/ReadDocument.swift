import JSON

/// A piece of a document as its structure divides it. A long paragraph is several blocks.
package struct DocumentBlock: Codable, Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// - Parameter level: 1–6.
        case heading(level: Int)
        case paragraph
        /// A row of a table, its cells divided by tabs.
        case row
        case code
    }

    /// The maximum length of one block, in Unicode scalars.
    package static let maxScalars = 4096

    package let kind: Kind
    /// In Unicode's form NFC, without control characters other than line feeds and tabs; never empty.
    package let text: String
    /// The page or slide, starting at 1; nil if the format has none.
    package let page: Int?

    package init(_ kind: Kind, _ text: String, page: Int? = nil) {
        self.kind = kind
        self.text = text
        self.page = page
    }
}

/// The text of a file. Positions in it are counted in Unicode scalars of `text`.
package struct ReadDocument: Sendable, Equatable {
    /// What stands between two blocks in `text`.
    package static let separator = "\n"

    package let title: String?
    package let blocks: [DocumentBlock]

    package init(title: String?, blocks: [DocumentBlock]) {
        self.title = title
        self.blocks = blocks
    }

    /// The texts of all blocks, with `separator` between them.
    package var text: String { blocks.map(\.text).joined(separator: Self.separator) }

    /// Where each block's text is in `text`, in Unicode scalars.
    package var ranges: [Range<Int>] {
        var start = 0
        return blocks.map { block in
            let range = start..<start + block.text.unicodeScalars.count
            start = range.upperBound + Self.separator.unicodeScalars.count
            return range
        }
    }
}

extension DocumentBlock {
    private enum CodingKeys: String, CodingKey { case kind, level, text, page }

    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        let name = try box.decode(String.self, forKey: .kind)
        let level = try box.decodeIfPresent(Int.self, forKey: .level)
        switch (name, level) {
        case ("heading", .some(1...6)): kind = .heading(level: level ?? 1)
        case ("paragraph", nil): kind = .paragraph
        case ("row", nil): kind = .row
        case ("code", nil): kind = .code
        default: throw DecodingError.dataCorruptedError(forKey: .kind, in: box, debugDescription: "no such block")
        }
        text = try box.decode(String.self, forKey: .text)
        page = try box.decodeIfPresent(Int.self, forKey: .page)
    }

    package func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        switch kind {
        case .heading(let level):
            try box.encode("heading", forKey: .kind)
            try box.encode(level, forKey: .level)
        case .paragraph: try box.encode("paragraph", forKey: .kind)
        case .row: try box.encode("row", forKey: .kind)
        case .code: try box.encode("code", forKey: .kind)
        }
        try box.encode(text, forKey: .text)
        try box.encodeIfPresent(page, forKey: .page)
    }

    /// One line of JSON.
    package var line: [UInt8] { (try? JSONWriter.encode(self, nils: .omit)) ?? [] }

    /// Throws if the line is no block.
    package init(line: some Sequence<UInt8>) throws {
        self = try JSONTreeDecoder().decode(DocumentBlock.self, from: JSONValue(parsing: line, maxDepth: 2))
    }
}

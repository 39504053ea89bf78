import Metering
package import Reading

/// Cuts a document into chunks along its structure: a chunk never crosses a page, begins at a heading if it can, keeps rows
/// and sentences whole, and does not overlap the next one.
package struct Chunker {
    /// The most tokens that a chunk has by estimate. Embedding models read 512, and the titles need some.
    package static let mostTokens = 400
    /// A chunk with fewer tokens takes in the section after it.
    static let fewTokens = 100
    private static let tokens = TokenFamily.o200k

    /// The smallest piece that is not divided.
    private struct Unit {
        let start: String.Index
        let end: String.Index
        let scalars: Range<Int>
        let page: Int?
        let path: [String]
        let isHeading: Bool
        let tokens: Int
    }

    private let text: String
    private var units: [Unit] = []

    package static func chunks(of document: ReadDocument) -> [Chunk] { Chunker(document).pack() }

    private init(_ document: ReadDocument) {
        text = document.text
        var path: [(level: Int, text: String)] = []
        var (index, offset) = (text.startIndex, 0)
        for block in document.blocks {
            if offset > 0 { (index, offset) = (text.unicodeScalars.index(after: index), offset + 1) }
            var isHeading = false
            if case .heading(let level) = block.kind {
                path.removeAll { $0.level >= level }
                path.append((level, block.text))
                isHeading = true
            }
            for piece in Pieces.of(block.text, mostTokens: Self.mostTokens, Self.tokens.estimate) {
                let count = piece.unicodeScalars.count
                let end = text.unicodeScalars.index(index, offsetBy: count)
                units.append(
                    Unit(
                        start: index, end: end, scalars: offset..<offset + count, page: block.page,
                        path: path.map(\.text), isHeading: isHeading, tokens: Self.tokens.estimate(String(piece)) + 1))
                (index, offset) = (end, offset + count)
            }
        }
    }

    private func pack() -> [Chunk] {
        var chunks: [Chunk] = []
        var (start, tokens) = (0, 0)
        for index in units.indices {
            if index > start, begins(units[index], after: units[index - 1], tokens: tokens) {
                let end = endOfChunk(from: start, before: index)
                chunks.append(chunk(units[start..<end]))
                (start, tokens) = (end, units[end..<index].reduce(0) { $0 + $1.tokens })
            }
            tokens += units[index].tokens
        }
        if start < units.count { chunks.append(chunk(units[start...])) }
        return chunks
    }

    /// Headings belong to what follows, if it is on their page and has room for them, unless they are all that there is.
    private func endOfChunk(from start: Int, before index: Int) -> Int {
        var (end, tokens) = (index, units[index].tokens)
        while end > start, units[end - 1].isHeading, units[end - 1].page == units[index].page,
            tokens + units[end - 1].tokens <= Self.mostTokens
        {
            end -= 1
            tokens += units[end].tokens
        }
        return end == start ? index : end
    }

    private func begins(_ unit: Unit, after last: Unit, tokens: Int) -> Bool {
        if unit.page != last.page || tokens + unit.tokens > Self.mostTokens { return true }
        return unit.isHeading && !last.isHeading && tokens >= Self.fewTokens
    }

    private func chunk(_ units: ArraySlice<Unit>) -> Chunk {
        let (first, last) = (units.first!, units.last!)
        let path = units.dropFirst().reduce(first.path) { path, unit in
            zip(path, unit.path).prefix { $0 == $1 }.map(\.0)
        }
        return Chunk(
            range: first.scalars.lowerBound..<last.scalars.upperBound,
            text: String(text.unicodeScalars[first.start..<last.end]), page: first.page, headings: path)
    }
}

/// The form in which the scripts of `PandocScript` and `PythonScript` print blocks: a mark, the kind, a mark, the text.
enum MarkedBlocks {
    static let (block, text): (UInt8, UInt8) = (30, 31)

    /// A kind is `title`, `paragraph`, `row`, `code` or `heading` with a level, and may be followed by `@` and the page.
    static func read(_ output: [UInt8], into out: inout BlockWriter) throws(ReadingFailure) {
        for piece in output.split(separator: block) {
            guard let mark = piece.firstIndex(of: text) else { continue }
            let head = String(decoding: piece[..<mark], as: UTF8.self).split(separator: "@")
            let content = String(decoding: piece[(mark + 1)...], as: UTF8.self)
            let page = head.count > 1 ? Int(head[1]) : nil
            switch head.first ?? "" {
            case "title": out.title = String(BlockWriter.clean(content, isLine: true).prefix(500))
            case "row": try out.add(.row, content, page: page)
            case "code": try out.add(.code, content, page: page)
            case let name where name.hasPrefix("heading"):
                try out.add(
                    .heading(level: Int(name.dropFirst(7)).map { max(1, min($0, 6)) } ?? 1), content, page: page)
            default: try out.add(.paragraph, content, page: page)
            }
        }
    }
}

/// Divides Markdown into blocks. Marks within a line stay, because models read them well.
struct MarkdownText {
    private var lines: [Substring] = []
    private var fence: Substring?

    static func read(_ text: String, into out: inout BlockWriter) throws(ReadingFailure) {
        var reader = MarkdownText()
        for line in PlainText.lines(text) { try reader.add(line, &out) }
        try reader.end(reader.fence == nil ? .paragraph : .code, &out)
    }

    private mutating func add(_ line: Substring, _ out: inout BlockWriter) throws(ReadingFailure) {
        let start = line.drop { $0 == " " }
        if let open = fence {
            guard start.hasPrefix(open), start.allSatisfy({ $0 == open.first || $0.isWhitespace }) else {
                return lines.append(line)
            }
            fence = nil
            return try end(.code, &out)
        }
        if start.hasPrefix("```") || start.hasPrefix("~~~") {
            try end(.paragraph, &out)
            fence = start.prefix { $0 == start.first }
        } else if let level = Self.level(of: start) {
            try end(.paragraph, &out)
            try out.add(.heading(level: level), Self.heading(start.dropFirst(level)))
        } else if !lines.isEmpty, let level = Self.underline(start) {
            // The line before is the heading; what is above it is a paragraph.
            let heading = lines.removeLast()
            try end(.paragraph, &out)
            try out.add(.heading(level: level), heading)
        } else if start.hasPrefix("|") {
            try end(.paragraph, &out)
            try out.add(.row, Self.row(start))
        } else if start.allSatisfy(\.isWhitespace) {
            try end(.paragraph, &out)
        } else {
            lines.append(line)
        }
    }

    private mutating func end(_ kind: DocumentBlock.Kind, _ out: inout BlockWriter) throws(ReadingFailure) {
        try out.add(kind, lines.joined(separator: "\n"))
        lines = []
    }

    private static func level(of line: Substring) -> Int? {
        let level = line.prefix { $0 == "#" }.count
        guard (1...6).contains(level), line.dropFirst(level).first?.isWhitespace ?? true else { return nil }
        return level
    }

    /// Without the marks that may close it.
    private static func heading(_ text: Substring) -> Substring {
        var text = text
        while let last = text.last, last.isWhitespace { text.removeLast() }
        let marks = text.reversed().prefix { $0 == "#" }.count
        return text.dropLast(marks).last?.isWhitespace ?? true ? text.dropLast(marks) : text
    }

    private static func underline(_ line: Substring) -> Int? {
        let marks = line.filter { !$0.isWhitespace }
        guard let mark = marks.first, marks.allSatisfy({ $0 == mark }) else { return nil }
        return mark == "=" ? 1 : mark == "-" ? 2 : nil
    }

    /// The cells with tabs between; empty for the line below the head.
    private static func row(_ line: Substring) -> String {
        let cells = line.split(separator: "|").map { cell in
            String(cell.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }
        let isRule = cells.allSatisfy { $0.allSatisfy { $0 == "-" || $0 == ":" || $0 == " " } }
        return isRule ? "" : cells.filter { !$0.isEmpty }.joined(separator: "\t")
    }
}

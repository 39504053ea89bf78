import Foundation

/// Reads what is text already.
struct PlainText {
    let text: String

    /// UTF-8, or UTF-16 with a byte order mark. Throws `damaged` if the bytes are neither.
    init(_ bytes: [UInt8]) throws(ReadingFailure) {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            guard bytes.count % 2 == 0, let text = String(bytes: bytes, encoding: .utf16) else { throw .damaged }
            self.text = text
        } else {
            guard let text = String(validating: bytes, as: UTF8.self) else { throw .damaged }
            self.text = text
        }
    }

    /// Paragraphs are divided by blank lines.
    func read(as kind: DocumentBlock.Kind, into out: inout BlockWriter, page: Int? = nil) throws(ReadingFailure) {
        var lines: [Substring] = []
        for line in Self.lines(text) {
            if !line.allSatisfy(\.isWhitespace) {
                lines.append(line)
            } else if !lines.isEmpty {
                try out.add(kind, lines.joined(separator: "\n"), page: page)
                lines = []
            }
        }
        try out.add(kind, lines.joined(separator: "\n"), page: page)
    }

    static func lines(_ text: String) -> [Substring] {
        text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
    }

    /// A row is a block. Cells may be quoted and then hold line breaks.
    /// - Parameter separator: a comma, semicolon or tab; found in the first line if it is nil.
    func readRows(separator: Unicode.Scalar? = nil, into out: inout BlockWriter) throws(ReadingFailure) {
        let separator = separator ?? Self.separator(of: text)
        var (cells, cell, isQuoted): ([String], String.UnicodeScalarView, Bool) = ([], .init(), false)
        var last: Unicode.Scalar?
        func closed(_ cell: String.UnicodeScalarView) -> String {
            String(cell).replacing("\t", with: " ").trimmingCharacters(in: .whitespacesAndNewlines)
        }
        for scalar in text.unicodeScalars {
            defer { last = scalar }
            if scalar == "\"" {
                // A doubled quotation mark within quotes is one.
                if !isQuoted, last == "\"" { cell.append(scalar) }
                isQuoted.toggle()
            } else if isQuoted {
                cell.append(scalar)
            } else if scalar == separator {
                cells.append(closed(cell))
                cell = .init()
            } else if scalar == "\n" || scalar == "\r" {
                if scalar == "\n", last == "\r" { continue }
                try add(cells + [closed(cell)], &out)
                (cells, cell) = ([], .init())
            } else {
                cell.append(scalar)
            }
        }
        try add(cells + [closed(cell)], &out)
    }

    private func add(_ cells: [String], _ out: inout BlockWriter) throws(ReadingFailure) {
        guard cells.contains(where: { !$0.isEmpty }) else { return }
        try out.add(.row, cells.joined(separator: "\t"))
    }

    private static func separator(of text: String) -> Unicode.Scalar {
        let line = text.unicodeScalars.prefix(4096).prefix { $0 != "\n" && $0 != "\r" }
        let counts = [",", ";", "\t"].map { (mark: Unicode.Scalar) in (mark, line.count { $0 == mark }) }
        return counts.max { $0.1 < $1.1 }?.0 ?? ","
    }
}

/// Comma-separated values as RFC 4180 has them, which a spreadsheet opens without running any of them as a formula.
package enum CSV {
    package static let mediaType = "text/csv; charset=utf-8"

    /// One line with its end; a field that is nil is empty.
    package static func line(_ fields: [String?]) -> String {
        fields.map { $0.map(field) ?? "" }.joined(separator: ",") + "\r\n"
    }

    private static func field(_ text: String) -> String {
        let safe = withoutFormulas(text)
        guard safe.utf8.contains(where: needsQuotes.contains) else { return safe }
        return "\"\(safe.replacing(scalars: ["\"": "\"\""]))\""
    }

    private static let needsQuotes = Set("\",;|\t\r\n".utf8)

    /// With an apostrophe before whatever a spreadsheet may take for a formula: at the beginning, and after each character
    /// that may end a cell. If the list separator is not the comma, as in most of Europe and in Iran (`؛`), quotation
    /// marks in the midst of a cell protect nothing, so a `;` or a line end within the text begins a cell of its own. A comma
    /// within the text does so only if commas separate, and then the quotation marks hold.
    private static func withoutFormulas(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var out = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            let beginsCell = index == 0 || isSeparator(scalars[index - 1])
            if beginsCell, beginsFormula(scalars[index...]) || (index == 0 && isControl(scalar)) { out.append("'") }
            out.append(scalar)
        }
        return String(out)
    }

    /// Blanks, quotation marks, control and invisible characters before the sign are passed over, as programs do.
    private static func beginsFormula(_ cell: ArraySlice<Unicode.Scalar>) -> Bool {
        let first = cell.first { scalar in
            let properties = scalar.properties
            return !properties.isWhitespace && !properties.isDefaultIgnorableCodePoint && scalar != "\""
                && properties.generalCategory != .control || isSeparator(scalar)
        }
        return first.map { formulaSigns.contains($0) } ?? false
    }

    /// Signs that begin a formula, in their plain, full-width and small forms.
    private static let formulaSigns = Set("=+-@＝＋－＠﹦﹢﹣﹫".unicodeScalars)

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        isControl(scalar) || ";|؛،\u{2028}\u{2029}\u{85}".unicodeScalars.contains(scalar)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\t" || scalar == "\r" || scalar == "\n"
    }
}

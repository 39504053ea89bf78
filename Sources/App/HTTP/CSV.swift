/// Comma-separated values as RFC 4180 has them, which a spreadsheet opens without running any of them as a formula.
enum CSV {
    static let mediaType = "text/csv; charset=utf-8"

    /// One line with its end; a field that is nil is empty.
    static func line(_ fields: [String?]) -> String {
        fields.map { $0.map(field) ?? "" }.joined(separator: ",") + "\r\n"
    }

    /// A spreadsheet takes what begins with one of these for a formula, so an apostrophe goes before it.
    private static let formulas: Set<UInt8> = Set("=+-@\t\r\n".utf8)

    private static func field(_ text: String) -> String {
        let safe = text.utf8.first.map(formulas.contains) == true ? "'" + text : text
        guard safe.utf8.contains(where: { [34, 44, 10, 13].contains($0) }) else { return safe }
        return "\"\(safe.replacing(scalars: ["\"": "\"\""]))\""
    }
}

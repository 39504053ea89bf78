/// A passage of a document: what is searched, quoted and cited as one.
package struct Chunk: Sendable, Equatable {
    /// Where it is in the document's text, in Unicode scalars.
    package let range: Range<Int>
    /// The document's text in this range.
    package let text: String
    /// The page that it begins on; nil if the document has none.
    package let page: Int?
    /// The headings above it, from the outermost to the innermost.
    package let headings: [String]

    private static let divider = " › "
    /// Maximum length of the headings as they are stored, in Unicode scalars.
    private static let longestHeading = 300

    /// The headings in one line; nil if there are none.
    package var heading: String? {
        if headings.isEmpty { return nil }
        let line = headings.joined(separator: Self.divider).unicodeScalars.map { $0 == "\n" || $0 == "\t" ? " " : $0 }
        return String(String.UnicodeScalarView(line.prefix(Self.longestHeading)))
    }

    /// The text as it is embedded: after the titles that it stands under, without which many passages say little.
    package static func embedded(_ text: String, title: String, heading: String?) -> String {
        ([title] + [heading].compactMap(\.self)).joined(separator: divider) + "\n" + text
    }
}

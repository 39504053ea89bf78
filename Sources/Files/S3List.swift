import Foundation

/// A response of S3's ListObjectsV2. The parser reads only elements without attributes, and does not unescape keys:
/// those of this server contain no characters that XML escapes.
struct S3List {
    struct Entry {
        let key: String
        let bytes: Int
        let modifiedAt: Date
    }

    private(set) var entries: [Entry] = []
    /// Nil on the last page.
    let next: String?

    /// Returns nil if the text is not such an answer.
    init?(_ text: String) {
        guard text.contains("<ListBucketResult") else { return nil }
        var rest = text[...]
        while let start = rest.range(of: "<Contents>"), let end = rest.range(of: "</Contents>") {
            guard start.upperBound <= end.lowerBound else { return nil }
            let content = rest[start.upperBound..<end.lowerBound]
            rest = rest[end.upperBound...]
            guard let key = Self.text(of: "Key", in: content), let size = Self.text(of: "Size", in: content),
                let bytes = Int(size), let time = Self.text(of: "LastModified", in: content),
                let modifiedAt = Self.date(time)
            else { continue }
            entries.append(Entry(key: String(key), bytes: bytes, modifiedAt: modifiedAt))
        }
        let hasMore = Self.text(of: "IsTruncated", in: text) == "true"
        next = hasMore ? Self.text(of: "NextContinuationToken", in: text).map(Self.unescaped) : nil
    }

    /// The text of the first such element.
    static func text(of element: String, in xml: some StringProtocol) -> Substring? {
        let xml = Substring(xml)
        guard let start = xml.range(of: "<\(element)>"),
            let end = xml[start.upperBound...].range(of: "</\(element)>")
        else { return nil }
        return xml[start.upperBound..<end.lowerBound]
    }

    private static func unescaped(_ text: Substring) -> String {
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#34;", "\""), ("&#39;", "'")]
            .reduce(String(text)) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
            .replacingOccurrences(of: "&amp;", with: "&")
    }

    private static func date(_ text: Substring) -> Date? {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
        return try? style.parse(String(text))
    }
}

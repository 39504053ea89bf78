import HTTPTypes
import HummingbirdCore

/// The languages of what people read: error texts, fallback messages and mail. `/v1` is always in English, as the APIs
/// are whose shapes it has.
package enum UserLanguage: String, Codable, Sendable, CaseIterable {
    case english = "en"
    case bengali = "bn"

    /// The language that a tag such as `bn`, `bn-BD` or `BN_in` names; nil for any other.
    package init?(tag: some StringProtocol) {
        self.init(rawValue: tag.prefix { $0 != "-" && $0 != "_" }.lowercased())
    }

    /// The one that `Accept-Language` (RFC 9110, 12.5.4) rates highest, the first if several are equal. English if it
    /// names neither or is not valid.
    package init(accepting header: String?) {
        var best: (language: UserLanguage, weight: Double)?
        // A header is short; what is beyond this is not from a browser.
        for entry in (header ?? "").prefix(1000).split(separator: ",") {
            let parts = entry.split(separator: ";", omittingEmptySubsequences: false)
                .map(\.withoutOptionalSpace)
            let tag = parts[0]
            guard let language = tag == "*" ? .english : UserLanguage(tag: tag) else { continue }
            let quality = parts.dropFirst().first { $0.lowercased().hasPrefix("q=") }
            guard let weight = quality.map({ Self.weight($0.dropFirst(2)) }) ?? 1, weight > 0 else { continue }
            if weight > best?.weight ?? 0 { best = (language, weight) }
        }
        self = best?.language ?? .english
    }

    /// The weight, 0–1. Returns nil if the text is not such a number.
    private static func weight(_ text: some StringProtocol) -> Double? {
        guard text.utf8.count <= 5, let weight = Double(text), (0...1).contains(weight) else { return nil }
        return weight
    }

    package init(of call: Call) { self.init(accepting: call.header(.acceptLanguage)) }

    /// Whether the path answers in English regardless of the caller's language.
    package static func isEnglishOnly(_ path: String) -> Bool {
        path.hasPrefix("/v1/") || path.hasPrefix("/openai/")
    }
}

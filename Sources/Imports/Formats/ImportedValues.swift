import HTTPKit
import JSON

extension Timestamp {
    /// Times before chatbots existed and after tomorrow are mistakes.
    private var plausible: Timestamp? {
        (946_684_800_000...Timestamp.now.milliseconds.addingSaturated(86_400_000)).contains(milliseconds) ? self : nil
    }

    /// Seconds or milliseconds since 1970, or a time in ISO 8601. Nil if it is none, or not a plausible one.
    static func imported(_ value: JSONValue?) -> Timestamp? {
        if let text = value?.string { return Timestamp(iso8601: text)?.plausible }
        guard let number = value?.double, number.magnitude < 1e14 else { return nil }
        return Timestamp(milliseconds: Int64(number >= 1e11 ? number : number * 1000)).plausible
    }
}

extension JSONValue {
    /// The text of a value that may be another one; a number counts as text too.
    var text: String? {
        switch self {
        case .string(let text): text
        case .int(let number): String(number)
        default: nil
        }
    }

    /// A text that is not empty.
    var filled: String? { text.flatMap { $0.isEmpty ? nil : $0 } }

    /// The value as JSON, for what is kept as it came.
    var raw: String { (try? JSONWriter.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "" }

    /// The value is `true`.
    var isTrue: Bool { self == true }
}

extension Array where Element == String {
    /// Paragraphs of one text, without empty ones.
    var paragraphs: String { filter { !$0.isEmpty }.joined(separator: "\n\n") }
}

import Crypto
import Files
import Foundation
package import HTTPKit

/// An answer that a chatbot gives to a question without asking a model.
package struct CuratedAnswer: JSONOutput, Equatable {
    package let id: String
    package let chatbotID: String
    package let question: String
    package let answer: String
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    /// As many as one chatbot can have.
    package static let most = 1000
    private static let longestQuestion = 500

    package struct Create: Input, Ruled {
        package let question: String
        package let answer: String
        package static var rules: [String: Rule] { CuratedAnswer.rules }
        package func validate() throws(APIError) { try CuratedAnswer.check(question, answer) }
    }

    package struct Update: Input, Ruled {
        package let question: String?
        package let answer: String?
        package static var rules: [String: Rule] { CuratedAnswer.rules }
        package func validate() throws(APIError) { try CuratedAnswer.check(question, answer) }
    }

    private static var rules: [String: Rule] {
        [
            "question": .text(
                1...longestQuestion, note: "Also found in other case, spacing and with other marks at its end."),
            "answer": .text(1...8000),
        ]
    }

    private static func check(_ question: String?, _ answer: String?) throws(APIError) {
        if let question, key(of: question) == nil {
            throw .invalid("question", "'question' must have more than marks and spaces.")
        }
        if let answer, !answer.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) {
            throw .invalid("answer", "'answer' must have more than spaces.")
        }
    }
}

extension CuratedAnswer {
    /// Marks at the end of a question that do not change it.
    private static let ends: Set<Unicode.Scalar> = [
        "?", "!", ".", "…", "।", "॥", "؟", "۔", "。", "？", "！", "．", "｡", " ",
    ]

    /// The same for all ways to write a question: composed (NFC), without case, marks at the end, signs of direction and
    /// further spaces. Nil if nothing is left, or for a text that is no question of a curated answer.
    package static func key(of question: String) -> String? {
        guard question.utf8.count <= longestQuestion * 8 else { return nil }
        let plain = question.precomposedStringWithCanonicalMapping.uppercased().lowercased()
        let shown = plain.unicodeScalars.filter { !$0.properties.isBidiControl && $0 != "\u{FEFF}" }
        let words = String(String.UnicodeScalarView(shown)).precomposedStringWithCanonicalMapping
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        var scalars = words.unicodeScalars[...]
        while let last = scalars.last, ends.contains(last) { scalars.removeLast() }
        if scalars.isEmpty { return nil }
        return SHA256.hash(data: Array(String(scalars).utf8)).hexadecimal
    }
}

import Foundation
import JSON
import LLM

/// Fills the `{{user.first_name}}` variables of a prompt, once: what a value brings with it is never taken for a variable
/// again. Unknown variables become empty.
enum PromptTemplate {
    /// In Unicode scalars, of one value.
    private static let longestValue = 2000
    /// In bytes, of a filled prompt: more than models read. Repeating a variable multiplies its value.
    static let longest = 1 << 20

    /// Looked for in each turn, so without Foundation's search.
    static func hasVariables(_ prompt: String) -> Bool {
        var isOpen = false
        for byte in prompt.utf8 {
            if byte == UInt8(ascii: "{"), isOpen { return true }
            isOpen = byte == UInt8(ascii: "{")
        }
        return false
    }

    /// Stops when the result is longer than `longest`.
    static func fill(_ prompt: String, with value: (String) -> String?) -> String {
        guard hasVariables(prompt) else { return prompt }
        var filled = ""
        var rest = Substring(prompt)
        while filled.utf8.count <= longest, let open = rest.range(of: "{{") {
            guard let close = rest[open.upperBound...].range(of: "}}") else { break }
            filled += rest[..<open.lowerBound]
            let name = rest[open.upperBound..<close.lowerBound]
            filled += value(name.trimmingWhitespace()).map(plain) ?? ""
            rest = rest[close.upperBound...]
        }
        return filled + rest
    }

    /// One line of plain text. A value must not look like another part of the prompt: no line breaks, which would begin a
    /// new instruction, and none of the marks by which models tell one speaker from another.
    static func plain(_ value: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in value.unicodeScalars.prefix(longestValue) {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .format: scalars.append(" ")
            default: scalars.append(scalar)
            }
        }
        return ChatMarks.broken(String(scalars))
    }
}

extension Substring {
    fileprivate func trimmingWhitespace() -> String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}

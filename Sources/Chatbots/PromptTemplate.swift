import HTTPKit
import JSON
import LLM

/// Fills the `{{user.first_name}}` variables of a prompt, once: what a value brings with it is never taken for a variable
/// again. Unknown variables become empty.
package enum PromptTemplate {
    /// Maximum length of one value, in Unicode scalars.
    private static let longestValue = 2000
    /// Maximum length of a filled prompt, in bytes. More than models read; needed because repeated variables multiply
    /// values.
    package static let longest = 1 << 20

    /// Whether the prompt contains `{{`. Called in each turn, so it avoids Foundation's search.
    package static func hasVariables(_ prompt: String) -> Bool {
        var isOpen = false
        for byte in prompt.utf8 {
            if byte == UInt8(ascii: "{"), isOpen { return true }
            isOpen = byte == UInt8(ascii: "{")
        }
        return false
    }

    /// Stops when the result is longer than `longest`. The braces are looked for byte by byte: to Swift, `}` with a vowel
    /// sign after it is another Character than `}`, and in many languages an ending follows a name without a space.
    package static func fill(_ prompt: String, with value: (String) -> String?) -> String {
        guard hasVariables(prompt) else { return prompt }
        let bytes = Array(prompt.utf8)
        var filled = ""
        var rest = bytes[...]
        while filled.utf8.count <= longest, let open = braces(UInt8(ascii: "{"), in: rest),
            let close = braces(UInt8(ascii: "}"), in: rest[(open + 2)...])
        {
            filled += String(decoding: rest[..<open], as: UTF8.self)
            let name = String(decoding: rest[(open + 2)..<close], as: UTF8.self)
            filled += value(name[...].trimmingWhitespace()).map(plain) ?? ""
            rest = rest[(close + 2)...]
        }
        return filled + String(decoding: rest, as: UTF8.self)
    }

    /// Index of the first two adjacent bytes that are both `brace`.
    private static func braces(_ brace: UInt8, in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.indices.dropLast().first { bytes[$0] == brace && bytes[$0 + 1] == brace }
    }

    /// Reduces a value to one line of plain text, so that it cannot look like another part of the prompt. Replaces line
    /// breaks, which would begin a new instruction, invisible characters, which only a model reads, and the marks by
    /// which models separate speakers. Keeps joiners that the spelling of Bengali, Persian or an emoji needs.
    package static func plain(_ value: String) -> String {
        var scalars = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in value.unicodeScalars.prefix(longestValue) {
            switch scalar.properties.generalCategory {
            case .format where NameText.isJoiner(scalar, after: previous): scalars.append(scalar)
            // Marks of direction, which stand within words and separate nothing.
            case .format where [0x200E, 0x200F, 0x61C].contains(scalar.value): break
            case .control, .lineSeparator, .paragraphSeparator, .format: scalars.append(" ")
            default: scalars.append(scalar)
            }
            previous = scalar
        }
        return ChatMarks.broken(String(scalars))
    }
}

extension Substring {
    fileprivate func trimmingWhitespace() -> String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}

package import JSON

extension StringProtocol {
    /// Without the blanks at both ends: white space of any script, and the invisible characters that come along when text
    /// is copied.
    package var trimmingBlanks: String {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.isBlank }),
            let last = scalars.lastIndex(where: { !$0.isBlank })
        else { return "" }
        return String(String.UnicodeScalarView(scalars[first...last]))
    }
}

extension Unicode.Scalar {
    /// White space, or nothing to be seen: zero-width space and word joiner, a byte order mark, marks of direction.
    fileprivate var isBlank: Bool {
        properties.isWhitespace || [0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF].contains(value)
    }
}

extension Schema {
    /// Whether some of what it describes is trimmed.
    package var trimsSomething: Bool {
        switch kind {
        case .string: rule.isTrimmed
        case .array(let element), .map(let element): element.trimsSomething
        case .object(_, let properties): properties.contains { $0.schema.trimsSomething }
        case .integer, .number, .boolean, .any, .choice: false
        }
    }

    /// The value with the blanks cut off that a keyboard or a copy has put around names and addresses.
    package func trimming(_ value: JSONValue) -> JSONValue {
        switch (kind, value) {
        case (.string, .string(let text)) where rule.isTrimmed: return .string(text.trimmingBlanks)
        case (.array(let element), .array(let items)) where element.trimsSomething:
            return .array(items.map(element.trimming))
        case (.object(_, let properties), .object(var members)):
            for property in properties where property.schema.trimsSomething {
                if let member = members[property.name] { members[property.name] = property.schema.trimming(member) }
            }
            return .object(members)
        default: return value
        }
    }
}

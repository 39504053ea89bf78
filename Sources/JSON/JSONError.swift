/// Why bytes are not acceptable JSON. The message is a phrase in plain English that quotes at most a member's name.
package struct JSONError: Error, Equatable {
    package enum Kind: Sendable {
        case malformed, duplicateKey, tooDeep, tooLarge, notUTF8, trailing
    }

    package let kind: Kind
    package let message: String
    /// Offset from the start, in bytes.
    package let offset: Int
}

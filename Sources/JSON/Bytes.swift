extension String {
    /// Returns nil if the bytes are not well-formed UTF-8. `init(validating:as:)` takes three times as long: it looks up
    /// generic types at each call.
    package init?(wellFormed bytes: UnsafeBufferPointer<UInt8>) {
        guard let text = try? UTF8Span(validating: bytes.span) else { return nil }
        self.init(copying: text)
    }

    package init?(wellFormed bytes: [UInt8]) {
        guard let text = bytes.withUnsafeBufferPointer(String.init(wellFormed:)) else { return nil }
        self = text
    }
}

/// The value of a hexadecimal digit in ASCII; nil for another byte.
package func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
}

/// The place of a span in a trace, as W3C Trace Context writes it: `00-<32 hexadecimal digits>-<16>-<2>`.
package struct TraceParent: Sendable, Equatable {
    package let high: UInt64
    package let low: UInt64
    package let spanID: UInt64
    package let isSampled: Bool

    package init(high: UInt64, low: UInt64, spanID: UInt64, isSampled: Bool) {
        self.high = high
        self.low = low
        self.spanID = spanID
        self.isSampled = isSampled
    }

    /// Nil for anything that is not a `traceparent` of version 00, or the known part of a later version. Source:
    /// https://www.w3.org/TR/trace-context/#traceparent-header
    package init?(_ text: String) {
        let bytes = Array(text.utf8.prefix(56))
        func number(_ range: Range<Int>) -> UInt64? {
            let digits = bytes[range]
            // `UInt64` would take signs and capitals.
            guard digits.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else { return nil }
            return UInt64(String(decoding: digits, as: UTF8.self), radix: 16)
        }
        guard bytes.count >= 55, [2, 35, 52].allSatisfy({ bytes[$0] == UInt8(ascii: "-") }),
            let version = number(0..<2), version != 0xFF,
            // A later version may add fields.
            bytes.count == 55 || (version > 0 && bytes[55] == UInt8(ascii: "-")),
            let high = number(3..<19), let low = number(19..<35), high | low != 0,
            let span = number(36..<52), span != 0, let flags = number(53..<55)
        else { return nil }
        self.init(high: high, low: low, spanID: span, isSampled: flags & 1 == 1)
    }

    package var text: String { "00-\(Self.hex(high))\(Self.hex(low))-\(Self.hex(spanID))-0\(isSampled ? 1 : 0)" }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

import JSON

/// A piece of text from a vendor. It may begin or end within a character: some vendors cut a stream between the halves of
/// a surrogate pair, or between the bytes of a character.
struct VendorText: Equatable, ExpressibleByStringLiteral {
    /// The piece by itself, with U+FFFD for what is no character.
    private(set) var string = ""

    /// The piece as it came if `string` does not say all of it, else nil: UTF-8 in which a lone surrogate is three bytes.
    fileprivate private(set) var torn: [UInt8]?

    init() {}
    init(_ string: String) { self.string = string }
    init(stringLiteral value: String) { self.init(value) }

    init(bytes: [UInt8]) {
        if let string = String(wellFormed: bytes) {
            self.string = string
        } else {
            string = Self.decode(bytes)
            torn = bytes
        }
    }

    static func += (text: inout VendorText, more: VendorText) {
        if text.torn == nil && more.torn == nil {
            text.string += more.string
        } else {
            text = VendorText(bytes: text.bytes + more.bytes)
        }
    }

    fileprivate var bytes: [UInt8] { torn ?? Array(string.utf8) }

    /// Joins the surrogates that form a pair; each of the others becomes U+FFFD.
    fileprivate static func decode(_ bytes: [UInt8]) -> String {
        guard bytes.contains(0xED) else { return String(decoding: bytes, as: UTF8.self) }
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            guard let unit = surrogate(bytes[index...]) else {
                out.append(bytes[index])
                index += 1
                continue
            }
            index += 3
            var scalar: Unicode.Scalar = "\u{FFFD}"
            if UTF16.isLeadSurrogate(unit), let trail = surrogate(bytes[index...]), UTF16.isTrailSurrogate(trail) {
                scalar = UTF16.decode(UTF16.EncodedScalar([unit, trail]))
                index += 3
            }
            out += Array(String(scalar).utf8)
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The surrogate that the bytes begin with.
    private static func surrogate(_ bytes: ArraySlice<UInt8>) -> UInt16? {
        let start = bytes.startIndex
        guard bytes.count >= 3, bytes[start] == 0xED, bytes[start + 1] >= 0xA0, bytes[start + 1] < 0xC0,
            UTF8.isContinuation(bytes[start + 2])
        else { return nil }
        return 0xD000 | UInt16(bytes[start + 1] & 0x3F) << 6 | UInt16(bytes[start + 2] & 0x3F)
    }

    /// Appends a UTF-16 code unit that is no pair.
    static func append(_ unit: UInt16, to bytes: inout [UInt8]) {
        if let scalar = Unicode.Scalar(unit) {
            bytes += Array(String(scalar).utf8)
        } else {
            bytes += [0xED, 0x80 | UInt8(unit >> 6 & 0x3F), 0x80 | UInt8(unit & 0x3F)]
        }
    }
}

/// Puts the pieces of one text together so that each character is whole: a piece that ends within a character gives the
/// rest of it with the next piece.
struct TextJoiner {
    /// The beginning of a character, at most three bytes.
    private var held: [UInt8] = []

    /// The text to pass on now.
    mutating func add(_ piece: VendorText) -> String {
        // Nearly always.
        if held.isEmpty && piece.torn == nil { return piece.string }
        var bytes = held + piece.bytes
        let tail = Self.incompleteTail(of: bytes)
        held = Array(bytes.suffix(tail))
        bytes.removeLast(tail)
        return VendorText.decode(bytes)
    }

    /// What was held back and will not be completed.
    mutating func finish() -> String {
        defer { held = [] }
        return VendorText.decode(held)
    }

    /// How many bytes at the end are the beginning of a character, or half of a pair.
    private static func incompleteTail(of bytes: [UInt8]) -> Int {
        for count in 1...3 where count <= bytes.count {
            let byte = bytes[bytes.count - count]
            if UTF8.isContinuation(byte) { continue }
            switch byte {
            case 0xED where count == 3: return (0xA0..<0xB0).contains(bytes[bytes.count - 2]) ? 3 : 0
            case 0xC2..<0xE0: return count < 2 ? count : 0
            case 0xE0..<0xF0: return count < 3 ? count : 0
            case 0xF0..<0xF5: return count
            default: return 0
            }
        }
        return 0
    }
}

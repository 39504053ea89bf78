import JSON

/// Reads a JSON document from front to back and keeps only what it is asked for: a vendor's events are many, and of each
/// a few bytes matter. What is skipped is not checked. Every value has to be read or skipped.
struct JSONCursor {
    struct Malformed: Error {}

    struct Key {
        fileprivate let bytes: UnsafeRawBufferPointer
        /// Nil unless it is written with escapes, which nearly no vendor does.
        fileprivate let unescaped: [UInt8]?

        @inline(__always)
        static func ~= (name: StaticString, key: Key) -> Bool {
            guard let unescaped = key.unescaped else { return key.bytes.spells(name) }
            return unescaped.withUnsafeBytes { $0.spells(name) }
        }

        var name: String { String(decoding: unescaped ?? Array(bytes), as: UTF8.self) }

        func spells(_ name: String) -> Bool {
            unescaped?.elementsEqual(name.utf8) ?? bytes.elementsEqual(name.utf8)
        }
    }

    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Whether the next value is an object, which is then entered; any other is skipped.
    mutating func enterObject() throws -> Bool { try enter(UInt8(ascii: "{")) }

    mutating func enterArray() throws -> Bool { try enter(UInt8(ascii: "[")) }

    /// `nil` at the end of the object, which is then left.
    mutating func nextKey() throws -> Key? {
        if try peek() == UInt8(ascii: ",") { index += 1 }
        if try peek() == UInt8(ascii: "}") {
            index += 1
            return nil
        }
        let (raw, isEscaped) = try rawString()
        let key = Key(bytes: raw, unescaped: isEscaped ? try Self.unescape(raw) : nil)
        guard try peek() == UInt8(ascii: ":") else { throw Malformed() }
        index += 1
        return key
    }

    /// Whether a value follows; at the end of the array it is left.
    mutating func nextItem() throws -> Bool {
        if try peek() == UInt8(ascii: ",") { index += 1 }
        guard try peek() == UInt8(ascii: "]") else { return true }
        index += 1
        return false
    }

    mutating func isNext(_ character: Unicode.Scalar) throws -> Bool {
        try peek() == UInt8(ascii: character)
    }

    /// Returns nil if the value is no string. What is no character becomes U+FFFD.
    mutating func string() throws -> String? { try text()?.string }

    /// Returns nil if the value is no string.
    mutating func text() throws -> VendorText? {
        guard try peek() == UInt8(ascii: "\"") else {
            try skip()
            return nil
        }
        let (raw, isEscaped) = try rawString()
        if isEscaped { return VendorText(bytes: try Self.unescape(raw)) }
        if let string = String(wellFormed: raw.bindMemory(to: UInt8.self)) { return VendorText(string) }
        return VendorText(bytes: Array(raw))
    }

    /// Whether the value is this text.
    mutating func isText(_ text: StaticString) throws -> Bool {
        guard try peek() == UInt8(ascii: "\"") else {
            try skip()
            return false
        }
        let (raw, isEscaped) = try rawString()
        return isEscaped ? try Self.unescape(raw).withUnsafeBytes { $0.spells(text) } : raw.spells(text)
    }

    /// Returns the text under these names, one object within the other, or nil if there is none.
    mutating func text(at path: ArraySlice<String>) throws -> VendorText? {
        guard let name = path.first else { return try text() }
        guard try enterObject() else { return nil }
        var found: VendorText?
        while let key = try nextKey() {
            if key.spells(name) { found = try text(at: path.dropFirst()) } else { try skip() }
        }
        return found
    }

    /// `nil` if the value is no whole number, however it is written, or too large for one.
    mutating func integer() throws -> Int? {
        let raw = try rawValue()
        // Nearly always.
        if raw.count == 1, let byte = raw.first, byte &- UInt8(ascii: "0") < 10 { return Int(byte - UInt8(ascii: "0")) }
        let text = String(decoding: raw, as: UTF8.self)
        return Int(text) ?? Double(text).flatMap { Int(exactly: $0) }
    }

    /// The bytes of the value, as they stand.
    mutating func rawValue() throws -> Slice<UnsafeRawBufferPointer> {
        _ = try peek()
        let start = index
        try skip()
        return bytes[start..<index]
    }

    mutating func skip() throws {
        var depth = 0
        repeat {
            switch try peek() {
            case UInt8(ascii: "\""):
                _ = try rawString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                index += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                index += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                index += 1
            default:
                repeat { index += 1 } while index < bytes.count && !Self.ends(bytes[index])
            }
        } while depth > 0
        guard depth == 0 else { throw Malformed() }
    }

    // MARK: Bytes

    private mutating func enter(_ bracket: UInt8) throws -> Bool {
        guard try peek() == bracket else {
            try skip()
            return false
        }
        index += 1
        return true
    }

    /// The next byte that is no white space.
    @inline(__always)
    private mutating func peek() throws -> UInt8 {
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == 0x20 || byte &- 0x09 < 5 else { return byte }
            index += 1
        }
        throw Malformed()
    }

    private static func ends(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: "\""): true
        default: byte <= 0x20
        }
    }

    /// Between the quotes, escapes and all.
    private mutating func rawString() throws -> (bytes: UnsafeRawBufferPointer, isEscaped: Bool) {
        guard try peek() == UInt8(ascii: "\"") else { throw Malformed() }
        // Never nil: a byte has just been seen.
        let (first, count) = (bytes.baseAddress!, bytes.count)
        let start = index + 1
        var (end, isEscaped) = (start, false)
        while end < count {
            let byte = first.load(fromByteOffset: end, as: UInt8.self)
            if byte == UInt8(ascii: "\"") {
                index = end + 1
                return (UnsafeRawBufferPointer(rebasing: bytes[start..<end]), isEscaped)
            }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                end += 1
            }
            end += 1
        }
        throw Malformed()
    }

    /// UTF-8 in which a lone surrogate is three bytes.
    private static func unescape(_ raw: UnsafeRawBufferPointer) throws -> [UInt8] {
        var units: [UInt8] = []
        units.reserveCapacity(raw.count)
        var rest = raw[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                units.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "n"): units.append(0x0A)
            case UInt8(ascii: "t"): units.append(0x09)
            case UInt8(ascii: "r"): units.append(0x0D)
            case UInt8(ascii: "b"): units.append(0x08)
            case UInt8(ascii: "f"): units.append(0x0C)
            case UInt8(ascii: "u"): try appendEscaped(&rest, to: &units)
            case let other?: units.append(other)
            case nil: throw Malformed()
            }
        }
        return units
    }

    /// After `\u`: four hexadecimal digits and, for a character beyond U+FFFF, a second escape.
    private static func appendEscaped(_ rest: inout Slice<UnsafeRawBufferPointer>, to out: inout [UInt8]) throws {
        let first = try codeUnit(&rest)
        var ahead = rest
        if UTF16.isLeadSurrogate(first), ahead.popFirst() == UInt8(ascii: "\\"),
            ahead.popFirst() == UInt8(ascii: "u"), let second = try? codeUnit(&ahead), UTF16.isTrailSurrogate(second)
        {
            out += Array(String(UTF16.decode(UTF16.EncodedScalar([first, second]))).utf8)
            rest = ahead
        } else {
            VendorText.append(first, to: &out)
        }
    }

    private static func codeUnit(_ rest: inout Slice<UnsafeRawBufferPointer>) throws -> UInt16 {
        guard rest.count >= 4 else { throw Malformed() }
        var unit: UInt16 = 0
        for byte in rest.prefix(4) {
            guard let digit = hexValue(byte) else { throw Malformed() }
            unit = unit << 4 | UInt16(digit)
        }
        rest = rest.dropFirst(4)
        return unit
    }
}

extension UnsafeRawBufferPointer {
    /// Compared byte by byte: names are short, and a general comparison of sequences costs many times as much. Inlined,
    /// since nearly always the length tells.
    @inline(__always)
    func spells(_ name: StaticString) -> Bool {
        guard count == name.utf8CodeUnitCount else { return false }
        let start = name.utf8Start
        for index in 0..<count where self[index] != start[index] { return false }
        return true
    }
}

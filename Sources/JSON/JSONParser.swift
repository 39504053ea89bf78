extension JSONValue {
    /// Parses strict RFC 8259. Also refuses what it leaves open: a repeated name, a byte order mark, a number too large
    /// for a `Double`, and a name of more than 1,024 bytes. The escape of a lone surrogate becomes U+FFFD, because
    /// JavaScript writes such escapes after it has cut a string between the halves of an emoji.
    package init(parsing bytes: UnsafeRawBufferPointer, maxDepth: Int = 64) throws(JSONError) {
        var parser = JSONParser(bytes: bytes.bindMemory(to: UInt8.self), depth: maxDepth)
        self = try parser.document()
    }

    package init(parsing bytes: some Sequence<UInt8>, maxDepth: Int = 64) throws(JSONError) {
        func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, JSONError> {
            Result { () throws(JSONError) in try JSONValue(parsing: UnsafeRawBufferPointer(bytes), maxDepth: maxDepth) }
        }
        let result = bytes.withContiguousStorageIfAvailable(parse) ?? Array(bytes).withUnsafeBufferPointer(parse)
        self = try result.get()
    }

    /// As above, but bytes that are not UTF-8 become U+FFFD, too. `isTorn` becomes true if U+FFFD stands for anything.
    package init(repairing bytes: UnsafeRawBufferPointer, isTorn: inout Bool) throws(JSONError) {
        var parser = JSONParser(bytes: bytes.bindMemory(to: UInt8.self), depth: 64, repairsUTF8: true)
        self = try parser.document()
        isTorn = parser.isTorn
    }
}

private struct JSONParser {
    /// Comparing strings takes time that grows with the square of a run of combining marks.
    static let longestName = 1024

    /// Values in one document, each of which takes far more memory than its text.
    static let mostValues = 200_000

    let bytes: UnsafeBufferPointer<UInt8>
    let repairsUTF8: Bool
    /// Whether U+FFFD stands for half a surrogate pair or for bytes that are not UTF-8.
    private(set) var isTorn = false
    private var values = 0
    /// How many more arrays and objects may be opened, which bounds the recursion.
    var depth: Int
    var position = 0

    init(bytes: UnsafeBufferPointer<UInt8>, depth: Int, repairsUTF8: Bool = false) {
        self.bytes = bytes
        self.depth = depth
        self.repairsUTF8 = repairsUTF8
    }

    mutating func document() throws(JSONError) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw malformed("it begins with a byte order mark", at: 0) }
        skipSpace()
        guard position < bytes.count else { throw malformed("it is empty") }
        let value = try value()
        skipSpace()
        if position < bytes.count {
            throw JSONError(kind: .trailing, message: "something follows the value", offset: position)
        }
        return value
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        values += 1
        guard values <= Self.mostValues else {
            throw JSONError(kind: .tooLarge, message: "it has more than \(Self.mostValues) values", offset: position)
        }
        switch peek {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw unexpected("a value")
        }
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        try open()
        var members: [String: JSONValue] = [:]
        if take(UInt8(ascii: "}")) { return close(.object(members)) }
        repeat {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw unexpected("a name in double quotes") }
            let start = position
            let name = try string()
            guard name.utf8.count <= Self.longestName else {
                throw malformed("a name is longer than \(Self.longestName) bytes", at: start)
            }
            guard take(UInt8(ascii: ":")) else { throw unexpected("a colon") }
            skipSpace()
            guard members.updateValue(try value(), forKey: name) == nil else {
                let shown = name.unicodeScalars.prefix(64).map { $0.value < 32 ? "?" : String($0) }.joined()
                throw JSONError(kind: .duplicateKey, message: "the name '\(shown)' appears twice", offset: start)
            }
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw unexpected("a comma or a closing brace") }
        return close(.object(members))
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        try open()
        var items: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return close(.array(items)) }
        repeat {
            skipSpace()
            items.append(try value())
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw unexpected("a comma or a closing bracket") }
        return close(.array(items))
    }

    private mutating func open() throws(JSONError) {
        guard depth > 0 else {
            throw JSONError(kind: .tooDeep, message: "it is nested too deeply", offset: position)
        }
        depth -= 1
        position += 1
    }

    private mutating func close(_ value: JSONValue) -> JSONValue {
        depth += 1
        return value
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let start = position
        for offset in 0..<word.utf8CodeUnitCount {
            guard peek == word.utf8Start[offset] else { throw malformed("an unknown word", at: start) }
            position += 1
        }
        return value
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        var isInteger = true
        if peek == UInt8(ascii: "-") { position += 1 }
        let firstDigit = position
        try digits(of: start)
        if bytes[firstDigit] == UInt8(ascii: "0"), position > firstDigit + 1 {
            throw malformed("a number begins with a needless zero", at: start)
        }
        if peek == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits(of: start)
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
            try digits(of: start)
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let value = Int64(text) { return .int(value) }
        guard let value = Double(text), value.isFinite else { throw malformed("a number is too large", at: start) }
        return .double(value)
    }

    private mutating func digits(of start: Int) throws(JSONError) {
        let first = position
        while position < bytes.count, isDigit(bytes[position]) { position += 1 }
        if position == first { throw malformed("a number is incomplete", at: start) }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}

// Strings
extension JSONParser {
    private mutating func string() throws(JSONError) -> String {
        let open = position
        position += 1
        var hasEscape = false
        while true {
            guard position < bytes.count else {
                try refuseInvalidUTF8(open..<bytes.count)
                throw malformed("a string is not closed", at: open)
            }
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") { break }
            if byte < 0x20 {
                try refuseInvalidUTF8(open..<position)
                throw malformed("a control character in a string is not escaped")
            }
            if byte == UInt8(ascii: "\\") {
                hasEscape = true
                position += 1
            }
            position += 1
        }
        let content = open + 1..<position
        position += 1
        if hasEscape {
            let unescaped = try unescape(content)
            if let text = String(wellFormed: unescaped) { return text }
            if repairsUTF8 { return repaired(unescaped) }
        } else {
            let plain = UnsafeBufferPointer(rebasing: bytes[content])
            if let text = String(wellFormed: plain) { return text }
            if repairsUTF8 { return repaired(plain) }
        }
        try refuseInvalidUTF8(content)
        throw JSONError(kind: .notUTF8, message: Self.notUTF8, offset: open)
    }

    private mutating func repaired(_ bytes: some Collection<UInt8>) -> String {
        isTorn = true
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func unescape(_ content: Range<Int>) throws(JSONError) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(content.count)
        var at = content.lowerBound
        while at < content.upperBound {
            guard bytes[at] == UInt8(ascii: "\\") else {
                out.append(bytes[at])
                at += 1
                continue
            }
            let start = at
            at += 2
            switch bytes[start + 1] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(bytes[start + 1])
            case UInt8(ascii: "b"): out.append(0x08)
            case UInt8(ascii: "f"): out.append(0x0C)
            case UInt8(ascii: "n"): out.append(0x0A)
            case UInt8(ascii: "r"): out.append(0x0D)
            case UInt8(ascii: "t"): out.append(0x09)
            case UInt8(ascii: "u"):
                let unit = try hex(at, content.upperBound, of: start)
                at += 4
                var scalar = Unicode.Scalar(unit)
                if UTF16.isLeadSurrogate(UInt16(unit)), at + 2 <= content.upperBound,
                    bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u")
                {
                    let trail = try hex(at + 2, content.upperBound, of: at)
                    if UTF16.isTrailSurrogate(UInt16(trail)) {
                        scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (trail - 0xDC00))
                        at += 6
                    }
                }
                if scalar == nil { isTorn = true }
                out.append(contentsOf: UTF8.encode(scalar ?? "\u{FFFD}")!)
            default: throw malformed("an escape is unknown", at: start)
            }
        }
        return out
    }

    private func hex(_ at: Int, _ end: Int, of start: Int) throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for index in at..<at + 4 {
            guard index < end, let digit = hexValue(bytes[index]) else {
                throw malformed("an escape is incomplete", at: start)
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}

// Places and refusals
extension JSONParser {
    private static let notUTF8 = "it is not valid UTF-8"

    private var peek: UInt8 { position < bytes.count ? bytes[position] : 0 }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard peek == byte else { return false }
        position += 1
        return true
    }

    private func malformed(_ message: String, at offset: Int? = nil) -> JSONError {
        JSONError(kind: .malformed, message: message, offset: offset ?? position)
    }

    private func unexpected(_ wanted: String) -> JSONError {
        guard position < bytes.count else { return malformed("it ends where \(wanted) should be") }
        var decoder = UTF8.ForwardParser()
        var iterator = bytes[position...].makeIterator()
        if case .error = decoder.parseScalar(from: &iterator) {
            return JSONError(kind: .notUTF8, message: Self.notUTF8, offset: position)
        }
        return malformed("\(wanted) should be here")
    }

    private func refuseInvalidUTF8(_ range: Range<Int>) throws(JSONError) {
        var decoder = UTF8.ForwardParser()
        var iterator = bytes[range].makeIterator()
        var offset = range.lowerBound
        while true {
            switch decoder.parseScalar(from: &iterator) {
            case .valid(let scalar): offset += scalar.count
            case .emptyInput: return
            case .error: throw JSONError(kind: .notUTF8, message: Self.notUTF8, offset: offset)
            }
        }
    }
}

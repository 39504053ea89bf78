/// The bytes written so far, and the places where those of nested encoders belong.
final class JSONBytes {
    private var bytes: [UInt8] = []
    private var inserts: [(offset: Int, encoder: ValueEncoder)] = []

    init() { bytes.reserveCapacity(1024) }

    func insert(_ encoder: ValueEncoder) { inserts.append((bytes.count, encoder)) }

    func assembled() -> [UInt8] {
        var whole: [UInt8] = []
        var start = 0
        for (offset, encoder) in inserts {
            encoder.finish()
            whole += bytes[start..<offset]
            whole += encoder.out.assembled()
            start = offset
        }
        return inserts.isEmpty ? bytes : whole + bytes[start...]
    }

    func append(_ byte: UInt8) { bytes.append(byte) }

    /// Text that needs no escape.
    func append(literal text: String) { bytes.append(contentsOf: text.utf8) }

    func append(integer value: some FixedWidthInteger) {
        if value >= 0, value < 10 {
            bytes.append(UInt8(ascii: "0") + UInt8(value))
        } else {
            bytes.append(contentsOf: String(value).utf8)
        }
    }

    /// A name in quotes with its colon, as it is where it is data, else in snake case.
    func append(name: String, isData: Bool) {
        var name = name
        name.withUTF8 { name in
            if !isData, hasCapitals(name) {
                bytes.append(UInt8(ascii: "\""))
                writeSnakeCase(name) { bytes.append($0) }
                bytes.append(UInt8(ascii: "\""))
            } else {
                append(string: name)
            }
        }
        bytes.append(UInt8(ascii: ":"))
    }

    func append(string text: String) {
        var text = text
        text.withUTF8 { append(string: $0) }
    }

    private func append(string text: UnsafeBufferPointer<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        var start = 0
        var position = 0
        while position < text.count {
            let byte = text[position]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0xE2 else {
                position += 1
                continue
            }
            // U+2028 and U+2029 end a line in JavaScript before 2019: E2 80 A8 and E2 80 A9.
            let isSeparator = byte == 0xE2 && text[position + 1] == 0x80 && text[position + 2] | 1 == 0xA9
            if byte == 0xE2, !isSeparator {
                position += 3
                continue
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<position]))
            if isSeparator {
                append(literal: text[position + 2] == 0xA8 ? "\\u2028" : "\\u2029")
                position += 3
            } else {
                append(escaped: byte)
                position += 1
            }
            start = position
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
        bytes.append(UInt8(ascii: "\""))
    }

    private func append(escaped byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append(literal: "\\\"")
        case UInt8(ascii: "\\"): append(literal: "\\\\")
        case 0x08: append(literal: "\\b")
        case 0x09: append(literal: "\\t")
        case 0x0A: append(literal: "\\n")
        case 0x0C: append(literal: "\\f")
        case 0x0D: append(literal: "\\r")
        default: append(literal: byte < 16 ? "\\u000" : "\\u00"); append(literal: String(byte, radix: 16))
        }
    }

    /// False where a number was not finite, and was written as null.
    @discardableResult
    func append(_ value: JSONValue) -> Bool {
        switch value {
        case .null: append(literal: "null")
        case .bool(let value): append(literal: value ? "true" : "false")
        case .int(let value): append(integer: value)
        case .double(let value):
            append(literal: value.isFinite ? value.description : "null")
            return value.isFinite
        case .string(let value): append(string: value)
        case .array(let items):
            var isFinite = true
            append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { append(UInt8(ascii: ",")) }
                isFinite = append(item) && isFinite
            }
            append(UInt8(ascii: "]"))
            return isFinite
        case .object(let members):
            var isFinite = true
            append(UInt8(ascii: "{"))
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { append(UInt8(ascii: ",")) }
                append(name: member.key, isData: true)
                isFinite = append(member.value) && isFinite
            }
            append(UInt8(ascii: "}"))
            return isFinite
        }
        return true
    }
}

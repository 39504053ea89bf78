/// The bytes written so far, and the offsets at which the output of nested encoders is inserted. It owns plain memory,
/// because an array that is a property of a class is checked for exclusive access at every byte.
package final class JSONBytes {
    private var memory: UnsafeMutableRawBufferPointer
    private var count = 0
    private var inserts: [(offset: Int, encoder: ValueEncoder)] = []

    package init(capacity: Int = 1024) { memory = .allocate(byteCount: capacity, alignment: 1) }
    deinit { memory.deallocate() }

    func insert(_ encoder: ValueEncoder) { inserts.append((count, encoder)) }

    package func assembled() -> [UInt8] {
        var whole: [UInt8] = []
        var start = 0
        for (offset, encoder) in inserts {
            encoder.finish()
            whole += memory[start..<offset]
            whole += encoder.out.assembled()
            start = offset
        }
        return inserts.isEmpty ? Array(memory[..<count]) : whole + memory[start..<count]
    }

    @inline(__always)
    private func reserve(_ more: Int) {
        if count + more > memory.count { grow(more) }
    }

    @inline(never)
    private func grow(_ more: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(memory.count * 2, count + more), alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
        memory.deallocate()
        memory = larger
    }

    @inline(__always)
    func append(_ byte: UInt8) {
        reserve(1)
        memory[count] = byte
        count += 1
    }

    @inline(__always)
    private func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        reserve(bytes.count)
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: UnsafeRawBufferPointer(bytes))
        count += bytes.count
    }

    /// Text that needs no escape.
    @inline(__always)
    package func append(literal text: StaticString) {
        append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    func append(plain text: String) {
        var text = text
        text.withUTF8 { append($0) }
    }

    package func append(integer value: some FixedWidthInteger) {
        if value >= 0, value < 10 {
            append(UInt8(ascii: "0") + UInt8(value))
        } else {
            append(plain: String(value))
        }
    }

    /// Appends a name in quotes and a colon. The name is unchanged if it is data, else converted to snake case.
    package func append(name: String, isData: Bool) {
        var name = name
        name.withUTF8 { name in
            if isData || !append(property: name) { append(string: name) }
        }
        append(UInt8(ascii: ":"))
    }

    private func append(property name: UnsafeBufferPointer<UInt8>) -> Bool {
        reserve(name.count * 2 + 2)
        var end = count
        func write(_ byte: UInt8) {
            memory[end] = byte
            end += 1
        }
        write(UInt8(ascii: "\""))
        guard writeSnakeCase(name, write) else { return false }
        write(UInt8(ascii: "\""))
        count = end
        return true
    }

    package func append(string text: String) {
        var text = text
        text.withUTF8 { append(string: $0) }
    }

    private func append(string text: UnsafeBufferPointer<UInt8>) {
        append(UInt8(ascii: "\""))
        var start = 0
        var position = 0
        while true {
            position = Self.endOfPlain(text, from: position)
            guard position < text.count else { break }
            // U+2028 and U+2029, which end a line in old JavaScript, are E2 80 A8 and E2 80 A9.
            let isMultibyte = text[position] == 0xE2
            if isMultibyte, text[position + 1] != 0x80 || text[position + 2] | 1 != 0xA9 {
                position += 3
                continue
            }
            append(UnsafeBufferPointer(rebasing: text[start..<position]))
            if isMultibyte {
                append(literal: text[position + 2] == 0xA8 ? "\\u2028" : "\\u2029")
                position += 3
            } else {
                append(escaped: text[position])
                position += 1
            }
            start = position
        }
        append(UnsafeBufferPointer(rebasing: text[start...]))
        append(UInt8(ascii: "\""))
    }

    /// The first place from `position` that may need an escape, or the end.
    private static func endOfPlain(_ text: UnsafeBufferPointer<UInt8>, from position: Int) -> Int {
        var position = position
        let raw = UnsafeRawBufferPointer(text)
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs = ones << 7
        // Eight bytes at a time: the high bit of a byte of the result is set if that byte is zero, or below 0x20.
        func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highs }
        while position + 8 <= raw.count {
            let word = raw.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let controls = (word &- ones &* 0x20) & ~word & highs
            if controls | zeros(word ^ ones &* 0x22) | zeros(word ^ ones &* 0x5C) | zeros(word ^ ones &* 0xE2) != 0 {
                break
            }
            position += 8
        }
        while position < text.count {
            let byte = text[position]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0xE2 { break }
            position += 1
        }
        return position
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
        default: append(literal: byte < 16 ? "\\u000" : "\\u00"); append(plain: String(byte, radix: 16))
        }
    }

    /// Returns false if a number in the value is not finite; null is written in its place.
    @discardableResult
    package func append(_ value: JSONValue) -> Bool {
        switch value {
        case .null: append(literal: "null")
        case .bool(let value): append(literal: value ? "true" : "false")
        case .int(let value): append(integer: value)
        case .double(let value):
            append(plain: value.isFinite ? value.description : "null")
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

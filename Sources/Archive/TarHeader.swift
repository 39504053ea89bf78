/// The block before each entry of a tar archive: POSIX's ustar, with a pax record for what does not fit.
enum TarHeader {
    static let block = 512
    /// What eleven octal digits hold.
    private static let largestPlainSize: Int64 = 0o77_777_777_777

    static func padding(after size: Int64) -> Int { Int((Int64(block) - size % Int64(block)) % Int64(block)) }

    // MARK: Writing

    /// - Parameter name: at most 100 bytes of ASCII.
    /// - Parameter time: in seconds since 1970.
    static func file(_ name: String, size: Int64, time: Int64) -> [UInt8] {
        guard size > largestPlainSize else { return make(name, type: UInt8(ascii: "0"), size: size, time: time) }
        let record = record("size", String(size))
        return make("PaxHeaders/size", type: UInt8(ascii: "x"), size: Int64(record.count), time: time) + record
            + [UInt8](repeating: 0, count: padding(after: Int64(record.count)))
            // A reader that does not know pax sees the largest size that there is room for.
            + make(name, type: UInt8(ascii: "0"), size: largestPlainSize, time: time)
    }

    private static func make(_ name: String, type: UInt8, size: Int64, time: Int64) -> [UInt8] {
        precondition(name.utf8.count <= 100)
        var header = [UInt8](repeating: 0, count: block)
        func put(_ bytes: some Collection<UInt8>, at start: Int) {
            header.replaceSubrange(start..<start + bytes.count, with: bytes)
        }
        put(Array(name.utf8), at: 0)
        put(octal(0o600, digits: 7), at: 100)
        put(octal(0, digits: 7), at: 108)
        put(octal(0, digits: 7), at: 116)
        put(octal(size, digits: 11), at: 124)
        put(octal(max(0, min(time, largestPlainSize)), digits: 11), at: 136)
        header[156] = type
        put(Array("ustar\u{0}00".utf8), at: 257)
        put(octal(0, digits: 7), at: 329)
        put(octal(0, digits: 7), at: 337)
        put(octal(Int64(sum(header)), digits: 6) + [0, UInt8(ascii: " ")], at: 148)
        return header
    }

    private static func octal(_ number: Int64, digits: Int) -> [UInt8] {
        let text = Array(String(number, radix: 8).utf8)
        return [UInt8](repeating: UInt8(ascii: "0"), count: digits - text.count) + text
    }

    /// Such as `27 size=12345678901234\n`. The first number is the length of the whole record, in bytes.
    private static func record(_ key: String, _ value: String) -> [UInt8] {
        let rest = " \(key)=\(value)\n"
        var length = rest.utf8.count + 1
        while String(length).utf8.count + rest.utf8.count != length { length += 1 }
        return Array("\(length)\(rest)".utf8)
    }

    /// The sum of all bytes. Those of the checksum itself count as blanks.
    static func sum(_ header: [UInt8]) -> Int {
        header.indices.reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int(header[$1])) }
    }

    // MARK: Reading

    struct Parsed {
        let name: String
        let type: UInt8
        let size: Int64
    }

    static func parse(_ header: [UInt8]) throws(ArchiveError) -> Parsed {
        guard let checksum = number(header[148..<156]), checksum == Int64(sum(header)) else {
            throw ArchiveError(.damaged, "the header of an entry is not as it was written")
        }
        guard let size = number(header[124..<136]), size >= 0, size < Int64.max - Int64(block) else {
            throw ArchiveError(.damaged, "the size of an entry is no number")
        }
        var name = try text(header[0..<100])
        // GNU's older format uses the place of the prefix otherwise.
        if header[257..<263].elementsEqual("ustar\u{0}".utf8) {
            let prefix = try text(header[345..<500])
            if !prefix.isEmpty { name = "\(prefix)/\(name)" }
        }
        return Parsed(name: name, type: header[156], size: size)
    }

    static func text(_ field: some Collection<UInt8>) throws(ArchiveError) -> String {
        guard let text = String(validating: field.prefix { $0 != 0 }, as: UTF8.self) else {
            throw ArchiveError(.unsafe, "the name of an entry is not UTF-8")
        }
        return text
    }

    /// Reads octal digits or, after a byte of 0x80, binary, as GNU's tar writes large numbers.
    private static func number(_ field: ArraySlice<UInt8>) -> Int64? {
        guard let first = field.first else { return nil }
        if first == 0x80 {
            guard field.dropFirst().dropLast(8).allSatisfy({ $0 == 0 }) else { return nil }
            let value = field.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return Int64(exactly: value)
        }
        let digits = field.drop { $0 == 32 }.prefix { $0 != 0 && $0 != 32 }
        guard digits.allSatisfy({ (48...55).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 << 3 | Int64($1 - 48) }
    }

    /// The values of pax records by key.
    static func records(_ bytes: [UInt8]) throws(ArchiveError) -> [String: String] {
        let wrong = ArchiveError(.damaged, "the extended header of an entry is not as it was written")
        var records: [String: String] = [:]
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let blank = rest.firstIndex(of: 32), let digits = String(validating: rest[..<blank], as: UTF8.self),
                let length = Int(digits), length > digits.utf8.count + 2, length <= rest.count
            else { throw wrong }
            let record = rest[blank...].dropFirst().prefix(length - digits.utf8.count - 1)
            guard record.last == 10, let equals = record.firstIndex(of: UInt8(ascii: "=")) else { throw wrong }
            try records[text(record[..<equals])] = text(record[equals...].dropFirst().dropLast())
            rest = rest.dropFirst(length)
        }
        return records
    }
}

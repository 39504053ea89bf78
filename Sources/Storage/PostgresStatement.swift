import CLibPQ

/// A statement in PostgreSQL's spelling, and what its connection knows of it.
final class PostgresStatement {
    let sql: String
    let text: String
    let parameterCount: Int
    /// Its name on the server.
    var name = ""
    var isPrepared = false
    /// Types of the parameters; 0 for one that has only been NULL so far.
    var types: [Oid] = []
    /// Known from the first result on.
    var columns: [String]?

    init(_ sql: String) {
        self.sql = sql
        (text, parameterCount) = Self.numbered(sql)
    }

    /// A NULL goes with every type.
    func accepts(_ given: [Oid]) -> Bool {
        for (type, given) in zip(types, given) where given != 0 && given != type { return false }
        return true
    }

    func adopt(_ given: [Oid]) {
        types = types.isEmpty ? given : zip(types, given).map { $1 == 0 ? $0 : $1 }
        columns = nil
    }

    /// `?` becomes `$1` and so on, but in quotes and comments.
    static func numbered(_ sql: String) -> (text: String, count: Int) {
        var result: [UInt8] = []
        result.reserveCapacity(sql.utf8.count + 16)
        var count = 0
        var rest = Array(sql.utf8)[...]
        while let byte = rest.first {
            if byte == UInt8(ascii: "?") {
                count += 1
                result.append(UInt8(ascii: "$"))
                result.append(contentsOf: String(count).utf8)
                rest = rest.dropFirst()
                continue
            }
            let length = untouchedLength(rest)
            result.append(contentsOf: rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return (String(decoding: result, as: UTF8.self), count)
    }

    /// Length in bytes of the literal, the quoted name or the comment that begins here; 1 for any other byte.
    private static func untouchedLength(_ rest: ArraySlice<UInt8>) -> Int {
        let start = rest.startIndex
        func end(_ mark: String, from offset: Int) -> Int {
            let mark = Array(mark.utf8)
            var position = start + offset
            while position < rest.endIndex {
                if rest[position...].starts(with: mark) { return position + mark.count - start }
                position += 1
            }
            return rest.count
        }
        switch rest[start] {
        case UInt8(ascii: "'"): return end("'", from: 1)
        case UInt8(ascii: "\""): return end("\"", from: 1)
        case UInt8(ascii: "-") where rest.starts(with: "--".utf8): return end("\n", from: 2)
        case UInt8(ascii: "/") where rest.starts(with: "/*".utf8): return end("*/", from: 2)
        default: return 1
        }
    }
}

/// The arguments of one statement in PostgreSQL's binary format. Its memory is used again and again.
struct PostgresParameters {
    private(set) var types: [Oid] = []
    private var bytes: [UInt8] = []
    /// Offset of each value; -1 for NULL.
    private var offsets: [Int] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []
    private var pointers: [UnsafePointer<CChar>?] = []

    mutating func set(_ args: [any SQLBindable]) {
        types.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        for arg in args {
            let start = bytes.count
            let value = arg.sqlValue
            types.append(Self.type(of: value))
            switch value {
            case .null: break
            case .integer(let value): append(UInt64(bitPattern: value))
            case .real(let value): append(value.bitPattern)
            case .text(var value): value.withUTF8 { bytes.append(contentsOf: $0) }
            case .blob(let value): bytes.append(contentsOf: value)
            }
            offsets.append(value == .null ? -1 : start)
            lengths.append(Int32(bytes.count - start))
        }
        if bytes.capacity > 1 << 20, bytes.count < 1 << 16 { bytes = Array(bytes) }
        while formats.count < args.count { formats.append(1) }
        // Even an empty text must have an address, or it is NULL.
        bytes.append(0)
    }

    private mutating func append(_ value: UInt64) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private static func type(of value: SQLValue) -> Oid {
        switch value {
        case .null: 0
        case .integer: PostgresType.int8
        case .real: PostgresType.float8
        case .text: PostgresType.text
        case .blob: PostgresType.bytea
        }
    }

    mutating func withPointers(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Int32
    ) {
        pointers.removeAll(keepingCapacity: true)
        bytes.withUnsafeBytes { bytes in
            for offset in offsets {
                pointers.append(
                    offset < 0 ? nil : (bytes.baseAddress! + offset).assumingMemoryBound(to: CChar.self))
            }
            pointers.withUnsafeBufferPointer { pointers in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        // What cannot be sent shows when the answers are read.
                        _ = body(pointers.baseAddress, lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }
}

/// The types that are read or written, by their fixed numbers.
enum PostgresType {
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let name: Oid = 19
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let float4: Oid = 700
    static let float8: Oid = 701
    static let unknown: Oid = 705
    static let bpchar: Oid = 1042
    static let varchar: Oid = 1043
    static let numeric: Oid = 1700
}

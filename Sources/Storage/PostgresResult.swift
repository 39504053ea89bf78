import CLibPQ

/// What a statement returned, in binary format, and the row it stands at.
final class PostgresResult: RowSource {
    private let pointer: OpaquePointer
    private let names: [String]?
    private var likelyIndex = 0
    private var row: Int32 = -1
    private let rowCount: Int32

    init(_ pointer: OpaquePointer, _ statement: PostgresStatement?, keepsColumns: Bool) {
        self.pointer = pointer
        rowCount = libpq.PQntuples(pointer)
        if let known = statement?.columns, keepsColumns {
            names = known
        } else if rowCount > 0 {
            names = (0..<libpq.PQnfields(pointer)).map { String(cString: libpq.PQfname(pointer, $0)!) }
            statement?.columns = names
        } else {
            names = nil
        }
    }

    deinit { libpq.PQclear(pointer) }

    var columns: [String] { names ?? [] }

    func next() -> Bool {
        row += 1
        return row < rowCount
    }

    var command: String { String(cString: libpq.PQcmdStatus(pointer)!) }

    /// A query changes none.
    var changedRows: Int {
        guard libpq.PQcmdStatus(pointer)![0] != CChar(UInt8(ascii: "S")) else { return 0 }
        return Int(String(cString: libpq.PQcmdTuples(pointer)!)) ?? 0
    }

    func index(of column: String) -> Int? {
        columns.index(of: column, after: &likelyIndex)
    }

    func string(at index: Int) throws(StorageError) -> String? {
        guard let bytes = value(at: index) else { return nil }
        switch libpq.PQftype(pointer, Int32(index)) {
        case PostgresType.text, PostgresType.varchar, PostgresType.bpchar, PostgresType.name, PostgresType.unknown:
            return String(decoding: bytes, as: UTF8.self)
        default:
            throw wrongType(index, expected: "text")
        }
    }

    func int64(at index: Int) throws(StorageError) -> Int64? {
        guard let bytes = value(at: index) else { return nil }
        switch libpq.PQftype(pointer, Int32(index)) {
        case PostgresType.int8: return Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
        case PostgresType.int4: return Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        case PostgresType.int2: return Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)))
        case PostgresType.bool: return Int64(bytes[0])
        // The sum of whole numbers.
        case PostgresType.numeric:
            guard let value = PostgresNumeric(bytes).integer else { throw wrongType(index, expected: "an integer") }
            return value
        default: throw wrongType(index, expected: "an integer")
        }
    }

    func double(at index: Int) throws(StorageError) -> Double? {
        guard let bytes = value(at: index) else { return nil }
        switch libpq.PQftype(pointer, Int32(index)) {
        case PostgresType.float8:
            return Double(bitPattern: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)))
        case PostgresType.float4:
            return Double(Float(bitPattern: UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self))))
        case PostgresType.numeric:
            return PostgresNumeric(bytes).double
        case PostgresType.int8, PostgresType.int4, PostgresType.int2:
            return try int64(at: index).map(Double.init)
        default:
            throw wrongType(index, expected: "a number")
        }
    }

    func bytes(at index: Int) throws(StorageError) -> [UInt8]? {
        guard let bytes = value(at: index) else { return nil }
        guard libpq.PQftype(pointer, Int32(index)) == PostgresType.bytea else {
            throw wrongType(index, expected: "a blob")
        }
        return [UInt8](bytes)
    }

    var byteCount: Int {
        columns.indices.reduce(0) { $0 + Int(libpq.PQgetlength(pointer, row, Int32($1))) }
    }

    /// Returns nil for NULL.
    private func value(at index: Int) -> UnsafeRawBufferPointer? {
        let column = Int32(index)
        guard libpq.PQgetisnull(pointer, row, column) == 0 else { return nil }
        return UnsafeRawBufferPointer(
            start: libpq.PQgetvalue(pointer, row, column), count: Int(libpq.PQgetlength(pointer, row, column)))
    }

    private func wrongType(_ index: Int, expected: String) -> StorageError {
        StorageError(.other, "column \(columns[index]) is not \(expected)")
    }
}

/// A NUMERIC: a sign and digits to the base 10,000.
struct PostgresNumeric {
    private let digits: [Int16]
    /// The power of 10,000 that the first digit counts.
    private let weight: Int
    private let isNegative: Bool
    private let isNumber: Bool

    init(_ bytes: UnsafeRawBufferPointer) {
        func word(_ index: Int) -> Int16 {
            Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 2, as: Int16.self))
        }
        digits = (0..<Int(word(0))).map { word(4 + $0) }
        weight = Int(word(1))
        let sign = UInt16(bitPattern: word(2))
        isNegative = sign == 0x4000
        isNumber = sign == 0 || isNegative
    }

    /// The value as an integer; nil if it is not an integer or does not fit.
    var integer: Int64? {
        guard isNumber else { return nil }
        if digits.isEmpty { return 0 }
        guard digits.count <= weight + 1 else { return nil }
        var value: Int64 = 0
        for place in 0...weight {
            let digit = place < digits.count ? Int64(digits[place]) : 0
            let (shifted, overflows) = value.multipliedReportingOverflow(by: 10_000)
            let (sum, overflowsToo) = shifted.addingReportingOverflow(isNegative ? -digit : digit)
            if overflows || overflowsToo { return nil }
            value = sum
        }
        return value
    }

    var double: Double {
        guard isNumber else { return .nan }
        let text = digits.map { String(Int($0) + 10_000).dropFirst() }.joined()
        let power = 4 * (weight + 1 - digits.count)
        let value = Double("\(text.isEmpty ? "0" : text)e\(power)") ?? .nan
        return isNegative ? -value : value
    }
}

import GRDB
import GRDBSQLite

/// A prepared statement, and the row it stands at.
final class SQLiteStatement: RowSource {
    private let statement: Statement
    private let pointer: OpaquePointer
    private let database: OpaquePointer
    private let parameterCount: Int
    private(set) var columns: [String] = []
    private var likelyIndex = 0
    private var preparations: Int32 = -1
    let isReadOnly: Bool
    var isInUse = false

    init(_ statement: Statement, database: OpaquePointer) {
        self.statement = statement
        self.database = database
        pointer = statement.sqliteStatement
        parameterCount = Int(sqlite3_bind_parameter_count(pointer))
        isReadOnly = statement.isReadonly
    }

    private var sql: String { String(cString: sqlite3_sql(pointer)) }

    func bind(_ args: [any SQLBindable]) throws(StorageError) {
        guard args.count == parameterCount else {
            throw StorageError(.other, "\(args.count) arguments for \(parameterCount) placeholders in: \(sql)")
        }
        var position: Int32 = 0
        for arg in args {
            position += 1
            let code = bind(arg.sqlValue, at: position)
            guard code == SQLITE_OK else { throw lastError }
        }
    }

    private func bind(_ value: SQLValue, at position: Int32) -> Int32 {
        switch value {
        case .null:
            return sqlite3_bind_null(pointer, position)
        case .integer(let value):
            return sqlite3_bind_int64(pointer, position, value)
        case .real(let value):
            return sqlite3_bind_double(pointer, position, value)
        // What is empty may have no address, and that would bind NULL.
        case .text(var value):
            guard !value.isEmpty else { return sqlite3_bind_text(pointer, position, "", 0, Self.copied) }
            return value.withUTF8 { text in
                text.withMemoryRebound(to: CChar.self) { text in
                    sqlite3_bind_text64(
                        pointer, position, text.baseAddress, UInt64(text.count), Self.copied, UInt8(SQLITE_UTF8))
                }
            }
        case .blob(let value):
            guard !value.isEmpty else { return sqlite3_bind_zeroblob(pointer, position, 0) }
            return value.withUnsafeBytes { bytes in
                sqlite3_bind_blob64(pointer, position, bytes.baseAddress, UInt64(bytes.count), Self.copied)
            }
        }
    }

    /// False at the end.
    func step() throws(StorageError) -> Bool {
        switch sqlite3_step(pointer) {
        case SQLITE_ROW:
            // SQLite prepares again by itself after a change of the schema, and columns may be others then.
            let preparations = sqlite3_stmt_status(pointer, SQLITE_STMTSTATUS_REPREPARE, 0)
            if preparations != self.preparations {
                columns = (0..<sqlite3_column_count(pointer)).map { String(cString: sqlite3_column_name(pointer, $0)) }
                self.preparations = preparations
            }
            return true
        case SQLITE_DONE:
            return false
        default:
            throw lastError
        }
    }

    func reset() {
        sqlite3_reset(pointer)
        sqlite3_clear_bindings(pointer)
    }

    private var lastError: StorageError {
        StorageError(sqlite: sqlite3_extended_errcode(database), String(cString: sqlite3_errmsg(database)), sql: sql)
    }

    func index(of column: String) -> Int? {
        columns.index(of: column, after: &likelyIndex)
    }

    func string(at index: Int) throws(StorageError) -> String? {
        let column = Int32(index)
        switch sqlite3_column_type(pointer, column) {
        case SQLITE_TEXT:
            let text = sqlite3_column_text(pointer, column)
            let count = Int(sqlite3_column_bytes(pointer, column))
            return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
        case SQLITE_NULL:
            return nil
        default:
            throw wrongType(index, expected: "text")
        }
    }

    func int64(at index: Int) throws(StorageError) -> Int64? {
        switch sqlite3_column_type(pointer, Int32(index)) {
        case SQLITE_INTEGER: return sqlite3_column_int64(pointer, Int32(index))
        case SQLITE_NULL: return nil
        default: throw wrongType(index, expected: "an integer")
        }
    }

    func double(at index: Int) throws(StorageError) -> Double? {
        switch sqlite3_column_type(pointer, Int32(index)) {
        // Whole numbers come as integers out of expressions such as a sum.
        case SQLITE_FLOAT, SQLITE_INTEGER: return sqlite3_column_double(pointer, Int32(index))
        case SQLITE_NULL: return nil
        default: throw wrongType(index, expected: "a number")
        }
    }

    func bytes(at index: Int) throws(StorageError) -> [UInt8]? {
        let column = Int32(index)
        switch sqlite3_column_type(pointer, column) {
        case SQLITE_BLOB:
            let start = sqlite3_column_blob(pointer, column)
            let count = Int(sqlite3_column_bytes(pointer, column))
            return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
        case SQLITE_NULL:
            return nil
        default:
            throw wrongType(index, expected: "a blob")
        }
    }

    var byteCount: Int {
        columns.indices.reduce(0) { sum, index in
            let type = sqlite3_column_type(pointer, Int32(index))
            guard type == SQLITE_TEXT || type == SQLITE_BLOB else { return sum }
            return sum + Int(sqlite3_column_bytes(pointer, Int32(index)))
        }
    }

    private func wrongType(_ index: Int, expected: String) -> StorageError {
        StorageError(.other, "column \(columns[index]) is not \(expected)")
    }

    /// SQLITE_TRANSIENT: SQLite copies before the call returns.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}

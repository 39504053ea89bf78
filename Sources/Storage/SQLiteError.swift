import GRDB
import GRDBSQLite

extension StorageError {
    /// `code` is SQLite's extended result code.
    init(sqlite code: Int32, _ message: String, sql: String? = nil) {
        self.init(
            Kind(sqlite: code, message),
            "\(message) (SQLite code \(code))" + (sql.map { " in: \($0)" } ?? ""))
    }

    init(grdb error: any Error, sql: String? = nil) {
        switch error {
        case let error as StorageError:
            self = error
        case let error as DatabaseError:
            self.init(sqlite: error.extendedResultCode.rawValue, error.message ?? "unknown error", sql: sql)
        default:
            self.init(.other, "\(error)")
        }
    }

    /// Whether SQLite gives up the whole transaction, or what it says can no longer be trusted.
    var endsTransaction: Bool {
        switch kind {
        case .full, .io, .corrupt: true
        default: false
        }
    }
}

extension StorageError.Kind {
    fileprivate init(sqlite code: Int32, _ message: String) {
        switch code & 0xff {
        case SQLITE_CONSTRAINT: self.init(constraint: code, message)
        case SQLITE_BUSY, SQLITE_LOCKED: self = .busy
        case SQLITE_FULL: self = .full
        case SQLITE_IOERR: self = .io
        case SQLITE_CORRUPT, SQLITE_NOTADB: self = .corrupt
        case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH: self = .unavailable
        case SQLITE_READONLY: self = code == SQLITE_READONLY ? .other : .io
        default: self = .other
        }
    }

    private init(constraint code: Int32, _ message: String) {
        switch code >> 8 {
        case 6, 8, 10: self = .unique(columns: Self.columns(message))  // PRIMARYKEY, UNIQUE, ROWID
        case 3: self = .foreignKey
        case 1: self = .check
        case 5: self = .notNull
        default: self = .other
        }
    }

    /// Reads the columns from "UNIQUE constraint failed: table.a, table.b".
    private static func columns(_ message: String) -> [String] {
        let (prefix, separator) = ("UNIQUE constraint failed: ", ", ")
        guard message.hasPrefix(prefix), !message.hasPrefix(prefix + "index ") else { return [] }
        return message.dropFirst(prefix.count).split(separator: separator).map { column in
            String(column.drop { $0 != "." }.dropFirst())
        }
    }
}

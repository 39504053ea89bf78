import Foundation
import GRDB
import GRDBSQLite

/// One connection and its prepared statements. Used by one thread at a time.
final class SQLiteConnection: Connection {
    enum Role {
        case writer, reader
    }

    /// GRDB opens the file and prepares; statements run without its bookkeeping, which nothing here needs.
    private let queue: DatabaseQueue
    private let handle: OpaquePointer
    private var statements: [StatementKey: SQLiteStatement] = [:]
    private static let maximumStatements = 256
    private(set) var statementCount = 0
    /// Why the current transaction is doomed.
    private(set) var failure: StorageError?

    init(path: String, role: Role) throws(StorageError) {
        var configuration = Configuration()
        configuration.readonly = role == .reader
        configuration.busyMode = .timeout(Double(Self.busyMilliseconds) / 1000)
        configuration.allowsUnsafeTransactions = true
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw StorageError(grdb: error)
        }
        handle = queue.unsafeRead { $0.sqliteConnection! }
        sqlite3_commit_hook(handle, nil, nil)
        sqlite3_rollback_hook(handle, nil, nil)
        try execute("PRAGMA temp_store = MEMORY")
        if role == .writer { try setUpWriter(path) }
    }

    static let busyMilliseconds: Int32 = 5000
    /// 16 MB of log: pages written often are copied into the file once for many commits.
    private static let checkpointPages = 4000

    private func setUpWriter(_ path: String) throws(StorageError) {
        guard sqlite3_db_readonly(handle, "main") == 0 else {
            throw StorageError(.unavailable, "\(path) is read-only")
        }
        // Another process that makes the same new file may hold its lock; SQLite does not wait for it here.
        var attempts = Self.busyMilliseconds / 10
        var mode = writeAheadLog()
        while mode == nil, failure?.kind == .busy, attempts > 0 {
            attempts -= 1
            usleep(10_000)
            startBody()
            mode = writeAheadLog()
        }
        guard mode == "wal" else {
            throw failure ?? StorageError(.unavailable, "the file system of \(path) cannot hold a write-ahead log")
        }
        try execute("PRAGMA synchronous = FULL")
        try execute("PRAGMA wal_autocheckpoint = \(Self.checkpointPages)")
        try execute("PRAGMA journal_size_limit = 33554432")
        forgetSmallStatistics()
    }

    private func writeAheadLog() -> String? {
        try? Transaction(connection: self).row("PRAGMA journal_mode = WAL") { try $0.string(0) }
    }

    /// Statistics of a table that had a few rows let SQLite scan it whole instead of using an index, also when it has
    /// millions: a foreign key's cascade does so with the lock held. Without statistics it takes the index.
    func forgetSmallStatistics() {
        let isSmall = "FROM sqlite_stat1 WHERE CAST(stat AS INTEGER) < 10000"
        let found = try? Transaction(connection: self).row("SELECT 1 \(isSmall)") { _ in true }
        guard found == true else { return }
        try? execute("DELETE \(isSmall)")
        try? execute("ANALYZE sqlite_schema")
    }

    func close() {
        statements = [:]
        try? queue.close()
    }

    // MARK: Transactions

    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Forgets what the body before left.
    func startBody() {
        failure = nil
        statementCount = 0
    }

    /// Left by the current transaction so far.
    var hasUnresolvedForeignKeys: Bool {
        var current: Int32 = 0
        var highest: Int32 = 0
        sqlite3_db_status(handle, SQLITE_DBSTATUS_DEFERRED_FKS, &current, &highest, 0)
        return current != 0
    }

    func waitForOthers(milliseconds: Int32) {
        sqlite3_busy_timeout(handle, milliseconds)
    }

    /// A statement of the engine's own, such as BEGIN; not counted.
    func execute(_ sql: String) throws(StorageError) {
        let statement = try prepare(sql)
        defer { statement.reset() }
        while try statement.step() {}
    }

    // MARK: Statements

    func forEachRow(_ sql: String, _ args: [any SQLBindable], _ body: (Row) throws -> Bool) throws {
        try withStatement(sql, args) { statement in
            while try step(statement) {
                if try body(Row(source: statement)) { continue }
                // Constraints of a RETURNING statement are checked at its end.
                if !statement.isReadOnly { while try step(statement) {} }
                return
            }
        }
    }

    func run(_ sql: String, _ args: [any SQLBindable]) throws -> Int {
        try withStatement(sql, args) { statement in
            let before = sqlite3_total_changes64(handle)
            while try step(statement) {}
            // A statement that changes nothing leaves the count of the one before it.
            return sqlite3_total_changes64(handle) == before ? 0 : Int(sqlite3_changes64(handle))
        }
    }

    func send(_ sql: String, _ args: [any SQLBindable]) throws {
        _ = try run(sql, args)
    }

    func script(_ sql: String) throws {
        try refuseWhenDoomed()
        statementCount += 1
        var message: UnsafeMutablePointer<CChar>?
        let code = sqlite3_exec(handle, sql, nil, nil, &message)
        defer { sqlite3_free(message) }
        if code != SQLITE_OK {
            throw doom(StorageError(sqlite: code, message.map { String(cString: $0) } ?? "unknown error", sql: sql))
        }
    }

    private func withStatement<R>(
        _ sql: String, _ args: [any SQLBindable], _ body: (SQLiteStatement) throws -> R
    ) throws -> R {
        try refuseWhenDoomed()
        statementCount += 1
        let statement: SQLiteStatement
        do {
            statement = try prepare(sql)
            try statement.bind(args)
        } catch {
            throw doom(error)
        }
        statement.isInUse = true
        defer {
            statement.reset()
            statement.isInUse = false
        }
        return try body(statement)
    }

    private func step(_ statement: SQLiteStatement) throws(StorageError) -> Bool {
        do {
            return try statement.step()
        } catch {
            throw doom(error)
        }
    }

    private func refuseWhenDoomed() throws(StorageError) {
        if let failure {
            throw StorageError(.other, "an earlier statement of the transaction failed: \(failure.message)")
        }
    }

    private func doom(_ error: StorageError) -> StorageError {
        failure = error
        return error
    }

    private func prepare(_ sql: String) throws(StorageError) -> SQLiteStatement {
        let known = statements[StatementKey(sql: sql)]
        if let known, !known.isInUse { return known }
        let statement: SQLiteStatement
        do {
            statement = SQLiteStatement(try queue.unsafeRead { try $0.makeStatement(sql: sql) }, database: handle)
        } catch {
            throw StorageError(grdb: error, sql: sql)
        }
        if known == nil {
            if statements.count >= Self.maximumStatements { statements = statements.filter { $0.value.isInUse } }
            statements[StatementKey(sql: sql)] = statement
        }
        return statement
    }
}

import Dispatch
import Logging

/// SQLite with one writing thread, whose waiting writes share a commit, and several reading ones.
final class SQLiteEngine: Engine {
    let dialect = Dialect.sqlite
    var location: String { files.path }
    private let files: SQLiteFiles
    private let counters = Counters()
    private let writer: WorkQueue<SQLiteWriter.Job>
    private let readers: WorkQueue<@Sendable (SQLiteConnection) -> Void>

    init(path: String, logger: Logger, limits: Limits) throws(StorageError) {
        files = SQLiteFiles(path: path)
        let readerCount = max(1, limits.readers)
        writer = WorkQueue(limits, threads: 1)
        readers = WorkQueue(limits, threads: readerCount)
        try files.create()
        try startWriter(limits, logger)
        for number in 1...readerCount { try startReader(number) }
        logger.debug("database opened", metadata: ["path": "\(path)"])
    }

    deinit {
        writer.close()
        readers.close()
    }

    var statistics: Statistics {
        var statistics = counters.statistics
        statistics.waitingReads = readers.count
        statistics.waitingWrites = writer.count
        readers.add(to: &statistics)
        writer.add(to: &statistics)
        return statistics
    }

    func read<T: Sendable>(
        _ scope: Scope, turn: Scope, _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            do {
                let job: @Sendable (SQLiteConnection) -> Void = { [counters] connection in
                    let result = Result { try connection.read(body) }
                    counters.addRead(statements: connection.statementCount)
                    continuation.resume(with: result)
                }
                try readers.submit(job, for: turn)
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    func longRead<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
        try await read(.system, turn: .system, body)
    }

    func write<T: Sendable>(
        _ scope: Scope, turn: Scope, _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try writer.submit(.write(SQLiteWriter.Write(body, continuation)), for: turn)
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    func migrate<T: Sendable>(
        _ body: @escaping @Sendable (Transaction, _ snapshot: (_ label: String) throws -> Void) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try writer.submit(
                    .alone { [files] connection in
                        continuation.resume(with: Result { try connection.migrate(files, body) })
                    }, for: .system)
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    func check() async throws {
        _ = try await read(.system, turn: .system) {
            try $0.row("SELECT count(*) FROM sqlite_schema") { try $0.int(0) }
        }
        // Shows that the writer answers and gets the lock; a commit of nothing costs no fsync.
        try await write(.system, turn: .system) { _ in }
        try files.checkWritable()
    }

    func warnings() async throws -> [String] { [] }

    func visibleRole() async throws -> String? { nil }

    func backup(to path: String) async throws {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { [files] in
                continuation.resume(with: Result { try files.backup(to: path) })
            }
        }
    }

    func close() async {
        readers.close()
        await readers.finished()
        // Last, because only it can put the write-ahead log back into the file.
        writer.close()
        await writer.finished()
    }

    private func startReader(_ number: Int) throws(StorageError) {
        // Handed over to its thread, which alone uses it from here on.
        nonisolated(unsafe) let connection = try SQLiteConnection(path: files.path, role: .reader)
        readers.startThread(named: "sqlite read \(number)") { [readers] in
            readers.run { job in job(connection) }
            connection.close()
        }
    }

    private func startWriter(_ limits: Limits, _ logger: Logger) throws(StorageError) {
        let connection = try SQLiteConnection(path: files.path, role: .writer)
        // Handed over to its thread, which alone uses it from here on.
        nonisolated(unsafe) let thread = SQLiteWriter(connection, limits, counters, logger)
        writer.startThread(named: "sqlite write") { [writer] in
            writer.run { job in thread.run(job, next: writer.poll) }
            thread.close()
        }
    }
}

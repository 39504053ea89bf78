package import Logging
package import Spans

/// What an engine must offer behind `Database`.
protocol Engine: Sendable {
    var dialect: Dialect { get }
    var location: String { get }
    var statistics: Statistics { get }
    /// `turn`: at whose turn it runs, if several wait.
    func read<T: Sendable>(
        _ scope: Scope, turn: Scope, _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T
    /// A read of everything, whose statements may take hours.
    func longRead<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T
    func write<T: Sendable>(
        _ scope: Scope, turn: Scope, _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T
    /// A transaction that may rebuild tables and that one process at a time is in. `snapshot` copies what was committed
    /// before it, as far as the engine can, and the copy stays only if this transaction commits.
    func migrate<T: Sendable>(
        _ body: @escaping @Sendable (Transaction, _ snapshot: (_ label: String) throws -> Void) throws -> T
    ) async throws -> T
    func check() async throws
    func warnings() async throws -> [String]
    func visibleRole() async throws -> String?
    func backup(to path: String) async throws
    func close() async
}

/// What is bounded, so that no load fills the memory.
struct Limits: Sendable {
    /// Threads that read from SQLite.
    var readers = 4
    /// Connections to PostgreSQL.
    var connections = 8
    /// Maximum wait for a connection to PostgreSQL, before `busy` is thrown.
    var connectionWait = Duration.seconds(5)
    /// Time after which PostgreSQL cancels a statement, and `busy` is thrown.
    var statementTime = Duration.seconds(30)
    /// Maximum length of the queue of reads and of that of writes, before `busy` is thrown: for one scope
    /// (`waitingEach`), and in all (`waiting`).
    var waitingEach = 1024
    var waiting = 4096
    var writesPerCommit = 64
    /// Time after which no further body joins a transaction, so that slow ones do not make quick ones wait.
    var joinTime = Duration.milliseconds(10)
    /// How long a process that was killed while it migrated PostgreSQL keeps the others waiting.
    var migrationLease = Duration.seconds(10)
}

/// Counts since the start, and what waits now. Fewer commits than writes: some shared a commit.
package struct Statistics: Sendable, Equatable {
    package var reads = 0
    package var writes = 0
    /// Those of the transactions' bodies.
    package var statements = 0
    package var commits = 0
    package var waitingReads = 0
    package var waitingWrites = 0
    /// To the database, each with a thread of its own, and how many of them work now.
    package var connections = 0
    package var busyConnections = 0
    /// For a connection, by all the transactions that have got one.
    package var waited = Duration.zero
    package var taken = 0
}

/// The database behind `DATABASE_URL`. Bodies run on threads of the database, so they may block but must not wait for
/// tasks, and may be run again if PostgreSQL asks for it. Cancelling the calling task has no effect: the transaction
/// still runs and returns.
package final class Database: Sendable {
    let engine: any Engine
    /// Identifies this process among those that use the database; the `application_name` of its PostgreSQL connections.
    package let name: String

    /// Creates an SQLite file and its folder if they are missing. Connects to PostgreSQL when it is first needed.
    package convenience init(url: String, logger: Logger, readers: Int = 4) throws(StorageError) {
        try self.init(url: url, logger: logger, limits: Limits(readers: readers))
    }

    init(url: String, logger: Logger, limits: Limits) throws(StorageError) {
        name = "mynah " + String(UInt64.random(in: 0...UInt64.max), radix: 16)
        switch try DatabaseURL(url) {
        case .sqlite(let path): engine = try SQLiteEngine(path: path, logger: logger, limits: limits)
        case .postgres(let settings): engine = try PostgresEngine(settings, name: name, logger: logger, limits: limits)
        }
    }

    package var dialect: Dialect { engine.dialect }

    /// The location of the database for messages, without user and password.
    package var location: String { engine.location }

    package var statistics: Statistics { engine.statistics }

    /// Sees every write that was answered before.
    ///
    /// Connections are scheduled fairly by scope: a tenant with many requests waits without delaying the others.
    /// - Parameters:
    ///   - tenant: whose turn is used, if the transaction sees more than that tenant's own rows.
    ///   - step: the name of the span, if the call is traced.
    package func read<T: Sendable>(
        _ scope: Scope, for tenant: Scope? = nil, as step: SpanName = .readTransaction,
        _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T {
        try await traced(step) { span in
            span?.set(.databaseSystem, dialect.name)
            return try await engine.read(scope, turn: tenant ?? scope, body)
        }
    }

    /// A read of the system whose statements may take hours, such as those of a backup. It holds one connection.
    package func longRead<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
        try await engine.longRead(body)
    }

    /// Returns once the write is durable; rolls back when the body throws.
    @discardableResult
    package func write<T: Sendable>(
        _ scope: Scope, for tenant: Scope? = nil, as step: SpanName = .writeTransaction,
        _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T {
        try await traced(step) { span in
            guard let span else { return try await writeWithHook(scope, turn: tenant ?? scope, body) }
            span.set(.databaseSystem, dialect.name)
            return try await writeWithHook(scope, turn: tenant ?? scope) { tx in
                let value = try body(tx)
                span.add(.statementsDone)
                return value
            }
        }
    }

    private func writeWithHook<T: Sendable>(
        _ scope: Scope, turn: Scope, _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T {
        if let hook = TransactionHook.current, !hook.isDone {
            return try await hook.write(engine, scope, turn: turn, body)
        }
        return try await engine.write(scope, turn: turn, body)
    }

    /// Throws unless the database can be read and written.
    package func check() async throws {
        try await engine.check()
    }

    /// What works but is not as it should be, for the one who runs the server.
    package func warnings() async throws -> [String] {
        try await engine.warnings()
    }

    /// The role by which other processes with the same role can see in `pg_stat_activity` whether this one is connected. Nil
    /// if they cannot, as behind a pooler.
    package func visibleRole() async throws -> String? {
        try await engine.visibleRole()
    }

    /// A consistent copy while others read and write; refuses to replace a file.
    package func backup(to path: String) async throws {
        try await engine.backup(to: path)
    }

    /// Finishes what waits, refuses what comes after.
    package func close() async {
        await engine.close()
    }

    /// Runs `work` and then closes the database, also if `work` fails.
    package func closing<Value>(after work: (Database) async throws -> Value) async throws -> Value {
        do {
            let value = try await work(self)
            await close()
            return value
        } catch {
            await close()
            throw error
        }
    }
}

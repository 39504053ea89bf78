import CLibPQ
import Dispatch
import Logging
import Synchronization

/// PostgreSQL: each transaction has a connection, and the thread of that, to itself.
final class PostgresEngine: Engine {
    let dialect = Dialect.postgres
    let location: String
    private let name: String
    private let limits: Limits
    private let logger: Logger
    private let counters = Counters()
    private let queue: WorkQueue<Job>
    private let isWatched = Atomic(false)

    private struct Job: Sendable {
        let isWrite: Bool
        let deadline: ContinuousClock.Instant
        let run: @Sendable (PostgresSession) -> Void
        let fail: @Sendable (StorageError) -> Void
    }

    /// Connects when the first transaction comes.
    init(_ settings: PostgresSettings, name: String, logger: Logger, limits: Limits) throws(StorageError) {
        try LibPQ.require()
        let settings = settings.named(name)
        self.name = name
        location = settings.location
        self.limits = limits
        self.logger = logger
        let connections = settings.poolSize ?? limits.connections
        queue = WorkQueue(limits, threads: connections)
        for number in 1...connections {
            queue.startThread(named: "postgres \(number)") { [queue] in
                let session = PostgresSession(settings)
                queue.run { job in job.run(session) }
                session.close()
            }
        }
    }

    deinit { queue.close() }

    var statistics: Statistics {
        var statistics = counters.statistics
        statistics.waitingReads = queue.count { !$0.isWrite }
        statistics.waitingWrites = queue.count(where: \.isWrite)
        queue.add(to: &statistics)
        return statistics
    }

    func read<T: Sendable>(
        _ scope: Scope, turn: Scope, _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T {
        let opening = PostgresOpening(isWrite: false, scope: scope, timeout: limits.statementTime)
        return try await submit(turn, isWrite: false, wait: limits.connectionWait) { [counters] session in
            defer { counters.addRead(statements: session.statementCount) }
            return try session.transact(opening, body)
        }
    }

    func longRead<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
        let opening = PostgresOpening(isWrite: false, scope: .system, timeout: .seconds(6 * 3600))
        return try await submit(.system, isWrite: false, wait: limits.connectionWait) { [counters] session in
            defer { counters.addRead(statements: session.statementCount) }
            return try session.transact(opening, body)
        }
    }

    func write<T: Sendable>(
        _ scope: Scope, turn: Scope, _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T {
        let opening = PostgresOpening(isWrite: true, scope: scope, timeout: limits.statementTime)
        return try await submit(turn, isWrite: true, wait: limits.connectionWait) { [counters] session in
            defer { counters.addWrite(statements: session.statementCount) }
            let value = try session.transact(opening, body)
            counters.addCommit()
            return value
        }
    }

    func migrate<T: Sendable>(
        _ body: @escaping @Sendable (Transaction, _ snapshot: (_ label: String) throws -> Void) throws -> T
    ) async throws -> T {
        let lease = MigrationLease(time: limits.migrationLease)
        return try await submit(.system, isWrite: true, wait: limits.connectionWait) { [logger] session in
            try lease.step(session) { transaction in
                try body(transaction) { label in
                    // An empty database has nothing to lose.
                    if label.hasPrefix("0-") { return }
                    logger.notice(
                        "migrating without a snapshot: backups of PostgreSQL are made with pg_dump",
                        metadata: ["migration": "\(label)"])
                }
            }
        }
    }

    private static let checkTime = Duration.seconds(2)

    /// A read-only server refuses to begin such a transaction.
    func check() async throws {
        let opening = PostgresOpening(isWrite: true, scope: .system, timeout: Self.checkTime)
        try await submit(.system, isWrite: true, wait: Self.checkTime) { session in
            try session.transact(opening) { _ = try $0.row("SELECT 1") { try $0.int(0) } }
        }
    }

    func warnings() async throws -> [String] {
        let isExempt = try await read(.system, turn: .system) { transaction in
            try transaction.row(
                "SELECT rolsuper OR rolbypassrls AS exempt FROM pg_catalog.pg_roles WHERE rolname = current_user"
            ) { try $0.bool("exempt") }
        }
        return isExempt == true
            ? ["the PostgreSQL role is a superuser or has BYPASSRLS, so row-level security does not hold for it"] : []
    }

    func visibleRole() async throws -> String? {
        let opening = PostgresOpening(isWrite: false, scope: .system, timeout: Self.checkTime)
        return try await submit(.system, isWrite: false, wait: limits.connectionWait) { [name] session in
            try session.transact(opening) { transaction in
                let found = try transaction.row(
                    """
                    SELECT pg_backend_pid() AS id, current_user::TEXT AS role,
                        current_setting('application_name') AS name
                    """
                ) { (id: try $0.int("id"), role: try $0.string("role"), name: try $0.string("name")) }
                // A pooler's server connections stay when a client dies, and take the name of the client that uses
                // them.
                guard let found, found.name == name, found.id == session.backendID else { return nil }
                return found.role
            }
        }
    }

    func backup(to path: String) async throws {
        throw StorageError(.other, "backups of PostgreSQL are made with pg_dump")
    }

    func close() async {
        queue.close()
        await queue.finished()
    }

    // MARK: Waiting for a connection

    private func submit<T: Sendable>(
        _ turn: Scope, isWrite: Bool, wait: Duration, _ work: @escaping @Sendable (PostgresSession) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let job = Job(
                isWrite: isWrite, deadline: .now + wait,
                run: { session in continuation.resume(with: Result { try work(session) }) },
                fail: { continuation.resume(throwing: $0) })
            do {
                if try !queue.submit(job, for: turn) { watch(after: wait) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// Looks again while jobs wait, and turns away those that have waited too long.
    private func watch(after delay: Duration) {
        guard isWatched.compareExchange(expected: false, desired: true, ordering: .sequentiallyConsistent).exchanged
        else { return }
        let milliseconds = min(250, Int(delay / .milliseconds(1)))
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { [weak self] in
            guard let self else { return }
            isWatched.store(false, ordering: .sequentiallyConsistent)
            let now = ContinuousClock.now
            for job in queue.remove(where: { $0.deadline <= now }) {
                job.fail(StorageError(.busy, "no connection became free in time"))
            }
            if queue.count > 0 { watch(after: limits.connectionWait) }
        }
    }
}

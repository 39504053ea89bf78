import Foundation

/// Whose turn it is to migrate a database that several processes share: one row, held for a time.
///
/// The holder updates the row again in the transaction of its step. So no other one can take it while that runs, however long it
/// takes, and a holder that was stopped for a while finds out that another one came. What a killed holder leaves expires.
struct MigrationLease: Sendable {
    private let holder = UUID().uuidString
    private let milliseconds: Int

    /// By the server's clock: those of the processes may differ.
    private static let now = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
    private static let table = "migration_lease"
    /// How long the steps of others may take.
    private static let patience = Duration.seconds(300)

    init(time: Duration) { milliseconds = Int(time / .milliseconds(1)) }

    /// Runs a step when it is its turn.
    func step<T>(_ session: PostgresSession, _ body: (Transaction) throws -> T) throws -> T {
        let opening = PostgresOpening(isWrite: true, scope: .system, timeout: Self.patience)
        try create(session, opening)
        let deadline = ContinuousClock.now + Self.patience
        do {
            while ContinuousClock.now < deadline {
                guard try session.transact(opening, take) else {
                    usleep(100_000)
                    continue
                }
                let value = try session.transact(opening) { transaction -> T? in
                    guard try take(transaction) else { return nil }
                    let value = try body(transaction)
                    try release(transaction)
                    return value
                }
                if let value { return value }
            }
        } catch {
            // If this fails too, the lease expires.
            try? session.transact(opening, release)
            throw error
        }
        throw StorageError(.busy, "another process has been migrating the database for \(Self.patience)")
    }

    private func create(_ session: PostgresSession, _ opening: PostgresOpening) throws {
        func exists() throws -> Bool {
            try session.transact(opening) { transaction in
                guard try transaction.row(Dialect.postgres.tableExists, [Self.table], { _ in true }) != nil else {
                    return false
                }
                return try transaction.row("SELECT 1 FROM \(Self.table)") { _ in true } != nil
            }
        }
        if try exists() { return }
        do {
            try session.transact(opening) { transaction in
                try transaction.script(
                    """
                    CREATE TABLE IF NOT EXISTS \(Self.table) (
                        id BIGINT PRIMARY KEY CHECK (id = 1),
                        holder TEXT NOT NULL,
                        expires_at BIGINT NOT NULL
                    );
                    INSERT INTO \(Self.table) (id, holder, expires_at) VALUES (1, '', 0) ON CONFLICT (id) DO NOTHING;
                    """)
            }
        } catch {
            // Of several that make it at once, PostgreSQL lets one succeed and fails the others.
            guard try exists() else { throw error }
        }
    }

    private func take(_ transaction: Transaction) throws -> Bool {
        try transaction.run(
            """
            UPDATE \(Self.table) SET holder = ?, expires_at = \(Self.now) + ?
            WHERE id = 1 AND (holder = ? OR expires_at <= \(Self.now))
            """, [holder, milliseconds, holder]) == 1
    }

    private func release(_ transaction: Transaction) throws {
        try transaction.run(
            "UPDATE \(Self.table) SET holder = '', expires_at = 0 WHERE id = 1 AND holder = ?", [holder])
    }
}

import Foundation

/// Brings a database to a numbered state of its schema. Each step has a transaction of its own, in which it is decided
/// anew what comes next, so that processes starting together take turns.
package struct Migrator: Sendable {
    private let database: Database
    private let migrations: [Migration]

    /// A table that is there while a backup is being restored: until then the rows are not complete.
    package static let unfinishedRestore = "restore_in_progress"

    /// `migrations` have rising numbers.
    package init(_ database: Database, _ migrations: [Migration]) {
        precondition(zip(migrations, migrations.dropFirst()).allSatisfy { $0.number < $1.number })
        precondition(migrations.allSatisfy { $0.number > 0 })
        self.database = database
        self.migrations = migrations
    }

    /// Returns every known migration. Throws `newerSchema` if the database has one that is unknown.
    package func status() async throws -> [MigrationStatus] {
        try await database.read(.system) { transaction in
            let applied = try applied(transaction)
            return migrations.map { MigrationStatus(number: $0.number, name: $0.name, appliedAt: applied[$0.number]) }
        }
    }

    /// Migrates to `target` (0 is the empty schema) or to the newest version. Returns the steps in order; those that
    /// were reverted have no `appliedAt`. Drops data only with `force`. If a step fails, the steps before it stay.
    @discardableResult
    package func migrate(to target: Int? = nil, force: Bool = false) async throws -> [MigrationStatus] {
        let target = target ?? migrations.last?.number ?? 0
        guard target == 0 || migrations.contains(where: { $0.number == target }) else {
            throw StorageError(.other, "there is no migration \(target)")
        }
        var done: [MigrationStatus] = []
        while let step = try await step(to: target, force: force, isFirst: done.isEmpty) { done.append(step) }
        return done
    }

    private func step(to target: Int, force: Bool, isFirst: Bool) async throws -> MigrationStatus? {
        if try await isAt(target) { return nil }
        let dialect = database.dialect
        return try await database.engine.migrate { transaction, snapshot in
            let applied = try applied(transaction)
            let up = migrations.first { $0.number <= target && applied[$0.number] == nil }
            let down = migrations.filter { $0.number > target && applied[$0.number] != nil }
            if !force, let migration = down.first(where: \.dropsData) {
                throw StorageError(
                    .other, "taking back migration \(migration.number) (\(migration.name)) drops data; it needs force")
            }
            guard let migration = down.last ?? up else { return nil }
            if isFirst { try snapshot("\(applied.keys.max() ?? 0)-to-\(target)") }
            if down.isEmpty {
                return try apply(migration, transaction, dialect)
            }
            try migration.down(transaction, dialect)
            try transaction.run("DELETE FROM schema_migrations WHERE number = ?", [migration.number])
            return MigrationStatus(number: migration.number, name: migration.name, appliedAt: nil)
        }
    }

    private func apply(
        _ migration: Migration, _ transaction: Transaction, _ dialect: Dialect
    ) throws -> MigrationStatus {
        try transaction.script(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                number BIGINT PRIMARY KEY,
                name TEXT NOT NULL,
                applied_at BIGINT NOT NULL
            )
            """)
        try migration.up(transaction, dialect)
        let now = Int64(Date.now.timeIntervalSince1970 * 1000)
        try transaction.run(
            "INSERT INTO schema_migrations (number, name, applied_at) VALUES (?, ?, ?)",
            [migration.number, migration.name, now])
        return MigrationStatus(number: migration.number, name: migration.name, appliedAt: now)
    }

    /// Spares a database that needs nothing the wait for its turn.
    private func isAt(_ target: Int) async throws -> Bool {
        try await status().allSatisfy { ($0.number <= target) == ($0.appliedAt != nil) }
    }

    /// The times by number.
    private func applied(_ transaction: Transaction) throws -> [Int: Int64] {
        if try transaction.row(database.dialect.tableExists, [Self.unfinishedRestore], { _ in true }) != nil {
            throw StorageError(
                .other, "a restore of this database was broken off; run 'mynah restore' again, which begins anew")
        }
        guard try transaction.row(database.dialect.tableExists, ["schema_migrations"], { _ in true }) != nil else {
            return [:]
        }
        let rows = try transaction.rows("SELECT number, name, applied_at FROM schema_migrations ORDER BY number") {
            row in
            (number: try row.int("number"), name: try row.string("name"), time: try row.int64("applied_at"))
        }
        let newest = migrations.last?.number ?? 0
        if let unknown = rows.last(where: { row in !migrations.contains { $0.number == row.number } }) {
            throw StorageError(
                .newerSchema,
                """
                the database has migration \(unknown.number) (\(unknown.name)), which this release does not know: it knows \
                up to \(newest). Start the newer release, or let that one migrate the database down to \(newest) first
                """)
        }
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.number, $0.time) })
    }
}

import DatabaseMigrations
import Logging
import Storage
import Testing

@testable import App

/// Every migration has a way back that leaves the schema as it was before.
@Suite struct MigrationTests {
    @Test("Each migration, taken back, leaves the schema of the one before; applied again, it makes the same one")
    func thereAndBack() async throws {
        let file = try await TestDatabase.make(isMigrated: false)
        let database = try Database(url: file.url, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let isPostgres = file.url.hasPrefix("postgres")
        do {
            let migrator = Migrator(database, Migrations.all)
            var before: Set<String> = []
            for (previous, number) in zip([0] + Migrations.all.map(\.number), Migrations.all.map(\.number)) {
                try await migrator.migrate(to: number)
                let after = try await Self.schema(of: database, isPostgres: isPostgres)
                if previous > 0 {
                    try await migrator.migrate(to: previous, force: true)
                    let back = try await Self.schema(of: database, isPostgres: isPostgres)
                    #expect(back.subtracting(before) == [], "left by the way back from migration \(number)")
                    #expect(before.subtracting(back) == [], "not restored by the way back from migration \(number)")
                    try await migrator.migrate(to: number)
                    #expect(try await Self.schema(of: database, isPostgres: isPostgres) == after)
                }
                before = after
            }
        } catch {
            await database.close()
            try await file.remove()
            throw error
        }
        await database.close()
        try await file.remove()
    }

    /// The columns, indexes, triggers, policies and constraints, in a line each. SQLite keeps the texts that made a table, whose
    /// white space and quotation marks differ after a column was dropped.
    private static func schema(of database: Database, isPostgres: Bool) async throws -> Set<String> {
        try await database.read(.system) { tx in
            let lines: [String]
            if isPostgres {
                lines = try tx.rows(
                    """
                    SELECT concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable, column_default) AS line
                    FROM information_schema.columns WHERE table_schema = current_schema()
                    UNION ALL SELECT concat('index ', indexdef) FROM pg_indexes WHERE schemaname = current_schema()
                    UNION ALL SELECT concat('policy ', tablename, ' ', qual) FROM pg_policies
                        WHERE schemaname = current_schema()
                    UNION ALL SELECT concat('trigger ', pg_get_triggerdef(t.oid)) FROM pg_trigger t
                        JOIN pg_class c ON c.oid = t.tgrelid AND c.relnamespace = current_schema()::regnamespace
                        WHERE NOT t.tgisinternal
                    UNION ALL SELECT concat('constraint ', conrelid::regclass, ' ', conname, ' ', pg_get_constraintdef(oid))
                        FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
                    """
                ) {
                    // A table that was made anew has its first name in those of its constraints.
                    try $0.string("line").replacing("_old_", with: "_")
                }
            } else {
                lines = try tx.rows("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL") { row in
                    let sql = try row.string("sql").filter { !$0.isWhitespace && $0 != "\"" }
                    return "\(try row.string("type")) \(try row.string("name")) \(sql)"
                }
            }
            return Set(lines)
        }
    }
}

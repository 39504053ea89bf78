import Foundation
import Testing

@testable import Storage

struct MigratorTests {
    private static let parents = Migration(
        number: 1, name: "parents", dropsData: true,
        up: { tx, dialect in
            try tx.script(
                """
                CREATE TABLE parents (id \(dialect.idType) PRIMARY KEY);
                CREATE TABLE children (id \(dialect.idType) PRIMARY KEY, parent TEXT REFERENCES parents (id) ON DELETE CASCADE);
                """)
        },
        down: { tx, _ in try tx.script("DROP TABLE children; DROP TABLE parents") })

    private static let index = Migration(
        number: 2, name: "index", dropsData: false,
        up: { tx, _ in try tx.script("CREATE INDEX by_parent ON children (parent)") },
        down: { tx, _ in try tx.script("DROP INDEX by_parent") })

    /// A table made anew, which `children` refer to.
    private static let rebuild = Migration(
        number: 5, name: "rebuild", dropsData: false,
        up: { tx, dialect in
            // PostgreSQL alters in place what SQLite has to make anew.
            guard dialect == .sqlite else { return try tx.script("ALTER TABLE parents ADD COLUMN name TEXT") }
            try tx.script(
                """
                CREATE TABLE new (id \(dialect.idType) PRIMARY KEY, name TEXT);
                INSERT INTO new (id) SELECT id FROM parents;
                DROP TABLE parents;
                ALTER TABLE new RENAME TO parents;
                """)
        },
        down: { tx, _ in try tx.script("ALTER TABLE parents DROP COLUMN name") })

    private static let all = [parents, index, rebuild]

    private func applied(_ migrator: Migrator) async throws -> [Int] {
        try await migrator.status().filter { $0.appliedAt != nil }.map(\.number)
    }

    private func snapshots(_ scratch: Scratch) throws -> [String] {
        try scratch.files.filter { $0.contains(".before-") }
    }

    private func addFamily(_ database: Database) async throws {
        try await database.write(.system) { transaction in
            try transaction.script("INSERT INTO parents (id) VALUES ('p'); INSERT INTO children VALUES ('c', 'p')")
        }
    }

    private func count(_ table: String, _ database: Database) async throws -> Int? {
        try await database.read(.system) { try $0.row("SELECT count(*) FROM \(table)") { try $0.int(0) } }
    }

    @Test(arguments: TestEngine.allCases)
    func upAndDown(engine: TestEngine) async throws {
        try await withDatabase(engine) { database, scratch in
            let migrator = Migrator(database, Self.all)
            #expect(try await applied(migrator) == [])
            #expect(try await migrator.migrate(to: 2).map(\.number) == [1, 2])
            #expect(try snapshots(scratch) == [], "there was nothing to copy")
            try await addFamily(database)
            #expect(try await migrator.migrate().map(\.number) == [5])
            #expect(try await migrator.migrate() == [])
            #expect(try await count("children", database) == 1, "rebuilding kept those who refer to it")
            let status = try await migrator.status()
            #expect(status.map(\.name) == ["parents", "index", "rebuild"])
            #expect(status.allSatisfy { abs(Double($0.appliedAt!) / 1000 - Date.now.timeIntervalSince1970) < 60 })
            let down = try await migrator.migrate(to: 1)
            #expect(down.map(\.number) == [5, 2])
            #expect(down.allSatisfy { $0.appliedAt == nil })
            #expect(try await applied(migrator) == [1])
            #expect(try await count("children", database) == 1)
            #expect(try await migrator.migrate().map(\.number) == [2, 5])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func migrationsAreNotCounted(engine: TestEngine) async throws {
        try await withDatabase(engine) { database, _ in
            try await Migrator(database, Self.all).migrate()
            let before = database.statistics
            try await addFamily(database)
            #expect(database.statistics.statements - before.statements == 1)
            #expect(database.statistics.writes == 1)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func foreignKeysAreOnAgain(engine: TestEngine) async throws {
        try await withDatabase(engine) { database, _ in
            try await Migrator(database, Self.all).migrate()
            let failed = await kind {
                try await database.write(.system) { try $0.run("INSERT INTO children VALUES ('c', 'nobody')") }
            }
            #expect(failed == .foreignKey)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func dataIsDroppedOnlyByForce(engine: TestEngine) async throws {
        try await withDatabase(engine) { database, scratch in
            let migrator = Migrator(database, Self.all)
            try await migrator.migrate()
            try await addFamily(database)
            let error = await #expect(throws: StorageError.self) { try await migrator.migrate(to: 0) }
            #expect(error?.message.contains("parents") == true)
            #expect(try await applied(migrator) == [1, 2, 5], "refused before anything was taken back")
            #expect(try snapshots(scratch) == [])
            try await migrator.migrate(to: 0, force: true)
            #expect(try await applied(migrator) == [])
            #expect(try snapshots(scratch).count == (engine == .sqlite ? 1 : 0))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aNewerDatabaseIsRefused(engine: TestEngine) async throws {
        try await withDatabase(engine) { database, _ in
            try await Migrator(database, Self.all).migrate()
            let older = Migrator(database, [Self.parents, Self.index])
            for attempt in [
                older.status, { try await older.migrate() }, { try await older.migrate(to: 0, force: true) },
            ] {
                let error = await #expect(throws: StorageError.self) { try await attempt() }
                #expect(error?.kind == .newerSchema)
                #expect(error?.message.contains("migration 5 (rebuild)") == true)
                #expect(error?.message.contains("up to 2") == true)
            }
            #expect(await kind { try await Migrator(database, Self.all).migrate(to: 3) } == .other)
        }
    }

    @Test(
        arguments: TestEngine.allCases,
        [
            "CREATE TABLE half (id TEXT); SELECT nonsense",
            "CREATE TABLE half (id TEXT); INSERT INTO children VALUES ('c2', 'nobody')",
        ])
    func aFailureLeavesEverythingAsItWas(engine: TestEngine, sql: String) async throws {
        try await withDatabase(engine) { database, scratch in
            try await Migrator(database, [Self.parents]).migrate()
            try await addFamily(database)
            let broken = Migration(
                number: 3, name: "broken", dropsData: false, up: { tx, _ in try tx.script(sql) }, down: { _, _ in })
            let migrator = Migrator(database, [Self.parents, broken])
            await #expect(throws: StorageError.self) { try await migrator.migrate() }
            #expect(try await applied(migrator) == [1])
            #expect(try snapshots(scratch) == [])
            #expect(await kind { try await count("half", database) } == .other, "there is no such table")
            #expect(try await count("children", database) == 1)
            try await Migrator(database, [Self.parents, Self.index]).migrate()
        }
    }

    @Test(arguments: TestEngine.allCases)
    func manyMigrateAtOnce(engine: TestEngine) async throws {
        let counting = [Self.parents, Self.index].map { Self.counting($0) }
        try await withScratch(engine) { scratch in
            let databases = try (0..<4).map { _ in try scratch.open() }
            let done = try await withThrowingTaskGroup(of: [Int].self) { group in
                for database in databases {
                    group.addTask { try await Migrator(database, counting).migrate().map(\.number) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(done.sorted() == [1, 2])
            let ups = try await databases[0].read(.system) { try $0.rows("SELECT number FROM ups") { try $0.int(0) } }
            #expect(ups == [1, 2])
            for database in databases { await database.close() }
        }
    }

    private static func counting(_ migration: Migration, takes time: TimeInterval = 0) -> Migration {
        Migration(
            number: migration.number, name: migration.name, dropsData: false,
            up: { tx, dialect in
                try tx.script("CREATE TABLE IF NOT EXISTS ups (number BIGINT)")
                try tx.run("INSERT INTO ups VALUES (?)", [migration.number])
                try migration.up(tx, dialect)
                Thread.sleep(forTimeInterval: time)
            }, down: { _, _ in })
    }

    @Test func whatAKilledMigratorHoldsExpires() async throws {
        try await withDatabase(.postgres) { database, _ in
            try await Migrator(database, [Self.parents]).migrate()
            let time = 1500
            try await database.write(.system) { tx in
                try tx.run(
                    """
                    UPDATE migration_lease SET holder = 'killed',
                        expires_at = CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) + ?
                    """, [time])
            }
            let began = ContinuousClock.now
            #expect(try await Migrator(database, [Self.parents]).migrate() == [], "nothing to do needs no turn")
            #expect(try await Migrator(database, Self.all).migrate(to: 2).map(\.number) == [2])
            #expect(ContinuousClock.now - began >= .milliseconds(time - 100))
            let left = try await database.read(.system) {
                try $0.row("SELECT holder, expires_at FROM migration_lease") { row in
                    (try row.string("holder"), try row.int("expires_at"))
                }
            }
            #expect(left?.0 == "" && left?.1 == 0, "given back at the end")
        }
    }

    /// The holder of an expired lease that is still at work is not disturbed.
    @Test func aStepMayTakeLongerThanTheLease() async throws {
        let slow = [Self.counting(Self.parents, takes: 0.7), Self.counting(Self.index, takes: 0.7)]
        try await withScratch(.postgres) { scratch in
            let databases = try (0..<3).map { _ in try scratch.open(Limits(migrationLease: .milliseconds(50))) }
            let done = try await withThrowingTaskGroup(of: [Int].self) { group in
                for database in databases {
                    group.addTask { try await Migrator(database, slow).migrate().map(\.number) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(done.sorted() == [1, 2])
            let ups = try await databases[0].read(.system) { try $0.rows("SELECT number FROM ups") { try $0.int(0) } }
            #expect(ups == [1, 2])
            for database in databases { await database.close() }
        }
    }

    @Test func aFailedStepGivesTheLeaseBack() async throws {
        try await withDatabase(.postgres) { database, _ in
            let broken = Migration(
                number: 1, name: "broken", dropsData: false, up: { tx, _ in try tx.script("SELECT nonsense") },
                down: { _, _ in })
            await #expect(throws: StorageError.self) { try await Migrator(database, [broken]).migrate() }
            let holder = try await database.read(.system) {
                try $0.row("SELECT holder FROM migration_lease") { try $0.string(0) }
            }
            #expect(holder == "")
        }
    }

    @Test func snapshotsCanBeOpenedAndThreeAreKept() async throws {
        try await withDatabase { database, scratch in
            let migrator = Migrator(database, Self.all)
            try await migrator.migrate(to: 1)
            try await addFamily(database)
            try await migrator.migrate()
            let first = try #require(try snapshots(scratch).first)
            #expect(first.wholeMatch(of: /test\.before-1-to-5\.\d{8}T\d{6}\.\d{3}Z\.sqlite/) != nil, "\(first)")
            let path = scratch.folder + "/" + first
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            let copy = try scratch.open(path: path)
            #expect(try await applied(Migrator(copy, Self.all)) == [1])
            #expect(try await count("children", copy) == 1)
            await copy.close()

            for _ in 0..<2 {
                try await migrator.migrate(to: 2)
                try await migrator.migrate()
            }
            let kept = try snapshots(scratch)
            #expect(kept.count == 3)
            #expect(!kept.contains(first))
            #expect(kept.filter { $0.contains("2-to-5") }.count == 2, "the newest are kept: \(kept)")
        }
    }
}

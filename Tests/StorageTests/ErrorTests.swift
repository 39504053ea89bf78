import Testing

@testable import Storage

struct ErrorTests {
    private static let schema = """
        CREATE TABLE parents (id TEXT PRIMARY KEY, a TEXT, b TEXT, UNIQUE (a, b));
        CREATE UNIQUE INDEX lower_a ON parents (lower(a)) WHERE b = 'lower';
        CREATE TABLE children (
            id TEXT PRIMARY KEY,
            parent TEXT NOT NULL REFERENCES parents (id) ON DELETE CASCADE,
            kind TEXT CHECK (kind IN ('x', 'y'))
        );
        INSERT INTO parents VALUES ('1', 'a', 'b'), ('2', 'A', 'lower');
        INSERT INTO children VALUES ('1', '1', 'x');
        """

    @Test(
        arguments: TestEngine.allCases,
        [
            ("INSERT INTO parents VALUES ('1', 'c', 'd')", .unique(columns: ["id"])),
            ("INSERT INTO parents VALUES ('3', 'a', 'b')", .unique(columns: ["a", "b"])),
            ("INSERT INTO parents VALUES ('3', 'a', 'lower')", .unique(columns: [])),
            ("INSERT INTO children VALUES ('2', 'none', 'x')", .foreignKey),
            ("INSERT INTO children VALUES ('2', '1', 'z')", .check),
            ("INSERT INTO children VALUES ('2', NULL, 'x')", .notNull),
            ("INSERT INTO nowhere VALUES (1)", .other),
            ("INSERT", .other),
            ("SELECT 1; SELECT 2", .other),
        ] as [(String, StorageError.Kind)])
    func mapped(engine: TestEngine, failure: (sql: String, kind: StorageError.Kind)) async throws {
        let (sql, expected) = failure
        try await withDatabase(engine) { database, _ in
            try await database.write(.system) { try $0.script(Self.schema) }
            #expect(await kind { try await database.write(.system) { try $0.run(sql) } } == expected)
            // Through the other way of running it, too.
            #expect(
                await kind { try await database.write(.system) { try $0.row(sql + " RETURNING id") { _ in } } }
                    == (sql.contains("SELECT") ? .other : expected))
            let children = try await database.read(.system) {
                try $0.row("SELECT count(*) FROM children") { try $0.int(0) }
            }
            #expect(children == 1)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func valuesStayOutOfMessages(engine: TestEngine) async throws {
        try await withItems(engine) { database, _ in
            try await database.insert(1, "secret")
            let error = await #expect(throws: StorageError.self) { try await database.insert(1, "secret") }
            #expect(error?.message.contains("INSERT INTO items") == true)
            #expect(error?.description.contains("secret") == false)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func changedRows(engine: TestEngine) async throws {
        try await withDatabase(engine) { database, _ in
            try await database.write(.system) { transaction in
                try transaction.script(Self.schema)
                #expect(try transaction.run("UPDATE parents SET a = a") == 2)
                #expect(try transaction.run("UPDATE parents SET a = a WHERE id = ?", ["none"]) == 0)
                #expect(try transaction.run("CREATE TABLE other (id TEXT)") == 0)
                #expect(try transaction.run("DELETE FROM parents WHERE id = '1'") == 1, "the cascade is not counted")
                #expect(try transaction.row("SELECT count(*) FROM children") { try $0.int(0) } == 0)
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aCaughtFailureStillDooms(engine: TestEngine) async throws {
        try await withItems(engine) { database, _ in
            try await database.insert(1)
            let failed = await kind {
                try await database.write(.system) { transaction in
                    try transaction.run("INSERT INTO items (id) VALUES (2)")
                    _ = try? transaction.run("INSERT INTO items (id) VALUES (1)")
                }
            }
            #expect(failed == .unique(columns: ["id"]))
            let later = await kind {
                try await database.write(.system) { transaction in
                    _ = try? transaction.run("INSERT INTO items (id) VALUES (1)")
                    try transaction.run("INSERT INTO items (id) VALUES (3)")
                }
            }
            #expect(later == .other)
            #expect(try await database.itemIDs == [1])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aBodyMayThrowItsOwnError(engine: TestEngine) async throws {
        struct Own: Error {}
        try await withItems(engine) { database, _ in
            await #expect(throws: Own.self) {
                try await database.write(.system) { transaction in
                    try transaction.run("INSERT INTO items (id) VALUES (1)")
                    throw Own()
                }
            }
            await #expect(throws: Own.self) { try await database.read(.system) { _ in throw Own() } }
            let ids = try await database.itemIDs
            #expect(ids == [])
        }
    }
}

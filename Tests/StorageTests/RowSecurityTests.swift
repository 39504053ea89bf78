import Foundation
import Testing

@testable import Storage

struct RowSecurityTests {
    private static let migration = Migration(
        number: 1, name: "tenants", dropsData: true,
        up: { tx, dialect in
            try tx.script(
                """
                CREATE TABLE members (workspace_id TEXT, user_id TEXT, PRIMARY KEY (workspace_id, user_id));
                CREATE TABLE notes (id BIGINT PRIMARY KEY, workspace_id TEXT, slug TEXT, UNIQUE (workspace_id, slug));
                """)
            for sql in dialect.rowSecurity(members: "members", user: "user_id", workspace: "workspace_id")
                + dialect.rowSecurity(table: "members") + dialect.rowSecurity(table: "notes")
            {
                try tx.script(sql)
            }
            try tx.script(
                """
                INSERT INTO members VALUES ('w1', 'ann'), ('w1', 'bob'), ('w2', 'bob');
                INSERT INTO notes VALUES (1, 'w1', 'a'), (2, 'w2', 'a'), (3, 'w3', 'a');
                """)
        },
        down: { tx, dialect in
            try tx.script("DROP TABLE notes; DROP TABLE members")
            for sql in dialect.dropRowSecurity() { try tx.script(sql) }
        })

    private func withTenants(_ engine: TestEngine, _ body: (Database) async throws -> Void) async throws {
        try await withDatabase(engine, Limits(connections: 3)) { database, _ in
            let migrator = Migrator(database, [Self.migration])
            try await migrator.migrate()
            try await body(database)
            try await migrator.migrate(to: 0, force: true)
        }
    }

    /// Deliberately without a filter.
    private func notes(_ database: Database, _ scope: Scope) async throws -> [Int] {
        try await database.read(scope) { try $0.rows("SELECT id FROM notes ORDER BY id") { try $0.int("id") } }
    }

    @Test func anUnfilteredSelectShowsOnlyWhatTheScopeMaySee() async throws {
        try await withTenants(.postgres) { database in
            for _ in 0..<2 {
                #expect(try await notes(database, .user("eve")) == [])
                #expect(try await notes(database, .user("")) == [])
                #expect(try await notes(database, .user("ann")) == [1])
                #expect(try await notes(database, .user("bob")) == [1, 2])
                #expect(try await notes(database, .workspace("w2")) == [2])
                #expect(try await notes(database, .workspace("")) == [])
                #expect(try await notes(database, .system) == [1, 2, 3])
            }
            let members = try await database.read(.user("ann")) {
                try $0.rows("SELECT user_id FROM members ORDER BY user_id") { try $0.string(0) }
            }
            #expect(members == ["ann", "bob"])
            #expect(try await database.warnings() == [])
        }
    }

    @Test(arguments: [Scope.system, .workspace("w1"), .user("ann")])
    func aChangeThatHadToWaitStillActsForTheSame(scope: Scope) async throws {
        try await withTenants(.postgres) { database in
            let holds = DispatchSemaphore(value: 0)
            async let first: Int = database.write(.system) { tx in
                let changed = try tx.run("UPDATE notes SET slug = 'first' WHERE id = 1")
                holds.signal()
                // Long enough for the other to come and wait for the row.
                Thread.sleep(forTimeInterval: 0.5)
                return changed
            }
            let second = try await database.write(scope) { tx in
                holds.wait()
                let changed = try tx.run("UPDATE notes SET slug = slug || ', second' WHERE id = 1")
                return (changed, try tx.run("UPDATE notes SET slug = slug || ', third' WHERE id = 1"))
            }
            #expect(try await first == 1)
            #expect(second == (1, 1))
            let slug = try await database.read(.system) { tx in
                try tx.row("SELECT slug FROM notes WHERE id = 1") { try $0.string(0) }
            }
            #expect(slug == "first, second, third")
        }
    }

    @Test func othersRowsCannotBeChanged() async throws {
        try await withTenants(.postgres) { database in
            for sql in ["UPDATE notes SET slug = 'x'", "DELETE FROM notes"] {
                #expect(try await database.write(.user("eve")) { try $0.run(sql) } == 0)
            }
            for sql in ["INSERT INTO notes VALUES (4, 'w2', 'b')", "INSERT INTO members VALUES ('w2', 'ann')"] {
                #expect(await kind { try await database.write(.user("ann")) { try $0.run(sql) } } == .other)
            }
            #expect(
                await kind {
                    try await database.write(.user("ann")) { try $0.run("UPDATE notes SET workspace_id = 'w2'") }
                } == .other)
            try await database.write(.user("bob")) { try $0.run("INSERT INTO notes VALUES (4, 'w2', 'b')") }
            #expect(try await notes(database, .workspace("w2")) == [2, 4])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func columnsOfAUniqueKeyAreKnown(engine: TestEngine) async throws {
        try await withTenants(engine) { database in
            for _ in 0..<2 {
                let failed = await kind {
                    try await database.write(.user("bob")) { try $0.run("INSERT INTO notes VALUES (5, 'w2', 'a')") }
                }
                #expect(failed == .unique(columns: ["workspace_id", "slug"]))
            }
        }
    }

    @Test func anExemptRoleIsWarnedOf() async throws {
        let url = try Scratch.postgresURL.replacing("mynah:mynah@", with: "exempt:exempt@")
        let database = try Database(url: url, logger: .quiet, limits: Limits(connections: 1))
        #expect(try await database.warnings().count == 1)
        await database.close()
    }
}

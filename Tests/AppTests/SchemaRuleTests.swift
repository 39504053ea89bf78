import DatabaseMigrations
import Storage
import Testing

@testable import App

/// What lets a tenant's rows live together on one of many servers.
@Suite struct SchemaRuleTests {
    private struct Reference: Hashable, CustomStringConvertible {
        let table: String
        let columns: [String]
        let other: String
        let otherColumns: [String]

        var description: String {
            "\(table) (\(columns.joined(separator: ", "))) to \(other) (\(otherColumns.joined(separator: ", ")))"
        }

        var namesWorkspaces: Bool {
            zip(columns, otherColumns).contains { $0 == "workspace_id" && $1 == "workspace_id" }
        }
    }

    /// Tables of the whole server that refer to a key, which may be a user's own and then belongs to no workspace.
    private static let allowed: Set<String> = [
        "replaced_keys (key_id) to api_keys (id)", "reservations (key_id) to api_keys (id)",
    ]

    @Test("A reference to a tenant's row names the workspace on both sides")
    func referencesStayInAWorkspace() async throws {
        try await TestApp.run { app in
            let tables = try await app.database.read(.system) { tx in
                try tx.rows(app.database.dialect.tableNames) { try $0.string("name") }
            }
            #expect(tables.count > 40)
            var owned: Set<String> = []
            var references: Set<Reference> = []
            for table in tables {
                let (columns, found) = try await app.database.read(.system) { tx in
                    app.database.dialect == .postgres
                        ? try Self.postgres(tx, table) : try Self.sqlite(tx, table)
                }
                if columns.contains("workspace_id") { owned.insert(table) }
                references.formUnion(found)
            }
            #expect(references.count > 40 && owned.count > 15)
            let wrong = references.filter { owned.contains($0.other) && !$0.namesWorkspaces }.map(\.description)
            #expect(Set(wrong).subtracting(Self.allowed) == [])
            #expect(Self.allowed.subtracting(wrong) == [], "no exception is needed")
        }
    }

    private static func sqlite(_ tx: Transaction, _ table: String) throws -> ([String], [Reference]) {
        let columns = try tx.rows("SELECT name FROM pragma_table_info(?)", [table]) { try $0.string("name") }
        let parts = try tx.rows(
            """
            SELECT id, "table" AS other, "from" AS col, COALESCE("to", 'id') AS target FROM pragma_foreign_key_list(?)
            ORDER BY id, seq
            """, [table]
        ) { (try $0.int("id"), try $0.string("other"), try $0.string("col"), try $0.string("target")) }
        let references = Dictionary(grouping: parts) { $0.0 }.values.map { parts in
            Reference(table: table, columns: parts.map(\.2), other: parts[0].1, otherColumns: parts.map(\.3))
        }
        return (columns, references)
    }

    private static func postgres(_ tx: Transaction, _ table: String) throws -> ([String], [Reference]) {
        let columns = try tx.rows(
            """
            SELECT column_name::text AS name FROM information_schema.columns
            WHERE table_schema = current_schema() AND table_name = ?
            """, [table]
        ) { try $0.string("name") }
        let parts = try tx.rows(
            """
            SELECT k.conname::text AS id, o.relname::text AS other, a.attname::text AS col, b.attname::text AS target
            FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class o ON o.oid = k.confrelid
            CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS p (mine, theirs, place)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.mine
            JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = p.theirs
            WHERE k.contype = 'f' AND t.relname = ? AND k.connamespace = current_schema()::regnamespace
            ORDER BY k.conname, p.place
            """, [table]
        ) { (try $0.string("id"), try $0.string("other"), try $0.string("col"), try $0.string("target")) }
        let references = Dictionary(grouping: parts) { $0.0 }.values.map { parts in
            Reference(table: table, columns: parts.map(\.2), other: parts[0].1, otherColumns: parts.map(\.3))
        }
        return (columns, references)
    }

    @Test("The schema has no sequence, and no function of it notifies or takes an advisory lock")
    func nothingOfOneServer() async throws {
        try await TestApp.run { app in
            guard app.database.dialect == .postgres else { return }
            let (sequences, functions) = try await app.database.read(.system) { tx in
                (
                    try tx.rows(
                        """
                        SELECT relname::text AS name FROM pg_class
                        WHERE relkind = 'S' AND relnamespace = current_schema()::regnamespace
                        """
                    ) { try $0.string("name") },
                    try tx.rows(
                        """
                        SELECT proname::text AS name, prosrc AS body FROM pg_proc
                        WHERE pronamespace = current_schema()::regnamespace
                        """
                    ) { (name: try $0.string("name"), body: try $0.string("body").lowercased()) }
                )
            }
            #expect(sequences == [])
            #expect(functions.count > 20)
            for word in ["notify", "listen", "advisory", "nextval"] {
                #expect(functions.filter { $0.body.contains(word) }.map(\.name) == [], "\(word)")
            }
        }
    }
}

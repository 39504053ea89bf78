/// What the SQL of one engine spells differently.
package struct Dialect: Sendable, Equatable {
    package let name: String
    /// The type of an id: compared byte by byte, whatever the locale.
    package let idType: String
    package let blobType: String
    /// Has text compared byte by byte, whatever the locale, so that all that begins alike is one range.
    package let byteOrder: String
    /// Takes the table's name.
    let tableExists: String
    /// The `name` of each table of this database.
    package let tableNames: String
    /// Whether several processes use one database at a time.
    package let isShared: Bool
    private let hasRowSecurity: Bool

    package static let sqlite = Dialect(
        name: "sqlite", idType: "TEXT", blobType: "BLOB", byteOrder: "COLLATE BINARY",
        tableExists: "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?",
        tableNames: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'",
        isShared: false, hasRowSecurity: false)

    package static let postgres = Dialect(
        name: "postgresql", idType: "TEXT COLLATE \"C\"", blobType: "BYTEA", byteOrder: "COLLATE \"C\"",
        // Not to_regclass, which may still remember that there was none before the wait for the migration's lease.
        tableExists: "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?",
        tableNames: "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema()",
        isShared: true, hasRowSecurity: true)

    /// SQL for a function that returns the workspaces of the current user, which the policies of row-level security
    /// call. Empty if the engine has no row-level security.
    ///
    /// The function reads in the scope `system`; otherwise the policy of the memberships' own table would call itself.
    /// PostgreSQL 15 allows only superusers to set this in a SET clause.
    package func rowSecurity(members: String, user: String, workspace: String) -> [String] {
        guard hasRowSecurity else { return [] }
        return [
            """
            CREATE OR REPLACE FUNCTION visible_workspaces() RETURNS TEXT[] LANGUAGE plpgsql STABLE
            SET search_path FROM CURRENT AS $$
            DECLARE
                found TEXT[];
            BEGIN
                -- An UPDATE that has waited for another one evaluates all of a policy's subqueries, whatever the scope.
                IF current_setting('mynah.scope', true) IS DISTINCT FROM 'user' THEN RETURN '{}'; END IF;
                PERFORM set_config('mynah.scope', 'system', true);
                found := ARRAY(SELECT \(workspace) FROM \(members) WHERE \(user) = current_setting('mynah.id', true));
                PERFORM set_config('mynah.scope', 'user', true);
                RETURN found;
            END $$
            """
        ]
    }

    /// Hides a table's rows from every transaction that acts for someone else. Both subqueries are evaluated once a
    /// statement, not once a row.
    package func rowSecurity(table: String, workspace: String = "workspace_id") -> [String] {
        guard hasRowSecurity else { return [] }
        return [
            "ALTER TABLE \(table) ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE \(table) FORCE ROW LEVEL SECURITY",
            """
            CREATE POLICY workspace ON \(table) USING (CASE (SELECT current_setting('mynah.scope', true))
                WHEN 'system' THEN true
                WHEN 'workspace' THEN \(workspace) = (SELECT current_setting('mynah.id', true))
                WHEN 'user' THEN \(workspace) = ANY ((SELECT visible_workspaces())::TEXT[])
                ELSE false END)
            """,
        ]
    }

    /// Run after the tables themselves are dropped.
    package func dropRowSecurity() -> [String] {
        hasRowSecurity ? ["DROP FUNCTION IF EXISTS visible_workspaces()"] : []
    }

    /// Triggers by which the engine refuses to change or delete a table's rows for every user.
    package func appendOnly(table: String) -> [String] {
        guard self == .sqlite else {
            return [
                """
                CREATE FUNCTION \(table)_append_only() RETURNS TRIGGER LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION '\(table) is append-only'; END $$
                """,
                """
                CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON \(table)
                FOR EACH STATEMENT EXECUTE FUNCTION \(table)_append_only()
                """,
            ]
        }
        return ["UPDATE", "DELETE"].map { event in
            """
            CREATE TRIGGER \(table)_no_\(event.lowercased()) BEFORE \(event) ON \(table)
            BEGIN SELECT RAISE(ABORT, '\(table) is append-only'); END
            """
        }
    }

    /// Run after the table itself is dropped.
    package func dropAppendOnly(table: String) -> [String] {
        self == .sqlite ? [] : ["DROP FUNCTION \(table)_append_only()"]
    }

    // MARK: Triggers

    /// Runs statements after each row that an event changes, in its transaction. They name the row NEW or OLD.
    /// - Parameter event: such as `INSERT` or `UPDATE OF content`.
    /// - Parameter condition: the row must fulfil it.
    package func trigger(
        _ name: String, after event: String, on table: String, when condition: String? = nil, _ statements: [String]
    ) -> [String] {
        let body = statements.map { "\($0);" }.joined(separator: "\n")
        let when = condition.map { "WHEN (\($0)) " } ?? ""
        guard self == .sqlite else {
            return [
                "CREATE FUNCTION \(name)() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN \(body) RETURN NULL; END $$",
                """
                CREATE TRIGGER \(name) AFTER \(event) ON \(table) FOR EACH ROW \(when)
                EXECUTE FUNCTION \(name)()
                """,
            ]
        }
        return ["CREATE TRIGGER \(name) AFTER \(event) ON \(table) FOR EACH ROW \(when)BEGIN \(body) END"]
    }

    package func dropTrigger(_ name: String, on table: String) -> [String] {
        self == .sqlite
            ? ["DROP TRIGGER \(name)"] : ["DROP TRIGGER \(name) ON \(table)", "DROP FUNCTION \(name)()"]
    }

    /// The length in bytes of a text that may be null.
    package func bytes(of text: String) -> String {
        self == .sqlite ? "COALESCE(LENGTH(CAST(\(text) AS BLOB)), 0)" : "COALESCE(OCTET_LENGTH(\(text)), 0)"
    }

    /// One of eight rows that a counter is spread over, chosen by an id, so that concurrent transactions rarely wait for
    /// each other. A database with one writer needs one row.
    package func shard(of id: String) -> String {
        self == .sqlite ? "0" : "ASCII(RIGHT(\(id), 1)) % 8"
    }
}

import Foundation
import HTTPKit
import Logging
import Platform
import Storage

/// Restores into an empty database. While it lasts, a table is there that keeps servers from starting.
final class PostgresRestore: RestoredDatabase {
    private static let application = "mynah_restore"

    private(set) var database: Database?
    let warning = ""

    init(_ url: String, _ work: WorkFolder, logger: Logger) async throws {
        let database = try Database(url: url, logger: logger)
        self.database = database
        do {
            // What a restore that was killed has left.
            try await Self.clear(database)
            try await database.write(.system) { tx in
                try tx.script("CREATE TABLE \(Migrator.unfinishedRestore) (id TEXT)")
            }
            try await Self.load(url, work)
        } catch {
            await discard()
            throw error
        }
    }

    /// Throws `StartError` unless the database has no tables, or those that a killed restore has left.
    static func check(_ url: String, logger: Logger) async throws {
        let database = try Database(url: url, logger: logger)
        try await database.closing { database in
            let tables = try await database.read(.system) { tx in
                try tx.rows(Dialect.postgres.tableNames, [], { try $0.string("name") })
            }
            guard tables.isEmpty || tables.contains(Migrator.unfinishedRestore) else {
                throw StartError(
                    "\(database.location) has tables, and a restore never replaces data. Name another, empty one by "
                        + "DATABASE_URL.")
            }
        }
    }

    static func load(_ url: String, _ work: WorkFolder) async throws {
        guard let command = try PostgresCommand(url: url, application: application) else {
            preconditionFailure("this is no PostgreSQL")
        }
        let program = PostgresProgram(command)
        try await withTaskCancellationHandler {
            _ = try program.run(
                "pg_restore",
                ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", work.file("database")],
                output: work.file("said"))
        } onCancel: {
            program.cancel()
        }
    }

    func publish() async throws {
        try await database?.write(.system) { tx in try tx.script("DROP TABLE \(Migrator.unfinishedRestore)") }
        await database?.close()
        database = nil
    }

    func discard() async {
        guard let database else { return }
        try? await Self.clear(database)
        await database.close()
        self.database = nil
    }

    /// Drops the tables and functions of the schema, of which there were none. The program of a restore that was killed may
    /// still be running, so its connection is ended first.
    private static func clear(_ database: Database) async throws {
        try await database.write(.system) { tx in
            _ = try tx.rows(
                """
                SELECT pg_terminate_backend(pid, 5000) AS is_gone FROM pg_stat_activity
                WHERE application_name = ? AND datname = current_database() AND usename = current_user
                """,
                [application]
            ) { try $0.boolIfPresent("is_gone") }
        }
        try await database.write(.system) { tx in
            try tx.script(
                """
                DO $$
                DECLARE
                    found RECORD;
                BEGIN
                    FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
                        EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', found.tablename);
                    END LOOP;
                    FOR found IN SELECT p.oid::regprocedure AS name FROM pg_proc p
                        WHERE p.pronamespace = current_schema()::regnamespace AND NOT EXISTS (
                            SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP
                        EXECUTE 'DROP FUNCTION IF EXISTS ' || found.name || ' CASCADE';
                    END LOOP;
                END $$
                """)
        }
    }
}

/// Restores into a database of its own, on the server of another one, and drops it again.
final class PostgresTrial: RestoredDatabase {
    private static let prefix = "mynah_verify_"
    private static let oldest = Duration.seconds(86_400)

    private(set) var database: Database?
    let warning = ""
    private let program: PostgresProgram
    private let name: String
    private let work: WorkFolder

    /// Returns nil if the role may not create databases.
    init?(_ url: String, _ work: WorkFolder, logger: Logger) async throws {
        guard let command = try PostgresCommand(url: url) else { return nil }
        program = PostgresProgram(command)
        self.work = work
        let now = Timestamp.now
        name = "\(Self.prefix)\(now.milliseconds)_\(String(UInt32.random(in: 0...UInt32.max), radix: 16))"
        guard let old = try await Self.oldTrials(url, now: now, logger: logger) else { return nil }
        for name in old { try? sql("DROP DATABASE IF EXISTS \(name)") }
        try sql("CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'UTF8'")
        do {
            let own = PostgresCommand.url(url, naming: name)
            try await PostgresRestore.load(own, work)
            database = try Database(url: own, logger: logger)
        } catch {
            await discard()
            throw error
        }
    }

    /// The databases that killed verifications have left; nil if the role may not create any.
    private static func oldTrials(_ url: String, now: Timestamp, logger: Logger) async throws -> [String]? {
        let server = try Database(url: url, logger: logger)
        let found: [String]?
        do {
            found = try await server.read(.system) { tx in
                let mayCreate = try tx.row(
                    "SELECT rolsuper OR rolcreatedb AS may_create FROM pg_catalog.pg_roles WHERE rolname = current_user"
                ) { try $0.bool("may_create") }
                guard mayCreate == true else { return nil }
                return try tx.rows(
                    "SELECT datname::text AS name FROM pg_catalog.pg_database WHERE datname LIKE 'mynah!_verify!_%' ESCAPE '!'"
                ) { try $0.string("name") }
            }
        } catch {
            await server.close()
            throw error
        }
        await server.close()
        let before = now.adding(.zero - oldest)
        return found?.filter { name in
            let parts = name.dropFirst(prefix.count).split(separator: "_")
            guard parts.count == 2, let time = Int64(parts[0]), UInt32(parts[1], radix: 16) != nil else { return false }
            return Timestamp(milliseconds: time) < before
        }
    }

    func publish() async throws { await discard() }

    func discard() async {
        await database?.close()
        database = nil
        try? sql("DROP DATABASE IF EXISTS \(name)")
    }

    private func sql(_ text: String) throws {
        try program.run("psql", ["--no-psqlrc", "--quiet", "--command=\(text)"], output: work.file("said"))
    }
}

/// Only reads the dump's list of contents: there is no server to restore it to.
final class PostgresListing: RestoredDatabase {
    let database: Database? = nil
    let warning =
        "The database was not restored, only the dump's list of contents was read: DATABASE_URL names no PostgreSQL "
        + "server on which this role may create a temporary database."

    init(_ work: WorkFolder) throws {
        let program = PostgresProgram(PostgresCommand.none)
        let list = try program.run(
            "pg_restore", ["--list", work.file("database")], output: work.file("said"), connects: false)
        guard list.contains("TABLE DATA") else { throw StartError("pg_restore finds no tables in the dump.") }
    }

    func publish() async throws {}
    func discard() async {}
}

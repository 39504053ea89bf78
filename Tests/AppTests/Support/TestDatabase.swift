import DatabaseMigrations
import Files
import Foundation
import Logging
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// A database for one test: a file in a folder of its own, or, if MYNAH_TEST_ENGINE is postgres, one on the server of
/// MYNAH_TEST_POSTGRES. With MYNAH_TEST_CONFLICTS all its transactions are serializable, and the server refuses
/// so many percent of the COMMITs with 40001. Migrating takes longer than most tests, so that it is done once, and copied.
struct TestDatabase: Sendable {
    let url: String
    private let folder: String?
    /// The database's name on the server.
    private let name: String?

    private static let isPostgres = ProcessInfo.processInfo.environment["MYNAH_TEST_ENGINE"] == "postgres"

    private static var server: String {
        get throws {
            try #require(
                ProcessInfo.processInfo.environment["MYNAH_TEST_POSTGRES"],
                "these tests need a PostgreSQL server: run make test, which starts one")
        }
    }

    /// Makes an empty database, of today's version or, if not `isMigrated`, without any table.
    static func make(isMigrated: Bool = true) async throws -> TestDatabase {
        let name = "mynah_test_" + UUID().uuidString.replacing("-", with: "").lowercased()
        await slots.take()
        guard isPostgres else {
            let folder = FileManager.default.temporaryDirectory.appending(path: name).path()
            do {
                if isMigrated {
                    let file = try await migratedFile.value
                    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                    try file.write(to: URL(filePath: folder + "/test.sqlite"))
                }
            } catch {
                await slots.give()
                throw error
            }
            return TestDatabase(url: "sqlite://\(folder)/test.sqlite", folder: folder, name: nil)
        }
        do {
            try await removedOld.value
            try await run(isMigrated ? copying(try await migratedTemplate.value, as: name) : "CREATE DATABASE \(name)")
            return TestDatabase(url: try url(of: name), folder: nil, name: name)
        } catch {
            await slots.give()
            throw error
        }
    }

    private static func url(of name: String) throws -> String {
        var url = URLComponents(string: try server)!
        url.path = "/\(name)"
        return url.string! + "?pool_size=2" + (conflicts == nil ? "" : "&isolation=serializable")
    }

    /// The files are copied as they are: nothing is in them that a crash would need in the log.
    private static func copying(_ template: String, as name: String) -> String {
        "CREATE DATABASE \(name) TEMPLATE \(template) STRATEGY FILE_COPY"
    }

    /// The file of an empty database of today's version.
    private static let migratedFile = Task {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mynah-test-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await migrate("sqlite://\(folder)/test.sqlite") { _ in }
        return try Data(contentsOf: URL(filePath: folder + "/test.sqlite"))
    }

    /// Removes from the server what an earlier run has left.
    private static let removedOld = Task {
        try await onServer { database in
            let old = try await database.read(.system) { tx in
                try tx.rows("SELECT datname::text AS name FROM pg_database WHERE datname LIKE 'mynah\\_t%'", []) {
                    try $0.string("name")
                }
            }
            for name in old { try await run("DROP DATABASE \(name)") }
        }
    }

    /// The name of an empty database of today's version on the server.
    private static let migratedTemplate = Task {
        let template = "mynah_template_" + UUID().uuidString.replacing("-", with: "").lowercased()
        try await run("CREATE DATABASE \(template)")
        try await migrate(try url(of: template)) { tx in
            if let conflicts { try refuse(conflicts, tx) }
        }
        return template
    }

    private static func migrate(_ url: String, _ work: @escaping @Sendable (Transaction) throws -> Void) async throws {
        let database = try Database(url: url, logger: quiet)
        do {
            _ = try await Migrator(database, Migrations.all).migrate()
            try await database.write(.system) { tx in try work(tx) }
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }

    private static let conflicts = ProcessInfo.processInfo.environment["MYNAH_TEST_CONFLICTS"].flatMap(Int.init)

    /// Lets so many percent of the transactions that change a row fail at their COMMIT.
    private static func refuse(_ percent: Int, _ tx: Transaction) throws {
        try tx.script(
            """
            CREATE FUNCTION refuse_commit() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
                IF abs(hashint8(txid_current())) % 100 < \(percent) THEN
                    RAISE EXCEPTION 'refused by the test' USING ERRCODE = '40001';
                END IF;
                RETURN NULL;
            END $$;
            """)
        for table in try tx.rows(Dialect.postgres.tableNames, [], { try $0.string("name") }) {
            try tx.script(
                """
                CREATE CONSTRAINT TRIGGER refuse_commit AFTER INSERT OR UPDATE OR DELETE ON \(table)
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_commit()
                """)
        }
    }

    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A database that is not a file has no keys beside it.
    func configure(_ configuration: inout ServerConfiguration) {
        configuration.databaseURL = url
        guard let name else { return }
        configuration.files = .folder(Self.files(name))
        configuration.secretKey = RandomText.make(bytes: 48)
        configuration.encryptionKeys = [Fernet.makeKey()]
    }

    /// The folder for the files of a database on a server.
    private static func files(_ name: String) -> String {
        FileManager.default.temporaryDirectory.appending(path: "files-\(name)").path()
    }

    func remove() async throws {
        await Self.slots.give()
        if let folder { try? FileManager.default.removeItem(atPath: folder) }
        guard let name else { return }
        try? FileManager.default.removeItem(atPath: Self.files(name))
        try await Self.run("DROP DATABASE \(name)")
    }

    /// All tests start at once, and each of them would take threads, and connections of the one PostgreSQL server.
    private static let slots = Slots()

    private actor Slots {
        private var free = 24
        private var waiting: [CheckedContinuation<Void, Never>] = []

        func take() async {
            if free > 0 {
                free -= 1
            } else {
                await withCheckedContinuation { waiting.append($0) }
            }
        }

        func give() {
            if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
        }
    }

    /// Runs a statement that no transaction may have: the one around it is ended before.
    private static func run(_ sql: String) async throws {
        try await onServer { database in
            try await database.write(.system) { tx in
                try tx.script("COMMIT")
                try tx.script(sql)
            }
        }
    }

    private static func onServer(_ work: (Database) async throws -> Void) async throws {
        let database = try Database(url: "\(server)?pool_size=1&prepared_statements=off", logger: quiet)
        do {
            try await work(database)
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }
}

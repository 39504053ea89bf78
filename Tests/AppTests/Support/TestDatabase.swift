import DatabaseMigrations
import Files
import Foundation
import Logging
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// A database for one test: a file in a folder of its own, or, if MYNAH_TEST_ENGINE is postgres, a schema of its own on
/// the server of MYNAH_TEST_POSTGRES. With MYNAH_TEST_CONFLICTS all its transactions are serializable, and the server refuses
/// so many percent of the COMMITs with 40001.
struct TestDatabase: Sendable {
    let url: String
    private let folder: String?
    private let schema: String?

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
        let name = UUID().uuidString
        await slots.take()
        guard isPostgres else {
            let folder = FileManager.default.temporaryDirectory.appending(path: "mynah-test-\(name)").path()
            do {
                if isMigrated {
                    let file = try await migrated.value
                    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                    try file.write(to: URL(filePath: folder + "/test.sqlite"))
                }
            } catch {
                await slots.give()
                throw error
            }
            return TestDatabase(url: "sqlite://\(folder)/test.sqlite", folder: folder, schema: nil)
        }
        do {
            let schema = "test_" + name.replacing("-", with: "").lowercased()
            try await run("CREATE SCHEMA \(schema)")
            var url = try "\(server)?pool_size=2&options=-csearch_path%3D\(schema)"
            if let percent = conflicts {
                url += "&isolation=serializable"
                if isMigrated { try await refuse(percent, url: url) }
            }
            return TestDatabase(url: url, folder: nil, schema: schema)
        } catch {
            await slots.give()
            throw error
        }
    }

    /// The file of an empty database of today's version, made once: migrating takes longer than most tests.
    private static let migrated = Task {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mynah-test-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let database = try Database(url: "sqlite://\(folder)/test.sqlite", logger: quiet)
        do {
            _ = try await Migrator(database, Migrations.all).migrate()
        } catch {
            await database.close()
            throw error
        }
        await database.close()
        return try Data(contentsOf: URL(filePath: folder + "/test.sqlite"))
    }

    private static let conflicts = ProcessInfo.processInfo.environment["MYNAH_TEST_CONFLICTS"].flatMap(Int.init)

    /// Lets so many percent of the transactions that change a row fail at their COMMIT.
    private static func refuse(_ percent: Int, url: String) async throws {
        let database = try Database(url: url, logger: quiet)
        do {
            _ = try await Migrator(database, Migrations.all).migrate()
            try await database.write(.system) { tx in
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
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }

    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A database that is not a file has no keys beside it.
    func configure(_ configuration: inout ServerConfiguration) {
        configuration.databaseURL = url
        guard let schema else { return }
        configuration.files = .folder(Self.files(schema))
        configuration.secretKey = RandomText.make(bytes: 48)
        configuration.encryptionKeys = [Fernet.makeKey()]
    }

    /// The folder for the files of a database on a server.
    private static func files(_ schema: String) -> String {
        FileManager.default.temporaryDirectory.appending(path: "files-\(schema)").path()
    }

    func remove() async throws {
        await Self.slots.give()
        if let folder { try? FileManager.default.removeItem(atPath: folder) }
        guard let schema else { return }
        try? FileManager.default.removeItem(atPath: Self.files(schema))
        try await Self.run("DROP SCHEMA \(schema) CASCADE")
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

    private static func run(_ sql: String) async throws {
        let database = try Database(url: "\(server)?pool_size=1", logger: quiet)
        do {
            try await database.write(.system) { try $0.script(sql) }
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }
}

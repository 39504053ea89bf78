import Foundation
import Testing

@testable import Storage

struct FileTests {
    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test("Statistics of a table with few rows are not kept, so that it is never scanned for being small once")
    func smallStatistics() async throws {
        let scratch = try Scratch()
        func statistics(of database: Database) async throws -> [String] {
            try await database.read(.system) { tx in
                let isThere = try tx.row("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'") { _ in true }
                return isThere == nil ? [] : try tx.rows("SELECT tbl FROM sqlite_stat1") { try $0.string("tbl") }
            }
        }
        var database = try scratch.open()
        try await database.write(.system) { tx in
            try tx.script(
                """
                CREATE TABLE few (id BIGINT PRIMARY KEY, other BIGINT UNIQUE);
                CREATE TABLE many (id BIGINT PRIMARY KEY, other BIGINT UNIQUE);
                INSERT INTO few VALUES (1, 1), (2, 2);
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
                    INSERT INTO many SELECT i, i FROM n;
                ANALYZE;
                """)
        }
        await database.close()
        database = try scratch.open()
        #expect(Set(try await statistics(of: database)) == ["many"])
        await database.close()
    }

    @Test func filesAreForTheirOwnerOnly() async throws {
        let scratch = try Scratch()
        let folder = scratch.folder + "/a/b"
        let database = try scratch.open(path: folder + "/new.sqlite")
        try await database.write(.system) { try $0.script("CREATE TABLE t (id TEXT)") }
        #expect(try mode(scratch.folder + "/a") == 0o700)
        #expect(try mode(folder) == 0o700)
        for suffix in ["", "-wal", "-shm"] { #expect(try mode(folder + "/new.sqlite" + suffix) == 0o600) }
        await database.close()
    }

    @Test func settings() async throws {
        try await withDatabase { database, _ in
            for (pragma, value) in [("synchronous", 2), ("foreign_keys", 1), ("temp_store", 2), ("mmap_size", 0)] {
                let found = try await database.write(.system) { try $0.row("PRAGMA \(pragma)") { try $0.int(0) } }
                #expect(found == value, "\(pragma)")
            }
            let mode = try await database.read(.system) { try $0.row("PRAGMA journal_mode") { try $0.string(0) } }
            #expect(mode == "wal")
        }
    }

    @Test func placesThatCannotBeOpened() async throws {
        let scratch = try Scratch()
        let file = scratch.folder + "/file"
        try Data("this is not a database, whatever it says".utf8).write(to: URL(fileURLWithPath: file))
        for (path, expected) in [
            (file + "/test.sqlite", .unavailable), ("/proc/nowhere/test.sqlite", .unavailable),
            ("/proc/version", .unavailable), (scratch.folder, .unavailable), (file, .corrupt),
        ] as [(String, StorageError.Kind)] {
            let error = #expect(throws: StorageError.self, "\(path)") { try scratch.open(path: path) }
            #expect(error?.kind == expected, "\(path): \(error?.description ?? "")")
        }
    }

    @Test func manyOpenANewFileAtOnce() async throws {
        let scratch = try Scratch()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let database = try scratch.open()
                    try await database.check()
                    await database.close()
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func checkFindsTheFileGone() async throws {
        try await withItems { database, scratch in
            try await database.check()
            try FileManager.default.moveItem(atPath: scratch.path, toPath: scratch.path + ".moved")
            #expect(await kind { try await database.check() } == .unavailable)
            try FileManager.default.moveItem(atPath: scratch.path + ".moved", toPath: scratch.path)
            try await database.check()
        }
    }

    @Test func aBackupWhileOthersWrite() async throws {
        try await withItems { database, scratch in
            let copy = scratch.folder + "/copy.sqlite"
            for id in 0..<50 { try await database.insert(id) }
            let writing = Task {
                for id in 50..<150 { try await database.insert(id) }
            }
            try await database.backup(to: copy)
            try await writing.value
            #expect(try mode(copy) == 0o600)
            #expect(try scratch.files.filter { $0.hasPrefix("copy") } == ["copy.sqlite"])
            #expect(await kind { try await database.backup(to: copy) } == .io)

            let opened = try scratch.open(path: copy)
            let found = try await opened.itemIDs
            #expect(found.count >= 50)
            #expect(found == Array(0..<found.count))
            await opened.close()
        }
    }
}

import Dispatch
import Foundation
import Logging
import Testing
import Texts

@testable import Storage

/// What every test of the contract runs on.
enum TestEngine: String, CaseIterable, Sendable {
    case sqlite, postgres
}

/// A database of a test's own, removed at its end: a file in a folder, or a schema of the tests' PostgreSQL.
final class Scratch: Sendable {
    let engine: TestEngine
    let folder: String
    var path: String { folder + "/test.sqlite" }
    private let schema = "test_" + UUID().uuidString.replacing("-", with: "").lowercased()

    init(_ engine: TestEngine = .sqlite) throws {
        self.engine = engine
        folder = FileManager.default.temporaryDirectory.path + "/storage-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    func open(_ limits: Limits = Limits(), path: String? = nil) throws -> Database {
        try Database(url: path.map { "sqlite://\($0)" } ?? url, logger: .quiet, limits: limits)
    }

    var url: String {
        get throws {
            switch engine {
            case .sqlite: "sqlite://\(path)"
            case .postgres: try Self.postgresURL + "?options=-csearch_path%3D\(schema)"
            }
        }
    }

    static var postgresURL: String {
        get throws {
            try needed(
                ProcessInfo.processInfo.environment["MYNAH_TEST_POSTGRES"],
                "this test needs a PostgreSQL server; make test starts one")
        }
    }

    func create() async throws {
        if engine == .postgres { try await onServer("CREATE SCHEMA \(schema)") }
    }

    func remove() async throws {
        if engine == .postgres { try await onServer("DROP SCHEMA \(schema) CASCADE") }
    }

    private func onServer(_ sql: String) async throws {
        let database = try Database(url: Self.postgresURL, logger: .quiet, limits: Limits(connections: 1))
        do {
            try await database.write(.system) { try $0.script(sql) }
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }

    var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
    }
}

extension Logger {
    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

/// Runs `body` with a place for databases.
func withScratch(_ engine: TestEngine = .sqlite, _ body: (Scratch) async throws -> Void) async throws {
    let scratch = try Scratch(engine)
    try await scratch.create()
    do {
        try await body(scratch)
    } catch {
        try? await scratch.remove()
        throw error
    }
    try await scratch.remove()
}

/// Runs `body` with a new database and closes it.
func withDatabase(
    _ engine: TestEngine = .sqlite, _ limits: Limits = Limits(), _ body: (Database, Scratch) async throws -> Void
) async throws {
    try await withScratch(engine) { scratch in
        let database = try scratch.open(limits)
        do {
            try await body(database, scratch)
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }
}

/// A database with `items (id PRIMARY KEY, value)`.
func withItems(
    _ engine: TestEngine = .sqlite, _ limits: Limits = Limits(), _ body: (Database, Scratch) async throws -> Void
) async throws {
    try await withDatabase(engine, limits) { database, scratch in
        try await database.write(.system) { try $0.script("CREATE TABLE items (id BIGINT PRIMARY KEY, value TEXT)") }
        try await body(database, scratch)
    }
}

extension Database {
    func insert(_ id: Int, _ value: String = "x") async throws {
        try await write(.system) { try $0.run("INSERT INTO items (id, value) VALUES (?, ?)", [id, value]) }
    }

    var itemIDs: [Int] {
        get async throws {
            try await read(.system) { try $0.rows("SELECT id FROM items ORDER BY id") { try $0.int("id") } }
        }
    }

    func waits(for count: Int) async {
        while statistics.waitingWrites < count { await Task.yield() }
    }
}

/// Holds the writing thread in a write, so that others have to wait.
final class Gate: Sendable {
    private let entered = DispatchSemaphore(value: 0)
    private let released = DispatchSemaphore(value: 0)
    private let write: Task<Void, any Error>

    init(_ database: Database) async {
        write = Task { [entered, released] in
            try await database.write(.system) { _ in
                entered.signal()
                released.wait()
            }
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [entered] in
                entered.wait()
                continuation.resume()
            }
        }
    }

    func open() async throws {
        released.signal()
        try await write.value
    }
}

func kind<T>(_ body: () async throws -> T) async -> StorageError.Kind? {
    do {
        _ = try await body()
        return nil
    } catch {
        return (error as? StorageError)?.kind
    }
}

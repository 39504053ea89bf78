import Dispatch
import Foundation
import Logging

@testable import Storage

/// A folder with one database, removed at the end of a test.
final class Scratch: Sendable {
    let folder: String
    var path: String { folder + "/test.sqlite" }

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/storage-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    func open(_ limits: Limits = Limits(), path: String? = nil) throws(StorageError) -> Database {
        try Database(url: "sqlite://\(path ?? self.path)", logger: .quiet, limits: limits)
    }

    var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
    }
}

extension Logger {
    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

/// Runs `body` with a new database and closes it.
func withDatabase(_ limits: Limits = Limits(), _ body: (Database, Scratch) async throws -> Void) async throws {
    let scratch = try Scratch()
    let database = try scratch.open(limits)
    do {
        try await body(database, scratch)
    } catch {
        await database.close()
        throw error
    }
    await database.close()
}

/// A database with `items (id PRIMARY KEY, value)`.
func withItems(_ limits: Limits = Limits(), _ body: (Database, Scratch) async throws -> Void) async throws {
    try await withDatabase(limits) { database, scratch in
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

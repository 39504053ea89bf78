import Foundation
import Synchronization
import Testing

@testable import Storage

/// One tenant's flood leaves others their turns.
@Suite(.timeLimit(.minutes(2))) struct TurnTests {
    private static let flood = Scope.user("flood")
    private static let modest = Scope.workspace("modest")

    private final class Flood: Sendable {
        let isOver = Atomic(false)
        let done = Atomic(0)
        let inserted = Atomic(0)
    }

    /// Keeps 100 transactions of 10 ms of one tenant waiting, each followed by another, while `body` runs.
    private func flooded(
        _ database: Database, writes: Bool, _ body: () async throws -> Void
    ) async throws -> Int {
        let flood = Flood()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    while !flood.isOver.load(ordering: .relaxed) {
                        let slow: @Sendable (Transaction) throws -> Void = { tx in
                            _ = try tx.row("SELECT COUNT(*) FROM items") { try $0.int(0) }
                            usleep(10_000)
                        }
                        if writes {
                            try await database.write(Self.flood, slow)
                        } else {
                            try await database.read(Self.flood, slow)
                        }
                        flood.done.add(1, ordering: .relaxed)
                    }
                }
            }
            while database.statistics.waitingReads + database.statistics.waitingWrites < 50 {
                try await Task.sleep(for: .milliseconds(1))
            }
            do {
                try await body()
            } catch {
                flood.isOver.store(true, ordering: .relaxed)
                throw error
            }
            flood.isOver.store(true, ordering: .relaxed)
            try await group.waitForAll()
        }
        return flood.done.load(ordering: .relaxed)
    }

    /// The middle one of 21 times.
    private func median(_ work: () async throws -> Void) async throws -> Duration {
        var times: [Duration] = []
        for _ in 0..<21 { times.append(try await ContinuousClock().measure { try await work() }) }
        return times.sorted()[10]
    }

    @Test(arguments: TestEngine.allCases)
    func readsOfOthersAreNotHeldUp(engine: TestEngine) async throws {
        try await withItems(engine) { database, _ in
            let done = try await flooded(database, writes: false) {
                let time = try await median {
                    _ = try await database.read(Self.modest) { try $0.rows("SELECT 1") { try $0.int(0) } }
                }
                // Behind all that waits it would be 100 × 10 ms / 8 at least.
                #expect(time < .milliseconds(250), "\(time)")
            }
            #expect(done >= 100, "the flood goes on too")
        }
    }

    @Test(arguments: TestEngine.allCases)
    func writesOfOthersAreNotHeldUp(engine: TestEngine) async throws {
        try await withItems(engine) { database, _ in
            let counted = Flood()
            let done = try await flooded(database, writes: true) {
                let time = try await median {
                    let id = counted.inserted.add(1, ordering: .relaxed).newValue
                    try await database.write(Self.modest) { try $0.run("INSERT INTO items (id) VALUES (?)", [id]) }
                }
                // SQLite has one writer: the transaction that runs, and one of the flood in that of the write.
                #expect(time < .milliseconds(250), "\(time)")
            }
            #expect(done >= 20, "the flood goes on too")
            #expect(try await database.itemIDs.count == 21)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func oneTenantsQueueIsBounded(engine: TestEngine) async throws {
        try await withItems(engine, Limits(connections: 1, waitingEach: 3, waiting: 100)) { database, _ in
            let gate = await Gate(database)
            @Sendable func insert(_ id: Int, _ scope: Scope) async throws {
                try await database.write(scope) { try $0.run("INSERT INTO items (id) VALUES (?)", [id]) }
            }
            let waiting = (1...3).map { id in Task { try await insert(id, Self.flood) } }
            await database.waits(for: 3)
            #expect(await kind { try await insert(4, Self.flood) } == .busy)
            let other = Task { try await insert(5, Self.modest) }
            await database.waits(for: 4)
            try await gate.open()
            for write in waiting + [other] { try await write.value }
            #expect(try await database.itemIDs == [1, 2, 3, 5])
        }
    }

    @Test("A transaction that sees more than its tenant's rows uses that tenant's turn", arguments: TestEngine.allCases)
    func ofATenant(engine: TestEngine) async throws {
        try await withItems(engine, Limits(connections: 1, waitingEach: 1, waiting: 100)) { database, _ in
            let gate = await Gate(database)
            let first = Task { try await database.write(.system, for: Self.flood) { _ in } }
            await database.waits(for: 1)
            #expect(await kind { try await database.write(Self.flood) { _ in } } == .busy)
            try await gate.open()
            try await first.value
        }
    }

    @Test("A page of more rows than are fetched at a time has each once", arguments: TestEngine.allCases)
    func longPages(engine: TestEngine) async throws {
        try await withItems(engine) { database, _ in
            try await database.write(.system) { tx in
                for id in 1...50 { try tx.run("INSERT INTO items (id, value) VALUES (?, 'মান')", [id]) }
            }
            for limit in [1, 15, 16, 17, 31, 32, 33, 49, 50, 51, 200] {
                let page = try await database.read(.system) { tx in
                    try tx.page("SELECT id, value FROM items ORDER BY id", limit: limit) { try $0.int("id") }
                }
                #expect(page.items == Array(1...min(limit, 50)) && page.hasMore == (limit < 50), "\(limit)")
            }
        }
    }

    @Test("PostgreSQL is asked for little more than a page holds")
    func fetchedRows() async throws {
        try await withItems(.postgres) { database, _ in
            let fetched = try await database.write(.system) { tx in
                try tx.script("CREATE SEQUENCE fetched")
                for id in 1...100 {
                    try tx.run(
                        "INSERT INTO items (id, value) VALUES (?, ?)", [id, String(repeating: "界", count: 30_000)])
                }
                let page = try tx.page(
                    "SELECT id, value, nextval('fetched') FROM items ORDER BY id", limit: 99
                ) { try $0.int("id") }
                #expect(page.items == Array(1...11) && page.hasMore)
                return try tx.row("SELECT last_value FROM fetched") { try $0.int(0) }
            }
            #expect(fetched == 16)
        }
    }

    @Test("More statements than are kept prepared", arguments: TestEngine.allCases)
    func manyStatements(engine: TestEngine) async throws {
        try await withItems(engine, Limits(readers: 1, connections: 1)) { database, _ in
            for number in 0..<600 {
                let found = try await database.read(.system) { tx in
                    try tx.row("SELECT \(number) AS number, 'সংখ্যা' AS name") { try $0.int("number") }
                }
                #expect(found == number)
            }
        }
    }

    @Test("A page ends where its rows hold enough", arguments: TestEngine.allCases)
    func pages(engine: TestEngine) async throws {
        try await withItems(engine) { database, _ in
            try await database.write(.system) { tx in
                // Three bytes a character.
                for id in 1...6 {
                    try tx.run(
                        "INSERT INTO items (id, value) VALUES (?, ?)", [id, String(repeating: "অ", count: 1000)])
                }
            }
            func page(after id: Int, limit: Int, bytes: Int) async throws -> RowPage<Int> {
                try await database.read(.system) { tx in
                    try tx.page(
                        "SELECT id, value FROM items WHERE id > ? ORDER BY id", [id], limit: limit, bytes: bytes
                    ) { try $0.int("id") }
                }
            }
            for (limit, bytes, ids, hasMore) in [
                (6, 1 << 20, [1, 2, 3, 4, 5, 6], false), (5, 1 << 20, [1, 2, 3, 4, 5], true), (6, 7000, [1, 2], true),
                (6, 1, [1], true), (1, 1, [1], true),
            ] {
                let found = try await page(after: 0, limit: limit, bytes: bytes)
                #expect(found.items == ids && found.hasMore == hasMore, "\(limit) \(bytes)")
            }
            let last = try await page(after: 5, limit: 6, bytes: 1)
            #expect(last.items == [6] && !last.hasMore)
        }
    }
}

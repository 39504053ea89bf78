import Foundation
import Testing

@testable import Storage

struct WriteTests {
    /// Nothing splits a batch but its size.
    private static let patient = Limits(joinTime: .seconds(60))

    @Test func concurrentWritesShareCommits() async throws {
        struct Unwanted: Error {}
        try await withItems(.sqlite, Self.patient) { database, scratch in
            let before = database.statistics
            let gate = await Gate(database)
            let succeeded = try await withThrowingTaskGroup(of: Int?.self) { group in
                for id in 0..<200 {
                    group.addTask {
                        do {
                            try await database.write(.system) { transaction in
                                try transaction.run("INSERT INTO items (id) VALUES (?)", [id])
                                if id % 10 == 0 { throw Unwanted() }
                                if id % 10 == 1 { try transaction.run("INSERT INTO items (id) VALUES (?)", [id]) }
                            }
                            return id
                        } catch {
                            return nil
                        }
                    }
                }
                await database.waits(for: 200)
                try await gate.open()
                return try await group.reduce(into: [Int]()) { if let id = $1 { $0.append(id) } }
            }
            #expect(succeeded.sorted() == (0..<200).filter { $0 % 10 > 1 })
            let after = database.statistics
            #expect(after.writes - before.writes == 201)
            #expect(after.commits - before.commits <= 6)
            #expect(after.statements - before.statements == 220)

            // What a crash would leave now.
            let crashed = scratch.folder + "/crashed.sqlite"
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: scratch.path + suffix, toPath: crashed + suffix)
            }
            let recovered = try scratch.open(path: crashed)
            #expect(try await recovered.itemIDs == succeeded.sorted())
            await recovered.close()
        }
    }

    @Test func theFirstOfABatchFails() async throws {
        struct Unwanted: Error {}
        try await withItems(.sqlite, Self.patient) { database, _ in
            let gate = await Gate(database)
            let first = Task {
                try await database.write(.system) { transaction in
                    try transaction.run("INSERT INTO items (id) VALUES (1)")
                    throw Unwanted()
                }
            }
            await database.waits(for: 1)
            async let second: Void = database.insert(2)
            await database.waits(for: 2)
            try await gate.open()
            await #expect(throws: Unwanted.self) { try await first.value }
            try await second
            #expect(try await database.itemIDs == [2])
        }
    }

    @Test func aDeferredForeignKeyIsTheFaultOfItsOwnWrite() async throws {
        try await withItems(.sqlite, Self.patient) { database, _ in
            try await database.write(.system) { transaction in
                try transaction.script(
                    "CREATE TABLE later (item BIGINT REFERENCES items (id) DEFERRABLE INITIALLY DEFERRED)")
            }
            let gate = await Gate(database)
            async let first: Void = database.insert(1)
            await database.waits(for: 1)
            let dangling = Task { try await database.write(.system) { try $0.run("INSERT INTO later VALUES (7)") } }
            await database.waits(for: 2)
            async let resolved: Void = database.write(.system) { transaction in
                try transaction.run("INSERT INTO later VALUES (3)")
                try transaction.run("INSERT INTO items (id) VALUES (3)")
            }
            await database.waits(for: 3)
            try await gate.open()
            try await first
            try await resolved
            #expect(await kind { try await dangling.value } == .foreignKey)
            #expect(try await database.itemIDs == [1, 3])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aCancelledCallerIsCommittedWithTheOthers(engine: TestEngine) async throws {
        try await withItems(engine, Limits(connections: 1, joinTime: .seconds(60))) { database, _ in
            let gate = await Gate(database)
            let cancelled = Task { try await database.insert(1) }
            let other = Task { try await database.insert(2) }
            await database.waits(for: 2)
            cancelled.cancel()
            try await gate.open()
            try await cancelled.value
            try await other.value
            let late = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await database.insert(3)
                return try await database.itemIDs
            }
            #expect(try await late.value == [1, 2, 3])
        }
    }

    /// SQLite itself gives up the transaction at the first, but only the statement at the second.
    @Test(arguments: [
        "INSERT INTO items (id, value) VALUES (4, printf('%.1000000c', 'x'))",
        "INSERT INTO items (id, value) SELECT id + 4, printf('%.1000000c', 'x') FROM items WHERE id < 2",
    ])
    func aFullDiskFailsTheWholeTransactionAndPasses(sql: String) async throws {
        try await withItems(.sqlite, Self.patient) { database, _ in
            try await database.insert(0)
            let limit = try await database.write(.system) { transaction in
                let pages = try transaction.row("PRAGMA page_count") { try $0.int(0) }!
                return try transaction.row("PRAGMA max_page_count = \(pages + 5)") { try $0.int(0) }!
            }
            #expect(limit > 0)
            let gate = await Gate(database)
            let small = [1, 2, 3].map { id in Task { try await database.insert(id) } }
            await database.waits(for: 3)
            let large = Task { try await database.write(.system) { try $0.run(sql) } }
            await database.waits(for: 4)
            // The gate's own write shares the transaction, so it is lost with the others.
            try? await gate.open()
            for write in small {
                #expect(await kind { try await write.value } == .full)
            }
            #expect(await kind { try await large.value } == .full)
            #expect(try await database.itemIDs == [0])
            try await database.insert(5)
            try await database.write(.system) { _ = try $0.row("PRAGMA max_page_count = 1073741823") { _ in } }
            #expect(try await database.write(.system) { try $0.run(sql) } == 1)
            #expect(try await database.itemIDs == [0, 4, 5])
        }
    }

    @Test func aLostTransactionIsNotSavedByCatchingTheError() async throws {
        try await withItems { database, _ in
            let failed = await kind {
                try await database.write(.system) { transaction in
                    try transaction.run("INSERT INTO items (id) VALUES (1)")
                    _ = try? transaction.run("INSERT OR ROLLBACK INTO items (id) VALUES (1)")
                }
            }
            #expect(failed == .unique(columns: ["id"]))
            #expect(try await database.itemIDs == [])
            try await database.insert(1)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func waitingIsBounded(engine: TestEngine) async throws {
        try await withItems(engine, Limits(connections: 1, waiting: 3)) { database, _ in
            let gate = await Gate(database)
            let waiting = (1...3).map { id in Task { try await database.insert(id) } }
            await database.waits(for: 3)
            #expect(await kind { try await database.insert(4) } == .busy)
            try await gate.open()
            for write in waiting { try await write.value }
            try await database.insert(4)
            #expect(try await database.itemIDs == [1, 2, 3, 4])
        }
    }

    @Test func slowBodiesSplitABatch() async throws {
        try await withItems(.sqlite, Limits(joinTime: .zero)) { database, _ in
            let before = database.statistics.commits
            let gate = await Gate(database)
            let waiting = (1...5).map { id in Task { try await database.insert(id) } }
            await database.waits(for: 5)
            try await gate.open()
            for write in waiting { try await write.value }
            #expect(database.statistics.commits - before == 6)
        }
    }

    @Test func closingFinishesWhatWaits() async throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try await database.write(.system) { try $0.script("CREATE TABLE items (id BIGINT PRIMARY KEY, value TEXT)") }
        let gate = await Gate(database)
        let waiting = (1...20).map { id in Task { try await database.insert(id) } }
        await database.waits(for: 20)
        let closing = Task { await database.close() }
        while await kind({ _ = try await database.itemIDs }) != .unavailable { await Task.yield() }
        try await gate.open()
        for write in waiting { try await write.value }
        await closing.value
        await database.close()
        #expect(await kind { try await database.insert(21) } == .unavailable)
        #expect(try scratch.files == ["test.sqlite"])

        let reopened = try scratch.open()
        #expect(try await reopened.itemIDs == Array(1...20))
        await reopened.close()
    }

    @Test func anotherProcessHoldsTheLock() async throws {
        try await withItems { database, scratch in
            let other = try scratch.open()
            let gate = await Gate(other)
            let write = Task { try await database.insert(1) }
            // The writer waits for the lock of the other, which it would not get in vain.
            while database.statistics.waitingWrites > 0 { await Task.yield() }
            try await gate.open()
            try await write.value
            #expect(try await other.itemIDs == [1])
            await other.close()
        }
    }
}

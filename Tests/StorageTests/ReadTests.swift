import Dispatch
import Testing

@testable import Storage

struct ReadTests {
    @Test(arguments: TestEngine.allCases)
    func readsSeeEveryAnsweredWrite(engine: TestEngine) async throws {
        try await withItems(engine) { database, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 0..<200 {
                    group.addTask {
                        try await database.insert(id)
                        let found = try await database.read(.system) {
                            try $0.row("SELECT id FROM items WHERE id = ?", [id]) { try $0.int("id") }
                        }
                        #expect(found == id)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aThousandReadersAndWriters(engine: TestEngine) async throws {
        try await withItems(engine, Limits(waitingEach: 4096)) { database, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 0..<1000 {
                    group.addTask { try await database.insert(id) }
                    group.addTask { _ = try await database.itemIDs }
                }
                try await group.waitForAll()
            }
            #expect(try await database.itemIDs == Array(0..<1000))
            #expect(database.statistics.reads == 1001)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func oneReadIsOneSnapshot(engine: TestEngine) async throws {
        try await withItems(engine) { database, _ in
            let counted = DispatchSemaphore(value: 0)
            let written = DispatchSemaphore(value: 0)
            async let counts = database.read(.system) { transaction in
                let sql = "SELECT count(*) FROM items"
                let first = try transaction.row(sql) { try $0.int(0) }
                counted.signal()
                written.wait()
                return [first, try transaction.row(sql) { try $0.int(0) }]
            }
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    counted.wait()
                    continuation.resume()
                }
            }
            try await database.insert(1)
            written.signal()
            #expect(try await counts == [0, 0])
            #expect(try await database.itemIDs == [1])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aReadCannotWrite(engine: TestEngine) async throws {
        try await withItems(engine) { database, _ in
            await #expect(throws: StorageError.self) {
                try await database.read(.system) { try $0.run("INSERT INTO items (id) VALUES (1)") }
            }
            let ids = try await database.itemIDs
            #expect(ids == [])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func returningRows(engine: TestEngine) async throws {
        try await withItems(engine) { database, _ in
            try await database.write(.system) { transaction in
                let sql = "INSERT INTO items (id) VALUES (1), (2) RETURNING id"
                #expect(try transaction.row(sql) { try $0.int("id") } == 1)
                let updated = try transaction.rows("UPDATE items SET value = 'y' RETURNING id, value") { row in
                    "\(try row.int("id"))\(try row.string("value"))"
                }
                #expect(updated.sorted() == ["1y", "2y"])
            }
            #expect(try await database.itemIDs == [1, 2])
        }
    }
}

import Dispatch
import Synchronization
import Testing

@testable import Storage

struct TransactionHookTests {
    struct Unwanted: Error {}

    private static func hook(_ id: Int) -> TransactionHook {
        TransactionHook { try $0.run("INSERT INTO items (id, value) VALUES (?, 'hook')", [id]) }
    }

    @Test(arguments: TestEngine.allCases)
    func ridesWithTheFirstWriteOnly(engine: TestEngine) async throws {
        try await withItems(engine) { database, _ in
            let hook = Self.hook(100)
            #expect(!hook.isDone)
            try await TransactionHook.$current.withValue(hook) {
                _ = try await database.read(.system) { try $0.rows("SELECT id FROM items") { try $0.int("id") } }
                #expect(!hook.isDone)
                try await database.insert(1)
                #expect(hook.isDone)
                try await database.insert(2)
            }
            try await database.insert(3)
            #expect(try await database.itemIDs == [1, 2, 3, 100])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func ridesWithTheFirstWriteThatSucceeds(engine: TestEngine) async throws {
        try await withItems(engine) { database, _ in
            let hook = Self.hook(100)
            try await TransactionHook.$current.withValue(hook) {
                await #expect(throws: Unwanted.self) {
                    try await database.write(.system) { tx in
                        try tx.run("INSERT INTO items (id) VALUES (1)")
                        throw Unwanted()
                    }
                }
                #expect(!hook.isDone)
                #expect(try await database.itemIDs == [])
                try await database.insert(2)
            }
            #expect(hook.isDone)
            #expect(try await database.itemIDs == [2, 100])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aWriteWhoseRiderFailsIsRolledBack(engine: TestEngine) async throws {
        try await withItems(engine) { database, _ in
            try await database.insert(100)
            for sending in [false, true] {
                let hook = TransactionHook { tx in
                    let sql = "INSERT INTO items (id) VALUES (100)"
                    if sending { try tx.send(sql) } else { try tx.run(sql) }
                }
                try await TransactionHook.$current.withValue(hook) {
                    await #expect(throws: StorageError.self) { try await database.insert(1) }
                    #expect(!hook.isDone)
                }
            }
            #expect(try await database.itemIDs == [100])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func whatIsNotTheTasksOwnCarriesNothing(engine: TestEngine) async throws {
        try await withItems(engine) { database, _ in
            let hook = Self.hook(100)
            try await TransactionHook.$current.withValue(hook) {
                try await TransactionHook.$current.withValue(nil) { try await database.insert(1) }
                #expect(!hook.isDone)
                try await Task.detached { try await database.insert(2) }.value
                #expect(!hook.isDone)
            }
            #expect(try await database.itemIDs == [1, 2])
        }
    }

    @Test func ridesAgainWithWhatIsRunAgain() async throws {
        try await withItems(.postgres) { database, _ in
            for id in [1, 2] { try await database.insert(id, "") }
            let attempts = Atomic(0)
            let rides = Atomic(0)
            let bothHoldOne = DispatchSemaphore(value: 0)
            let update: @Sendable (Int, Int) async throws -> Void = { first, second in
                let hook = TransactionHook { tx in
                    rides.add(1, ordering: .sequentiallyConsistent)
                    try tx.run("INSERT INTO items (id, value) VALUES (?, '')", [100 + first])
                    try tx.run("UPDATE items SET value = value || 'x' WHERE id = ?", [second])
                }
                try await TransactionHook.$current.withValue(hook) {
                    try await database.write(.system) { tx in
                        try tx.run("UPDATE items SET value = value || 'x' WHERE id = ?", [first])
                        let attempt = attempts.add(1, ordering: .sequentiallyConsistent).newValue
                        if attempt == 2 { bothHoldOne.signal() }
                        if attempt == 1 { bothHoldOne.wait() }
                    }
                }
                #expect(hook.isDone)
            }
            async let one: Void = update(1, 2)
            async let other: Void = update(2, 1)
            _ = try await (one, other)
            #expect(rides.load(ordering: .sequentiallyConsistent) >= 3)
            #expect(try await database.itemIDs == [1, 2, 101, 102])
            let values = try await database.read(.system) {
                try $0.rows("SELECT value FROM items WHERE id < 100") { try $0.string(0) }
            }
            #expect(values == ["xx", "xx"])
        }
    }
}

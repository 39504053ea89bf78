import Synchronization
import Testing

@testable import Storage

/// Statements sent without waiting for their result.
struct SendTests {
    private static let insert = "INSERT INTO items (id, value) VALUES (?, ?)"

    @Test(arguments: TestEngine.allCases)
    func whatIsSentHappensInOrder(engine: TestEngine) async throws {
        try await withItems(engine, Limits(connections: 1)) { database, _ in
            let (seen, changed) = try await database.write(.system) { transaction in
                try transaction.send(Self.insert, [1, "a"])
                try transaction.send(Self.insert, [2, "a"])
                try transaction.send("UPDATE items SET value = value || ?", ["b"])
                let seen = try transaction.rows("SELECT value FROM items ORDER BY id") { try $0.string(0) }
                try transaction.send(Self.insert, [3, nil])
                let changed = try transaction.run("UPDATE items SET value = 'c' WHERE id > 1")
                try transaction.send("DELETE FROM items WHERE id = 2")
                return (seen, changed)
            }
            #expect(seen == ["ab", "ab"])
            #expect(changed == 2)
            #expect(try await database.itemIDs == [1, 3])
            try await database.write(.system) { transaction in
                for id in 4..<204 { try transaction.send(Self.insert, [id, "x"]) }
            }
            #expect(try await database.itemIDs.count == 202)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func whatFailsIsThrownByTheWrite(engine: TestEngine) async throws {
        try await withItems(engine, Limits(connections: 1)) { database, _ in
            try await database.insert(1)
            for place in 0..<3 {
                let error = await #expect(throws: StorageError.self) {
                    try await database.write(.system) { transaction in
                        for each in 0..<3 { try transaction.send(Self.insert, [each == place ? 1 : 10 + each, "x"]) }
                    }
                }
                #expect(error?.kind == .unique(columns: ["id"]))
                #expect(error?.message.contains("INSERT INTO items") == true)
                #expect(try await database.itemIDs == [1])
            }
            await #expect(throws: StorageError.self) {
                try await database.write(.system) { try $0.send("INSERT INTO nowhere VALUES (?)", [1]) }
            }
            try await database.write(.system) { try $0.send(Self.insert, [2, "x"]) }
            #expect(try await database.itemIDs == [1, 2])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aBodyThatThrowsAfterIt(engine: TestEngine) async throws {
        struct Refused: Error {}
        try await withItems(engine, Limits(connections: 1)) { database, _ in
            try await database.insert(1)
            await #expect(throws: Refused.self) {
                try await database.write(.system) { transaction in
                    try transaction.send(Self.insert, [2, "x"])
                    throw Refused()
                }
            }
            await #expect(throws: (any Error).self) {
                try await database.write(.system) { transaction in
                    try transaction.send(Self.insert, [1, "x"])
                    throw Refused()
                }
            }
            try await database.insert(3)
            #expect(try await database.itemIDs == [1, 3])
        }
    }

    /// The server's last word shows that it never came to the COMMIT.
    @Test func aConnectionThatEndsBeforeTheCommit() async throws {
        try await withItems(.postgres, Limits(connections: 1)) { database, _ in
            let runs = Atomic(0)
            try await database.write(.system) { transaction in
                try transaction.send(Self.insert, [1, "x"])
                if runs.add(1, ordering: .relaxed).newValue == 1 {
                    try transaction.send("SELECT pg_terminate_backend(pg_backend_pid())")
                }
                try transaction.send(Self.insert, [2, "x"])
            }
            #expect(runs.load(ordering: .relaxed) == 2)
            #expect(try await database.itemIDs == [1, 2])
        }
    }
}

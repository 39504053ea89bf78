import Testing

@testable import Storage

struct ValueTests {
    @Test(
        arguments: [
            .null, .integer(0), .integer(.max), .integer(.min), .real(0.1), .real(-.greatestFiniteMagnitude), .text(""),
            .text("a\u{0}b"), .text("é🐦 ' \" ?"), .text(String(repeating: "ö", count: 500_000)), .blob([]),
            .blob([0, 255]),
            .blob([UInt8](repeating: 7, count: 1 << 20)),
        ] as [SQLValue])
    func roundTrip(value: SQLValue) async throws {
        try await withDatabase { database, _ in
            try await database.write(.system) { transaction in
                try transaction.script("CREATE TABLE v (v)")
                try transaction.run("INSERT INTO v VALUES (?)", [value])
            }
            let stored = try await database.read(.system) { transaction in
                try transaction.row("SELECT v, typeof(v) AS type FROM v") { row -> SQLValue in
                    switch try row.string("type") {
                    case "integer": .integer(try row.int64("v"))
                    case "real": .real(try row.double("v"))
                    case "text": .text(try row.string("v"))
                    case "blob": .blob(try row.bytes("v"))
                    default: .null
                    }
                }
            }
            #expect(stored == value)
        }
    }

    @Test func bindables() async throws {
        try await withDatabase { database, _ in
            try await database.read(.system) { transaction in
                let sql = "SELECT ? AS s, ? AS i, ? AS big, ? AS d, ? AS yes, ? AS no, ? AS bytes, ? AS none, ? AS some"
                let args: [any SQLBindable] = [
                    "text".dropFirst(), 5, Int64.max, 1.5, true, false, [1, 2] as [UInt8], nil as String?, 9 as Int?,
                ]
                let found = try transaction.row(sql, args) { (row) throws -> Bool in
                    #expect(try row.string("s") == "ext")
                    #expect(try row.int("i") == 5)
                    #expect(try row.int64("big") == .max)
                    #expect(try row.double("d") == 1.5)
                    #expect(try row.double("i") == 5)
                    #expect(try row.bool("yes"))
                    #expect(try !row.bool("no"))
                    #expect(try row.bytes("bytes") == [1, 2])
                    #expect(try row.stringIfPresent("none") == nil)
                    #expect(try row.intIfPresent("none") == nil)
                    #expect(try row.int64IfPresent("none") == nil)
                    #expect(try row.doubleIfPresent("none") == nil)
                    #expect(try row.boolIfPresent("none") == nil)
                    #expect(try row.bytesIfPresent("none") == nil)
                    #expect(try row.intIfPresent("some") == 9)
                    #expect(try row.string(0) == "ext")
                    #expect(try row.int(8) == 9)
                    return true
                }
                #expect(found == true)
            }
        }
    }

    @Test(
        arguments: [
            ("missing column", "nowhere", { @Sendable row in _ = try row.string("nowhere") }),
            ("position", "9", { @Sendable row in _ = try row.string(9) }),
            ("NULL", "none", { @Sendable row in _ = try row.int("none") }),
            ("text for an integer", "word", { @Sendable row in _ = try row.int("word") }),
            ("integer for text", "two", { @Sendable row in _ = try row.string("two") }),
            ("real for an integer", "half", { @Sendable row in _ = try row.int64("half") }),
            ("neither 0 nor 1", "two", { @Sendable row in _ = try row.bool("two") }),
            ("text for a blob", "word", { @Sendable row in _ = try row.bytesIfPresent("word") }),
            ("text for a number", "word", { @Sendable row in _ = try row.doubleIfPresent("word") }),
        ] as [(String, String, @Sendable (Row) throws -> Void)])
    func wrongReads(_ name: String, column: String, body: @escaping @Sendable (Row) throws -> Void) async throws {
        try await withDatabase { database, _ in
            let error = await #expect(throws: StorageError.self) {
                try await database.read(.system) { transaction in
                    try transaction.row("SELECT NULL AS none, 'a' AS word, 2 AS two, 0.5 AS half", [], body)
                }
            }
            #expect(error?.message.contains(column) == true)
        }
    }

    @Test func argumentsMustFit() async throws {
        try await withDatabase { database, _ in
            for args in [[], [1, 2]] as [[Int]] {
                await #expect(throws: StorageError.self) {
                    try await database.read(.system) { try $0.row("SELECT ?", args) { try $0.int(0) } }
                }
            }
        }
    }

    @Test func aStatementInsideItsOwnRows() async throws {
        try await withItems { database, _ in
            for id in 1...3 { try await database.insert(id) }
            let pairs = try await database.read(.system) { transaction in
                let sql = "SELECT id FROM items ORDER BY id"
                return try transaction.rows(sql) { outer in
                    let inner = try transaction.rows(sql) { try $0.int("id") }
                    return [try outer.int("id")] + inner
                }
            }
            #expect(pairs == [[1, 1, 2, 3], [2, 1, 2, 3], [3, 1, 2, 3]])
        }
    }

    @Test func columnsAfterAChangeOfTheSchema() async throws {
        try await withItems { database, _ in
            try await database.insert(1)
            let sql = "SELECT * FROM items"
            try await database.write(.system) { transaction in
                #expect(try transaction.row(sql) { try $0.string("value") } == "x")
                try transaction.script("ALTER TABLE items ADD COLUMN more TEXT DEFAULT 'new'")
                #expect(try transaction.row(sql) { try $0.string("more") } == "new")
            }
        }
    }

    @Test func moreStatementsThanAreKept() async throws {
        try await withDatabase { database, _ in
            for number in 0..<600 {
                let found = try await database.read(.system) { try $0.row("SELECT \(number)") { try $0.int(0) } }
                #expect(found == number)
            }
        }
    }
}

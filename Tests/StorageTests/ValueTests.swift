import Testing

@testable import Storage

struct ValueTests {
    @Test(
        arguments: TestEngine.allCases,
        [
            .null, .integer(0), .integer(.max), .integer(.min), .real(0.1), .real(-.greatestFiniteMagnitude), .text(""),
            .text("é🐦 ' \" ?"), .text(String(repeating: "ö", count: 500_000)), .blob([]),
            .blob([0, 255]),
            .blob([UInt8](repeating: 7, count: 1 << 20)),
        ] as [SQLValue])
    func roundTrip(engine: TestEngine, value: SQLValue) async throws {
        try await withDatabase(engine) { database, _ in
            let type =
                switch value {
                case .null, .text: "TEXT"
                case .integer: "BIGINT"
                case .real: "DOUBLE PRECISION"
                case .blob: database.dialect.blobType
                }
            try await database.write(.system) { transaction in
                try transaction.script("CREATE TABLE v (v \(type))")
                try transaction.run("INSERT INTO v VALUES (?)", [value])
            }
            let stored = try await database.read(.system) { transaction in
                try transaction.row("SELECT v FROM v") { row -> SQLValue in
                    switch value {
                    case .null: try row.stringIfPresent("v").map(SQLValue.text) ?? .null
                    case .integer: .integer(try row.int64("v"))
                    case .real: .real(try row.double("v"))
                    case .text: .text(try row.string("v"))
                    case .blob: .blob(try row.bytes("v"))
                    }
                }
            }
            #expect(stored == value)
        }
    }

    /// PostgreSQL stores none in a text, so nothing that has to run on both may rely on it.
    @Test func aNULInsideText() async throws {
        let text = "secret\u{0}text"
        let echo: @Sendable (Database) async throws -> String? = { database in
            try await database.read(.system) { try $0.row("SELECT ? AS v", [text]) { try $0.string("v") } }
        }
        try await withDatabase(.sqlite) { database, _ in
            let found = try await echo(database)
            #expect(found == text)
        }
        try await withDatabase(.postgres) { database, _ in
            let error = await #expect(throws: StorageError.self) { _ = try await echo(database) }
            #expect(error?.message.contains("secret") == false)
        }
    }

    /// What was first seen as NULL is a value of another type later, in one statement.
    @Test(arguments: TestEngine.allCases)
    func typesThatChangeFromCallToCall(engine: TestEngine) async throws {
        try await withDatabase(engine) { database, _ in
            let rows: [(Int?, String?, Double?)] = [
                (nil, nil, nil), (1, nil, nil), (2, "b", nil), (nil, "c", 0.5), (3, nil, 1.5), (nil, nil, nil),
            ]
            try await database.write(.system) { transaction in
                try transaction.script("CREATE TABLE t (n BIGINT, i BIGINT, s TEXT, d DOUBLE PRECISION)")
                for (number, row) in rows.enumerated() {
                    try transaction.run("INSERT INTO t VALUES (?, ?, ?, ?)", [number, row.0, row.1, row.2])
                }
            }
            let stored = try await database.read(.system) { transaction in
                try transaction.rows("SELECT i, s, d FROM t ORDER BY n") { row in
                    (try row.intIfPresent("i"), try row.stringIfPresent("s"), try row.doubleIfPresent("d"))
                }
            }
            #expect(stored.elementsEqual(rows, by: ==))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func sumsAndComparisons(engine: TestEngine) async throws {
        try await withDatabase(engine) { database, _ in
            try await database.read(.system) { transaction in
                let sql = """
                    SELECT sum(n) AS total, avg(n) AS mean, count(*) AS rows, min(n) > 1 AS yes, 'a?' AS mark
                    -- what is this?
                    FROM (SELECT CAST(2 AS BIGINT) AS n UNION ALL SELECT ? UNION ALL SELECT 3000000) AS numbers
                    """
                let found = try transaction.row(sql, [70_000]) { (row) throws -> Bool in
                    #expect(try row.int("total") == 3_070_002)
                    #expect(try row.double("mean") == 1_023_334)
                    #expect(try row.int("rows") == 3)
                    #expect(try row.bool("yes"))
                    #expect(try row.string("mark") == "a?")
                    return true
                }
                #expect(found == true)
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func bindables(engine: TestEngine) async throws {
        try await withDatabase(engine) { database, _ in
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
        arguments: TestEngine.allCases,
        [
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
    func wrongReads(
        engine: TestEngine, read: (name: String, column: String, body: @Sendable (Row) throws -> Void)
    ) async throws {
        try await withDatabase(engine) { database, _ in
            let error = await #expect(throws: StorageError.self) {
                try await database.read(.system) { transaction in
                    try transaction.row("SELECT NULL AS none, 'a' AS word, 2 AS two, 0.5 AS half", [], read.body)
                }
            }
            #expect(error?.message.contains(read.column) == true)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func argumentsMustFit(engine: TestEngine) async throws {
        try await withDatabase(engine) { database, _ in
            for args in [[], [1, 2]] as [[Int]] {
                await #expect(throws: StorageError.self) {
                    try await database.read(.system) { try $0.row("SELECT ?", args) { try $0.int(0) } }
                }
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aStatementInsideItsOwnRows(engine: TestEngine) async throws {
        try await withItems(engine) { database, _ in
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

    @Test(arguments: TestEngine.allCases)
    func columnsAfterAChangeOfTheSchema(engine: TestEngine) async throws {
        try await withItems(engine) { database, _ in
            try await database.insert(1)
            let sql = "SELECT * FROM items"
            try await database.write(.system) { transaction in
                #expect(try transaction.row(sql) { try $0.string("value") } == "x")
                try transaction.script("ALTER TABLE items ADD COLUMN more TEXT DEFAULT 'new'")
                #expect(try transaction.row(sql) { try $0.string("more") } == "new")
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func moreStatementsThanAreKept(engine: TestEngine) async throws {
        try await withDatabase(engine) { database, _ in
            for number in 0..<600 {
                let found = try await database.read(.system) { try $0.row("SELECT \(number)") { try $0.int(0) } }
                #expect(found == number)
            }
        }
    }
}

import Foundation
import Synchronization
import Testing
import Texts

@testable import Storage

struct PostgresTests {
    @Test(arguments: [
        ("SELECT ?, ?", "SELECT $1, $2", 2),
        ("SELECT '?', '''?', \"a?\" = ?", "SELECT '?', '''?', \"a?\" = $1", 1),
        ("SELECT ? -- really?\n, ?", "SELECT $1 -- really?\n, $2", 2),
        ("/* ? */ SELECT 1 - ? / ?", "/* ? */ SELECT 1 - $1 / $2", 2),
        ("SELECT 'ö?' || ?", "SELECT 'ö?' || $1", 1),
        ("SELECT 'open ?", "SELECT 'open ?", 0),
    ])
    func placeholders(sql: String, expected: String, count: Int) {
        let (text, found) = PostgresStatement.numbered(sql)
        #expect(text == expected)
        #expect(found == count)
    }

    /// Statement ends, quotes and comments are found byte by byte; here, scalar by scalar.
    @Test func placeholdersInTextOfAllScripts() {
        var random = RandomText(seed: 31)
        let pieces = ["?", "'", "\"", "--", "/*", "*/", "\n", " ", "''", "-", "/", "?\u{301}", "'\u{200d}", "ক"]
        for _ in 0..<3000 {
            let sql = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                Bool.random(using: &random) ? pieces.randomElement(using: &random)! : random.text(length: 0...3)
            }.joined()
            let (text, count) = PostgresStatement.numbered(sql)
            let plain = Self.numbered(Array(sql.unicodeScalars))
            #expect(Array(text.utf8) == Array(plain.text.utf8), "\(sql.debugDescription)")
            #expect(count == plain.count)
        }
    }

    private static func numbered(_ sql: [Unicode.Scalar]) -> (text: String, count: Int) {
        var (out, count, index) = (String.UnicodeScalarView(), 0, 0)
        var end: [Unicode.Scalar] = []
        func begins(_ mark: String) -> Bool { sql[index...].starts(with: mark.unicodeScalars) }
        while index < sql.count {
            if !end.isEmpty {
                let isEnd = sql[index...].starts(with: end)
                let length = isEnd ? end.count : 1
                out.append(contentsOf: sql[index..<index + length])
                index += length
                if isEnd { end = [] }
                continue
            }
            let opening = ["'", "\"", "--", "/*"].first(where: begins)
            if let opening {
                out.append(contentsOf: opening.unicodeScalars)
                index += opening.unicodeScalars.count
                end = Array((opening == "--" ? "\n" : opening == "/*" ? "*/" : opening).unicodeScalars)
            } else if sql[index] == "?" {
                count += 1
                out.append(contentsOf: "$\(count)".unicodeScalars)
                index += 1
            } else {
                out.append(sql[index])
                index += 1
            }
        }
        return (String(out), count)
    }

    /// The digits to the base 10,000 of random numbers, small and beyond 64 bits, with and without a fraction.
    @Test func numericsAgreeWithPlainDivision() {
        var random = RandomText(seed: 32)
        for _ in 0..<5000 {
            let value =
                Int128.random(in: -(Int128(1) << 80)...(Int128(1) << 80), using: &random)
                >> Int128.random(in: 0...80, using: &random)
            var digits: [Int16] = []
            var rest = value.magnitude
            while rest > 0 {
                digits.insert(Int16(rest % 10_000), at: 0)
                rest /= 10_000
            }
            let weight = digits.count - 1
            // PostgreSQL leaves zeros at the end out.
            while digits.last == 0 { digits.removeLast() }
            var words = [Int16(digits.count), Int16(weight), value < 0 ? 0x4000 : 0, 0] + digits
            func read() -> PostgresNumeric {
                words.map(\.bigEndian).withUnsafeBytes { PostgresNumeric($0) }
            }
            #expect(read().integer == Int64(exactly: value))
            #expect(read().double == Double(value))
            // With a fraction it is no integer.
            words[0] += 1
            words.append(5000)
            if digits.count == weight + 1 { #expect(read().integer == nil) }
        }
    }

    @Test(arguments: [
        ("Key (a, b)=(1, 2) already exists.", ["a", "b"]),
        ("Schlüssel »(id)=(x)« existiert bereits.", ["id"]),
        ("Key (\"order\", b)=(1)=(2, 3) already exists.", ["order", "b"]),
        ("Key (lower(a))=(x) already exists.", []),
        ("Something else.", nil),
    ])
    func keyColumns(detail: String, expected: [String]?) {
        #expect(PostgresRemedy.keyColumns(detail) == expected)
    }

    @Test func waitingForAConnectionIsBoundedInTime() async throws {
        let limits = Limits(connections: 1, connectionWait: .milliseconds(200))
        try await withItems(.postgres, limits) { database, _ in
            let gate = await Gate(database)
            #expect(await kind { try await database.insert(1) } == .busy)
            #expect(await kind { _ = try await database.itemIDs } == .busy)
            try await gate.open()
            try await database.insert(2)
            #expect(try await database.itemIDs == [2])
        }
    }

    @Test func aStatementThatTakesTooLong() async throws {
        try await withItems(.postgres, Limits(connections: 1, statementTime: .milliseconds(200))) { database, _ in
            let failed = await kind {
                try await database.write(.system) { transaction in
                    try transaction.run("INSERT INTO items (id) VALUES (1)")
                    try transaction.run("SELECT pg_sleep(60)")
                }
            }
            #expect(failed == .busy)
            let ids = try await database.itemIDs
            #expect(ids == [])
        }
    }

    /// Whether the second of two statements is waited for or not.
    @Test(arguments: [false, true])
    func adversariesOfADeadlockBothSucceed(isSent: Bool) async throws {
        try await withItems(.postgres) { database, _ in
            for id in [1, 2] { try await database.insert(id, "") }
            let attempts = Atomic(0)
            let bothHoldOne = DispatchSemaphore(value: 0)
            let update: @Sendable (Int, Int) async throws -> Void = { first, second in
                try await database.write(.system) { transaction in
                    let sql = "UPDATE items SET value = value || 'x' WHERE id = ?"
                    try transaction.run(sql, [first])
                    let attempt = attempts.add(1, ordering: .sequentiallyConsistent).newValue
                    if attempt == 2 { bothHoldOne.signal() }
                    if attempt == 1 { bothHoldOne.wait() }
                    if isSent { try transaction.send(sql, [second]) } else { try transaction.run(sql, [second]) }
                }
            }
            async let one: Void = update(1, 2)
            async let other: Void = update(2, 1)
            _ = try await (one, other)
            let values = try await database.read(.system) {
                try $0.rows("SELECT value FROM items") { try $0.string(0) }
            }
            #expect(values == ["xx", "xx"])
            #expect(attempts.load(ordering: .sequentiallyConsistent) >= 3)
        }
    }

    @Test func terminatedConnectionsAreReplaced() async throws {
        try await withItems(.postgres, Limits(connections: 3)) { database, _ in
            try await database.insert(1)
            let runs = Atomic(0)
            try await database.write(.system) { transaction in
                try transaction.run("INSERT INTO items (id) VALUES (2)")
                if runs.add(1, ordering: .relaxed).newValue == 1 {
                    try transaction.run("SELECT pg_terminate_backend(pg_backend_pid())")
                }
                try transaction.run("INSERT INTO items (id) VALUES (3)")
            }
            #expect(runs.load(ordering: .relaxed) == 2)
            #expect(try await database.itemIDs == [1, 2, 3])
            // Those that wait for nothing, too.
            let sql = """
                SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE pid <> pg_backend_pid() AND pid = ANY (
                    SELECT pid FROM pg_stat_activity WHERE state = 'idle' AND query LIKE '%' || current_schema() || '%')
                """
            _ = try await database.read(.system) { try $0.row(sql) { try $0.int(0) } }
            for id in 4...9 { try await database.insert(id) }
            #expect(try await database.itemIDs == Array(1...9))
        }
    }

    @Test func aPlanThatTheSchemaOutlived() async throws {
        try await withItems(.postgres, Limits(connections: 1)) { database, scratch in
            try await database.insert(1)
            let read: @Sendable () async throws -> Int? = {
                try await database.read(.system) { try $0.row("SELECT * FROM items") { $0.source.columns.count } }
            }
            #expect(try await read() == 2)
            let other = try scratch.open(Limits(connections: 1))
            try await other.write(.system) { try $0.script("ALTER TABLE items ADD COLUMN more TEXT") }
            await other.close()
            #expect(try await read() == 3)
        }
    }

    @Test func passwordsStayOutOfErrors() async throws {
        let url = try Scratch.postgresURL
        for broken in [
            url.replacing("mynah:mynah@", with: "mynah:wr0ng-secret@"),
            url.replacing(/127.0.0.1:\d+/, with: "127.0.0.1:1").replacing("mynah:mynah@", with: "mynah:wr0ng-secret@"),
            url.replacing("mynah:mynah@", with: "mynah:wr0ng-secret@") + "?nonsense=1",
        ] {
            let database = try Database(url: broken, logger: .quiet)
            let error = await #expect(throws: StorageError.self) { try await database.check() }
            #expect(error?.kind == .unavailable)
            #expect(error?.message.contains("secret") == false)
            #expect(!database.location.contains("secret"))
            await database.close()
        }
    }

    @Test func closingFinishesWhatWaits() async throws {
        try await withItems(.postgres) { database, scratch in
            let closed = try scratch.open(Limits(connections: 1, waiting: 5))
            let gate = await Gate(closed)
            let waiting = (1...5).map { id in Task { try await closed.insert(id) } }
            await closed.waits(for: 5)
            let closing = Task { await closed.close() }
            while await kind({ try await closed.insert(6) }) != .unavailable { await Task.yield() }
            try await gate.open()
            for write in waiting { try await write.value }
            await closing.value
            #expect(try await database.itemIDs.filter { $0 < 6 } == [1, 2, 3, 4, 5])
        }
    }

    @Test func idsAreComparedByByte() async throws {
        for engine in TestEngine.allCases {
            try await withDatabase(engine) { database, _ in
                let sorted = try await database.write(.system) { transaction in
                    try transaction.script("CREATE TABLE t (id \(database.dialect.idType) PRIMARY KEY, n BIGINT)")
                    for id in ["b", "B", "a-", "a", "_", "é"] {
                        try transaction.run("INSERT INTO t VALUES (?, 1)", [id])
                    }
                    return try transaction.rows("SELECT id FROM t WHERE (n, id) > (?, ?) ORDER BY n, id", [1, "A"]) {
                        try $0.string("id")
                    }
                }
                #expect(sorted == ["B", "_", "a", "a-", "b", "é"])
            }
        }
    }
}

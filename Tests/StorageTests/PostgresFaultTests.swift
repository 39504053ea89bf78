import Foundation
import Synchronization
import Testing
import Texts

@testable import Storage

/// What happens when the server or the way to it fails.
struct PostgresFaultTests {
    /// Runs `body` with a database behind a proxy, whose `decide` is asked about the first occurrence of `mark` only.
    private func withProxy(
        _ fate: TCPProxy.Fate, at mark: String, _ limits: Limits = Limits(connections: 1),
        _ body: (_ proxied: Database, _ direct: Database) async throws -> Void
    ) async throws {
        try await withItems(.postgres) { direct, scratch in
            let isDone = Atomic(false)
            let url = try scratch.url
            let server = try #require(url.firstMatch(of: /:(\d+)\//))
            let proxy = TCPProxy(to: try #require(UInt16(server.1))) { data in
                guard data.range(of: Data(mark.utf8)) != nil,
                    isDone.compareExchange(expected: false, desired: true, ordering: .sequentiallyConsistent).exchanged
                else { return .pass }
                return fate
            }
            defer { proxy.close() }
            // Encrypted, the proxy would not find anything.
            let proxied = try Database(
                url: url.replacing(":\(server.1)/", with: ":\(proxy.port)/") + "&sslmode=disable", logger: .quiet,
                limits: limits)
            do {
                try await body(proxied, direct)
            } catch {
                await proxied.close()
                throw error
            }
            await proxied.close()
        }
    }

    /// As it is sent; the level READ COMMITTED is not meant.
    private static let commit = "COMMIT\u{0}"

    @Test func cutAfterTheCommitArrived() async throws {
        try await withProxy(.passAndCut, at: Self.commit) { proxied, direct in
            #expect(await kind { try await proxied.insert(1) } == .unavailable, "nobody knows")
            #expect(try await direct.itemIDs == [1])
            try await proxied.insert(2)
            #expect(try await direct.itemIDs == [1, 2])
        }
    }

    @Test func cutBeforeTheCommitArrived() async throws {
        try await withProxy(.cut, at: Self.commit) { proxied, direct in
            #expect(await kind { try await proxied.insert(1) } == .unavailable, "nobody knows")
            let before = try await direct.itemIDs
            #expect(before == [])
            try await proxied.insert(1)
            #expect(try await direct.itemIDs == [1])
        }
    }

    @Test(arguments: [TCPProxy.Fate.cut, .passAndCut])
    func cutBeforeTheCommitWasSent(fate: TCPProxy.Fate) async throws {
        try await withProxy(fate, at: "INSERT INTO items") { proxied, direct in
            try await proxied.insert(1)
            #expect(try await direct.itemIDs == [1], "run again, and committed once")
        }
    }

    /// A statement whose result is not awaited travels with the COMMIT, so both are lost together.
    @Test func cutWhereTheCommitTravelsAlong() async throws {
        try await withProxy(.cut, at: "INSERT INTO items") { proxied, direct in
            let send: @Sendable (Int) async throws -> Void = { id in
                try await proxied.write(.system) { try $0.send("INSERT INTO items (id) VALUES (?)", [id]) }
            }
            #expect(await kind { try await send(1) } == .unavailable, "nobody knows")
            let before = try await direct.itemIDs
            #expect(before == [])
            try await send(1)
            #expect(try await direct.itemIDs == [1])
        }
    }

    @Test func aServerThatNoLongerAnswers() async throws {
        let limits = Limits(connections: 1, statementTime: .milliseconds(200))
        try await withProxy(.stall, at: "SELECT id FROM items", limits) { proxied, direct in
            try await direct.insert(1)
            #expect(try await proxied.itemIDs == [1])
        }
        try await withProxy(.stall, at: Self.commit, limits) { proxied, _ in
            #expect(await kind { try await proxied.insert(1) } == .unavailable)
            try await proxied.insert(2)
        }
    }

    @Test func theServerRestartsAndIsGoneForAWhile() async throws {
        _ = try Scratch.postgresURL
        let scratch = try Scratch()
        let folder = scratch.folder + "/server"
        let url = try postgresForTests("start", folder)
        defer { _ = try? postgresForTests("stop", folder) }
        let database = try Database(url: url, logger: .quiet, limits: Limits(connections: 4))
        try await database.write(.system) { try $0.script("CREATE TABLE items (id BIGINT PRIMARY KEY, value TEXT)") }
        for id in 1...8 { try await database.insert(id) }
        _ = try postgresForTests("restart", folder)
        for id in 9...16 { try await database.insert(id) }
        #expect(try await database.itemIDs == Array(1...16))

        _ = try postgresForTests("halt", folder)
        #expect(await kind { try await database.check() } == .unavailable)
        #expect(await kind { try await database.insert(17) } == .unavailable)
        #expect(await kind { _ = try await database.itemIDs } == .unavailable)
        _ = try postgresForTests("restart", folder)
        try await database.check()
        try await database.insert(17)
        #expect(try await database.itemIDs == Array(1...17))
        await database.close()
    }

    @Test func behindPgBouncer() async throws {
        let scratch = try Scratch()
        let server = try #require(try Scratch.postgresURL.firstMatch(of: /:(\d+)\//)).1
        let pgbouncer = try neededProgram("/usr/sbin/pgbouncer")
        let port = UInt16(freePort())
        let settings = """
            [databases]
            mynah = host=127.0.0.1 port=\(server) user=mynah password=mynah
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = 2
            """
        let file = scratch.folder + "/pgbouncer.ini"
        try Data(settings.utf8).write(to: URL(fileURLWithPath: file))
        let bouncer = Process()
        let asUser = getuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
        bouncer.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        bouncer.arguments = asUser + [pgbouncer, "-q", file]
        bouncer.currentDirectoryURL = URL(fileURLWithPath: "/")
        try bouncer.run()
        defer {
            // It is started with the signals blocked that the thread of a task blocks.
            kill(bouncer.processIdentifier, SIGKILL)
            bouncer.waitUntilExit()
        }
        let table = "bouncer_" + UUID().uuidString.prefix(8).lowercased()
        let database = try Database(
            url: "postgres://mynah@127.0.0.1:\(port)/mynah?prepared_statements=off&pool_size=8", logger: .quiet)
        for _ in 0..<100 where await kind({ try await database.check() }) != nil {
            try await Task.sleep(for: .milliseconds(50))
        }
        try await database.write(.system) { try $0.script("CREATE TABLE \(table) (id BIGINT PRIMARY KEY, scope TEXT)") }
        let scopes = try await withThrowingTaskGroup(of: Bool.self) { group in
            for id in 0..<200 {
                group.addTask {
                    try await database.write(.user("u\(id)")) { transaction in
                        try transaction.run(
                            "INSERT INTO \(table) VALUES (?, current_setting('mynah.id'))", [id])
                    }
                    return try await database.read(.workspace("w\(id)")) { transaction in
                        let seen = try transaction.row("SELECT current_setting('mynah.id')") { try $0.string(0) }
                        let stored = try transaction.row("SELECT scope FROM \(table) WHERE id = ?", [id]) {
                            try $0.string(0)
                        }
                        return seen == "w\(id)" && stored == "u\(id)"
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(scopes == [Bool](repeating: true, count: 200))
        try await database.write(.system) { try $0.script("DROP TABLE \(table)") }
        await database.close()
    }

    /// What the script prints.
    private func postgresForTests(_ command: String, _ folder: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        // Foundation's Process would wait for the server that it leaves behind.
        let script = root.appending(path: "scripts/postgres-for-tests").path()
        // Without the sockets of other tests, which would live on in the server and leave it too few files.
        let start = "import os, sys; os.closerange(3, 1 << 16); os.execv(sys.argv[1], sys.argv[1:])"
        let output = try #require(popen("exec python3 -c '\(start)' '\(script)' \(command) '\(folder)'", "r"))
        var bytes: [UInt8] = []
        while case let byte = getc(output), byte != EOF { bytes.append(UInt8(byte)) }
        try #require(pclose(output) == 0, "postgres-for-tests \(command)")
        let text = String(decoding: bytes, as: UTF8.self)
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

import Foundation
import HTTPTypes
import JSON
import LLMTesting
import Logging
import Storage
import Testing

@testable import Accounts
@testable import App
@testable import HTTPKit
@testable import Platform

/// The seals of the audit trail show every entry that was changed, removed or cut off.
@Suite struct AuditChainTests {
    private static func trail(_ app: TestApp, headFile: String? = nil) throws -> AuditTrail {
        AuditTrail(
            database: app.database, secrets: try KeyFiles.secrets(app.app.configuration), headFile: headFile,
            logger: app.app.logger)
    }

    private static func verify(
        _ app: TestApp, heads: [AuditHead] = [], file: String? = nil
    ) async throws -> AuditVerification.Outcome {
        try await AuditVerification(app.app.configuration, database: app.database).run(heads: heads, file: file)
    }

    private static func fault(_ app: TestApp, heads: [AuditHead] = [], file: String? = nil) async throws -> String {
        do {
            _ = try await verify(app, heads: heads, file: file)
            return "nothing"
        } catch let broken as AuditVerification.Broken {
            return broken.description
        }
    }

    private static func add(_ app: TestApp, _ count: Int, at time: Timestamp? = nil) async throws {
        try await app.database.write(.system) { tx in
            for number in 0..<count {
                let id = time.map { "\(Identifier.lowest(at: $0))-7000-8000-\(String(format: "%012d", number))" }
                try AuditEntry.insert(
                    tx, id: id ?? Identifier.make(), actor: AuditEntry.system, action: "test \(number)",
                    target: number % 2 == 0 ? nil : "thing:\(number)")
            }
        }
    }

    /// Changes the database like an attacker with access to the database, but without the key.
    private static func tamper(_ app: TestApp, _ sql: String...) async throws {
        try await app.database.write(.system) { tx in
            if app.database.dialect == .sqlite {
                for event in ["update", "delete"] { try tx.script("DROP TRIGGER IF EXISTS audit_entries_no_\(event)") }
            } else {
                try tx.script("ALTER TABLE audit_entries DISABLE TRIGGER append_only")
            }
            for sql in sql { try tx.script(sql) }
        }
    }

    @Test("Committed entries are sealed in order and verify, also in large numbers")
    func intact() async throws {
        try await TestApp.run { app in
            #expect(try await Self.verify(app).head == nil)
            try await Self.add(app, 1203)
            let trail = try Self.trail(app)
            try await trail.seal()
            let outcome = try await Self.verify(app)
            #expect(outcome.sealed == 1203 && outcome.unsealed == 0)
            let head = try #require(try await trail.head())
            #expect(outcome.head == head && AuditHead(head.text) == head)
            try await trail.seal()
            #expect(try await trail.head() == head)
            try await Self.add(app, 1)
            try await trail.seal()
            #expect(try await trail.head()?.sequence == 1204)
            let last = try #require(try await trail.head())
            #expect(try await Self.verify(app, heads: [head, last]).sealed == 1204)
            let order = try await app.database.read(.system) { tx in
                try tx.rows("SELECT entry_id FROM audit_seals ORDER BY sequence") { try $0.string("entry_id") }
            }
            #expect(order == order.sorted())
        }
    }

    @Test(
        "Any change in the database is found, and the first bad seal is named",
        arguments: [
            ("UPDATE audit_entries SET actor = 'user:x' WHERE id = '{7}'", "seal 7 does not fit"),
            ("UPDATE audit_entries SET target = '' WHERE id = '{7}'", "seal 7 does not fit"),
            ("UPDATE audit_entries SET created_at = created_at + 1 WHERE id = '{7}'", "seal 7 does not fit"),
            // The text is unchanged, but in another field.
            (
                "UPDATE audit_entries SET address = action, action = '' WHERE id = '{7}'", "seal 7 does not fit"
            ),
            ("DELETE FROM audit_entries WHERE id = '{7}'", "the entry of seal 7, {7}, is missing"),
            ("DELETE FROM audit_seals WHERE sequence = 7", "seal 7 is missing"),
            ("DELETE FROM audit_seals WHERE sequence < 7", "seal 1 is missing"),
            (
                "DELETE FROM audit_entries WHERE id = '{7}'; DELETE FROM audit_seals WHERE sequence = 7",
                "seal 7 is missing"
            ),
            (
                """
                DELETE FROM audit_entries WHERE id = '{7}'; DELETE FROM audit_seals WHERE sequence = 7;
                UPDATE audit_seals SET sequence = 7 WHERE sequence = 8;
                UPDATE audit_seals SET sequence = 8 WHERE sequence = 9;
                UPDATE audit_seals SET sequence = 9 WHERE sequence = 10
                """, "seal 7 does not fit"
            ),
            (
                """
                UPDATE audit_seals SET sequence = 1000 WHERE sequence = 7;
                UPDATE audit_seals SET sequence = 7 WHERE sequence = 8;
                UPDATE audit_seals SET sequence = 8 WHERE sequence = 1000
                """, "seal 7 does not fit"
            ),
            (
                """
                UPDATE audit_seals SET entry_id = 'x' WHERE sequence = 7;
                UPDATE audit_seals SET entry_id = '{7}' WHERE sequence = 8;
                UPDATE audit_seals SET entry_id = '{8}' WHERE sequence = 7
                """, "seal 7 does not fit"
            ),
            (
                "UPDATE audit_seals SET mac = (SELECT s.mac FROM audit_seals s WHERE s.sequence = 3) WHERE sequence = 7",
                "seal 7 does not fit"
            ),
            (
                "UPDATE audit_seals SET mac = (SELECT s.mac FROM audit_seals s WHERE s.sequence = 9) WHERE sequence = 10",
                "seal 10 does not fit"
            ),
        ])
    func tampered(sql: String, expected: String) async throws {
        try await TestApp.run { app in
            try await Self.add(app, 10)
            try await Self.trail(app).seal()
            #expect(try await Self.fault(app) == "nothing")
            let ids = try await app.database.read(.system) { tx in
                try tx.rows("SELECT entry_id FROM audit_seals ORDER BY sequence") { try $0.string("entry_id") }
            }
            func filled(_ text: String) -> String {
                ids.enumerated().reduce(text) { $0.replacing("{\($1.offset + 1)}", with: $1.element) }
            }
            try await Self.tamper(app, filled(sql))
            let fault = try await Self.fault(app)
            #expect(fault.hasPrefix(filled(expected)), "\(fault)")
        }
    }

    @Test("A cut-off or rewritten end is found by a published head")
    func cutOff() async throws {
        try await TestApp.run { app in
            let file = FileManager.default.temporaryDirectory.appending(path: "heads-\(UUID().uuidString)").path()
            defer { try? FileManager.default.removeItem(atPath: file) }
            let trail = try Self.trail(app, headFile: file)
            for _ in 0..<3 {
                try await Self.add(app, 4)
                try await trail.seal()
                try await trail.publish(isLast: true)
            }
            let head = try #require(try await trail.head())
            #expect(try await Self.verify(app, heads: [head], file: file).sealed == 12)
            let ids = try await app.database.read(.system) { tx in
                try tx.rows("SELECT entry_id FROM audit_seals WHERE sequence > 9") { try $0.string("entry_id") }
            }.map { "'\($0)'" }.joined(separator: ", ")
            try await Self.tamper(
                app, "DELETE FROM audit_seals WHERE sequence > 9", "DELETE FROM audit_entries WHERE id IN (\(ids))")
            // What is left is a whole chain.
            #expect(try await Self.fault(app) == "nothing")
            let cut = "the end is cut off: seal 12 was published, the last is 9"
            #expect(try await Self.fault(app, heads: [head]) == cut)
            #expect(try await Self.fault(app, file: file) == cut)
            // The server, which has the key, goes on from there.
            try await Self.add(app, 10)
            try await trail.seal()
            #expect(try await Self.fault(app) == "nothing")
            #expect(try await Self.fault(app, heads: [head]) == "seal 12 is not the one that was published")
            #expect(try await Self.fault(app, file: file) == "seal 12 is not the one that was published")
            try Data("what is this\n".utf8).write(to: URL(filePath: file))
            // That is no fault of the trail's.
            for (file, words) in [(file, "Line 1"), (file + ".gone", "cannot be read")] {
                let error = await #expect(throws: StartError.self) { try await Self.verify(app, file: file) }
                #expect(error?.description.contains(words) == true)
            }
        }
    }

    @Test("An entry from an instance with a late clock is sealed within the hour")
    func behind() async throws {
        try await TestApp.run { app in
            let trail = try Self.trail(app)
            try await Self.add(app, 2)
            try await trail.seal()
            try await Self.add(app, 1, at: .now.adding(.seconds(-1200)))
            try await trail.seal()
            #expect(try await trail.head()?.sequence == 2)
            try await trail.seal(now: .now.adding(.seconds(3601)))
            #expect(try await trail.head()?.sequence == 3)
            #expect(try await Self.verify(app).unsealed == 0)
        }
    }

    @Test("Seals made with another key do not verify")
    func otherKey() async throws {
        try await TestApp.run { app in
            try await Self.add(app, 3)
            let forger = AuditTrail(
                database: app.database,
                secrets: try Secrets(encryptionKeys: [Fernet.makeKey()], secretKey: RandomText.make(bytes: 48)),
                headFile: nil, logger: app.app.logger)
            try await forger.seal()
            #expect(try await Self.fault(app).hasPrefix("seal 1 does not fit"))
        }
    }

    @Test("Two concurrent sealing jobs make one chain")
    func concurrent() async throws {
        try await TestApp.run { app in
            try await app.another { other in
                let trails = [try Self.trail(app), try Self.trail(other), try Self.trail(app), try Self.trail(other)]
                for _ in 0..<10 {
                    try await Self.add(app, 20)
                    try await withThrowingTaskGroup { group in
                        for trail in trails { group.addTask { try await trail.seal() } }
                        try await group.waitForAll()
                    }
                }
                try await trails[0].seal()
                let outcome = try await Self.verify(app)
                #expect(outcome.sealed == 200 && outcome.unsealed == 0)
            }
        }
    }

    @Test("An entry that is committed late is sealed too, and entries without a seal are reported")
    func late() async throws {
        try await TestApp.run { app in
            let trail = try Self.trail(app)
            try await Self.add(app, 2)
            try await trail.seal()
            try await Self.add(app, 1, at: .now.adding(.seconds(-300)))
            #expect(try await Self.verify(app).unsealed == 1)
            try await trail.seal()
            #expect(try await trail.head()?.sequence == 3)
            // As after a long time without a server: the next one to start looks at all of it.
            try await Self.add(app, 5, at: .now.adding(.seconds(-86_400)))
            try await trail.seal()
            #expect(try await Self.verify(app).unsealed == 5)
            try await Self.trail(app).seal()
            let outcome = try await Self.verify(app)
            #expect(outcome.sealed == 8 && outcome.unsealed == 0)
        }
    }

    @Test("The head is published after it moved, at most once a minute, and at shutdown")
    func publishing() async throws {
        try await TestApp.run { app in
            let file = FileManager.default.temporaryDirectory.appending(path: "heads-\(UUID().uuidString)").path()
            defer { try? FileManager.default.removeItem(atPath: file) }
            let trail = try Self.trail(app, headFile: file)
            func published() throws -> Int {
                let lines = app.log.lines.filter { $0.hasPrefix("info audit head") }
                let written = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
                #expect(written.split(separator: "\n").count == lines.count)
                return lines.count
            }
            try await trail.publish()
            #expect(try published() == 0)
            for expected in [1, 1] {
                try await Self.add(app, 1)
                try await trail.seal()
                try await trail.publish()
                #expect(try published() == expected)
            }
            for _ in 0..<2 { try await trail.publish(isLast: true) }
            #expect(try published() == 2)
            let head = try #require(try await trail.head())
            #expect(app.log.lines.contains { $0.hasPrefix("info audit head") && $0.contains(head.macText) })
            #expect(try String(contentsOfFile: file, encoding: .utf8).contains("\n\(head.text) 20"))
        }
    }

    @Test("Operators read the trail by filter, page by page and as a file")
    func routes() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let id = try await app.chatbot(["name": "Bot"], as: alice)
            for _ in 0..<3 { try await app.call(.patch, "/chatbots/\(id)", ["name": "New"], as: alice) }
            try await app.call(.post, "/auth/token", ["username": "alice", "password": "wrong"])
            try await app.database.write(.system) { tx in
                try AuditEntry.insert(tx, actor: AuditEntry.system, action: "=1+1", target: "a,\"b\"")
            }
            let admin = try await app.auditor()
            func count(_ query: String) async throws -> Int? {
                try await app.call(.get, "/admin/audit-log?limit=200&\(query)", as: admin)["data"]?.array?.count
            }
            #expect(try await count("target=chatbot:\(id)") == 4)
            #expect(try await count("actor=user:\(alice.id)&action=PATCH%20/chatbots/%7Bchatbot_id%7D") == 3)
            #expect(try await count("outcome=invalid_credentials") == 1)
            #expect(try await count("to=2020-01-01T00:00:00.000Z") == 0)
            #expect(try await count("from=2020-01-01T00:00:00.000Z&target=chatbot:\(id)") == 4)
            #expect(try await count("from=2100-01-01T00:00:00.000Z") == 0)
            let all = try await app.entries().map(\.id)
            #expect(try await app.all("/admin/audit-log", limit: 2, as: admin).compactMap { $0["id"]?.string } == all)

            let lines = try await app.call(.get, "/admin/audit-log?format=jsonl", as: admin)
            #expect(lines.headers[.contentType]?.hasPrefix("application/jsonl") == true)
            #expect(lines.text.split(separator: "\n").count == all.count)
            let csv = try await app.call(.get, "/admin/audit-log?format=csv", as: admin).text
            #expect(csv.hasPrefix("created_at,id,actor,"))
            #expect(csv.split(separator: "\r\n").count == all.count + 1)
            #expect(csv.contains(",'=1+1,\"a,\"\"b\"\"\","))

            #expect(try await app.call(.get, "/admin/audit-log/head", as: admin)["sequence"] == 0)
            try await app.app.trail.seal()
            let head = try await app.call(.get, "/admin/audit-log/head", as: admin)
            #expect(head["sequence"] == .int(Int64(all.count)))
            let published = try #require(AuditHead("\(all.count):\(try head.string("mac"))"))
            #expect(try await Self.verify(app, heads: [published]).sealed > 0)
            for path in ["/admin/audit-log", "/admin/audit-log/head", "/admin/jobs"] {
                #expect(try await app.call(.get, path, as: alice).status == 401)
            }
        }
    }
}

extension TestApp {
    /// An admin who is signed in.
    func auditor() async throws -> TestUser {
        try await Setup(database).createAdmin(
            username: "auditor", name: nil, password: Self.password, app.configuration)
        let grant = try await call(
            .post, "/admin/login", ["username": "auditor", "password": .string(Self.password)])
        let me = try await call(
            .get, "/admin/me", headers: [.authorization: "Bearer \(try grant.string("access_token"))"])
        return TestUser(
            id: try me.string("id"), name: "auditor", workspaceID: "", token: try grant.string("access_token"),
            refreshToken: try grant.string("refresh_token"))
    }
}

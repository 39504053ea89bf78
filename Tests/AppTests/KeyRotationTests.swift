import DatabaseMigrations
import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Logging
import Storage
import Synchronization
import Testing

@testable import Accounts
@testable import App
@testable import Chat
@testable import HTTPKit
@testable import Platform

/// Replacing the key that encrypts what the database must not show.
@Suite struct KeyRotationTests {
    /// One of everything that is encrypted, and how to see that it can still be read.
    private struct Encrypted {
        let user: TestUser
        let key: TestApplication

        static func make(_ app: TestApp) async throws -> Encrypted {
            let user = try await app.user("alice")
            _ = try await app.call(.post, "/users/me/details", ["company": "Canary Corp"], as: user)
            let key = try await TestApplication.make(app, chatbotID: app.chatbot(as: user), as: user)
            _ = try await key.query(
                "Hello", ["user": ["id": "dora", "company": "Canary Looms"], "session_data": ["canary": 1]],
                headers: [.idempotencyKey: "once"])
            _ = try await key.call(.post, "/v1/responses", ["input": "canary input"])
            try await app.database.write(.system) { [secrets = app.app.people.secrets, id = key.chatbotID] tx in
                try tx.run(
                    "UPDATE chatbots SET signing_secret = ? WHERE id = ?",
                    [try secrets.encrypt(Array("canary secret".utf8)), id])
                try tx.run(
                    "INSERT INTO providers (name, api_key, is_enabled, updated_at) VALUES ('x', ?, 1, 0)",
                    [try secrets.encrypt(Array("canary key".utf8))])
                try tx.run(
                    """
                    INSERT INTO jobs (id, kind, payload, state, attempts, run_at, created_at, updated_at)
                    VALUES ('x', ?, ?, 'dead', 0, 0, 0, 0)
                    """,
                    [Mailer.kind, try secrets.encrypt(Array("canary mail".utf8))])
                try tx.run(
                    "INSERT INTO user_exports (id, user_id, content, created_at) VALUES ('x', 'x', ?, 0)",
                    [try secrets.encrypt(Array("{}".utf8))])
            }
            let offered = try await app.call(.post, "/auth/mfa/totp", as: user)
            try #require(offered.status == 201, "\(offered.text)")
            return Encrypted(user: user, key: key)
        }

        func check(_ app: TestApp) async throws {
            let me = try await app.call(.get, "/users/me/details", as: user)
            #expect(me["company"] == "Canary Corp", "\(me.text)")
            let headers: HTTPFields = [.apiKey: key.key]
            let context = try await app.call(.get, "/users/dora/context", headers: headers)
            #expect(context["user_profile"]?["company"] == "Canary Looms" && context["session_data"] == ["canary": 1])
            let body: JSONValue = [
                "message": "Hello", "user": ["id": "dora", "company": "Canary Looms"], "session_data": ["canary": 1],
            ]
            let again = try await app.call(
                .post, "/chatbot/\(key.chatbotID)/query", body, headers: headers + [.idempotencyKey: "once"])
            #expect(again.status == 200 && app.provider.calls.requests.count == 2)
            let secret = try await app.database.read(.system) { [id = key.chatbotID] tx in
                try tx.row("SELECT signing_secret FROM chatbots WHERE id = ?", [id]) { try $0.string("signing_secret") }
            }
            #expect(try app.app.people.secrets.decrypt(secret!) == Array("canary secret".utf8))
        }
    }

    /// Every Fernet token in the database, by table and column.
    private static func tokens(_ database: Database) async throws -> [String: [String]] {
        try await database.read(.system) { tx in
            let (tables, columns) =
                database.dialect == .sqlite
                ? ("SELECT name FROM sqlite_schema WHERE type = 'table'", "SELECT name FROM pragma_table_info(?)")
                : (
                    "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema()",
                    """
                    SELECT column_name::text AS name FROM information_schema.columns
                    WHERE table_schema = current_schema() AND table_name = ?
                    """
                )
            var found: [String: [String]] = [:]
            for table in try tx.rows(tables, [], { try $0.string("name") }) {
                for column in try tx.rows(columns, [table], { try $0.string("name") }) {
                    let values = try tx.rows(
                        "SELECT CAST(\(column) AS TEXT) AS value FROM \(table) WHERE CAST(\(column) AS TEXT) LIKE 'gAAAAA%'"
                    ) { try $0.string("value") }
                    if !values.isEmpty { found["\(table).\(column)"] = values }
                }
            }
            return found
        }
    }

    @Test("Every column that holds encrypted values is known here")
    func columns() async throws {
        try await TestApp.run { app in
            _ = try await Encrypted.make(app)
            let found = Set(try await Self.tokens(app.database).keys)
            #expect(found == Set(KeyRotation.columns.map { "\($0.table).\($0.name)" }))
        }
    }

    @Test("After it everything is encrypted with the new key alone, in batches of any size", arguments: [1, 2, 100])
    func rotated(batch: Int) async throws {
        let old = Fernet.makeKey()
        try await TestApp.run(configure: { $0.encryptionKeys = [old] }) { app in
            let encrypted = try await Encrypted.make(app)
            for number in 0..<5 {
                _ = try await encrypted.key.query("Hi", ["session_data": ["n": .int(Int64(number))]])
            }
            let before = try await Self.tokens(app.database)
            let new = Fernet.makeKey()
            var rotation = KeyRotation(app.database)
            rotation.batch = batch
            let count = try await rotation.encryptAnew([new, old])
            #expect(count == before.values.reduce(0) { $0 + $1.count } && count > 10)
            let after = try await Self.tokens(app.database)
            let (newOnly, oldOnly) = (try Fernet(keys: [new]), try Fernet(keys: [old]))
            for (column, tokens) in after {
                let known = Set(try before[column]!.map { try oldOnly.decrypt($0) })
                #expect(Set(try tokens.map { try newOnly.decrypt($0) }) == known, "\(column)")
                for token in tokens { #expect(throws: Fernet.Refusal.self) { try oldOnly.decrypt(token) } }
            }
            #expect(try await rotation.encryptAnew([new, old]) == 0)
        }
    }

    @Test("A server with both keys goes on while it happens, and one with the new key alone afterwards")
    func whileRunning() async throws {
        let old = Fernet.makeKey()
        let new = Fernet.makeKey()
        try await TestApp.run(configure: { $0.encryptionKeys = [new, old] }) { app in
            let encrypted = try await Encrypted.make(app)
            try await app.database.write(.system) { tx in
                // As the server left it that had the old key only.
                let details = UserDetails(firstName: "Old")
                let secrets = try Secrets(encryptionKeys: [old], secretKey: "x")
                try tx.run("UPDATE users SET details = ?", [try details.encrypted(secrets)])
            }
            #expect(try await app.call(.get, "/users/me", as: encrypted.user)["first_name"] == "Old")
            #expect(try await KeyRotation(app.database).encryptAnew([new, old]) == 1)
            _ = try await app.call(.post, "/users/me/details", ["company": "Canary Corp"], as: encrypted.user)
            try await encrypted.check(app)
            for tokens in try await Self.tokens(app.database).values {
                for token in tokens { _ = try Fernet(keys: [new]).decrypt(token) }
            }
        }
    }

    @Test("Broken off anywhere, everything can be read with both keys, and the next run ends it")
    func brokenOff() async throws {
        let old = Fernet.makeKey()
        let new = Fernet.makeKey()
        try await TestApp.run(configure: { $0.encryptionKeys = [new, old] }) { app in
            let encrypted = try await Encrypted.make(app)
            // Everything as it was with the old key.
            _ = try await KeyRotation(app.database).encryptAnew([old, new])
            let failing = ["signing_keys", "conversations", "end_users"]
            for table in failing {
                try await app.database.write(.system) { tx in try tx.script("ALTER TABLE \(table) RENAME TO away") }
                await #expect(throws: StorageError.self) {
                    _ = try await KeyRotation(app.database).encryptAnew([new, old])
                }
                try await app.database.write(.system) { tx in try tx.script("ALTER TABLE away RENAME TO \(table)") }
                try await encrypted.check(app)
            }
            #expect(try await KeyRotation(app.database).encryptAnew([new, old]) > 0)
            #expect(try await KeyRotation(app.database).encryptAnew([new, old]) == 0)
            try await encrypted.check(app)
        }
    }

    @Test("A value that no key opens is named and left as it is, and the rest is done")
    func unreadable() async throws {
        let (old, new, foreign) = (Fernet.makeKey(), Fernet.makeKey(), Fernet.makeKey())
        try await TestApp.run(configure: { $0.encryptionKeys = [old] }) { app in
            _ = try await Encrypted.make(app)
            let lost = try Fernet(keys: [foreign]).encrypt(Array("{}".utf8))
            try await app.database.write(.system) { tx in try tx.run("UPDATE end_users SET profile = ?", [lost]) }
            let failure = await #expect(throws: StartError.self) {
                _ = try await KeyRotation(app.database).encryptAnew([new, old])
            }
            #expect(failure?.description.contains("end_users.profile of ") == true)
            #expect(failure?.description.contains(lost) == false)
            for (column, tokens) in try await Self.tokens(app.database) where column != "end_users.profile" {
                for token in tokens { _ = try Fernet(keys: [new]).decrypt(token) }
            }
            #expect(try await Self.tokens(app.database)["end_users.profile"] == [lost])
        }
    }

    @Test("The key in the file: a new one comes before it, and the old one goes when it is told to")
    func file() async throws {
        try await TestApp.run { app in
            guard app.database.dialect == .sqlite else { return }
            _ = try await Encrypted.make(app)
            let configuration = app.app.configuration
            let path = try KeyFiles.encryptionKeys(of: configuration)
            let first = try KeyFiles.encryptionKeys(in: path)
            await #expect(throws: StartError.self, "a server holds the lock") {
                _ = try await KeyRotation(app.database).run(configuration, dropsOld: false)
            }
            #expect(try KeyFiles.encryptionKeys(in: path) == first && first.count == 1)
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "mynah-keys-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var configuration = ServerConfiguration(resources: TestApp.resources)
        configuration.databaseURL = "sqlite://\(folder)/test.sqlite"
        let database = try Database(url: configuration.databaseURL, logger: .init(label: "test"))
        _ = try await Migrator(database, Migrations.all).migrate()
        _ = try await DemoData.make(in: database, configuration, password: "a calm bird sings")
        let path = try KeyFiles.encryptionKeys(of: configuration)
        let first = try KeyFiles.encryptionKeys(in: path)
        let made = try await KeyRotation(database).run(configuration, dropsOld: false)
        #expect(made.isNew && made.values == 1 && !made.isDropped)
        let both = try KeyFiles.encryptionKeys(in: path)
        #expect(both.count == 2 && both[1] == first[0])
        let again = try await KeyRotation(database).run(configuration, dropsOld: false)
        #expect(!again.isNew && again.values == 0)
        #expect(try KeyFiles.encryptionKeys(in: path) == both)
        let dropped = try await KeyRotation(database).run(configuration, dropsOld: true)
        #expect(dropped.isDropped && dropped.values == 0)
        #expect(try KeyFiles.encryptionKeys(in: path) == [both[0]])
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let found = try await database.read(.system) { tx in try User.find(tx, id: "u1") }
        #expect(
            try UserDetails(encrypted: found?.encryptedDetails, KeyFiles.secrets(configuration)).firstName == "John")
        let left = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.contains("encryption") }
        #expect(left == ["encryption.key"])
        await database.close()
    }

    @Test("Keys of the environment: the new one must be there first")
    func environment() async throws {
        let (old, new) = (Fernet.makeKey(), Fernet.makeKey())
        try await TestApp.run(configure: {
            $0.encryptionKeys = [old]; $0.secretKey = RandomText.make(bytes: 48)
        }) { app in
            guard app.database.dialect != .sqlite else { return }
            _ = try await Encrypted.make(app)
            var configuration = app.app.configuration
            await #expect(throws: StartError.self) {
                _ = try await KeyRotation(app.database).run(configuration, dropsOld: true)
            }
            configuration.encryptionKeys = [new, old]
            let done = try await KeyRotation(app.database).run(configuration, dropsOld: true)
            #expect(done.values > 4 && !done.isDropped && done.oldKeys == 1)
        }
    }
}

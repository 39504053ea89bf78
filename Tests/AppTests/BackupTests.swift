import Files
import Foundation
import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import Chatbots
@testable import HTTPKit
@testable import Platform

/// What backups need of the server beside the commands, which `Tests/ServerTests/test_backup.py` tests.
@Suite struct BackupTests {
    private static func time(_ text: String) throws -> Timestamp { try #require(Timestamp(iso8601: "\(text)Z")) }

    private func file(_ app: TestApp, as user: TestUser) async throws -> String {
        let chatbotID = try await app.chatbot(as: user)
        let content = UploadTests.bytes(1000)
        let begun = try await app.call(.post, "/uploads", ["name": "বই 📚.txt", "bytes": 1000], as: user)
        let upload = try begun.string("id")
        _ = try await app.raw(.put, "/uploads/\(upload)/1", content, type: nil, as: user)
        let made = try await app.call(
            .post, "/chatbots/\(chatbotID)/files", ["upload_id": .string(upload)], as: user)
        return "/chatbots/\(chatbotID)/files/\(try made.string("id"))"
    }

    private func objects(_ app: TestApp) async throws -> [ObjectName] {
        try await app.app.uploads.sweep.store.list(after: nil, limit: 100).map(\.name)
            .filter { $0.text != String(repeating: "0", count: 32) }
    }

    @Test("While a lease holds, the bytes of deleted files stay, and go when it ends or is not renewed")
    func lease() async throws {
        try await TestApp.run { app in
            let (database, sweep) = (app.database, app.app.uploads.sweep)
            let alice = try await app.user("alice")
            for way in ["ended", "died"] {
                let path = try await file(app, as: alice)
                let lease = try await database.write(.system) { tx in try ObjectLease.begin(tx, now: .now) }
                #expect(try await app.call(.delete, path, as: alice).status == 204)
                try await sweep.remove()
                // Objects without rows, too, stay.
                try await sweep.removeOrphans(before: Date().addingTimeInterval(60))
                #expect(try await objects(app).count == 1, "\(way)")
                if way == "ended" {
                    try await database.write(.system) { tx in
                        #expect(try lease.renew(tx, now: .now))
                        try lease.end(tx)
                    }
                } else {
                    try await database.write(.system) { tx in
                        try tx.run("UPDATE object_leases SET expires_at = ?", [Timestamp.now])
                    }
                    #expect(try await database.write(.system) { tx in try lease.renew(tx, now: .now) } == false)
                }
                try await sweep.remove()
                #expect(try await objects(app) == [], "\(way)")
            }
            _ = try await database.write(.system) { tx in try ObjectLease.begin(tx, now: .now) }
            #expect(try await app.count("object_leases") == 1, "leases that have ended go")
        }
    }

    @Test("A backup is queued once for each time of the schedule, and what was missed is made up for once")
    func schedule() async throws {
        try await TestApp.run { configuration in
            configuration.backup.schedule = CronSchedule("30 3 * * *")
            configuration.backup.destination = .path("/nowhere")
        } _: { app in
            let jobs = app.app.backups
            func due(_ text: String) async throws -> Bool { try await jobs.enqueue(now: Self.time(text)) }
            func ends() async throws {
                try await app.database.write(.system) { tx in try tx.run("DELETE FROM jobs WHERE kind = 'backup.make'")
                }
            }
            // Nothing is owed for the time before there was a schedule.
            #expect(try await due("2026-11-29T06:00:00") == false)
            #expect(try await due("2026-11-30T03:29:59") == false)
            #expect(try await due("2026-11-30T03:30:00"))
            #expect(try await due("2026-11-30T03:31:00") == false)
            try await ends()
            // Three days without a server.
            #expect(try await due("2026-12-03T12:00:00"))
            #expect(try await due("2026-12-03T12:01:00") == false)
            // One that is still being made is not queued twice.
            #expect(try await due("2026-12-04T03:30:00") == false)
            try await ends()
            // A clock that was set to 2040 and back.
            #expect(try await due("2040-01-01T00:00:00"))
            try await ends()
            #expect(try await due("2026-12-05T12:00:00") == false)
            #expect(try await due("2026-12-06T03:30:00"))
            try await ends()
            // A schedule that ends, and begins again.
            var without = app.app.configuration
            without.backup.schedule = nil
            let idle = BackupJobs(
                configuration: without, database: app.database, queue: app.app.jobQueue, http: jobs.http,
                logger: jobs.logger)
            #expect(try await idle.enqueue(now: Self.time("2026-12-08T00:00:00")) == false)
            #expect(try await app.database.read(.system) { try BackupState.read($0) } == BackupState())
            #expect(try await due("2026-12-09T00:00:00") == false)
        }
    }

    @Test("A scheduled backup is proven, and then older ones of the schedule's names go")
    func scheduled() async throws {
        // On PostgreSQL every test has a schema, and a backup is one of the whole database.
        guard ProcessInfo.processInfo.environment["MYNAH_TEST_ENGINE"] != "postgres" else { return }
        let folder = FileManager.default.temporaryDirectory.appending(path: "backups-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        @Sendable func names() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        }
        try await TestApp.run { configuration in
            configuration.backup.destination = .path(folder)
            configuration.backup.passphrase = "পাখি গান গায় 🐦"
            configuration.backup.kept = 1
        } _: { app in
            let (jobs, place) = (app.app.backups, BackupPlace.path(folder))
            let alice = try await app.user("alice")
            _ = try await file(app, as: alice)
            _ = try await app.call(.post, "/users/me/details", ["company": "Canary"], as: alice)
            try await jobs.make(to: place)
            let first = try #require(try names().first)
            #expect(first.hasSuffix(".tar.gz.enc") && BackupName.time(of: first) != nil)
            var state = try await app.database.read(.system) { try BackupState.read($0) }
            #expect(state.madeAt != nil && state.provenAt == nil)
            let queued = try await app.database.read(.system) { tx in
                try tx.rows("SELECT payload FROM jobs WHERE kind = 'backup.prove'") { try $0.string("payload") }
            }
            #expect(queued == [first])
            // One that is damaged is no proof, and nothing is removed for its sake.
            try await Task.sleep(for: .seconds(1.1))
            try await jobs.make(to: place)
            let second = try #require(try names().last)
            let path = "\(folder)/\(second)"
            let bytes = try Data(contentsOf: URL(filePath: path))
            try bytes.dropLast(1).write(to: URL(filePath: path))
            await #expect(throws: StartError.self) { try await jobs.prove(second, in: place) }
            #expect(try names() == [first, second])
            try bytes.write(to: URL(filePath: path))
            try Data().write(to: URL(filePath: folder + "/mine.tar.gz"))
            try await jobs.prove(second, in: place)
            #expect(try names() == ["mine.tar.gz", second].sorted())
            state = try await app.database.read(.system) { try BackupState.read($0) }
            #expect(state.provenAt != nil)
            await #expect(throws: Job.Hopeless.self) { try await jobs.prove("../mine.tar.gz", in: place) }
        }
    }

    @Test func names() throws {
        let time = try Self.time("2026-11-29T03:30:05")
        let name = BackupName.make(at: time)
        #expect(name.hasPrefix("mynah-20261129T033005Z-") && name.utf8.count == 29)
        for ending in ["", ".tar.gz", ".tar.gz.enc"] { #expect(BackupName.time(of: name + ending) == time) }
        for other in [
            "", "mynah", "mynah-20261129T033005Z", "\(name).zip", "x\(name)", "\(name)0",
            "mynah-20261329T033005Z-000000",
            "mynah-20261129T033005Z-00000G", "mynah-২০২৬-000000", "mynah-ééééTéé1-000000",
            "mynah-20261129 033005Z-000000",
        ] { #expect(BackupName.time(of: other) == nil, "\(other)") }
    }

    @Test func places() {
        #expect(BackupPlace("/a/b.tar.gz") == .path("/a/b.tar.gz"))
        #expect(BackupPlace("file:///a/বই") == .path("/a/বই"))
        #expect(BackupPlace("s3://bucket") == .bucket(name: "bucket", prefix: ""))
        #expect(BackupPlace("s3://bucket/a/b/")?.appending("c").description == "s3://bucket/a/b/c")
        #expect(BackupPlace("s3://bucket")?.appending("c").description == "s3://bucket/c")
        #expect(BackupPlace.path("/a/").appending("c") == BackupPlace.path("/a").appending("c"))
        for text in ["", "s3://", "s3://B", "s3://bucket/../x", "https://example.com/x", "ftp://x", "a\0b"] {
            #expect(BackupPlace(text) == nil, "\(text)")
        }
    }
}

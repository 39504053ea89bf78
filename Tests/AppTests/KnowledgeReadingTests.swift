import Foundation
import HTTPTypes
import JSON
import Logging
import Storage
import Testing
import Texts

@testable import App
@testable import Chatbots
@testable import HTTPKit
@testable import Platform
@testable import Reading

/// How knowledge files become texts.
@Suite struct KnowledgeReadingTests {
    /// The real program, which the tests' build makes too.
    private static let program =
        ProcessInfo.processInfo.environment["MYNAH_BIN"] ?? TestApp.resources.path + "/.build/debug/mynah"

    private static func reading(_ app: TestApp, program: String = program) -> KnowledgeReading {
        KnowledgeReading(
            database: app.database, objects: app.app.uploads.objects, queue: app.app.jobQueue,
            reader: DocumentReader(program: program), logger: Logger(label: "test") { _ in app.log.handler })
    }

    /// A file's path and id.
    private static func add(
        _ text: String, name: String = "পাখি.md", to bot: String, _ app: TestApp, as user: TestUser
    ) async throws -> (path: String, id: String) {
        let made = try await app.sendFile(text.utf8, name: name, to: "/chatbots/\(bot)/files", as: user)
        try #require(made.status == 202, "\(made.text)")
        return ("/chatbots/\(bot)/files/\(try made.string("id"))", try made.string("id"))
    }

    private static func workspace(of file: String, _ app: TestApp) async throws -> String {
        try await app.database.read(.system) { tx in
            try tx.row("SELECT workspace_id FROM files WHERE id = ?", [file]) { try $0.string("workspace_id") } ?? ""
        }
    }

    /// What the database counts for all workspaces.
    private static func storedBytes(_ app: TestApp) async throws -> Int {
        try await app.database.read(.system) { tx in
            try tx.row("SELECT CAST(SUM(bytes) AS BIGINT) AS bytes FROM workspace_totals", []) { try $0.int("bytes") }
                ?? 0
        }
    }

    private static func document(_ file: String, in workspace: String, _ app: TestApp) async throws -> ReadDocument? {
        try await app.database.read(.system) { tx in try KnowledgeTexts.document(tx, of: file, in: workspace) }
    }

    @Test("A queued file becomes blocks in its workspace only, and deleting it removes them")
    func life() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let text = "# পাখি\n\nالطائر يتكلم\n\n会说话的鸟 🦜 " + String(repeating: "কথা ", count: 60_000)
            let file = try await Self.add(text, to: bot, app, as: alice)
            let workspace = try await Self.workspace(of: file.id, app)
            #expect(try await Self.document(file.id, in: workspace, app) == nil)
            try await Self.reading(app).readAll()
            let read = try await app.call(.get, file.path, as: alice)
            #expect(read["state"] == "embedding" && read["error_code"] == .null, "\(read.text)")
            let document = try #require(try await Self.document(file.id, in: workspace, app))
            #expect(document.blocks.prefix(2) == [.init(.heading(level: 1), "পাখি"), .init(.paragraph, "الطائر يتكلم")])
            #expect(document.text.filter { !$0.isWhitespace } == text.dropFirst(2).filter { !$0.isWhitespace })
            #expect(try await app.count("file_texts") > 5)
            #expect(try await Self.document(file.id, in: "00000000-0000-7000-8000-000000000000", app) == nil)
            // Once more changes nothing.
            try await Self.reading(app).readAll()
            #expect(try await Self.document(file.id, in: workspace, app) == document)
            let used = try await Self.storedBytes(app)
            #expect(used > 2 * text.utf8.count)
            #expect(try await app.call(.delete, file.path, as: alice).status == 204)
            #expect(try await app.count("file_texts") == 0)
        }
    }

    @Test("A file that cannot be read says why")
    func failures() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            var files: [(path: String, code: String)] = []
            for (text, name, code) in [
                ("", "a.txt", "empty_file"), (" \n\t\n ", "a.md", "no_text"),
                ("\u{1}\u{2}", "a.txt", "unsupported_format"),
                ("<svg/>", "a.svg", "unsupported_format"), ("%PDF-1.7 and no more", "a.pdf", "damaged"),
            ] { files.append((try await Self.add(text, name: name, to: bot, app, as: alice).path, code)) }
            try await Self.reading(app).readAll()
            for file in files {
                let read = try await app.call(.get, file.path, as: alice)
                let isRight = read["state"] == "failed" && read["error_code"]?.string == file.code
                // Without poppler the server says what is missing.
                let isMissing = file.code == "damaged" && read["error_code"] == "reader_missing"
                #expect(isRight || isMissing, "\(file.code): \(read.text)")
            }
            #expect(try await app.count("file_texts") == 0)
        }
    }

    @Test("A run that lost the file, or whose file was deleted, adds nothing")
    func lost() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let file = try await Self.add("a", to: bot, app, as: alice)
            let workspace = try await Self.workspace(of: file.id, app)
            let block = String(decoding: DocumentBlock(.paragraph, "পাখি").line, as: UTF8.self)
            func begin(_ run: String) async throws -> FileToRead? {
                try await app.database.write(.system) { tx in
                    try FileToRead.releaseAll(tx)
                    return try FileToRead.begin(tx, id: file.id, run: run)
                }
            }
            let first = try #require(try await begin("first"))
            try await app.database.write(.system) { tx in try first.add(tx, block, position: 0) }
            // Another instance takes over, as after kill -9.
            let second = try #require(try await begin("second"))
            #expect(second.reads == 2)
            await #expect(throws: FileToRead.Lost.self) {
                try await app.database.write(.system) { tx in try first.add(tx, block, position: 1) }
            }
            await #expect(throws: FileToRead.Lost.self) {
                try await app.database.write(.system) { tx in try first.end(tx, title: nil) }
            }
            try await app.database.write(.system) { tx in
                try first.release(tx, counts: true)
                try second.add(tx, block, position: 0)
                try second.end(tx, title: "শিরোনাম")
            }
            let document = try await Self.document(file.id, in: workspace, app)
            #expect(document == ReadDocument(title: "শিরোনাম", blocks: [.init(.paragraph, "পাখি")]))
            // What is read already is not begun again.
            #expect(try await begin("third") == nil)
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE files SET state = 'queued' WHERE id = ?", [file.id])
            }
            let fourth = try #require(try await begin("fourth"))
            #expect(try await app.count("file_texts") == 0)
            #expect(try await app.call(.delete, file.path, as: alice).status == 204)
            await #expect(throws: FileToRead.Lost.self) {
                try await app.database.write(.system) { tx in try fourth.add(tx, block, position: 0) }
            }
        }
    }

    @Test("A file whose reading ends without a result again and again fails")
    func attempts() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let file = try await Self.add("a", to: bot, app, as: alice)
            let broken = Self.reading(app, program: "/nonexistent/mynah")
            for _ in 0..<3 {
                await #expect(throws: (any Error).self) { try await broken.readAll() }
                #expect(try await app.call(.get, file.path, as: alice)["state"] == "queued")
            }
            try await broken.readAll()
            let read = try await app.call(.get, file.path, as: alice)
            #expect(read["state"] == "failed" && read["error_code"] == "reading_failed", "\(read.text)")
        }
    }

    @Test("Files that failed for want of a program are read after the next start, others are not")
    func again() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let files = [
                try await Self.add("এক", to: bot, app, as: alice), try await Self.add("দুই", to: bot, app, as: alice),
            ]
            for (file, code) in zip(files, ["reader_missing", "damaged"]) {
                try await app.database.write(.system) { tx in
                    try tx.run("UPDATE files SET state = 'failed', error_code = ? WHERE id = ?", [code, file.id])
                }
            }
            let reading = Self.reading(app)
            try await reading.readAll()
            #expect(try await app.call(.get, files[0].path, as: alice)["state"] == "embedding")
            #expect(try await app.call(.get, files[1].path, as: alice)["error_code"] == "damaged")
        }
    }

    @Test("A text for which the plan has no room is not kept")
    func room() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let file = try await Self.add(String(repeating: "পাখি\n\n", count: 20_000), to: bot, app, as: alice)
            let used = try await Self.storedBytes(app)
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE plans SET stored_bytes = ?", [used + 100_000])
            }
            try await Self.reading(app).readAll()
            let read = try await app.call(.get, file.path, as: alice)
            #expect(read["error_code"] == "plan_limit_reached", "\(read.text)")
            #expect(try await app.count("file_texts") == 0)
            let after = try await Self.storedBytes(app)
            #expect(after == used)
        }
    }

    @Test("Each workspace has its turn, and never two files at once")
    func fairness() {
        let run = ReadingRun(end: .now)
        let queued = [("a", "a0"), ("b", "b0"), ("c", "c0")].map { (workspaceID: $0.0, id: $0.1) }
        let first = run.take(of: queued)
        #expect(first?.workspaceID == "a")
        #expect(run.take(of: queued)?.workspaceID == "b")
        run.release("a")
        // The first has had its turn.
        #expect(run.take(of: queued)?.workspaceID == "c")
        #expect(run.take(of: queued)?.workspaceID == "a")
        #expect(run.take(of: queued) == nil && !run.isIdle)
        for workspace in ["a", "b", "c"] { run.release(workspace) }
        #expect(run.isIdle && run.take(of: []) == nil)
    }
}

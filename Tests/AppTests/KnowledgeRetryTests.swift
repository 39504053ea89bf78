import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Logging
import Reading
import Storage
import Synchronization
import Testing

@testable import App
@testable import Chatbots
@testable import HTTPKit
@testable import Knowledge
@testable import Platform

/// Files that are read again, what was read of them, and the room that is left.
@Suite struct KnowledgeRetryTests {
    private static let texts = ["টিয়া পাখি কথা বলে 🦜", "المتحف مفتوح يوم الجمعة", "图书馆星期天开门。"]

    private static func set(_ state: String, _ code: String? = nil, of id: String, _ app: TestApp) async throws {
        try await app.database.write(.system) { tx in
            try tx.run("UPDATE files SET state = ?, error_code = ? WHERE id = ?", [state, code, id])
        }
    }

    @Test("A file whose indexing failed goes on at the passage without a vector")
    func goesOn() async throws {
        let isRefused = Mutex(true)
        let sent = Mutex(0)
        let provider = ScriptedProvider.meanings { request in
            if isRefused.withLock({ $0 }), sent.withLock({ $0 }) >= 32 { throw ProviderError(.refused, detail: "no") }
            sent.withLock { $0 += request.inputs.count }
        }
        try await TestApp.runKnowledge(provider: provider) { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let id = try await app.knowledge((0..<50).map { "বাক্য \($0)" }, in: bot, as: alice)
            let path = "/chatbots/\(bot)/files/\(id)"
            let failed = try await app.call(.get, path, as: alice)
            #expect(failed["state"] == "failed" && failed["indexed_chunks"] == 32, "\(failed.text)")
            isRefused.withLock { $0 = false }
            let retried = try await app.call(.post, "\(path)/retry", as: alice)
            #expect(retried.status == 202 && retried["state"] == "embedding", "\(retried.text)")
            #expect(retried["error_code"] == .null && retried["chunks"] == 50 && retried["indexed_chunks"] == 32)
            try await app.app.indexing.run()
            #expect(try await app.call(.get, path, as: alice)["state"] == "ready")
            #expect(sent.withLock { $0 } == 50, "each passage is paid for once")
        }
    }

    @Test("A file that is ready is read anew, and not found until that is done")
    func anew() async throws {
        try await TestApp.runKnowledge { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            // The file's bytes are an x.
            let id = try await app.knowledge(Self.texts, in: bot, as: alice)
            let path = "/chatbots/\(bot)/files/\(id)"
            let retried = try await app.call(.post, "\(path)/retry", as: alice)
            #expect(retried["state"] == "queued" && retried["chunks"] == 0, "\(retried.text)")
            #expect(try await app.search("টিয়া", in: bot, as: alice)["data"] == [])
            #expect(try await app.all("\(path)/passages", as: alice).isEmpty)
            let program =
                ProcessInfo.processInfo.environment["MYNAH_BIN"] ?? TestApp.resources.path + "/.build/debug/mynah"
            try await KnowledgeReading(
                database: app.database, objects: app.app.uploads.objects, queue: app.app.jobQueue,
                reader: DocumentReader(program: program), logger: Logger(label: "test") { _ in app.log.handler }
            ).readAll()
            try await app.app.indexing.run()
            let read = try await app.call(.get, path, as: alice)
            #expect(read["state"] == "ready" && read["chunks"] == 1 && read["indexed_chunks"] == 1, "\(read.text)")
            #expect(try await app.all("\(path)/passages", as: alice).map { $0["text"] } == ["x"])
            #expect(try await app.search("x", in: bot, as: alice)["data"]?[0]?["word_rank"] == 1)
            #expect(try await app.count("knowledge_chunks") == 1)
            #expect(try await app.count("knowledge_vectors") == 1)
        }
    }

    @Test("Of several retries at once one counts; a file that is being read or removed is refused")
    func conflicts() async throws {
        try await TestApp.runKnowledge { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let id = try await app.readFile([DocumentBlock(.paragraph, "x")], in: bot, as: alice)
            let path = "/chatbots/\(bot)/files/\(id)/retry"
            for state in ["queued", "reading", "embedding"] {
                try await Self.set(state, of: id, app)
                let refused = try await app.call(.post, path, as: alice)
                #expect(refused.status == 409 && refused.text.contains("being read"), "\(state): \(refused.text)")
            }
            try await Self.set("failed", "not_removed", of: id, app)
            let half = try await app.call(.post, path, as: alice, headers: [.acceptLanguage: "bn"])
            #expect(half.status == 409 && half.text.contains("আবার সরান"), "\(half.text)")
            try await Self.set("failed", "reading_failed", of: id, app)
            let answers = try await app.parallel(8) { _ in try await app.call(.post, path, as: alice) }
            #expect(answers.filter { $0.status == 202 }.count == 1, "\(answers.map(\.text))")
            #expect(answers.filter { $0.errorCode == "conflict" }.count == 7)
        }
    }

    @Test("Passages are read in the file's order, page by page, by those who may change the chatbot")
    func passages() async throws {
        try await TestApp.runKnowledge { app in
            let (alice, bob, viewer) = (
                try await app.user("alice"), try await app.user("bob"), try await app.user("viewer")
            )
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: alice).string("id")
            try await app.add(viewer, to: team, as: "viewer", by: alice)
            let bot = try await app.chatbot(as: alice, headers: [.workspaceID: team])
            let id = try await app.knowledge(Self.texts, in: bot, as: alice)
            let path = "/chatbots/\(bot)/files/\(id)"
            let found = try await app.all("\(path)/passages", limit: 1, as: alice)
            #expect(found.map { $0["text"]?.string } == Self.texts)
            #expect(found.map { $0["position"] } == [1, 2, 3] && found.map { $0["page"] } == [1, 2, 3])
            #expect(found.allSatisfy { ($0["end"]?.int ?? 0) - ($0["start"]?.int ?? 0) > 5 })
            let other = try await app.chatbot(as: alice, headers: [.workspaceID: team])
            let key = try await TestApplication.make(app, chatbotID: bot, as: alice, scopes: ["knowledge"])
            let reader = try await TestApplication.make(app, chatbotID: bot, as: alice, scopes: ["read"])
            for (method, end) in [
                (HTTPRequest.Method.get, "files/\(id)/passages"), (.post, "files/\(id)/retry"), (.get, "knowledge"),
            ] {
                let address = "/chatbots/\(bot)/\(end)"
                #expect(try await app.call(method, address, as: viewer).errorCode == "forbidden", "\(end)")
                #expect(try await app.call(method, address, as: bob).status == 404, "\(end)")
                #expect(try await reader.call(method, address).errorCode == "key_not_allowed", "\(end)")
                let foreign = try await key.call(method, "/chatbots/\(other)/\(end)")
                #expect(foreign.errorCode == "key_not_for_chatbot", "\(end)")
                #expect((200...202).contains(try await key.call(method, address).status), "\(end)")
                guard end != "knowledge" else { continue }
                #expect(try await app.call(method, "/chatbots/\(other)/\(end)", as: alice).status == 404, "\(end)")
            }
        }
    }

    @Test("The room is the workspace's, by its owner's plan")
    func room() async throws {
        try await TestApp.runKnowledge { app in
            let (owner, editor) = (try await app.user("owner"), try await app.user("editor"))
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: owner).string("id")
            try await app.add(editor, to: team, as: "editor", by: owner)
            let bot = try await app.chatbot(as: owner, headers: [.workspaceID: team])
            let path = "/chatbots/\(bot)/knowledge"
            let empty = try await app.call(.get, path, as: editor)
            #expect(empty["files"] == 0 && empty["max_file_bytes"]?.int == Int64(app.app.uploads.maxBytes))
            try await app.limit(owner, OwnLimits(files: 3, storedBytes: 1_000_000))
            try await app.limit(editor, OwnLimits(files: 0, storedBytes: 1))
            try await app.knowledge(Self.texts, in: bot, as: owner)
            let room = try await app.call(.get, path, as: editor)
            #expect(room["files"] == 1 && room["max_files"] == 3, "\(room.text)")
            #expect(room["max_stored_bytes"] == 1_000_000, "\(room.text)")
            let grown = (room["stored_bytes"]?.int ?? 0) - (empty["stored_bytes"]?.int ?? 0)
            #expect(grown > 100, "\(room.text)")
            try await app.limit(owner, OwnLimits())
            let plan = try await app.call(.get, "/users/me/usage", as: owner)["limits"]
            #expect(try await app.call(.get, path, as: editor)["max_files"] == plan?["files"])
        }
    }

    @Test("An unanswered question names the curated answer that it has by now")
    func answered() async throws {
        try await TestApp.runKnowledge(provider: .answering { _ in .text("I do not know.") }) { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let bot = try await app.chatbot(as: alice)
            try await app.knowledge(Self.texts, in: bot, as: alice)
            for question in ["কখন খোলে?", "Ganz anders"] {
                let told = try await app.call(
                    .post, "/chat", ["chatbot_id": .string(bot), "message": .string(question)], as: alice)
                #expect(told.status == 200, "\(told.text)")
            }
            let other = try await app.chatbot(as: bob)
            for (bot, user) in [(other, bob), (bot, alice)] {
                let made = try await app.call(
                    .post, "/chatbots/\(bot)/answers", ["question": "  কখন   খোলে ।", "answer": "নয়টায়"], as: user)
                #expect(made.status == 201, "\(made.text)")
            }
            let answer = try await app.all("/chatbots/\(bot)/answers", as: alice)[0]["id"]
            let open = try await app.all("/chatbots/\(bot)/unanswered", as: alice)
            #expect(open.map { $0["question"] } == ["Ganz anders", "কখন খোলে?"], "\(open)")
            #expect(open.map { $0["curated_answer_id"] } == [.null, answer], "\(open)")
        }
    }
}

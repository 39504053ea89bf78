import HTTPTypes
import JSON
import LLM
import LLMTesting
import Reading
import Storage
import Synchronization
import Testing

@testable import App
@testable import HTTPKit
@testable import Knowledge
@testable import Platform

/// How files become searchable: what fails, what is interrupted, who pays, and what happens if the model changes.
@Suite struct IndexingTests {
    private static func state(_ id: String, _ bot: String, _ app: TestApp, _ user: TestUser) async throws -> JSONValue {
        try await app.call(.get, "/chatbots/\(bot)/files/\(id)", as: user).json
    }

    private static func blocks(_ count: Int) -> [DocumentBlock] {
        (1...count).map { DocumentBlock(.paragraph, "বাক্য \($0) 句子", page: $0) }
    }

    @Test("A run that ends in the middle is taken up again at the chunk without a vector")
    func interrupted() async throws {
        let sent = Mutex<[String]>([])
        let isCut = Switch()
        let provider = ScriptedProvider.meanings { request in
            if isCut.isOn, sent.withLock({ $0.count }) >= 64 { throw CancellationError() }
            sent.withLock { texts in
                texts += request.inputs.map { if case .text(let text) = $0 { text } else { "" } }
            }
        }
        try await TestApp.runKnowledge(provider: provider) { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let id = try await app.readFile(Self.blocks(100), in: bot, as: alice)
            isCut.set(true)
            await #expect(throws: (any Error).self) { try await app.app.indexing.run() }
            let cut = try await Self.state(id, bot, app, alice)
            #expect(cut["state"] == "embedding" && cut["chunks"] == 100 && cut["indexed_chunks"] == 64, "\(cut)")
            #expect(try await app.count("knowledge_vectors") == 64)
            #expect(try await app.search("বাক্য", in: bot, as: alice)["data"] == [], "not before all are there")
            isCut.set(false)
            try await app.app.indexing.run()
            #expect(try await Self.state(id, bot, app, alice)["state"] == "ready")
            #expect(try await app.count("knowledge_vectors") == 100)
            let texts = sent.withLock { $0 }
            #expect(texts.count == 100 && Set(texts).count == 100, "each chunk is embedded once")
        }
    }

    @Test("Chunks that a killed process left are replaced, whatever it had stored")
    func leftovers() async throws {
        try await TestApp.runKnowledge { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let id = try await app.readFile(Self.blocks(70), in: bot, as: alice)
            let dialect = app.database.dialect
            try await app.database.write(.system) { tx in
                let workspaceID = try #require(
                    try tx.row("SELECT workspace_id FROM files WHERE id = ?", [id]) { try $0.string(0) })
                let chunks = (0..<40).map { Chunk(range: $0..<$0 + 1, text: "leftover", page: nil, headings: []) }
                try ChunkRows(workspaceID: workspaceID, fileID: id).insert(
                    tx, chunks[...], base: 5, title: "t", keys: WordKeys(chatbotID: bot), dialect)
            }
            try await app.app.indexing.run()
            #expect(try await app.count("knowledge_chunks") == 70)
            let found = try await app.search("leftover", limit: 50, in: bot, as: alice)["data"]?.array ?? []
            #expect(found.count == 50 && found.allSatisfy { $0["word_rank"] == .null })
        }
    }

    @Test(
        "A model that fails for a while is asked again later; one that refuses, or fails on and on, ends in a named state"
    )
    func failures() async throws {
        let error = Mutex<ProviderError?>(ProviderError(.unavailable, detail: "down"))
        let provider = ScriptedProvider.meanings { _ in if let error = error.withLock({ $0 }) { throw error } }
        try await TestApp.runKnowledge(provider: provider) { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            func makeDue() async throws {
                try await app.database.write(.system) { tx in try tx.run("UPDATE files SET index_due = NULL") }
            }
            let id = try await app.readFile(Self.blocks(3), in: bot, as: alice)
            try await app.app.indexing.run()
            #expect(try await Self.state(id, bot, app, alice)["state"] == "embedding")
            let asked = app.provider.calls.embeddings.count
            try await app.app.indexing.run()
            #expect(app.provider.calls.embeddings.count == asked, "it is not due yet")
            error.withLock { $0 = nil }
            try await makeDue()
            try await app.app.indexing.run()
            #expect(try await Self.state(id, bot, app, alice)["state"] == "ready")

            error.withLock { $0 = ProviderError(.refused, detail: "no") }
            let refused = try await app.readFile(Self.blocks(3), in: bot, as: alice)
            try await app.app.indexing.run()
            let state = try await Self.state(refused, bot, app, alice)
            #expect(state["state"] == "failed" && state["error_code"] == "provider_refused", "\(state)")

            error.withLock { $0 = ProviderError(.unavailable, detail: "down") }
            let patient = try await app.readFile(Self.blocks(3), in: bot, as: alice)
            for attempt in 1...Indexing.attempts {
                #expect(try await Self.state(patient, bot, app, alice)["state"] == "embedding", "attempt \(attempt)")
                try await makeDue()
                try await app.app.indexing.run()
            }
            let over = try await Self.state(patient, bot, app, alice)
            #expect(over["state"] == "failed" && over["error_code"] == "provider_unavailable", "\(over)")
            let empty = try await app.readFile([DocumentBlock(.paragraph, "x")], in: bot, as: alice)
            try await app.database.write(.system) { tx in
                try tx.run("DELETE FROM file_texts WHERE file_id = ?", [empty])
            }
            try await app.app.indexing.run()
            #expect(try await Self.state(empty, bot, app, alice)["error_code"] == "no_text")
        }
    }

    @Test("Another model makes the vectors anew; the old ones answer until all are there")
    func reindexing() async throws {
        let isDown = Switch()
        let provider = ScriptedProvider.meanings { request in
            if isDown.isOn, request.model == "vectors2", request.use != .query {
                throw ProviderError(.unavailable, detail: "down")
            }
        }
        try await TestApp.runKnowledge(provider: provider) { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let id = try await app.knowledge(["টিয়া পাখি", "দাম ৫০ টাকা"], in: bot, as: alice)
            var configuration = app.app.configuration
            configuration.embedding = ModelTarget(provider: "scripted", model: "vectors2")
            isDown.set(true)
            try await app.another(configuration) { other in
                try await other.app.indexing.run()
                for instance in [app, other] {
                    let found = try await instance.search("bird", in: bot, as: alice)
                    #expect(found["data"]?[0]?["meaning_rank"] == 1 && found["error_code"] == .null, "\(found.text)")
                }
                #expect(other.provider.calls.embeddings.last?.model == "vectors")
                #expect(try await Self.state(id, bot, other, alice)["state"] == "ready")
                isDown.set(false)
                try await app.database.write(.system) { tx in try tx.run("UPDATE files SET index_due = NULL") }
                try await other.app.indexing.run()
                for instance in [app, other] {
                    let found = try await instance.search("bird", in: bot, as: alice)
                    #expect(found["data"]?[0]?["meaning_rank"] == 1, "\(found.text)")
                }
                #expect(other.provider.calls.embeddings.last?.model == "vectors2")
                #expect(try await app.count("knowledge_vectors", where: "model = 'scripted/vectors2'") == 2)
                #expect(try await app.count("knowledge_vectors") == 2)
            }
        }
    }

    @Test(
        "The workspace's owner pays for embedding and for searching, as the message log shows; without credits a file fails"
    )
    func payment() async throws {
        try await TestApp.runKnowledge { app in
            let (owner, editor) = (try await app.user("owner"), try await app.user("editor"))
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: owner).string("id")
            try await app.add(editor, to: team, as: "editor", by: owner)
            try await app.setPrice(of: "scripted/vectors", input: 1)
            try await app.setPlan(owner, "free")
            try await app.setPlan(editor, "free")
            try await app.setCredits(owner, 10_000)
            try await app.setCredits(editor, 0)
            let bot = try await app.chatbot(as: owner, headers: [.workspaceID: team])
            let id = try await app.knowledge(["টিয়া পাখি"], in: bot, as: editor)
            #expect(try await Self.state(id, bot, app, editor)["state"] == "ready")
            let found = try await app.search("টিয়া", in: bot, as: editor)
            #expect(found.status == 200, "\(found.text)")
            let logs = try await app.database.read(.system) { tx in
                try tx.rows("SELECT workspace_id, model, cost, outcome FROM message_logs ORDER BY id") {
                    (
                        try $0.string("workspace_id"), try $0.string("model"), try $0.int("cost"),
                        try $0.string("outcome")
                    )
                }
            }
            #expect(logs.count == 2 && logs.allSatisfy { $0.0 == team && $0.1 == "vectors" && $0.3 == "complete" })
            let spent = logs.reduce(0) { $0 + $1.2 }
            let balance = try await app.credits(owner).balance
            #expect(spent > 0 && balance == 10_000 - spent)
            try await app.setCredits(owner, 0)
            let poor = try await app.knowledge(["আরও"], in: bot, as: editor)
            let state = try await Self.state(poor, bot, app, editor)
            #expect(state["state"] == "failed" && state["error_code"] == "insufficient_credits", "\(state)")
        }
    }

    @Test("Many files of one workspace do not keep another's waiting until all are done")
    func turns() async throws {
        let order = Mutex<[String]>([])
        let provider = ScriptedProvider.meanings { request in
            order.withLock { order in
                for case .text(let text) in request.inputs { order.append(text.contains("alice") ? "alice" : "bob") }
            }
        }
        try await TestApp.runKnowledge(provider: provider) { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let (hers, his) = (try await app.chatbot(as: alice), try await app.chatbot(as: bob))
            for _ in 0..<12 { _ = try await app.readFile([DocumentBlock(.paragraph, "alice")], in: hers, as: alice) }
            _ = try await app.readFile([DocumentBlock(.paragraph, "bob")], in: his, as: bob)
            try await app.app.indexing.run()
            let place = order.withLock { $0.firstIndex(of: "bob") }
            #expect(try #require(place) < 12 && order.withLock { $0.count } == 13)
        }
    }
}

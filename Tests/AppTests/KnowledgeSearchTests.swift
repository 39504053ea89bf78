import HTTPTypes
import JSON
import LLM
import LLMTesting
import Reading
import Storage
import Synchronization
import Testing
import Texts

@testable import App
@testable import HTTPKit
@testable import Knowledge
@testable import Platform

/// What a chatbot finds in its files, and that it finds nothing of others.
@Suite struct KnowledgeSearchTests {
    @Test("A file in several scripts becomes ready, and its passages are found by words and by meaning")
    func finds() async throws {
        try await TestApp.runKnowledge { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let texts = [
                "টিয়া পাখি সব প্রশ্নের উত্তর দেয়।", "সদস্য হতে ৫০ টাকা লাগে।", "المتحف مفتوح يوم الجمعة.", "图书馆星期天开门。",
                "The 🦜 sleeps at noon.",
            ]
            let blocks =
                [DocumentBlock(.heading(level: 1), "নিয়ম 规则", page: 1)]
                + texts.enumerated().map { DocumentBlock(.paragraph, $1, page: $0 + 1) }
            let id = try await app.readFile(blocks, name: "নিয়ম.md", in: bot, as: alice)
            #expect(try await app.search("টিয়া", in: bot, as: alice)["data"] == [], "not before it is ready")
            try await app.app.indexing.run()
            let file = try await app.call(.get, "/chatbots/\(bot)/files/\(id)", as: alice)
            #expect(file["state"] == "ready" && file["chunks"] == 5 && file["indexed_chunks"] == 5, "\(file.text)")
            let document = ReadDocument(title: nil, blocks: blocks).text.unicodeScalars.map { $0 }
            for (query, page) in [
                ("টিয়া", 1), ("50 টাকা", 2), ("الجمعة", 3), ("المُتْحَف", 3), ("星期天", 4), ("🦜", 5), ("NOON", 5), ("bird", 1),
            ] {
                let found = try await app.search(query, in: bot, as: alice)
                #expect(found.status == 200 && found["error_code"] == .null, "\(found.text)")
                let first = try #require(found["data"]?[0])
                #expect(first["page"]?.int == Int64(page) && first["file_id"]?.string == id, "\(query): \(found.text)")
                #expect(first["name"] == "নিয়ম.md" && first["heading"] == "নিয়ম 规则")
                let (start, end) = (Int(first["start"]?.int ?? 0), Int(first["end"]?.int ?? 0))
                #expect(String(String.UnicodeScalarView(document[start..<end])) == first["text"]?.string)
                #expect((first["word_rank"] == .null) == (query == "bird") && first["meaning_rank"]?.int != nil)
                #expect((first["before"] == .null) == (page == 1) && (first["after"] == .null) == (page == 5))
            }
            let all = try #require(try await app.search("টাকা bird", limit: 50, in: bot, as: alice)["data"]?.array)
            for limit in 1...5 {
                let cut = try await app.search("টাকা bird", limit: limit, in: bot, as: alice)["data"]?.array
                #expect(cut == Array(all.prefix(limit)), "a limit only cuts")
            }
        }
    }

    @Test("What is asked for strangely is refused by name or finds nothing; nothing known costs nothing")
    func input() async throws {
        try await TestApp.runKnowledge { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            #expect(try await app.search("x", in: bot, as: alice)["data"] == [])
            #expect(app.provider.calls.embeddings.isEmpty)
            try await app.knowledge(["একটি \" OR 1=1 -- ' * ( ) : বাক্য"], in: bot, as: alice)
            for query in ["\"", "' OR 1=1 --", "* NEAR(", "a:b", "🏴‍☠️", String(repeating: "ক ", count: 900)] {
                #expect(try await app.search(query, in: bot, as: alice).status == 200, "\(query)")
            }
            for (body, param) in [
                (["query": ""], "query"), (["query": "x", "limit": 0], "limit"),
                (["query": "x", "limit": 51], "limit"),
                (["query": .string(String(repeating: "ক", count: 2001))], "query"), ([:], "query"),
            ] as [(JSONValue, String)] {
                let refused = try await app.call(.post, "/chatbots/\(bot)/knowledge/search", body, as: alice)
                #expect(refused.status == 422 && refused["error"]?["param"]?.string == param, "\(refused.text)")
            }
        }
    }

    @Test("A chunk of another workspace or chatbot is never a candidate")
    func isolation() async throws {
        try await TestApp.runKnowledge { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let (mine, other, foreign) = (
                try await app.chatbot(as: alice), try await app.chatbot(as: alice), try await app.chatbot(as: bob)
            )
            let texts = ["গোপন শব্দ canary", "দ্বিতীয় canary পাখি"]
            for (bot, user) in [(mine, alice), (other, alice), (foreign, bob)] {
                try await app.knowledge(texts + ["only \(bot)"], name: "\(bot).md", in: bot, as: user)
            }
            let numbers = try await app.database.read(.system) { tx in
                try tx.rows(
                    """
                    SELECT c.number, f.chatbot_id FROM knowledge_chunks c
                    JOIN files f ON f.workspace_id = c.workspace_id AND f.id = c.file_id
                    """
                ) { (try $0.int64("number"), try $0.string("chatbot_id")) }
            }
            #expect(numbers.count == 9)
            for (bot, user) in [(mine, alice), (other, alice), (foreign, bob)] {
                let own = Set(numbers.filter { $0.1 == bot }.map(\.0))
                // The index of all tenants is asked without any filter.
                let search = try await app.database.read(.system) { tx in
                    try WordSearch(tx, "গোপন canary পাখি only", chatbotID: bot, app.database.dialect)
                }
                #expect(Set(search.numbers) == own, "other chunks are not even looked at")
                let found = try await app.search("canary bird only", limit: 50, in: bot, as: user)
                #expect(found["data"]?.array?.count == 3)
                #expect(found["data"]?.array?.allSatisfy { $0["name"]?.string == "\(bot).md" } == true)
            }
            #expect(try await app.search("canary", in: foreign, as: alice).status == 404)
            let viewer = try await app.user("viewer")
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: alice).string("id")
            try await app.add(viewer, to: team, as: "viewer", by: alice)
            let shared = try await app.chatbot(as: alice, headers: [.workspaceID: team])
            #expect(try await app.search("canary", in: shared, as: viewer).errorCode == "forbidden")
            let key = try await TestApplication.make(app, chatbotID: mine, as: alice, scopes: ["knowledge"])
            let path = "/chatbots/\(mine)/knowledge/search"
            #expect(try await key.call(.post, path, ["query": "canary"])["data"]?.array?.count == 3)
            let wrong = try await key.call(.post, "/chatbots/\(other)/knowledge/search", ["query": "canary"])
            #expect(wrong.errorCode == "key_not_for_chatbot")
            let chat = try await TestApplication.make(app, chatbotID: mine, as: alice)
            #expect(try await chat.call(.post, path, ["query": "canary"]).errorCode == "key_not_allowed")
        }
    }

    @Test("A file that is removed is found no more, and leaves no row and no word")
    func removal() async throws {
        try await TestApp.runKnowledge { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let id = try await app.knowledge((0..<120).map { "বাক্য number \($0)" }, in: bot, as: alice)
            let kept = try await app.knowledge(["বাক্য kept"], name: "kept.md", in: bot, as: alice)
            #expect(try await app.search("বাক্য", limit: 50, in: bot, as: alice)["data"]?.array?.count == 50)
            #expect(try await app.call(.delete, "/chatbots/\(bot)/files/\(id)", as: alice).status == 204)
            let left = try await app.search("বাক্য number", limit: 50, in: bot, as: alice)
            #expect(left["data"]?.array?.map { $0["file_id"]?.string } == [kept])
            #expect(try await app.count("knowledge_chunks") == 1)
            #expect(try await app.count("knowledge_vectors") == 1)
            #expect(try await Self.indexed("number", bot, app) == 0)
            #expect(try await app.call(.delete, "/chatbots/\(bot)", as: alice).status == 204)
            try await app.app.deletions.run()
            #expect(try await app.count("knowledge_chunks") == 0)
            #expect(try await Self.indexed("বাক্য", bot, app) == 0)
        }
    }

    /// Rows of the index of words itself that have a word.
    private static func indexed(_ word: String, _ chatbotID: String, _ app: TestApp) async throws -> Int {
        let sql = app.database.dialect.keys(of: "knowledge_chunks", withWordIn: "words", key: "number")
        let key = WordKeys(chatbotID: chatbotID).key(try #require(Words.of(word).first), level: 1)
        return try await app.database.read(.system) { tx in try tx.rows(sql, [key, 100]) { try $0.int64(0) }.count }
    }

    @Test("Without the model, passages are found by words, and the answer says so; without credits it is refused")
    func failures() async throws {
        let isDown = Switch()
        let provider = ScriptedProvider.meanings { _ in
            if isDown.isOn { throw ProviderError(.unavailable, detail: "down") }
        }
        try await TestApp.runKnowledge(provider: provider) { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            try await app.knowledge(["টিয়া পাখি", "দাম ৫০ টাকা"], in: bot, as: alice)
            isDown.set(true)
            let found = try await app.search("টিয়া", in: bot, as: alice)
            #expect(found.status == 200 && found["error_code"] == "provider_unavailable", "\(found.text)")
            #expect(found["data"]?.array?.count == 1 && found["data"]?[0]?["meaning_rank"] == .null)
            isDown.set(false)
            try await app.setPrice(of: "scripted/vectors", input: 1)
            try await app.setPlan(alice, "free")
            try await app.setCredits(alice, 0)
            let poor = try await app.search("টিয়া", in: bot, as: alice)
            #expect(poor.status == 402 && poor.errorCode == "insufficient_credits", "\(poor.text)")
        }
    }
}

/// Something that a test turns on and off while a script runs.
final class Switch: Sendable {
    private let state = Mutex(false)
    var isOn: Bool { state.withLock { $0 } }
    func set(_ isOn: Bool) { state.withLock { $0 = isOn } }
}

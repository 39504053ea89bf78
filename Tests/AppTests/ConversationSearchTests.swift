import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing
import Texts

@testable import App
@testable import Chat
@testable import HTTPKit
@testable import Knowledge
@testable import Platform

/// Finding titles and messages, in every script.
@Suite struct ConversationSearchTests {
    /// As the job leaves it.
    private static func search(
        _ query: String, with more: String = "", _ app: TestApp, as user: TestUser, headers: HTTPFields = [:]
    ) async throws -> TestApp.Answer {
        try await index(app)
        let text = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
        return try await app.call(.get, "/conversations/search?q=\(text)\(more)", as: user, headers: headers)
    }

    /// The parts of the snippets that are marked, of each thing found.
    private static func marked(_ answer: TestApp.Answer) -> [[String]] {
        (answer["data"]?.array ?? []).map { found in
            let units = Array((found["snippet"]?.string ?? "").utf16)
            return (found["marks"]?.array ?? []).map { mark in
                let (start, end) = (Int(mark[0]?.int ?? 0), Int(mark[1]?.int ?? 0))
                return String(decoding: units[start..<end], as: UTF16.self)
            }
        }
    }

    private static func index(_ app: TestApp) async throws { try await SearchIndexing(database: app.database).run() }

    @Test("What was said and its title are found, however they are written, with the words marked")
    func life() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("بَيْتٌ كبيرٌ في المدينة 🦜 北京大学很大"))) { app in
            let alice = try await app.user("alice")
            let id = try await app.conversation(as: alice)
            try await app.send("বাংলাদেশের রাজধানী ঢাকা। সময\u{9BC} কত?", in: id, as: alice)
            for (query, expected) in [
                ("রাজধানী", [["রাজধানী"], ["রাজধানী"]]), ("রাজ", [["রাজধানী"], ["রাজধানী"]]),
                ("সম\u{9DF}", [["সময\u{9BC}"], ["সময\u{9BC}"]]), ("بيت", [["بَيْتٌ"]]),
                ("المدينة كبير", [["كبيرٌ", "المدينة"]]),
                ("大学", [["大学"]]), ("北京大学", [["北京大学"]]), ("学", [["学"]]), ("🦜", [["🦜"]]), ("🐪", []), ("ধানী", []),
            ] as [(String, [[String]])] {
                let answer = try await Self.search(query, app, as: alice)
                #expect(answer.status == 200 && Self.marked(answer) == expected, "\(query): \(answer.text)")
            }
            let found = try await Self.search("ঢাকা", app, as: alice)["data"]
            let all = try await app.all("/conversations/\(id)/messages", as: alice)
            #expect(Set([found?[0]?["message_id"], found?[1]?["message_id"]]) == [all[0]["id"], .null])
            #expect(found?[0]?["conversation_id"]?.string == id && found?[0]?["title"]?.string?.isEmpty == false)
            // A new title takes the place of the earlier one.
            try await app.call(.patch, "/conversations/\(id)", ["title": "Geography"], as: alice)
            #expect(try await Self.marked(Self.search("রাজধানী", app, as: alice)).count == 1)
            #expect(try await Self.marked(Self.search("GEO", app, as: alice)) == [["Geography"]])
            try await app.call(.patch, "/conversations/\(id)", ["title": .null], as: alice)
            #expect(try await Self.search("geography", app, as: alice)["data"] == [])
            try await app.call(.delete, "/conversations/\(id)", as: alice)
            #expect(try await Self.search("রাজধানী", app, as: alice)["data"] == [])
            try await app.app.deletions.run()
            let left = (try await app.count("search_entries"), try await app.count("search_words"))
            #expect(left == (0, 0))
        }
    }

    @Test("Only shown versions are found, and no failed replies")
    func versions() async throws {
        let provider = ScriptedProvider { _, number in
            number == 2 ? .failure(ProviderError(.timeout, detail: "")) : .text("উত্তর number\(number)")
        }
        try await TestApp.run(provider: provider) { app in
            let alice = try await app.user("alice")
            let id = try await app.conversation(as: alice)
            try await app.send("first", in: id, as: alice)
            try await app.send("second", in: id, as: alice)
            #expect(try await Self.marked(Self.search("try", app, as: alice)) == [], "the fallback message")
            try await app.call(.post, "/conversations/\(id)/regenerate", [:], as: alice)
            let messages = try await app.all("/conversations/\(id)/messages", as: alice)
            let reply = try #require(messages[1]["id"]?.string)
            try await app.call(.post, "/conversations/\(id)/messages/\(reply)/regenerate", [:], as: alice)
            let shown = try await app.all("/conversations/\(id)/messages", as: alice)
            let texts = Set(shown.compactMap { $0["sender"] == "ai" ? $0["content"]?.string : nil })
            let found = try await Self.search("number", app, as: alice)["data"]?.array?.compactMap {
                $0["snippet"]?.string
            }
            #expect(Set(found ?? []) == texts && !texts.isEmpty)
        }
    }

    private static let vocabulary = [
        "পাখি", "পাখিরা", "টাকা", "ক্ষমা", "طائر", "سعر", "价格", "图书馆", "馆", "🦜", "👍🏽", "rule", "ruler", "Bird", "42", "ไทย",
    ]

    /// Every word of the query begins a word of the text, found by looking at all of them.
    private static func isFound(_ query: String, in text: String) -> Bool {
        let words = text.decomposedStringWithCompatibilityMapping.lowercased()
            .split { $0.isWhitespace }.map(String.init)
        return query.decomposedStringWithCompatibilityMapping.lowercased().split(separator: " ").allSatisfy { asked in
            let asked = asked.replacing("🏽", with: "")
            let isUnspaced = "价格图书馆ไทย".decomposedStringWithCompatibilityMapping.contains(asked.first!)
            return words.contains {
                isUnspaced ? $0.contains(asked) : $0.unicodeScalars.starts(with: asked.unicodeScalars)
            }
        }
    }

    @Test("Random queries find what looking through all messages finds", arguments: 1...3)
    func oracle(seed: UInt64) async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("নীরব"))) { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            var random = RandomText(seed: seed)
            var said: [String: String] = [:]
            for user in [alice, bob] {
                for _ in 0..<4 {
                    let id = try await app.call(.post, "/conversations", ["title": "শিরোনাম"], as: user).string("id")
                    for _ in 0..<8 {
                        let text = (0..<Int.random(in: 1...6, using: &random))
                            .map { _ in Self.vocabulary.randomElement(using: &random)! }.joined(separator: " ")
                        let turn = try await app.send(text, in: id, as: user)
                        if user.id == alice.id { said[try #require(turn.json[0]?["id"]?.string)] = text }
                    }
                }
            }
            for round in 0..<40 {
                // The second half asks what has been indexed in large parts.
                if round == 20 {
                    try await app.database.write(.system) { tx in
                        try tx.run("DELETE FROM search_entries")
                        try tx.run("UPDATE conversations SET to_index = 1")
                    }
                    #expect(try await app.count("search_words") == 0)
                }
                let query = (0..<Int.random(in: 1...2, using: &random))
                    .map { _ in Self.vocabulary.randomElement(using: &random)! }.joined(separator: " ")
                let expected = Set(said.filter { Self.isFound(query, in: $0.value) }.keys)
                var (found, after): ([String], String?) = ([], "")
                while let cursor = after {
                    let page = try await Self.search(
                        query, with: "&sender=user&limit=5" + (cursor.isEmpty ? "" : "&after=\(cursor)"), app, as: alice
                    )
                    found += try #require(page["data"]?.array).compactMap { $0["message_id"]?.string }
                    #expect(Self.marked(page).allSatisfy { !$0.isEmpty && !$0.contains("") }, "\(page.text)")
                    after = page["next"]?.string
                }
                #expect(Set(found) == expected && found.count == expected.count, "\(query)")
            }
        }
    }

    @Test("Nothing of others is found, whatever is asked and whoever shares the workspace")
    func tenancy() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("গোপন উত্তর"))) { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: alice).string("id")
            try await app.add(bob, to: team, as: "editor", by: alice)
            let inTeam: HTTPFields = [.workspaceID: team]
            let bot = try await app.chatbot(as: alice, headers: inTeam)
            for user in [alice, bob] {
                let id = try await app.conversation(with: bot, as: user)
                try await app.send("গোপন কথা \(user.name)", in: id, as: user)
            }
            try await app.send("গোপন alice home", in: app.conversation(as: alice), as: alice)
            let key = SearchOwner(workspaceID: team, userID: alice.id).beginnings(of: ["গোপন"])[0]
            for query in ["গোপন", "alice", key, "গ", "\"\(key)\"", "\(key)*"] {
                for (headers, more) in [([:], ""), (inTeam, ""), ([:], "&chatbot_id=\(bot)")] as [(HTTPFields, String)]
                {
                    let found = try await Self.search(query, with: more, app, as: bob, headers: headers)
                    #expect(found.status == 200 && !found.text.contains("alice"), "\(query): \(found.text)")
                    if query == "গোপন" {
                        #expect((found["data"]?.array?.count ?? 0) == (headers.isEmpty && more.isEmpty ? 0 : 3))
                    }
                }
            }
            // The cursor of another names no row of that user.
            let next = try await Self.search("গোপন", with: "&limit=1", app, as: alice, headers: inTeam).string("next")
            let others = try await Self.search("গোপন", with: "&after=\(next)", app, as: bob, headers: inTeam)
            #expect(others.status == 200 && !others.text.contains("alice"))
            // An application's conversations and those of a workspace that was left are nobody's to find here.
            #expect(try await Self.search("গোপন", with: "&chatbot_id=\(bot)", app, as: app.user("eve")).status == 404)
            try await app.call(.delete, "/workspaces/\(team)/members/\(bob.id)", as: alice)
            #expect(try await Self.search("গোপন", app, as: bob, headers: inTeam).status == 404)
            #expect(try await Self.search("গোপন", app, as: alice)["data"]?.array?.count == 3)
        }
    }

    @Test("Characters that mean something to an index are text, and odd queries have an answer")
    func odd() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ok"))) { app in
            let alice = try await app.user("alice")
            let id = try await app.conversation(as: alice)
            try await app.send("say \"near\" NEAR(a b) words:x -y col* 'q' \\ & | ! <-> ()", in: id, as: alice)
            for query in [
                "\"near\"", "NEAR(a b)", "words:x", "-y", "col*", "'q' \\", "a & b", "a|b", "!y", "near OR",
                "say <-> a",
                "^say", "{words}:x", "near AND a", "sa",
            ] {
                let found = try await Self.search(query, with: "&sender=user", app, as: alice)
                let isThere = !["near OR", "near AND a"].contains(query)
                #expect(
                    found.status == 200 && found["data"]?.array?.count == (isThere ? 1 : 0), "\(query): \(found.text)")
            }
            for query in [
                "!!!", "—…", "*", "\"", "'", ":*", "\u{301}", "\u{200D}", "👨‍👩‍👧‍👦", String(repeating: "ক", count: 200),
                String(repeating: "京大", count: 100), (0..<100).map { _ in "z" }.joined(separator: " "),
            ] {
                let found = try await Self.search(query, app, as: alice)
                #expect(found.status == 200 && found["data"] == [] && found["next"] == .null, "\(query): \(found.text)")
            }
            for query in ["", " ", String(repeating: "a", count: 201)] {
                let refused = try await Self.search(query, app, as: alice)
                #expect(refused.status == 422 && refused["error"]?["param"] == "q", "\(refused.text)")
            }
            let none = try await app.call(.get, "/conversations/search", as: alice)
            #expect(none.status == 422 && none["error"]?["param"] == "q", "\(none.text)")
            for odd in ["&sender=nobody", "&from=yesterday", "&limit=51", "&limit=0"] {
                #expect(try await Self.search("a", with: odd, app, as: alice).status == 422, "\(odd)")
            }
            #expect(try await Self.search("a", with: "&after=x", app, as: alice).errorCode == "invalid_cursor")
        }
    }

    @Test("Filters of chatbot, sender and time")
    func filters() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ছুটি reply"))) { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let other = try await app.conversation(as: alice)
            try await app.send("ছুটি one", in: other, as: alice)
            let id = try await app.conversation(with: bot, as: alice)
            try await app.send("ছুটি two", in: id, as: alice)
            func count(_ more: String) async throws -> Int? {
                try await Self.search("ছুটি", with: more, app, as: alice)["data"]?.array?.count
            }
            #expect(try await count("") == 6)
            #expect(try await count("&chatbot_id=\(bot)") == 3)
            #expect(try await count("&sender=ai") == 2)
            #expect(try await count("&sender=user&chatbot_id=\(bot)") == 1)
            #expect(try await count("&sender=staff") == 0)
            #expect(try await count("&from=2000-01-01T00:00:00Z&to=9999-12-31T00:00:00Z") == 6)
            #expect(try await count("&to=2000-01-01T00:00:00Z") == 0)
            #expect(try await count("&from=9000-01-01T00:00:00Z") == 0)
            #expect(try await count("&from=2001-01-01T00:00:00Z&to=2000-01-01T00:00:00Z") == 0)
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE messages SET created_at = 86400000 WHERE conversation_id = ?", [other])
                try tx.run("UPDATE conversations SET created_at = -5 WHERE id = ?", [other])
                try tx.run("DELETE FROM search_entries")
                try tx.run("UPDATE conversations SET to_index = 1")
            }
            #expect(try await count("&to=1980-01-01T00:00:00Z") == 3)
            #expect(try await count("&from=1980-01-01T00:00:00Z") == 3)
            #expect(try await count("&from=1970-01-02T00:00:00Z&to=1980-01-01T00:00:00Z") == 2)
            #expect(try await count("&to=1970-01-02T00:00:00Z") == 1, "the title")
        }
    }

    @Test("Copies, replies that an instance left behind, and replies that end after all are indexed")
    func leftBehind() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("কবিতা"))) { app in
            let alice = try await app.user("alice")
            let id = try await app.conversation(as: alice)
            let turn = try await app.send("লেখো", in: id, as: alice)
            let copy = try await app.call(.post, "/conversations/\(id)/copy", [:], as: alice).string("id")
            let found = try await Self.search("কবিতা", app, as: alice)["data"]?.array
            #expect(Set(found?.map { $0["conversation_id"]?.string } ?? []) == [id, copy])
            let reply = try #require(turn.json[1]?["id"]?.string)
            try await app.database.write(.system) { tx in
                try tx.run("DELETE FROM search_entries WHERE conversation_id = ?", [id])
                try tx.run("UPDATE messages SET status = 'running', content = 'অসমাপ্ত' WHERE id = ?", [reply])
                try tx.run(
                    "UPDATE conversations SET turn_message_id = ?, turn_until = 1, to_index = 1 WHERE id = ?",
                    [reply, id])
            }
            #expect(try await Self.search("অসমাপ্ত", app, as: alice)["data"] == [], "it is running")
            try await app.sweep()
            #expect(try await Self.marked(Self.search("অসমাপ্ত", app, as: alice)) == [["অসমাপ্ত"]])
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE messages SET content = 'শেষ' WHERE id = ?", [reply])
            }
            #expect(try await Self.search("অসমাপ্ত", app, as: alice)["data"] == [])
            #expect(try await Self.marked(Self.search("শেষ", app, as: alice)) == [["শেষ"]])
        }
    }

    @Test("An application's conversations are not in the index")
    func applications() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("উত্তর"))) { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let key = try await app.call(
                .post, "/chatbots/\(bot)/api-keys", ["name": "k", "scopes": ["chat"]], as: alice
            ).string("key")
            let said = try await app.call(
                .post, "/chatbot/\(bot)/query", ["message": "প্রশ্ন"], headers: [.authorization: "Bearer \(key)"])
            #expect(said.status == 200, "\(said.text)")
            try await Self.index(app)
            #expect(try await app.count("search_entries") == 0)
        }
    }
}

import Foundation
import HTTPTypes
import JSON
import LLMTesting
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit
@testable import Platform
@testable import Storage

/// The job behind the search in conversations.
@Suite struct SearchIndexingTests {
    private static func count(_ query: String, _ app: TestApp, as user: TestUser) async throws -> Int? {
        let text = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
        return try await app.call(.get, "/conversations/search?q=\(text)&limit=50", as: user)["data"]?.array?.count
    }

    private static func index(_ app: TestApp) async throws { try await SearchIndexing(database: app.database).run() }

    private static func part(_ app: TestApp) async throws -> SearchPart {
        try await app.database.read(.system) { tx in
            let waiting = try #require(try WaitingConversation.find(tx, after: "", limit: 1).first)
            return try SearchPart(tx, waiting, after: 0, messages: 100, bytes: 1000)
        }
    }

    private static func write(_ part: SearchPart, _ app: TestApp) async throws {
        try await app.database.write(.system) { [dialect = app.database.dialect] tx in try part.index(tx, dialect) }
    }

    @Test("Entries of one time that choose the same number are both there, each once")
    func numbers() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ok"))) { app in
            let alice = try await app.user("alice")
            let ids = [try await app.conversation(as: alice), try await app.conversation(as: alice)]
            try await app.database.write(.system) { [dialect = app.database.dialect] tx in
                let tenant = Tenant(jobOf: alice.workspaceID, payerID: alice.id)
                let entry = try #require(
                    SearchEntry("পাখি", of: SearchOwner(tenant), time: Timestamp(milliseconds: 1000)))
                var chosen: [Int64] = [7, 7, 7, 8, 7, 8]
                for id in ids + ids {
                    try entry.insert(tx, in: tenant, conversationID: id, dialect) { range in
                        let number = chosen.removeFirst()
                        #expect(range.contains(number))
                        return number
                    }
                }
            }
            #expect(try await app.count("search_entries") == 2)
            #expect(try await app.count("search_words") == 2)
        }
    }

    @Test("Long conversations, and messages without words, are indexed whole and once")
    func long() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ok"))) { app in
            let alice = try await app.user("alice")
            var ids: [String] = []
            for _ in 0..<3 { ids.append(try await app.conversation(as: alice)) }
            let long = String(repeating: "দীর্ঘ পাঠ্য ", count: 4000)
            try await app.database.write(.system) { [ids] tx in
                for (conversation, id) in ids.enumerated() {
                    for position in 1...230 {
                        let isWordless = conversation == 1 || position % 3 == 0
                        let text = isWordless ? "…" : position % 50 == 1 ? long + "শিউলি" : "শিউলি \(position)"
                        try tx.run(
                            """
                            INSERT INTO messages (id, workspace_id, conversation_id, position, sender, content, status,
                                created_at)
                            VALUES (?, ?, ?, ?, 'user', ?, 'complete', 1700000000000)
                            """,
                            [Identifier.make(), alice.workspaceID, id, position, text])
                    }
                    try tx.run("UPDATE conversations SET last_position = 230 WHERE id = ?", [id])
                }
            }
            for _ in 0..<2 {
                try await Self.index(app)
                #expect(try await app.count("search_entries") == 2 * (230 - 230 / 3))
                #expect(try await app.count("conversations WHERE to_index > 0") == 0)
                #expect(try await Self.count("শিউলি", app, as: alice) == 50)
            }
        }
    }

    @Test("What changes while it is being indexed is indexed as it is then")
    func changes() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("উত্তর"))) { app in
            let alice = try await app.user("alice")
            let id = try await app.conversation(as: alice)
            try await app.send("পুরনো শিরোনাম", in: id, as: alice)
            let beforeTitle = try await Self.part(app)
            try await app.call(.patch, "/conversations/\(id)", ["title": "নতুন"], as: alice)
            try await Self.write(beforeTitle, app)
            #expect(try await app.count("search_entries") == 0)
            let beforeTurn = try await Self.part(app)
            try await app.send("আরও কথা", in: id, as: alice)
            try await Self.write(beforeTurn, app)
            #expect(try await app.count("search_entries") == 0)
            try await Self.index(app)
            let found = [
                try await Self.count("নতুন", app, as: alice), try await Self.count("পুরনো", app, as: alice),
                try await Self.count("উত্তর", app, as: alice), try await Self.count("আরও", app, as: alice),
            ]
            #expect(found == [1, 1, 2, 1])
            #expect(try await app.count("search_entries") == 5)
        }
    }

    @Test("A conversation that is removed while it is being indexed leaves nothing")
    func removal() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("উত্তর"))) { app in
            let alice = try await app.user("alice")
            let id = try await app.conversation(as: alice)
            try await app.send("কথা", in: id, as: alice)
            let part = try await Self.part(app)
            try await app.call(.delete, "/conversations/\(id)", as: alice)
            try await app.app.deletions.run()
            try await Self.write(part, app)
            #expect(try await app.count("search_entries") == 0)
            #expect(try await app.count("search_words") == 0)
        }
    }

    @Test("A turn counts one change, and is not indexed while its reply runs")
    func running() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("উত্তর"))) { app in
            let alice = try await app.user("alice")
            let id = try await app.conversation(as: alice)
            try await Self.index(app)
            try await app.send("কথা", in: id, as: alice)
            #expect(try await app.count("conversations WHERE to_index = 1") == 1)
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE conversations SET turn_message_id = 'x', turn_until = 1 WHERE id = ?", [id])
            }
            try await Self.index(app)
            #expect(try await app.count("search_entries") == 0)
            #expect(try await app.count("conversations WHERE to_index = 1") == 1)
        }
    }
}

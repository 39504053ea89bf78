import Foundation
import HTTPTypes
import JSON
import LLMTesting
import Storage
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit
@testable import Platform

/// Folders of conversations.
@Suite struct FolderTests {
    private static func put(
        _ id: String, in folder: JSONValue, _ app: TestApp, as user: TestUser
    ) async throws -> TestApp.Answer {
        try await app.call(.patch, "/conversations/\(id)", ["folder": folder], as: user)
    }

    private static func ids(
        in folder: String, and more: String = "", _ app: TestApp, as user: TestUser
    ) async throws -> Set<String> {
        let name = folder.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
        let page = try await app.call(.get, "/conversations?limit=200&folder=\(name)\(more)", as: user)
        #expect(page.status == 200, "\(page.text)")
        return Set(page["data"]?.array?.compactMap { $0["id"]?.string } ?? [])
    }

    private static func folders(
        _ app: TestApp, as user: TestUser, headers: HTTPFields = [:]
    ) async throws -> [String: Int64] {
        let list = try await app.call(.get, "/conversations/folders", as: user, headers: headers)
        #expect(list.status == 200 && list["next"] == .null, "\(list.text)")
        let pairs = list["data"]?.array?.map { ($0["name"]?.string ?? "", $0["conversations"]?.int ?? -1) } ?? []
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    /// More conversations like one, each a millisecond older; `folder` is SQL that knows their number `n`.
    private static func fill(_ app: TestApp, from id: String, _ count: Int, folder: String) async throws {
        try await app.database.write(.system) { tx in
            try tx.run(
                """
                WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < \(count))
                INSERT INTO conversations (id, title, workspace_id, chatbot_id, user_id, last_position, created_at,
                    updated_at, folder)
                SELECT c.id || '-' || n, 'x', c.workspace_id, c.chatbot_id, c.user_id, 0, c.created_at,
                    c.updated_at - n, \(folder) FROM conversations c, numbers WHERE c.id = ?
                """, [id])
        }
    }

    @Test("Conversations are put into folders, found there, and taken out")
    func filing() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("উত্তর"))) { app in
            let alice = try await app.user("alice")
            var made: [String] = []
            for title in ["প্রথম", "second", "ثالث", "第四 🐦"] {
                made.append(
                    try await app.call(.post, "/conversations", ["title": .string(title)], as: alice).string("id"))
            }
            let before = try await app.call(.get, "/conversations/\(made[0])", as: alice)
            #expect(before["folder"] == .null)
            let filed = try await Self.put(made[0], in: "কাজ", app, as: alice)
            #expect(filed.status == 200 && filed["folder"]?.string == "কাজ" && filed["title"]?.string == "প্রথম")
            #expect(filed["updated_at"] == before["updated_at"])
            _ = try await Self.put(made[1], in: "কাজ", app, as: alice)
            _ = try await Self.put(made[2], in: "رحلات ✈️", app, as: alice)
            #expect(try await Self.folders(app, as: alice) == ["কাজ": 2, "رحلات ✈️": 1])
            #expect(try await Self.ids(in: "কাজ", app, as: alice) == [made[0], made[1]])
            #expect(try await Self.ids(in: "رحلات ✈️", app, as: alice) == [made[2]])
            #expect(try await Self.ids(in: "", app, as: alice) == [made[3]])
            #expect(try await Self.ids(in: "কা", app, as: alice).isEmpty)
            #expect(try await app.all("/conversations", as: alice).count == 4)
            // A title that is sent alone leaves the folder.
            let renamed = try await app.call(.patch, "/conversations/\(made[0])", ["title": "নতুন"], as: alice)
            #expect(renamed["folder"]?.string == "কাজ")
            let out = try await Self.put(made[0], in: .null, app, as: alice)
            #expect(out["folder"] == .null)
            #expect(try await Self.ids(in: "", app, as: alice) == [made[0], made[3]])
            // A folder goes with its last conversation.
            #expect(try await app.call(.delete, "/conversations/\(made[2])", as: alice).status == 204)
            #expect(try await Self.folders(app, as: alice) == ["কাজ": 1])
        }
    }

    @Test("The archive keeps the folder of a conversation, and pinned ones are counted in theirs")
    func archived() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ok"))) { app in
            let alice = try await app.user("alice")
            let (first, second) = (try await app.conversation(as: alice), try await app.conversation(as: alice))
            for id in [first, second] { _ = try await Self.put(id, in: "Reise", app, as: alice) }
            try await app.call(.patch, "/conversations/\(first)", ["archived": true], as: alice)
            try await app.call(.patch, "/conversations/\(second)", ["pinned": true], as: alice)
            #expect(try await Self.folders(app, as: alice) == ["Reise": 1])
            #expect(try await Self.ids(in: "Reise", app, as: alice) == [second])
            #expect(try await Self.ids(in: "Reise", and: "&pinned=false", app, as: alice).isEmpty)
            #expect(try await Self.ids(in: "Reise", and: "&archived=true", app, as: alice) == [first])
            try await app.call(.patch, "/conversations/\(second)", ["archived": true], as: alice)
            #expect(try await Self.folders(app, as: alice).isEmpty)
            let back = try await app.call(.patch, "/conversations/\(first)", ["archived": false], as: alice)
            #expect(back["folder"]?.string == "Reise")
            #expect(try await Self.folders(app, as: alice) == ["Reise": 1])
        }
    }

    @Test("A name is the same however its letters are composed and whatever blanks surround it")
    func names() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ok"))) { app in
            let alice = try await app.user("alice")
            let (first, second) = (try await app.conversation(as: alice), try await app.conversation(as: alice))
            // U+09DF, which composition takes apart, and its two parts.
            let (one, two) = ("সম\u{9DF}", "সম\u{9AF}\u{9BC}")
            let filed = try await Self.put(first, in: .string("  \(one)\u{200B}\n"), app, as: alice)
            #expect(filed["folder"]?.string.map { Array($0.unicodeScalars) } == Array(two.unicodeScalars))
            _ = try await Self.put(second, in: .string(two), app, as: alice)
            #expect(try await Self.folders(app, as: alice) == [two: 2])
            for name in [one, two, " \(one) "] {
                #expect(try await Self.ids(in: name, app, as: alice) == [first, second])
            }
            // The longest name, and one that is too long only when it is composed.
            let longest = String(repeating: "বা", count: 30)
            #expect(try await Self.put(first, in: .string(longest), app, as: alice).status == 200)
            #expect(try await Self.ids(in: longest, app, as: alice) == [first])
            for name in [
                "", " ", "\u{200B}", "a\nb", "a\u{0}b", "a\u{7}", "\u{202E}abc", String(repeating: "x", count: 61),
                String(repeating: "\u{9DF}", count: 31),
            ] {
                let refused = try await Self.put(second, in: .string(name), app, as: alice)
                #expect(refused.status == 422, "\(name.debugDescription): \(refused.text)")
                #expect(refused["error"]?["param"]?.string == "folder")
            }
            for value in [1, true, ["x"], ["name": "x"]] as [JSONValue] {
                #expect(try await Self.put(second, in: value, app, as: alice).status == 422)
            }
            #expect(try await Self.ids(in: two, app, as: alice) == [second])
        }
    }

    @Test("Pages of a folder and of the others are whole, also with ten thousand conversations")
    func pages() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ok"))) { app in
            let alice = try await app.user("alice")
            let id = try await app.conversation(as: alice)
            try await Self.fill(app, from: id, 10_000, folder: "CASE WHEN n % 10 = 0 THEN 'পাখি' ELSE NULL END")
            for (folder, count) in [("%E0%A6%AA%E0%A6%BE%E0%A6%96%E0%A6%BF", 1000), ("", 9001)] {
                var (found, after, pages): ([String], String?, Int) = ([], "", 0)
                while let cursor = after {
                    let more = cursor.isEmpty ? "" : "&after=\(cursor)"
                    let page = try await app.call(
                        .get, "/conversations?limit=200&pinned=false&folder=\(folder)\(more)", as: alice)
                    found += (page["data"]?.array ?? []).compactMap { $0["id"]?.string }
                    (after, pages) = (page["next"]?.string, pages + 1)
                }
                #expect(found.count == count && Set(found).count == count && pages == (count + 199) / 200)
            }
            #expect(try await Self.folders(app, as: alice) == ["পাখি": 1000])
        }
    }

    @Test("There are at most a hundred folders, however many calls come at once")
    func limit() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ok"))) { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            var made: [String] = []
            for _ in 0..<15 { made.append(try await app.conversation(as: alice)) }
            try await Self.fill(app, from: made[0], 95, folder: "'f' || n")
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for (index, id) in made.enumerated() {
                    group.addTask { try await Self.put(id, in: .string("নতুন \(index)"), app, as: alice).status }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 200 } == 5 && statuses.count { $0 == 402 } == 10, "\(statuses)")
            #expect(try await Self.folders(app, as: alice).count == 100)
            let refused = try await Self.put("\(made[0])-1", in: "আরেকটি", app, as: alice)
            #expect(refused["error"]?["code"]?.string == "plan_limit_reached")
            #expect(refused["error"]?["param"]?.string == "folder")
            // Those that are there can be used, and another user is free.
            #expect(try await Self.put("\(made[0])-2", in: "f1", app, as: alice).status == 200)
            let other = try await app.conversation(as: bob)
            #expect(try await Self.put(other, in: "আরেকটি", app, as: bob).status == 200)
            // The folder that the other one left is gone, so that there is room.
            #expect(try await Self.put("\(made[0])-1", in: "আরেকটি", app, as: alice).status == 200)
        }
    }

    @Test("Folders are their user's own, also among members of a workspace")
    func tenancy() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ok"))) { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let owned = try await Owned.make(app, alice, member: bob)
            let workspace: HTTPFields = [.workspaceID: owned.parameters["workspace_id"]!]
            let id = owned.parameters["conversation_id"]!
            #expect(try await Self.put(id, in: "গোপন", app, as: alice).status == 200)
            #expect(try await Self.put(id, in: "bob", app, as: bob).status == 404)
            #expect(try await Self.folders(app, as: alice, headers: workspace) == ["গোপন": 1])
            #expect(try await Self.folders(app, as: alice).isEmpty)
            #expect(try await Self.folders(app, as: bob, headers: workspace).isEmpty)
            #expect(try await Self.ids(in: "গোপন", app, as: bob).isEmpty)
            let stranger = try await app.user("eve")
            let refused = try await app.call(.get, "/conversations/folders", as: stranger, headers: workspace)
            #expect(refused.status == 404)
        }
    }
}

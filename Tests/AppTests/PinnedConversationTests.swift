import HTTPTypes
import JSON
import LLMTesting
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit
@testable import Platform

/// Conversations at the top of the list, and out of it.
@Suite struct PinnedConversationTests {
    private static func ids(_ query: String, _ app: TestApp, as user: TestUser) async throws -> [String?] {
        try await app.call(.get, "/conversations?limit=200\(query)", as: user)["data"]?.array?.map { $0["id"]?.string }
            ?? []
    }

    @Test("Pinning and archiving change what the lists have, and nothing else of the conversation")
    func lists() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("উত্তর"))) { app in
            let alice = try await app.user("alice")
            var made: [String] = []
            for title in ["প্রথম", "second", "ثالث"] {
                made.append(
                    try await app.call(.post, "/conversations", ["title": .string(title)], as: alice).string("id"))
            }
            let before = try await app.call(.get, "/conversations/\(made[0])", as: alice)
            #expect(before["pinned"] == false && before["archived"] == false)
            let pinned = try await app.call(.patch, "/conversations/\(made[0])", ["pinned": true], as: alice)
            #expect(pinned.status == 200 && pinned["pinned"] == true && pinned["title"]?.string == "প্রথম")
            #expect(pinned["updated_at"] == before["updated_at"])
            try await app.call(.patch, "/conversations/\(made[1])", ["archived": true], as: alice)
            #expect(Set(try await Self.ids("", app, as: alice)) == [made[0], made[2]])
            #expect(try await Self.ids("&pinned=true", app, as: alice) == [made[0]])
            #expect(try await Self.ids("&pinned=false", app, as: alice) == [made[2]])
            #expect(try await Self.ids("&archived=true", app, as: alice) == [made[1]])
            #expect(try await Self.ids("&archived=true&pinned=true", app, as: alice) == [])
            // It can be continued in the archive, and comes back as it was.
            #expect(try await app.send("কথা", in: made[1], as: alice).status == 200)
            #expect(try await Self.ids("&archived=true", app, as: alice) == [made[1]])
            let back = try await app.call(.patch, "/conversations/\(made[1])", ["archived": false], as: alice)
            #expect(back["archived"] == false && back["title"]?.string == "second")
            #expect(try await Self.ids("", app, as: alice).first == made[1])
            // What is sent alone changes alone.
            let renamed = try await app.call(.patch, "/conversations/\(made[0])", ["title": "নতুন"], as: alice)
            #expect(renamed["pinned"] == true && renamed["title"]?.string == "নতুন")
        }
    }

    @Test("Pages of pinned and of other conversations are whole")
    func pages() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ok"))) { app in
            let alice = try await app.user("alice")
            var pinned: Set<String> = []
            var others: Set<String> = []
            for number in 0..<14 {
                let id = try await app.conversation(as: alice)
                if number % 2 == 0 {
                    pinned.insert(id)
                    try await app.call(.patch, "/conversations/\(id)", ["pinned": true], as: alice)
                } else {
                    others.insert(id)
                }
            }
            for (query, expected) in [("pinned=true", pinned), ("pinned=false", others)] {
                var (found, after): ([String], String?) = ([], "")
                while let cursor = after {
                    let more = cursor.isEmpty ? "" : "&after=\(cursor)"
                    let page = try await app.call(.get, "/conversations?limit=3&\(query)\(more)", as: alice)
                    found += (page["data"]?.array ?? []).compactMap { $0["id"]?.string }
                    after = page["next"]?.string
                }
                #expect(found.count == expected.count && Set(found) == expected, "\(query)")
            }
        }
    }

    @Test("Others cannot pin or archive, and what is no truth value is refused")
    func refusals() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ok"))) { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let id = try await app.conversation(as: alice)
            for change in [["pinned": true], ["archived": true]] as [JSONValue] {
                #expect(try await app.call(.patch, "/conversations/\(id)", change, as: bob).status == 404)
            }
            for (name, value) in [("pinned", "yes"), ("archived", 1), ("pinned", [])] as [(String, JSONValue)] {
                let refused = try await app.call(.patch, "/conversations/\(id)", .object([name: value]), as: alice)
                #expect(refused.status == 422 && refused["error"]?["param"]?.string == name, "\(refused.text)")
            }
            #expect(try await app.call(.get, "/conversations?pinned=perhaps", as: alice).status == 422)
            let same = try await app.call(.get, "/conversations/\(id)", as: alice)
            #expect(same["pinned"] == false && same["archived"] == false)
            #expect(try await Self.ids("&archived=true&pinned=true", app, as: bob) == [])
        }
    }
}

import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit
@testable import Platform

/// Links by which anyone reads a conversation as it was.
@Suite struct ShareTests {
    private struct Link: Sendable {
        let id: String
        let path: String
    }

    private static func share(
        _ app: TestApp, _ conversationID: String, _ body: JSONValue = [:], as user: TestUser
    ) async throws -> Link {
        let made = try await app.call(.post, "/conversations/\(conversationID)/share", body, as: user)
        try #require(made.status == 201, "\(made.text)")
        let url = try made.string("url")
        #expect(url.contains("/#/shared/"))
        return Link(id: try made.string("id"), path: "/shared/\(try #require(url.split(separator: "/").last))")
    }

    private static func contents(_ answer: TestApp.Answer) -> [String] {
        answer["data"]?.array?.compactMap { $0["content"]?.string } ?? []
    }

    @Test("A link shows the shown messages as they were when it was made, and nothing that names a thing of the server")
    func snapshot() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(["name": "পাখি 🦜"], prompt: "A secret prompt", as: alice)
            let id = try await app.conversation(with: bot, as: alice)
            let first = try #require(try await app.send("পুরোনো", in: id, as: alice).json[0]?["id"]?.string)
            let edited = try await app.call(
                .post, "/conversations/\(id)/messages/\(first)/edit", ["content": "مرحبا 👋"], as: alice)
            try #require(edited.status == 200, "\(edited.text)")
            let link = try await Self.share(app, id, as: alice)
            try await app.send("后来", in: id, as: alice)
            _ = try await app.call(.patch, "/conversations/\(id)", ["title": "Renamed"], as: alice)
            // Shows the other version; the link still shows the one before.
            _ = try await app.call(.put, "/conversations/\(id)/branch", ["message_id": .string(first)], as: alice)
            let shown = try await app.call(.get, link.path)
            #expect(shown.status == 200 && Self.contents(shown) == ["مرحبا 👋", "مرحبا 👋"], "\(shown.text)")
            #expect(shown["title"] == "পুরোনো" && shown["chatbot_name"] == "পাখি 🦜" && shown["next"] == .null)
            #expect(shown["data"]?[0]?["sender"] == "user" && shown["data"]?[1]?["sender"] == "ai")
            #expect(
                shown["data"]?[1]?.object?.keys.sorted() == ["citations", "content", "created_at", "sender", "status"])
            for secret in ["secret", id, bot, first, alice.id, alice.name] {
                #expect(!shown.text.contains(secret), "\(secret)")
            }
            #expect(shown.headers[.robots] == "noindex" && shown.headers[.referrerPolicy] == "no-referrer")
            #expect(shown.headers[.cacheControl] == "no-store")
            let stored = try await app.database.read(.system) { tx in
                try tx.rows("SELECT token_hash FROM conversation_shares", []) { try $0.bytes("token_hash") }
            }
            #expect(stored == [Secrets.hash(String(link.path.dropFirst("/shared/".count)))])
        }
    }

    @Test("A long conversation is read in pages, each message once")
    func pages() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let id = try await app.conversation(as: alice)
            for number in 0..<6 { try await app.send("বার্তা \(number)", in: id, as: alice) }
            let link = try await Self.share(app, id, as: alice)
            var (seen, next): ([String], String?) = ([], nil)
            repeat {
                let page = try await app.call(.get, "\(link.path)?limit=5" + (next.map { "&after=\($0)" } ?? ""))
                try #require(page.status == 200, "\(page.text)")
                seen += Self.contents(page)
                next = page["next"]?.string
            } while next != nil
            #expect(seen == (0..<6).flatMap { ["বার্তা \($0)", "বার্তা \($0)"] })
            #expect(try await app.call(.get, "\(link.path)?after=x").status == 422)
        }
    }

    @Test("Sources are shown by name and page, without their passages")
    func citations() async throws {
        let provider = ScriptedProvider.answering { _ in .text("৫০ টাকা [1]।") }
        try await TestApp.runKnowledge(provider: provider) { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let file = try await app.knowledge(["A secret passage: ৫০ টাকা।"], name: "নিয়ম.md", in: bot, as: alice)
            let id = try await app.conversation(with: bot, as: alice)
            try await app.send("কত?", in: id, as: alice)
            let shown = try await app.call(.get, try await Self.share(app, id, as: alice).path)
            #expect(shown["data"]?[1]?["citations"] == [["n": 1, "name": "নিয়ম.md", "page": 1]], "\(shown.text)")
            #expect(!shown.text.contains("secret") && !shown.text.contains(file))
        }
    }

    @Test("A reply that is still being written is not shown, then or later")
    func running() async throws {
        let gate = Gate()
        let steps = [.delta("অসমাপ্ত"), .wait(gate.wait), .delta(" শেষ")] as [ScriptedProvider.Step]
        try await TestApp.run(provider: ScriptedProvider(.init(steps))) { app in
            let alice = try await app.user("alice")
            let id = try await app.conversation(as: alice)
            async let reply = app.send("প্রশ্ন", in: id, as: alice)
            try await app.eventually("the model has begun") { gate.arrivals == 1 }
            let link = try await Self.share(app, id, as: alice)
            #expect(Self.contents(try await app.call(.get, link.path)) == ["প্রশ্ন"])
            gate.open()
            #expect(try await reply.status == 200)
            #expect(Self.contents(try await app.call(.get, link.path)) == ["প্রশ্ন"])
        }
    }

    @Test("An imported instruction is no part of what a link shows")
    func systemMessages() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let id = try await app.conversation(as: alice)
            try await app.send("hi", in: id, as: alice)
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE messages SET sender = 'system' WHERE sender = 'user'", [])
            }
            let shown = try await app.call(.get, try await Self.share(app, id, as: alice).path)
            #expect(shown["data"]?.array?.compactMap { $0["sender"]?.string } == ["ai"])
        }
    }

    @Test("A link lasts thirty days unless said, at most a year, and then opens nothing and is removed")
    func lifetime() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let id = try await app.conversation(as: alice)
            let path = "/conversations/\(id)/share"
            let nothing = try await app.call(.post, path, [:], as: alice)
            #expect(nothing.status == 409 && nothing.errorCode == "conflict", "\(nothing.text)")
            try await app.send("hi", in: id, as: alice)
            let now = Timestamp.now
            let usual = try await app.call(.post, path, as: alice)
            let end = try #require(Timestamp(iso8601: try usual.string("expires_at")))
            #expect(abs(end.milliseconds - now.adding(.seconds(30 * 86_400)).milliseconds) < 60_000)
            for seconds: Int64 in [-1, 0, 366 * 86_400] {
                let time = now.adding(.seconds(seconds)).iso8601
                let refused = try await app.call(.post, path, ["expires_at": .string(time)], as: alice)
                #expect(refused.status == 422 && refused["error"]?["param"] == "expires_at", "\(refused.text)")
            }
            let link = try await Self.share(
                app, id, ["expires_at": .string(now.adding(.seconds(364 * 86_400)).iso8601)], as: alice)
            #expect(try await app.call(.get, link.path).status == 200)
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE conversation_shares SET expires_at = ? WHERE id = ?", [now, link.id])
            }
            #expect(try await app.call(.get, link.path).status == 404)
            #expect(try await app.call(.get, path, as: alice)["data"]?.array?.count == 1)
            try await Housekeeping(database: app.database).sweep()
            let left = try await app.database.read(.system) { tx in
                try tx.row("SELECT COUNT(*) AS count FROM conversation_shares", []) { try $0.int("count") }
            }
            #expect(left == 1)
        }
    }

    @Test("Only the one who holds the conversation makes, lists and ends its links, at most twenty")
    func owner() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let id = try await app.conversation(as: alice)
            try await app.send("hi", in: id, as: alice)
            let path = "/conversations/\(id)/share"
            let link = try await Self.share(app, id, as: alice)
            for (method, path) in [
                (.post, path), (.get, path), (.delete, "\(path)/\(link.id)"),
            ] as [(HTTPRequest.Method, String)] {
                #expect(try await app.call(method, path, as: bob).status == 404, "\(method)")
                #expect(try await app.call(method, path).status == 401, "\(method)")
            }
            // Another conversation of the same user does not end it either.
            let other = try await app.conversation(as: alice)
            #expect(try await app.call(.delete, "/conversations/\(other)/share/\(link.id)", as: alice).status == 404)
            #expect(try await app.call(.get, link.path).status == 200)
            #expect(try await app.call(.delete, "\(path)/\(link.id)", as: alice).status == 204)
            #expect(try await app.call(.get, link.path).status == 404)
            #expect(try await app.call(.delete, "\(path)/\(link.id)", as: alice).status == 404)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<24 { group.addTask { try await app.call(.post, path, as: alice).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(
                statuses.filter { $0 == 201 }.count == 20 && statuses.filter { $0 == 409 }.count == 4, "\(statuses)")
            for token in ["x", "রহিম", String(repeating: "x", count: 5000), "..", "%00"] {
                let address = token.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
                #expect(try await app.call(.get, "/shared/\(address)").status == 404, "\(token.prefix(9))")
            }
        }
    }

    @Test("A conversation of an end user or of an application cannot be shared")
    func endUsers() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let key = try await app.call(.post, "/chatbots/\(bot)/api-keys", as: alice).string("key")
            let said = try await app.call(
                .post, "/chatbot/\(bot)/query", ["message": "hi", "user_id": "customer-7"], headers: [.apiKey: key])
            let id = try said.string("conversation_id")
            #expect(try await app.call(.get, "/conversations/\(id)", as: alice).status == 200)
            #expect(try await app.call(.post, "/conversations/\(id)/share", as: alice).status == 404)
        }
    }

    @Test("In a workspace with others its owner decides, at once for the links that are there")
    func workspaces() async throws {
        try await TestApp.run { app in
            let (owner, member) = (try await app.user("owner"), try await app.user("member"))
            let team = try await app.call(.post, "/workspaces", ["name": "দল"], as: owner)
            #expect(team["allows_sharing"] == false, "\(team.text)")
            let workspace = "/workspaces/\(try team.string("id"))"
            try await app.add(member, to: team.string("id"), as: "editor", by: owner)
            let bot = try await app.chatbot(as: owner, headers: [.workspaceID: try team.string("id")])
            let id = try await app.conversation(with: bot, as: member)
            try await app.send("hi", in: id, as: member)
            let refused = try await app.call(.post, "/conversations/\(id)/share", as: member)
            #expect(refused.status == 403 && refused.errorCode == "forbidden", "\(refused.text)")
            #expect(try await app.call(.patch, workspace, ["allows_sharing": true], as: member).status == 403)
            let allowed = try await app.call(.patch, workspace, ["allows_sharing": true], as: owner)
            #expect(allowed["allows_sharing"] == true && allowed["name"] == "দল", "\(allowed.text)")
            let link = try await Self.share(app, id, as: member)
            #expect(try await app.call(.get, link.path).status == 200)
            _ = try await app.call(.patch, workspace, ["allows_sharing": false], as: owner)
            #expect(try await app.call(.get, link.path).status == 404)
            _ = try await app.call(.patch, workspace, ["name": "Team", "allows_sharing": true], as: owner)
            #expect(try await app.call(.get, link.path).status == 200)
            // Who has left and comes back finds no link again.
            #expect(try await app.call(.delete, "\(workspace)/members/\(member.id)", as: owner).status == 204)
            #expect(try await app.call(.get, link.path).status == 404)
            try await app.add(member, to: team.string("id"), as: "editor", by: owner)
            #expect(try await app.call(.get, link.path).status == 404)
        }
    }

    @Test("A link ends with its conversation, its chatbot, and its maker's account")
    func ends() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            for name in ["conversation", "chatbot", "disabled", "account"] {
                let user = try await app.user(name)
                let bot = try await app.chatbot(as: user)
                let id = try await app.conversation(with: bot, as: user)
                try await app.send("hi", in: id, as: user)
                let link = try await Self.share(app, id, as: user)
                #expect(try await app.call(.get, link.path).status == 200)
                switch name {
                case "conversation": _ = try await app.call(.delete, "/conversations/\(id)", as: user)
                case "chatbot": _ = try await app.call(.delete, "/chatbots/\(bot)", as: user)
                case "disabled":
                    let done = try await app.call(.patch, "/admin/users/\(user.id)", ["disabled": true], as: admin)
                    try #require(done.status == 200, "\(done.text)")
                default:
                    let done = try await app.call(
                        .delete, "/users/me", ["password": .string(TestApp.password)], as: user)
                    try #require(done.status < 300, "\(done.text)")
                }
                #expect(try await app.call(.get, link.path).status == 404, "\(name)")
            }
        }
    }

    @Test("With SHARING=off there are no links")
    func off() async throws {
        try await TestApp.run(configure: { $0.isSharingOn = false }) { app in
            let alice = try await app.user("alice")
            let id = try await app.conversation(as: alice)
            try await app.send("hi", in: id, as: alice)
            let refused = try await app.call(
                .post, "/conversations/\(id)/share", as: alice, headers: [.acceptLanguage: "bn"])
            #expect(refused.status == 403 && refused.text.contains("এই সার্ভারে"), "\(refused.text)")
            #expect(try await app.call(.get, "/conversations/\(id)/share", as: alice).status == 403)
            #expect(try await app.call(.get, "/shared/anything").status == 404)
        }
    }
}

import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Testing

@testable import App
@testable import Chat

@Suite struct ConversationTests {
    @Test("The documented flow of conversations works as written")
    func documentedFlow() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("Hello, ", "human."))) { app in
            let registered = try await app.call(
                .post, "/auth/register", ["username": "testuser", "password": "testpass123"])
            #expect(registered.status == 201)
            let grant = try await app.form("/auth/token", "username=testuser&password=testpass123")
            let bearer: HTTPFields = [.authorization: "Bearer \(try grant.string("access_token"))"]
            let created = try await app.send(.post, "/conversations/", body: nil, headers: bearer)
            #expect(created.status == 201)
            let id = try created.string("id")
            let turn = try await app.call(
                .post, "/conversations/\(id)/messages", ["content": "Hello, AI!"], headers: bearer)
            #expect(turn.status == 200)
            let pair = try #require(turn.json.array, "no bare array: \(turn.text)")
            #expect(pair.map { $0["sender"] } == ["user", "ai"])
            #expect(pair.map { $0["content"] } == ["Hello, AI!", "Hello, human."])
            #expect(pair.allSatisfy { $0["id"]?.string != nil && $0["conversation_id"]?.string == id })
            let list = try await app.call(.get, "/conversations/", headers: bearer)
            #expect(list["data"]?.array?.count == 1 && list["data"]?[0]?["id"]?.string == id)
            #expect(try await app.call(.delete, "/conversations/\(id)", headers: bearer).status == 204)
            #expect(try await app.call(.get, "/conversations/\(id)", headers: bearer).status == 404)
            #expect(try await app.call(.get, "/conversations/", headers: bearer)["data"] == [])
        }
    }

    @Test(
        "An empty message is refused",
        arguments: [
            "{}", #"{"content": ""}"#, #"{"content": " \n\t"}"#, #"{"content": null}"#, #"{"content": 5}"#,
            #"{"content": "\u00a0\u2003"}"#, #"{"content": "a\u0000b"}"#,
        ])
    func emptyMessage(body: String) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            let answer = try await app.raw(.post, "/conversations/\(id)/messages", body.utf8, as: user)
            #expect(answer.status == 422 && answer["error"]?["param"] == "content", "\(answer.text)")
            let chat = try await app.raw(
                .post, "/chat", body.replacing("content", with: "message").utf8, as: user)
            #expect(chat.status == 422 && chat["error"]?["param"] == "message", "\(chat.text)")
            #expect(app.provider.calls.requests.isEmpty)
            #expect(try await app.all("/conversations/\(id)/messages", as: user).isEmpty)
        }
    }

    @Test("A message may be as long as is documented, and no longer")
    func longMessage() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ok"))) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            let longest = String(repeating: "é", count: Message.maxLength)
            #expect(try await app.send(longest, in: id, as: user).json[0]?["content"]?.string == longest)
            #expect(try await app.send(longest + "é", in: id, as: user).status == 422)
        }
    }

    @Test("A session continues by its id, under both names, with its history")
    func continued() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let chatbot = try await app.chatbot(as: user)
            let first = try await app.call(
                .post, "/chat", ["project_id": .string(chatbot), "message": "one"], as: user)
            #expect(first.status == 200 && first["session_id"] == first["conversation_id"])
            let id = try first.string("session_id")
            let second = try await app.call(.post, "/chat", ["session_id": .string(id), "message": "two"], as: user)
            #expect(second["conversation_id"]?.string == id)
            let third = try await app.call(
                .post, "/chat", ["conversation_id": .string(id), "message": "three"], as: user)
            #expect(third["message"]?["sender"] == "ai" && third["message"]?["content"] == "three")
            let messages = try await app.all("/conversations/\(id)/messages", limit: 2, as: user)
            #expect(messages.compactMap { $0["content"]?.string } == ["one", "one", "two", "two", "three", "three"])
            #expect(messages.compactMap { $0["sender"]?.string } == ["user", "ai", "user", "ai", "user", "ai"])
            #expect(messages.allSatisfy { $0["status"] == "complete" })
        }
    }

    @Test("The two names of one id must not say different things", arguments: ["chatbot_id", "conversation_id"])
    func contradiction(name: String) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let other = name == "chatbot_id" ? "project_id" : "session_id"
            let ids = [
                name == "chatbot_id" ? try await app.chatbot(as: user) : try await app.conversation(as: user),
                name == "chatbot_id" ? try await app.chatbot(as: user) : try await app.conversation(as: user),
            ]
            let same = try await app.call(
                .post, "/chat", .object([name: .string(ids[0]), other: .string(ids[0]), "message": "hi"]), as: user)
            #expect(same.status == 200)
            let answer = try await app.call(
                .post, "/chat", .object([name: .string(ids[0]), other: .string(ids[1]), "message": "hi"]), as: user)
            // The first name is the field's own; its alias must not override it.
            #expect(answer.status == 200)
            if name == "conversation_id" { #expect(answer["conversation_id"]?.string == ids[0]) }
        }
    }

    @Test(
        "A title comes from the first message, and can be changed and cleared",
        arguments: [
            ("What is the capital of France?", "What is the capital of France?"),
            ("  two   spaces \nand a second line", "two spaces"),
            ("\n\nstarts late", "starts late"),
            (String(repeating: "word ", count: 30), nil),
        ])
    func title(message: String, expected: String?) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            let path = "/conversations/\(id)"
            #expect(try await app.call(.get, path, as: user)["title"] == .null)
            try await app.send(message, in: id, as: user)
            let title = try await app.call(.get, path, as: user).string("title")
            if let expected { #expect(title == expected) }
            #expect(title.count <= 60)
            if message.count > 60 { #expect(title.hasSuffix("…")) }

            for method in [.patch, .put] as [HTTPRequest.Method] {
                let renamed = try await app.call(method, path, ["title": "Mine"], as: user)
                #expect(renamed.status == 200 && renamed["title"] == "Mine")
            }
            #expect(try await app.call(.patch, path, [:], as: user)["title"] == "Mine")
            try await app.send("another", in: id, as: user)
            #expect(try await app.call(.get, path, as: user)["title"] == "Mine")
            #expect(try await app.call(.patch, path, ["title": .null], as: user)["title"] == .null)
            let long = try await app.call(
                .patch, path, ["title": .string(String(repeating: "x", count: 201))], as: user)
            #expect(long.status == 422)
        }
    }

    @Test("Conversations are listed by activity, and by chatbot where one is named")
    func order() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let chatbot = try await app.chatbot(as: user)
            var ids: [String] = []
            for number in 0..<4 {
                ids.append(try await app.conversation(with: number.isMultiple(of: 2) ? chatbot : nil, as: user))
                try await Task.sleep(for: .milliseconds(3))
            }
            func list(_ query: String = "") async throws -> [String] {
                try #require(try await app.call(.get, "/conversations\(query)", as: user)["data"]?.array)
                    .compactMap { $0["id"]?.string }
            }
            #expect(try await list() == ids.reversed())
            try await app.send("hi", in: ids[1], as: user)
            #expect(try await list() == [ids[1], ids[3], ids[2], ids[0]])
            for name in ["chatbot_id", "project_id"] {
                #expect(try await list("?\(name)=\(chatbot)") == [ids[2], ids[0]])
            }
            #expect(try await app.call(.get, "/conversations?chatbot_id=x", as: user).status == 404)
        }
    }

    @Test("Conversations are private to their user")
    func privacy() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let id = try await app.conversation(as: alice)
            try await app.send("private", in: id, as: alice)
            #expect(try await app.send("hello?", in: id, as: bob).status == 404)
            #expect(try await app.call(.get, "/conversations/\(id)/messages", as: bob).status == 404)
            #expect(try await app.call(.delete, "/conversations/\(id)", as: bob).status == 404)
            #expect(try await app.all("/conversations", as: bob).isEmpty)
            #expect(try await app.all("/conversations/\(id)/messages", as: alice).count == 2)
        }
    }

    @Test("A conversation is exported as JSON and as Markdown")
    func export() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("A \"reply\"\nwith lines"))) { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            for number in 0..<3 { try await app.send("Question \(number) \\ \u{1F99C}", in: id, as: user) }
            let path = "/conversations/\(id)/export"
            for query in ["", "?format=json"] {
                let file = try await app.call(.get, path + query, as: user)
                #expect(file.status == 200)
                #expect(file.headers[.contentType]?.hasPrefix("application/json") == true)
                #expect(file.headers[.contentDisposition] == "attachment; filename=\"conversation-\(id).json\"")
                #expect(file["conversation"]?["id"]?.string == id)
                #expect(file["messages"]?.array == (try await app.all("/conversations/\(id)/messages", as: user)))
            }
            let markdown = try await app.call(.get, "\(path)?format=markdown", as: user)
            #expect(markdown.headers[.contentType]?.hasPrefix("text/markdown") == true)
            #expect(markdown.headers[.contentDisposition]?.contains(".md") == true)
            #expect(markdown.text.hasPrefix("# Question 0"))
            #expect(markdown.text.components(separatedBy: "\n## ").count == 7)
            #expect(markdown.text.contains("A \"reply\"\nwith lines"))
            #expect(try await app.call(.get, "\(path)?format=pdf", as: user).status == 422)
            let empty = try await app.call(.get, "/conversations/\(app.conversation(as: user))/export", as: user)
            #expect(empty["messages"] == [])
        }
    }

    @Test("A long conversation is exported whole")
    func longExport() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            for number in 0..<130 { try await app.send("Message \(number)", in: id, as: user) }
            let file = try await app.call(.get, "/conversations/\(id)/export", as: user)
            let contents = try #require(file["messages"]?.array).compactMap { $0["content"]?.string }
            #expect(contents == (0..<130).flatMap { ["Message \($0)", "Message \($0)"] })
        }
    }

    @Test("A reply is rated, and only a reply")
    func feedback() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            let pair = try await app.send("hi", in: id, as: user).json
            let (question, reply) = (try #require(pair[0]?["id"]?.string), try #require(pair[1]?["id"]?.string))
            let path = "/conversations/\(id)/messages"
            let up = try await app.call(
                .put, "\(path)/\(reply)/feedback", ["rating": 1, "comment": "good"], as: user)
            #expect(up.status == 200 && up["rating"] == 1 && up["comment"] == "good")
            let down = try await app.call(.put, "\(path)/\(reply)/feedback", ["rating": -1], as: user)
            #expect(down["rating"] == -1 && down["comment"] == .null)
            #expect(try await app.all(path, as: user).last?["rating"] == -1)
            for body: JSONValue in [
                [:], ["rating": 0], ["rating": 2], ["rating": "1"], ["rating": 0.5], ["rating": .null],
            ] {
                let refused = try await app.call(.put, "\(path)/\(reply)/feedback", body, as: user)
                #expect(refused.status == 422 && refused["error"]?["param"] == "rating", "\(refused.text)")
            }
            #expect(try await app.call(.put, "\(path)/\(question)/feedback", ["rating": 1], as: user).status == 404)
        }
    }
}

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

/// What versions of messages mean for the rest of a conversation.
@Suite struct ConversationBranchTests {
    @Test("Another chatbot of the workspace answers from then on, with what was said before")
    func anotherChatbot() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let first = try await app.chatbot(prompt: "You are one.", as: alice)
            let second = try await app.chatbot(prompt: "তুমি দুই।", as: alice)
            let id = try await app.conversation(with: first, as: alice)
            try await app.send("মনে রেখো: 七", in: id, as: alice)
            let changed = try await app.call(
                .patch, "/conversations/\(id)", ["chatbot_id": .string(second)], as: alice)
            #expect(changed.status == 200 && changed["chatbot_id"]?.string == second, "\(changed.text)")
            #expect(changed["title"]?.string == "মনে রেখো: 七")
            try await app.send("কী?", in: id, as: alice)
            let authors = try await app.call(.get, "/conversations/\(id)/messages", as: alice)["data"]?.array?
                .map { $0["chatbot_id"]?.string }
            #expect(authors == [nil, first, nil, nil], "only the reply of the chatbot before names it")
            #expect(
                app.provider.calls.requests.last?.messages.map(\.content) == [
                    "তুমি দুই।", "মনে রেখো: 七", "মনে রেখো: 七", "কী?",
                ])
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: alice).string("id")
            let elsewhere = try await app.chatbot(as: alice, headers: [.workspaceID: team])
            let refused = try await app.call(
                .patch, "/conversations/\(id)", ["chatbot_id": .string(elsewhere)], as: alice)
            #expect(refused.status == 409 && refused.errorCode == "other_workspace", "\(refused.text)")
            let foreign = try await app.chatbot(as: bob)
            let unknown = try await app.call(
                .patch, "/conversations/\(id)", ["chatbot_id": .string(foreign)], as: alice)
            #expect(unknown.status == 404)
            #expect(try await app.call(.get, "/conversations/\(id)", as: alice)["chatbot_id"]?.string == second)
        }
    }

    @Test("A user's export has every version, and an exported conversation those that are asked for")
    func exports() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            let question = try #require(try await app.send("পুরোনো 👋", in: id, as: user).json[0]?["id"]?.string)
            let path = "/conversations/\(id)"
            let edited = try await app.call(
                .post, "\(path)/messages/\(question)/edit", ["content": "نص جديد"], as: user)
            #expect(edited.json[0]?["siblings"]?[0]?.string == question, "\(edited.text)")
            func contents(_ messages: JSONValue?) -> [String] {
                messages?.array?.compactMap { $0["content"]?.string } ?? []
            }
            let all = ["পুরোনো 👋", "পুরোনো 👋", "نص جديد", "نص جديد"]
            #expect(contents(try await app.call(.get, "\(path)/export", as: user)["messages"]) == Array(all[2...]))
            #expect(contents(try await app.call(.get, "\(path)/export?branch=all", as: user)["messages"]) == all)
            let text = try await app.call(.get, "\(path)/export?format=markdown", as: user).text
            #expect(text.contains("نص جديد") && !text.contains("\nপুরোনো 👋"))
            let whole = try await app.call(.get, "/users/me/export", as: user)
            let kept = whole["workspaces"]?[0]?["conversations"]?[0]?["messages"]
            #expect(contents(kept) == all && kept?[2]?["siblings"]?.array?.count == 2, "\(whole.text)")
        }
    }

    @Test("An edited message keeps its files unless it names others, and a copy has none")
    func files() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            let file = try await app.sendFile("নথি".utf8, to: "/conversations/\(id)/files", as: user).string("id")
            let sent = try await app.call(
                .post, "/conversations/\(id)/messages",
                ["content": "পড়ো", "attachments": [["file_id": .string(file)]]], as: user)
            let question = try #require(sent.json[0]?["id"]?.string, "\(sent.text)")
            let path = "/conversations/\(id)/messages/\(question)/edit"
            let edited = try await app.call(.post, path, ["content": "আবার পড়ো"], as: user)
            #expect(edited.json[0]?["attachments"] == sent.json[0]?["attachments"], "\(edited.text)")
            #expect(app.provider.calls.requests.last?.messages.last?.content.contains("নথি") == true)
            let bare = try await app.call(.post, path, ["content": "শুধু এটা", "attachments": []], as: user)
            #expect(
                bare.json[0]?["attachments"] == .null && bare.json[0]?["siblings"]?.array?.count == 3, "\(bare.text)")
            let copy = try await app.call(.post, "/conversations/\(id)/copy", [:], as: user).string("id")
            #expect(try await app.call(.get, "/conversations/\(copy)/files", as: user)["data"] == [])
        }
    }

    @Test("Only the user's own messages can be edited, and versions and copies have an end")
    func limits() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let id = try await app.conversation(as: user)
            let sent = try await app.send("মূল", in: id, as: user)
            let (question, reply) = (
                try #require(sent.json[0]?["id"]?.string), try #require(sent.json[1]?["id"]?.string)
            )
            let path = "/conversations/\(id)"
            let refused = try await app.call(.post, "\(path)/messages/\(reply)/edit", ["content": "x"], as: user)
            #expect(refused.status == 409 && refused.errorCode == "conflict")
            #expect(
                try await app.call(.post, "\(path)/messages/\(question)/edit", ["content": " "], as: user).status == 422
            )
            try await app.database.write(.system) { tx in
                for position in Int64(3)...101 {
                    try tx.run(
                        """
                        INSERT INTO messages (id, workspace_id, conversation_id, position, parent_position, sender, content,
                            status, created_at)
                        VALUES (?, ?, ?, ?, 1, 'ai', 'v', 'complete', 0)
                        """,
                        [Identifier.make(), user.workspaceID, id, position])
                }
                try tx.run("UPDATE conversations SET last_position = 101, path = '0-2' WHERE id = ?", [id])
            }
            let many = try await app.call(.post, "\(path)/regenerate", [:], as: user)
            #expect(many.status == 409 && many.text.contains("100"), "\(many.text)")
            #expect(app.provider.calls.requests.count == 1)
            try await app.database.write(.system) { tx in
                try tx.run(
                    "UPDATE messages SET content = ? WHERE id = ?", [String(repeating: "ক", count: 4_000_000), reply])
            }
            let long = try await app.call(.post, "\(path)/copy", [:], as: user)
            #expect(long.status == 409 && long["error"]?["param"] == "message_id", "\(long.text)")
            let short = try await app.call(.post, "\(path)/copy", ["message_id": .string(question)], as: user)
            #expect(short.status == 201, "\(short.text)")
        }
    }
}

import Foundation
import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import HTTPKit

/// A page of a list ends at a number of bytes, whatever its limit.
@Suite struct PageSizeTests {
    private static let texts = ["lorem ipsum ", "নমস্কার দুনিয়া ", "مرحبا بالعالم ", "你好世界", "👩‍👧‍👦"]

    /// A conversation with messages of 30,000 characters in turn, and its id.
    private static func conversation(_ app: TestApp, _ user: TestUser, messages count: Int) async throws -> String {
        let id = try await app.conversation(as: user)
        try await app.database.write(.system) { tx in
            let workspace = try tx.row("SELECT workspace_id FROM conversations WHERE id = ?", [id]) {
                try $0.string("workspace_id")
            }
            for number in 0..<count {
                let text = texts[number % texts.count]
                let content = "\(number) " + String(repeating: text, count: 30_000 / text.unicodeScalars.count)
                try tx.run(
                    """
                    INSERT INTO messages (id, workspace_id, conversation_id, position, sender, content, status, created_at)
                    VALUES (?, ?, ?, ?, 'user', ?, 'complete', 0)
                    """, [Identifier.make(), workspace, id, number + 1, content])
            }
        }
        return id
    }

    @Test("Large messages come in more pages, none left out and none twice", arguments: ["asc", "desc"])
    func messages(order: String) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let id = try await Self.conversation(app, user, messages: 60)
            var (numbers, after, pages) = ([Int](), "", 0)
            repeat {
                let page = try await app.call(
                    .get, "/conversations/\(id)/messages?limit=200&order=\(order)\(after)", as: user)
                let data = try #require(page["data"]?.array)
                #expect(page.text.utf8.count < RowPage<Int>.bytes + 400_000)
                numbers += data.compactMap { Int($0["content"]?.string?.prefix { $0 != " " } ?? "") }
                after = page["next"]?.string.map { "&after=\($0)" } ?? ""
                pages += 1
            } while !after.isEmpty && pages < 50
            #expect(numbers == (order == "asc" ? Array(0..<60) : (0..<60).reversed()))
            #expect(pages > 2 && pages < 20)
        }
    }

    @Test("An export has them all")
    func export() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let id = try await Self.conversation(app, user, messages: 45)
            let export = try await app.call(.get, "/conversations/\(id)/export", as: user)
            #expect(export["messages"]?.array?.count == 45)
            let all = try await app.call(.get, "/users/me/export", as: user)
            #expect(all.text.components(separatedBy: "\"sender\":\"user\"").count == 46)
        }
    }

    @Test("Versions of a long prompt come in more pages, too, and a small list in one")
    func prompts() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let chatbot = try await app.chatbot(as: user)
            for number in 1...12 {
                let content = "\(number) " + String(repeating: "ক", count: 49_000)
                let answer = try await app.call(
                    .post, "/chatbots/\(chatbot)/prompts", ["content": .string(content)], as: user)
                try #require(answer.status == 201)
            }
            let path = "/chatbots/\(chatbot)/prompts"
            #expect(try await app.call(.get, path, as: user)["data"]?.array.map { (6...8).contains($0.count) } == true)
            let versions = try await app.all(path, limit: 50, as: user).compactMap { $0["version"]?.int }
            #expect(versions == (1...12).reversed())
            let list = List([1, 2, 3].map { Number(value: $0) }, limit: 3) { Cursor(id: "\($0.value)") }
            #expect(list.data.count == 3 && list.next == nil)
        }
    }

    private struct Number: JSONOutput { let value: Int }
}

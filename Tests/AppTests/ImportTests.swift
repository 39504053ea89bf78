import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing
import Texts

@testable import App
@testable import Chatbots
@testable import HTTPKit
@testable import Imports
@testable import Platform

/// Conversations from other services' exports, from the file to the reply in one of them.
@Suite struct ImportTests {
    /// A conversation in ChatGPT's form: a hidden instruction, a question, and two versions of the reply.
    static func chatGPT(_ id: String, title: String = "পাখির কথা", question: String = "প্রশ্ন 🦜") -> String {
        """
        {"conversation_id": "\(id)", "title": "\(title)", "create_time": 1700000000, "update_time": 1700000500,
         "current_node": "a2", "mapping": {
          "root": {"id": "root", "parent": null, "message": null},
          "sys": {"id": "sys", "parent": "root", "message": {"author": {"role": "system"}, "weight": 0,
            "content": {"content_type": "text", "parts": ["Obey the export."]}}},
          "q": {"id": "q", "parent": "sys", "message": {"author": {"role": "user"}, "create_time": 1700000001,
            "content": {"content_type": "text", "parts": ["\(question)"]}}},
          "a1": {"id": "a1", "parent": "q", "message": {"author": {"role": "assistant"}, "create_time": 1700000002,
            "content": {"content_type": "text", "parts": ["الأول"]}, "metadata": {"model_slug": "gpt-9"}}},
          "a2": {"id": "a2", "parent": "q", "message": {"author": {"role": "assistant"}, "create_time": 1700000003,
            "content": {"content_type": "text", "parts": ["第二"]}, "metadata": {"model_slug": "gpt-9"}}}}}
        """
    }

    /// Imports a file and returns what has become of it.
    private static func bring(
        _ content: some Sequence<UInt8>, name: String = "conversations.json", with more: [String: JSONValue] = [:],
        _ app: TestApp, as user: TestUser, headers: HTTPFields = [:]
    ) async throws -> TestApp.Answer {
        let upload = try await app.upload(Array(content), name: name, as: user, headers: headers)
        let begun = try await app.call(
            .post, "/conversations/import", .object(["upload_id": .string(upload)].merging(more) { $1 }), as: user,
            headers: headers)
        try #require(begun.status == 202, "\(begun.text)")
        #expect(begun["state"] == "queued" && begun["found"] == 0 && begun["name"]?.string == name)
        try await app.app.imports.job.run()
        return try await app.call(.get, "/imports/\(try begun.string("id"))", as: user)
    }

    /// Whether all that was found has become something.
    private static func isExact(_ answer: TestApp.Answer) -> Bool {
        func sum(_ list: JSONValue?) -> Int64 { list?.array?.reduce(0) { $0 + ($1["count"]?.int ?? 0) } ?? 0 }
        return answer["found"]?.int == (answer["imported"]?.int ?? 0) + sum(answer["skipped"]) + sum(answer["failed"])
    }

    private static func contents(_ answer: TestApp.Answer) -> [String?] {
        answer["data"]?.array?.map { $0["content"]?.string } ?? []
    }

    @Test("An imported conversation shows its thread, keeps its versions, and goes on without what was hidden")
    func life() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let done = try await Self.bring(
                "[\(Self.chatGPT("c1")), {\"name\": \"Folder\"}, {\"mapping\": {}}, {\"mapping\": nonsense}]".utf8, app,
                as: alice)
            #expect(done["state"] == "done" && done["format"] == "chatgpt" && done["progress"] == 100, "\(done.text)")
            #expect(done["found"] == 4 && done["imported"] == 1 && Self.isExact(done))
            #expect(
                done["skipped"] == [
                    ["reason": "empty", "count": 1], ["reason": "not_a_conversation", "count": 1],
                ])
            #expect(done["failed"] == [["reason": "invalid", "count": 1]])

            let listed = try await app.call(.get, "/conversations", as: alice)
            let id = try #require(listed["data"]?[0]?["id"]?.string)
            #expect(listed["data"]?.array?.count == 1 && listed["data"]?[0]?["title"] == "পাখির কথা")
            #expect(listed["data"]?[0]?["updated_at"]?.string?.hasPrefix("2023-11-14T22:2") == true)
            let shown = try await app.call(.get, "/conversations/\(id)/messages", as: alice)
            #expect(Self.contents(shown) == ["প্রশ্ন 🦜", "第二"])
            #expect(shown["data"]?[1]?["siblings"]?.array?.count == 2 && shown["data"]?[1]?["model"] == "gpt-9")
            let all = try await app.call(.get, "/conversations/\(id)/messages?branch=all", as: alice)
            #expect(Self.contents(all) == ["প্রশ্ন 🦜", "الأول", "第二"])

            try await app.send("আরও?", in: id, as: alice)
            let sent = try #require(app.provider.calls.requests.last?.messages.map(\.content))
            #expect(sent.suffix(3) == ["প্রশ্ন 🦜", "第二", "আরও?"] && !sent.contains { $0.contains("Obey") })
            let whole = try await app.call(.get, "/conversations/\(id)/export?branch=all", as: alice)
            #expect(
                whole["hidden_messages"]?[0]?["content"] == "Obey the export." && whole["messages"]?.array?.count == 5)
            #expect(try await app.call(.get, "/conversations/\(id)/export", as: alice)["hidden_messages"] == .null)
            let own = try await app.call(.get, "/users/me/export", as: alice)
            let kept = own["workspaces"]?[0]?["conversations"]?[0]?["hidden_messages"]
            #expect(kept?[0]?["role"] == "system", "\(own.text.prefix(2000))")
            // The upload is gone, with its bytes.
            #expect(try await app.count("uploads") == 0)
            try await app.app.uploads.sweep.remove()
            #expect(try await app.storedObjects() == 0)
            #expect(try await app.call(.delete, "/conversations/\(id)", as: alice).status == 204)
            try await app.app.deletions.run()
            #expect(try await app.count("hidden_messages") == 0)
            #expect(try await app.count("conversations") == 0)
        }
    }

    @Test("The same file again adds nothing, a newer one what is new, and what was deleted comes back")
    func again() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let first = "[\(Self.chatGPT("1")), \(Self.chatGPT("2")), \(Self.chatGPT("1"))]"
            let once = try await Self.bring(first.utf8, app, as: alice)
            #expect(once["imported"] == 2 && once["skipped"] == [["reason": "already_imported", "count": 1]])
            let twice = try await Self.bring(first.utf8, app, as: alice)
            #expect(twice["imported"] == 0 && twice["found"] == 3 && Self.isExact(twice), "\(twice.text)")
            let newer = try await Self.bring("[\(Self.chatGPT("1")), \(Self.chatGPT("3"))]".utf8, app, as: alice)
            #expect(newer["imported"] == 1 && newer["found"] == 2)
            #expect(try await app.count("conversations") == 3)
            #expect(try await app.count("messages") == 9)
            let listed = try await app.call(.get, "/conversations", as: alice)
            let id = try #require(listed["data"]?[2]?["id"]?.string)
            _ = try await app.call(.delete, "/conversations/\(id)", as: alice)
            let back = try await Self.bring(first.utf8, app, as: alice)
            #expect(back["imported"] == 1 && back["found"] == 3, "\(back.text)")
            // Another user's is another's, and so is one without an id that is the same byte for byte.
            let bob = try await app.user("bob")
            #expect(try await Self.bring(first.utf8, app, as: bob)["imported"] == 2)
            let nameless = #"[{"chat_messages": [{"sender": "human", "text": "হ্যাঁ"}]}]"#
            #expect(try await Self.bring(nameless.utf8, app, as: bob)["imported"] == 1)
            #expect(try await Self.bring(nameless.utf8, app, as: bob)["imported"] == 0)
        }
    }

    @Test("A ZIP archive and a form are taken too, and a format that is asked for leaves the others out")
    func forms() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let claude =
                #"[{"uuid": "u", "name": "كتاب", "chat_messages": [{"uuid": "1", "sender": "human", "text": "সালাম"}]}]"#
            let zip = ZipBytes.make([
                ("conversations-000.json", "[\(Self.chatGPT("z1"))]"), ("conversations-001.json", claude),
                ("users.json", "[{}]"),
            ])
            let done = try await Self.bring(zip, name: "export.zip", app, as: alice)
            #expect(done["imported"] == 2 && done["format"] == "chatgpt" && Self.isExact(done), "\(done.text)")
            let sent = try await app.sendFile(
                "[\(Self.chatGPT("f1"))]".utf8, to: "/conversations/import", as: alice)
            #expect(sent.status == 202, "\(sent.text)")
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: alice).string("id")
            let bot = try await app.chatbot(as: alice, headers: [.workspaceID: team])
            let there = try await Self.bring(
                "[\(Self.chatGPT("t1"))]".utf8, with: ["chatbot_id": .string(bot), "format": "claude"], app, as: alice,
                headers: [.workspaceID: team])
            #expect(there["state"] == "failed" && there["error_code"] == "unknown_format", "\(there.text)")
            #expect(
                there["skipped"] == [["reason": "not_a_conversation", "count": 1]] && there["chatbot_id"]?.string == bot
            )
            let listed = try await app.call(.get, "/imports?limit=1", as: alice)
            #expect(listed["data"]?.array?.count == 1 && listed["next"]?.string != nil)
        }
    }

    @Test(
        "A file that cannot be read to its end says why, and keeps what came before",
        arguments: [
            ("hello", "unknown_format", 0), ("", "unknown_format", 0), ("[]", "unknown_format", 0),
            ("[{\"a\": 1}]", "unknown_format", 1), ("[\(chatGPT("1")), {\"mapping\": ", "damaged_file", 1),
        ])
    func failures(_ text: String, code: String, found: Int64) async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let done = try await Self.bring(text.utf8, app, as: alice)
            #expect(done["state"] == "failed" && done["error_code"]?.string == code, "\(done.text)")
            #expect(done["found"]?.int == found && Self.isExact(done) && done["ended_at"]?.string != nil)
            #expect(try await app.count("uploads") == 0)
        }
    }

    @Test("A full plan ends an import, and nothing is half there")
    func quota() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let workspace = try #require(try await app.call(.get, "/workspaces", as: alice)["data"]?[0]?["id"]?.string)
            let long = String(repeating: "কথা ", count: 30_000)
            let many = (0..<8).map { Self.chatGPT("\($0)", question: long) }.joined(separator: ",")
            let upload = try await app.upload(Array("[\(many)]".utf8), as: alice)
            let used = try await app.database.read(.system) { tx in
                try tx.row(
                    "SELECT CAST(SUM(bytes) AS BIGINT) AS bytes FROM workspace_totals WHERE workspace_id = ?",
                    [workspace]
                ) { try $0.int("bytes") } ?? 0
            }
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE plans SET stored_bytes = ?", [used + 1_000_000])
            }
            let begun = try await app.call(
                .post, "/conversations/import", ["upload_id": .string(upload)], as: alice)
            try await app.app.imports.job.run()
            let done = try await app.call(.get, "/imports/\(try begun.string("id"))", as: alice)
            #expect(done["state"] == "failed" && done["error_code"] == "plan_limit_reached", "\(done.text)")
            let imported = try #require(done["imported"]?.int)
            #expect((1..<8).contains(imported) && Self.isExact(done))
            let listed = try await app.call(.get, "/conversations", as: alice)
            #expect(listed["data"]?.array?.count == Int(imported))
        }
    }

    @Test("A run that is cut off within a conversation leaves nothing half, and the next one doubles nothing")
    func cutOff() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let long = (0..<250).map { index in
                #""m\#(index)": {"id": "m\#(index)", "parent": "m\#(index - 1)", "message": {"author": {"role": "user"}, "create_time": \#(1_700_000_000 + index), "content": {"content_type": "text", "parts": ["পাখি \#(index)"]}}}"#
            }.joined(separator: ",")
            let file = "[\(Self.chatGPT("1")), {\"id\": \"long\", \"mapping\": {\(long)}}, \(Self.chatGPT("3"))]"
            let upload = try await app.upload(Array(file.utf8), as: alice)
            let begun = try await app.call(
                .post, "/conversations/import", ["upload_id": .string(upload)], as: alice)
            let id = try begun.string("id")
            // As a killed process leaves it: the import is running, the first conversation is there, and of the second one
            // a part that is hidden.
            var run = try #require(
                try await app.database.write(.system) { tx in try ImportRun.begin(tx, id: id, run: "killed") })
            let arranged = try ArrangedConversation(
                ImportFormat.chatgpt.conversation(try JSONValue(parsing: Self.chatGPT("1").utf8)), now: .now)
            try await ImportWriter(database: app.database).write(
                arranged, source: "chatgpt:1", &run, progress: 0.3)
            try await app.database.write(.system) { tx in
                try tx.run(
                    """
                    INSERT INTO conversations (id, workspace_id, chatbot_id, user_id, source, created_at, updated_at, deleted_at)
                    SELECT 'half', workspace_id, chatbot_id, user_id, 'chatgpt:long', 1, 1, ? FROM imports
                    """, [Timestamp.now.adding(.seconds(3600))])
            }
            let before = try await app.call(.get, "/imports/\(id)", as: alice)
            #expect(
                before["state"] == "running" && before["imported"] == 1 && before["progress"] == 30, "\(before.text)")
            try await app.app.deletions.run()
            #expect(try await app.count("conversations") == 2)
            #expect(try await app.call(.get, "/conversations", as: alice)["data"]?.array?.count == 1)

            try await app.app.imports.job.run()
            let done = try await app.call(.get, "/imports/\(id)", as: alice)
            #expect(done["state"] == "done" && done["imported"] == 3 && done["found"] == 3, "\(done.text)")
            #expect(try await app.count("messages") == 256)
            #expect(try await app.call(.get, "/conversations", as: alice)["data"]?.array?.count == 3)
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE conversations SET deleted_at = 1 WHERE id = 'half'")
            }
            try await app.app.deletions.run()
            #expect(try await app.count("conversations") == 3)
        }
    }

    @Test("A stopped import keeps what came; others cannot see, stop or use what is not theirs")
    func stopped() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let upload = try await app.upload(Array("[\(Self.chatGPT("1"))]".utf8), as: alice)
            let body: JSONValue = ["upload_id": .string(upload)]
            #expect(try await app.call(.post, "/conversations/import", body, as: bob).status == 404)
            let bot = try await app.chatbot(as: bob)
            let foreign = try await app.call(
                .post, "/conversations/import", ["upload_id": .string(upload), "chatbot_id": .string(bot)], as: alice)
            #expect(foreign.status == 404)
            let begun = try await app.call(.post, "/conversations/import", body, as: alice)
            let path = "/imports/\(try begun.string("id"))"
            #expect(try await app.call(.post, "/conversations/import", body, as: alice).status == 404)
            #expect(try await app.call(.get, "/uploads/\(upload)", as: alice).status == 404)
            #expect(try await app.call(.get, path, as: bob).status == 404)
            #expect(try await app.call(.delete, path, as: bob).status == 404)
            #expect(try await app.call(.get, "/imports", as: bob)["data"] == [])
            #expect(try await app.call(.delete, path, as: alice).status == 204)
            #expect(try await app.call(.delete, path, as: alice).status == 204)
            try await app.app.imports.job.run()
            let ended = try await app.call(.get, path, as: alice)
            #expect(ended["state"] == "cancelled" && ended["imported"] == 0, "\(ended.text)")
            #expect(try await app.count("uploads") == 0)
            #expect(try await app.count("conversations") == 0)
        }
    }

    @Test("An import ends with its user, its membership, its chatbot and its workspace", arguments: 0..<4)
    func ended(_ what: Int) async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: alice).string("id")
            try await app.add(bob, to: team, as: "editor", by: alice)
            let bot = try await app.chatbot(as: alice, headers: [.workspaceID: team])
            let upload = try await app.upload(
                Array("[\(Self.chatGPT("1"))]".utf8), as: bob, headers: [.workspaceID: team])
            let begun = try await app.call(
                .post, "/conversations/import", ["upload_id": .string(upload), "chatbot_id": .string(bot)], as: bob)
            try #require(begun.status == 202, "\(begun.text)")
            let ended =
                switch what {
                case 0: try await app.call(.delete, "/users/me", ["password": .string(TestApp.password)], as: bob)
                case 1: try await app.call(.delete, "/workspaces/\(team)/members/\(bob.id)", as: alice)
                case 2: try await app.call(.delete, "/chatbots/\(bot)", as: alice)
                default: try await app.call(.delete, "/workspaces/\(team)", as: alice)
                }
            try #require(ended.status == 204, "\(ended.text)")
            try await app.app.imports.job.run()
            try await app.app.deletions.run()
            #expect(try await app.count("conversations") == 0)
            let waiting = try await app.database.read(.system) { tx in
                try tx.rows("SELECT state FROM imports", []) { try $0.string("state") }
            }
            #expect(waiting.allSatisfy { $0 == "failed" }, "\(waiting)")
        }
    }

    @Test("A waiting workspace gets its turn between the imports of another one")
    func turns() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            for number in 0..<3 {
                let upload = try await app.upload(Array("[\(Self.chatGPT("a\(number)"))]".utf8), as: alice)
                _ = try await app.call(.post, "/conversations/import", ["upload_id": .string(upload)], as: alice)
            }
            let upload = try await app.upload(Array("[\(Self.chatGPT("b"))]".utf8), as: bob)
            let last = try await app.call(.post, "/conversations/import", ["upload_id": .string(upload)], as: bob)
            let turns = WorkspaceTurns()
            var order: [String] = []
            while let next = turns.begin(
                among: try await app.database.read(.system) { tx in try ImportRun.oldest(tx) })
            {
                defer { turns.end(next.workspaceID) }
                order.append(next.id)
                let begun = try await app.database.write(.system) { tx in
                    try ImportRun.begin(tx, id: next.id, run: "test")
                }
                let run = try #require(begun)
                try await app.database.write(.system) { tx in try run.end(tx, failure: nil, progress: 1, now: .now) }
            }
            let second = try last.string("id")
            #expect(order.count == 4 && order[1] == second)
        }
    }

    @Test("No more than twenty imports wait")
    func waiting() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            func begin() async throws -> TestApp.Answer {
                let upload = try await app.upload([], as: alice)
                return try await app.call(
                    .post, "/conversations/import", ["upload_id": .string(upload)], as: alice)
            }
            for _ in 0..<20 { #expect(try await begin().status == 202) }
            let refused = try await begin()
            #expect(refused.status == 409 && refused.errorCode == "conflict", "\(refused.text)")
            try await app.app.imports.job.run()
            #expect(try await begin().status == 202)
        }
    }
}

import HTTPTypes
import JSON
import Storage
import Testing

@testable import Accounts
@testable import App
@testable import HTTPKit
@testable import Platform

/// What a tenant stores is bounded, each value and all of them.
@Suite struct WorkspaceLimitsTests {
    @Test("A plan bounds chatbots, prompt versions, workspaces and end users, also if many are made at once")
    func counts() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            // The default ones are counted too.
            try await app.limit(alice, OwnLimits(chatbots: 3, workspaces: 2, promptVersions: 2, endUsers: 2))
            func refused(_ answers: [TestApp.Answer]) -> Int {
                answers.count { $0.status == 402 && $0.errorCode == "plan_limit_reached" }
            }
            let chatbots = try await app.parallel(8) { number in
                try await app.call(.post, "/chatbots", ["name": .string("বট \(number)")], as: alice)
            }
            #expect(chatbots.count { $0.status == 201 } == 2 && refused(chatbots) == 6)
            let id = try #require(chatbots.first { $0.status == 201 }).string("id")
            let prompts = try await app.parallel(8) { _ in
                try await app.call(.post, "/chatbots/\(id)/prompts", ["content": "أجب"], as: alice)
            }
            #expect(prompts.count { $0.status == 201 } == 2 && refused(prompts) == 6)
            let workspaces = try await app.parallel(8) { _ in
                try await app.call(.post, "/workspaces", ["name": "工作区"], as: alice)
            }
            #expect(workspaces.count { $0.status == 201 } == 1 && refused(workspaces) == 7)
            let site = try await TestApplication.make(app, chatbotID: id, as: alice)
            let told = try await app.parallel(8) { number in
                try await site.call(.post, "/users/u\(number)/details", ["company": "🛍️"])
            }
            #expect(told.count { $0.status == 200 } == 2 && refused(told) == 6)
            // One who is known may be told more of.
            let known = try #require(told.first { $0.status == 200 }).string("user_id")
            #expect(try await site.call(.post, "/users/\(known)/details", ["company": "B"]).status == 200)
            let asked = try await site.query("Hi", ["user": ["id": "new"]])
            #expect(asked.errorCode == "plan_limit_reached")
            #expect(try await app.count("end_users") == 2)
            // What is deleted makes room.
            #expect(try await app.call(.delete, "/chatbots/\(id)", as: alice).status == 204)
            #expect(try await app.call(.post, "/chatbots", ["name": "C"], as: alice).status == 201)
        }
    }

    @Test("A plan bounds stored bytes; deleting makes room, reading is never refused")
    func bytes() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let text = String(repeating: "দীর্ঘ বার্তা ", count: 2000)
            let conversation = try await app.conversation(as: alice)
            #expect(try await app.send(text, in: conversation, as: alice).status == 200)
            let stored = try await app.database.read(.system) { tx in
                try tx.row("SELECT \(WorkspaceLimits.storedBytes(in: "?")) AS bytes", [alice.workspaceID]) {
                    try $0.int("bytes")
                }
            }
            #expect(try #require(stored) > text.utf8.count)
            try await app.limit(alice, OwnLimits(storedBytes: 60_000))
            let before = try await app.count("messages")
            for (method, path, body) in [
                (.post, "/conversations/\(conversation)/messages", ["content": "x"]),
                (.post, "/chat", ["message": "x"]),
                (.post, "/conversations", [:]), (.post, "/chatbots", ["name": "x"]),
            ] as [(HTTPRequest.Method, String, JSONValue)] {
                let answer = try await app.call(method, path, body, as: alice)
                #expect(answer.status == 402 && answer.errorCode == "plan_limit_reached", "\(path) \(answer.text)")
            }
            #expect(try await app.count("messages") == before)
            #expect(try await app.usedToday(alice).messages == 1)
            #expect(try await app.call(.get, "/conversations/\(conversation)/messages", as: alice).status == 200)
            #expect(try await app.call(.delete, "/conversations/\(conversation)", as: alice).status == 204)
            // What takes longer than the answer waits is deleted by a job.
            try await app.eventually("there is room") {
                try await app.call(.post, "/chat", ["message": "x"], as: alice).status == 200
            }
        }
    }

    @Test("The total of a workspace is what its rows hold")
    func totals() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let owned = try await Owned.make(app, alice, member: bob)
            let workspaceID = owned.parameters["workspace_id"]!
            let dialect = app.database.dialect
            func compare() async throws {
                let (counted, summed) = try await app.database.read(.system) { tx in
                    var summed = 0
                    for (table, texts) in [
                        ("messages", ["content", "comment", "reasoning"]),
                        ("conversations", ["title", "session_data"]),
                        ("end_users", ["external_id", "profile"]), ("prompts", ["content"]),
                        ("curated_answers", ["question", "answer"]),
                        (
                            "chatbots",
                            [
                                "name", "description", "models", "greeting", "config", "fallback_message",
                                "fallback_messages", "llm_endpoint_url", "widget",
                            ]
                        ), ("api_keys", ["name", "origins"]), ("responses", ["ending"]),
                        ("response_parts", ["content"]), ("hidden_messages", ["content"]),
                    ] {
                        let size = texts.map { dialect.bytes(of: $0) }.joined(separator: " + ")
                        summed +=
                            try tx.row(
                                """
                                SELECT CAST(COALESCE(SUM(\(size) + 200), 0) AS BIGINT) AS bytes FROM \(table)
                                WHERE workspace_id = ?
                                """, [workspaceID]
                            ) { try $0.int("bytes") } ?? 0
                    }
                    for table in ["uploads", "files"] {
                        let sql = """
                            SELECT CAST(COALESCE(SUM(bytes + 200), 0) AS BIGINT) AS bytes FROM \(table)
                            WHERE workspace_id = ?
                            """
                        summed += try tx.row(sql, [workspaceID]) { try $0.int("bytes") } ?? 0
                    }
                    let counted = try tx.row("SELECT \(WorkspaceLimits.storedBytes(in: "?")) AS bytes", [workspaceID]) {
                        try $0.int("bytes")
                    }
                    return (counted, summed)
                }
                #expect(counted == summed)
            }
            try await compare()
            let id = owned.parameters["conversation_id"]!
            let message = "/conversations/\(id)/messages/\(owned.parameters["message_id"]!)/feedback"
            _ = try await app.call(.put, message, ["rating": 1, "comment": "ধন্যবাদ 👍"], as: alice)
            _ = try await app.call(.patch, "/conversations/\(id)", ["title": "新标题"], as: alice)
            _ = try await app.call(
                .patch, "/chatbots/\(owned.parameters["chatbot_id"]!)", ["config": ["ক": "খ"], "greeting": "مرحبا"],
                as: alice)
            let widget = "/chatbots/\(owned.parameters["chatbot_id"]!)/widget"
            for starters in [["কোথায়?", "أين؟"], ["哪里？"]] as [JSONValue] {
                #expect(try await app.call(.put, widget, ["starters": starters], as: alice).status == 200)
            }
            _ = try await app.call(.post, "/conversations/\(id)/regenerate", as: alice)
            try await compare()
            _ = try await app.call(.delete, "/conversations/\(id)", as: alice)
            try await compare()
            try await app.database.write(.system) { tx in
                try tx.run("DELETE FROM chatbots WHERE workspace_id = ? AND widget IS NOT NULL", [workspaceID])
            }
            try await compare()
        }
    }

    @Test("config is limited to 64 KiB, models to 16 KiB, in bytes")
    func values() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let id = try await app.chatbot(as: alice)
            func config(_ bytes: Int) -> JSONValue {
                // {"a":"…"} around it; three bytes a character.
                ["config": ["a": .string(String(repeating: "অ", count: (bytes - 8) / 3))]]
            }
            for (body, status) in [
                (config(65_536), 200), (config(65_539 + 3), 422),
                (["models": .array(Array(repeating: .string(String(repeating: "模", count: 150)), count: 36))], 200),
                (["models": .array(Array(repeating: .string(String(repeating: "模", count: 150)), count: 37))], 422),
            ] as [(JSONValue, Int)] {
                #expect(try await app.call(.patch, "/chatbots/\(id)", body, as: alice).status == status)
                guard case .object(var fields) = body else { continue }
                fields["name"] = "New"
                let made = try await app.call(.post, "/chatbots", .object(fields), as: alice)
                #expect(made.status == (status == 200 ? 201 : 422))
            }
        }
    }

    @Test("A page of long rows is cut, and the next one goes on where it ended")
    func pages() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let long = String(repeating: "দ", count: 32_000)
            let id = try await app.chatbot(as: alice)
            for _ in 0..<30 {
                _ = try await app.call(.post, "/chatbots/\(id)/prompts", ["content": .string(long)], as: alice)
            }
            let page = try await app.call(.get, "/chatbots/\(id)/prompts?limit=200", as: alice)
            #expect(page.text.utf8.count < 1_200_000 && page["next"]?.string != nil)
            #expect(try await app.all("/chatbots/\(id)/prompts", limit: 200, as: alice).count == 30)
            let conversation = try await app.conversation(as: alice)
            try await app.database.write(.system) { tx in
                for position in 1...40 {
                    try tx.run(
                        """
                        INSERT INTO messages (id, workspace_id, conversation_id, position, sender, content, status, created_at)
                        VALUES (?, ?, ?, ?, 'user', ?, 'complete', 1)
                        """,
                        [Identifier.make(), alice.workspaceID, conversation, position, long])
                }
            }
            let messages = try await app.call(.get, "/conversations/\(conversation)/messages?limit=200", as: alice)
            #expect(messages.text.utf8.count < 1_200_000 && messages["next"]?.string != nil)
            #expect(try await app.all("/conversations/\(conversation)/messages", limit: 200, as: alice).count == 40)
            let export = try await app.call(.get, "/conversations/\(conversation)/export", as: alice)
            #expect(export["messages"]?.array?.count == 40)
        }
    }
}

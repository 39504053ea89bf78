import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import Accounts
@testable import App
@testable import Chat
@testable import HTTPKit
@testable import Metering
@testable import ModelAPI
@testable import Platform

/// Responses that are stored: who reads them, what continues them, and how long they stay.
@Suite struct StoredResponsesTests {
    static let path = ResponsesTests.path

    private static func id(_ answer: TestApp.Answer) throws -> String {
        try #require(answer.status == 200, "\(answer.text)")
        return try answer.string("id")
    }

    @Test(
        "A response continues another: its input and output lead, its instructions do not, and its calls can be answered"
    )
    func chain() async throws {
        let call: JSONValue = [
            [
                "index": 0, "id": "c1", "type": "function",
                "function": ["name": "আবহাওয়া", "arguments": "{\"শহর\":\"ঢাকা\"}"],
            ]
        ]
        let provider = ScriptedProvider(
            .init([.thoughts("Think."), .delta("আমি দেখি।"), .toolCalls(call)], finishReason: .toolCalls),
            .text("৩১ ডিগ্রি"), .text("ধন্যবাদ"))
        try await TestApp.run(provider: provider) { app in
            let key = try await ResponsesTests.application(app, prompt: nil)
            let tools: JSONValue = [["type": "function", "name": "আবহাওয়া", "parameters": ["type": "object"]]]
            let first = try Self.id(
                try await key.call(
                    .post, Self.path,
                    ["input": "ঢাকায় কেমন?", "instructions": "Answer in Bengali.", "tools": tools]))
            let second = try Self.id(
                try await key.call(
                    .post, Self.path,
                    [
                        "previous_response_id": .string(first), "tools": tools,
                        "input": [["type": "function_call_output", "call_id": "c1", "output": "31"]],
                    ]))
            let third = try await key.call(
                .post, Self.path, ["previous_response_id": .string(second), "input": "আর কাল?", "stream": true])
            #expect(ResponseGrammar.problems(third.events) == [])
            #expect(third.events.last?.data["response"]?["previous_response_id"]?.string == second)
            let calls: JSONValue = [
                [
                    "id": "c1", "type": "function",
                    "function": ["name": "আবহাওয়া", "arguments": "{\"শহর\":\"ঢাকা\"}"],
                ]
            ]
            var said = ChatMessage(role: .assistant, content: "আমি দেখি।", toolCalls: calls)
            said.thoughts = Thoughts(text: "Think.")
            #expect(
                provider.calls.requests[2].messages == [
                    ChatMessage(role: .user, content: "ঢাকায় কেমন?"), said,
                    ChatMessage(role: .tool, content: "31", toolCallID: "c1"),
                    ChatMessage(role: .assistant, content: "৩১ ডিগ্রি"), ChatMessage(role: .user, content: "আর কাল?"),
                ])
            // What is deleted in the middle is missed.
            #expect(try await key.call(.delete, "\(Self.path)/\(first)")["deleted"] == true)
            let broken = try await key.call(
                .post, Self.path, ["previous_response_id": .string(second), "input": "Hi"])
            #expect(broken.status == 400 && broken.errorCode == "previous_response_not_found", "\(broken.text)")
            #expect(provider.calls.requests.count == 3)
        }
    }

    @Test("Only the key and the end user that made a response can read, continue, cancel or delete it")
    func owners() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let chatbotID = try await app.chatbot(["name": "Helper"], as: alice)
            let key = try await TestApplication.make(app, chatbotID: chatbotID, as: alice)
            let sibling = try await TestApplication.make(app, chatbotID: chatbotID, as: alice)
            let bob = try await app.user("bob")
            let other = try await TestApplication.make(app, chatbotID: app.chatbot(["name": "B"], as: bob), as: bob)
            let id = try Self.id(try await key.call(.post, Self.path, ["input": "গোপন", "user": "carla"]))
            func paths(_ query: String) -> [(HTTPRequest.Method, String)] {
                [
                    (.get, "\(Self.path)/\(id)\(query)"), (.get, "\(Self.path)/\(id)/input_items\(query)"),
                    (.post, "\(Self.path)/\(id)/cancel\(query)"), (.delete, "\(Self.path)/\(id)\(query)"),
                ]
            }
            for (method, path) in paths("") {
                for answer in [
                    try await sibling.call(method, path), try await other.call(method, path),
                    try await app.call(method, path, as: alice), try await app.call(method, path, as: bob),
                ] { #expect(answer.status == 404 && answer.errorCode == "not_found", "\(method) \(answer.text)") }
            }
            for (method, path) in paths("?user=dora") {
                #expect(try await key.call(method, path).status == 404, "\(method)")
            }
            for user: JSONValue in ["dora", .null] {
                let stolen = try await key.call(
                    .post, Self.path, ["input": "Hi", "previous_response_id": .string(id), "user": user])
                #expect(stolen.errorCode == "previous_response_not_found", "\(stolen.text)")
            }
            #expect(try await key.call(.get, "\(Self.path)/\(id)?user=carla").status == 200)
            #expect(try await key.call(.get, "\(Self.path)/\(id)").status == 200)
            let next = try await key.call(
                .post, Self.path, ["input": "Hi", "previous_response_id": .string(id), "user": "carla"])
            #expect(next.status == 200, "\(next.text)")
            #expect(try await key.call(.delete, "\(Self.path)/\(id)").status == 200)
            #expect(try await key.call(.get, "\(Self.path)/\(id)").status == 404)
            #expect(try await key.call(.delete, "\(Self.path)/\(id)").status == 404)
            #expect(try await app.count("response_parts", where: "response_id = '\(id)'") == 0)
        }
    }

    @Test("Nothing of a response is in the database in plain text, and of one that is not stored nothing but the log")
    func hidden() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("canary-উত্তর"))) { app in
            let key = try await ResponsesTests.application(app)
            let body: [String: JSONValue] = [
                "input": "canary-প্রশ্ন", "instructions": "canary-নির্দেশ", "metadata": ["canary": "canary"],
            ]
            let id = try Self.id(try await key.call(.post, Self.path, .object(body)))
            let texts = try await app.database.read(.system) { tx in
                try tx.rows("SELECT * FROM responses") { row in
                    [try row.string("ending"), try row.string("owner"), try row.string("model")].joined()
                } + tx.rows("SELECT content FROM response_parts") { try $0.string("content") }
            }
            #expect(texts.count >= 3 && texts.allSatisfy { !$0.contains("canary") })
            let kept = try await key.call(
                .post, Self.path, .object(body.merging(["store": false, "stream": true]) { $1 }))
            #expect(ResponseGrammar.problems(kept.events) == [])
            let unstored = try #require(kept.events.last?.data["response"]?["id"]?.string)
            #expect(try await key.call(.get, "\(Self.path)/\(unstored)").status == 404)
            let next = try await key.call(
                .post, Self.path, ["input": "Hi", "previous_response_id": .string(unstored)])
            #expect(next.errorCode == "previous_response_not_found")
            #expect(try await app.rows("SELECT id FROM responses") == [id])
            #expect(try await app.count("message_logs") == 2)
        }
    }

    @Test("The items of an input are listed in pages, in either order")
    func items() async throws {
        try await TestApp.run { app in
            let key = try await ResponsesTests.application(app)
            let input: JSONValue = .array((0..<25).map { ["role": "user", "content": .string("প্রশ্ন \($0)")] })
            let id = try Self.id(try await key.call(.post, Self.path, ["input": input]))
            let path = "\(Self.path)/\(id)/input_items"
            let newest = try await key.call(.get, path)
            #expect(newest["object"] == "list" && newest["has_more"] == true && newest["data"]?.array?.count == 20)
            #expect(newest["data"]?[0]?["content"] == [["type": "input_text", "text": "প্রশ্ন 24"]])
            let rest = try await key.call(.get, "\(path)?after=\(newest.string("last_id"))")
            #expect(rest["has_more"] == false && rest["data"]?.array?.count == 5)
            let oldest = try await key.call(.get, "\(path)?order=asc&limit=1")
            #expect(oldest["first_id"] == oldest["last_id"] && oldest["data"]?[0]?["type"] == "message")
            #expect(oldest["data"]?[0]?["content"]?[0]?["text"] == "প্রশ্ন 0")
            let ids = Set((newest["data"]!.array! + rest["data"]!.array!).map { $0["id"] })
            #expect(ids.count == 25)
            #expect(try await key.call(.get, "\(path)?after=made-up").errorCode == "invalid_cursor")
            #expect(try await key.call(.get, "\(path)?limit=0").status == 400)
        }
    }

    @Test("A large response is stored in parts, and read whole")
    func large() async throws {
        try await TestApp.run { app in
            let key = try await ResponsesTests.application(app)
            let picture = "data:image/png;base64," + String(repeating: "A", count: 1 << 20)
            let input: JSONValue = [
                [
                    "role": "user",
                    "content": [
                        ["type": "input_text", "text": "ছবি"], ["type": "input_image", "image_url": .string(picture)],
                    ],
                ]
            ]
            let id = try Self.id(try await key.call(.post, Self.path, ["input": input]))
            #expect(try await app.count("response_parts", where: "response_id = '\(id)'") > 4)
            let items = try await key.call(.get, "\(Self.path)/\(id)/input_items")
            #expect(items["data"]?[0]?["content"]?[1]?["image_url"]?.string == picture)
            let next = try await key.call(
                .post, Self.path, ["input": "And?", "previous_response_id": .string(id)])
            #expect(next.status == 200, "\(next.text)")
            #expect(app.provider.calls.requests.last?.messages[1].parts?[1]?["image_url"]?["url"]?.string == picture)
            #expect(try await key.call(.delete, "\(Self.path)/\(id)").status == 200)
        }
    }

    @Test("A deleted response is hidden at once; what an interrupted deletion leaves goes with what has expired")
    func deletion() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ধন্যবাদ"))) { app in
            let key = try await ResponsesTests.application(app)
            let id = try Self.id(try await key.call(.post, Self.path, ["input": "এক"]))
            let next = try Self.id(
                try await key.call(.post, Self.path, ["input": "দুই", "previous_response_id": .string(id)]))
            // More parts than one statement removes.
            try await app.database.write(.system) { tx in
                for number in 0..<120 {
                    try tx.run(
                        """
                        INSERT INTO response_parts (id, workspace_id, response_id, kind, content)
                        SELECT ?, workspace_id, id, 'output', 'x' FROM responses WHERE id = ?
                        """, ["part-\(number)", id])
                }
            }
            #expect(try await key.call(.delete, "\(Self.path)/\(id)").status == 200)
            #expect(try await app.count("response_parts", where: "response_id = '\(id)'") == 0)
            #expect(try await app.count("responses") == 1)
            // As if the server had stopped after the first transaction.
            try await app.database.write(.system) { tx in
                let found = try tx.rows("SELECT id, workspace_id FROM responses") {
                    (id: try $0.string("id"), workspaceID: try $0.string("workspace_id"))
                }
                for row in found { try ResponseQueries.markDeleted(tx, id: row.id, in: row.workspaceID) }
            }
            #expect(try await key.call(.get, "\(Self.path)/\(next)").status == 404)
            let broken = try await key.call(
                .post, Self.path, ["input": "তিন", "previous_response_id": .string(next)])
            #expect(broken.errorCode == "previous_response_not_found", "\(broken.text)")
            try await app.app.housekeeping.sweep(now: .now)
            #expect(try await app.count("responses") == 0)
        }
    }

    @Test("Stored responses count to the plan's bytes, which go with them")
    func room() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ঠিক"))) { app in
            let alice = try await app.user("alice")
            let key = try await TestApplication.make(
                app, chatbotID: app.chatbot(["name": "Helper"], as: alice), as: alice)
            func stored() async throws -> Int {
                try await app.database.read(.system) { tx in
                    try tx.row("SELECT \(WorkspaceLimits.storedBytes(in: "?")) AS bytes", [alice.workspaceID]) {
                        try $0.int("bytes")
                    } ?? 0
                }
            }
            let before = try await stored()
            let id = try Self.id(
                try await key.call(.post, Self.path, ["input": .string(String(repeating: "ক", count: 10_000))]))
            #expect(try await stored() > before + 30_000)
            try await app.limit(alice, OwnLimits(storedBytes: before + 20_000))
            let refused = try await key.call(.post, Self.path, ["input": "Hi"])
            #expect(refused.status == 402 && refused.errorCode == "plan_limit_reached", "\(refused.text)")
            let unstored = try await key.call(.post, Self.path, ["input": "Hi", "store": false])
            #expect(unstored.status == 200)
            #expect(try await key.call(.delete, "\(Self.path)/\(id)").status == 200)
            #expect(try await stored() == before)
            #expect(try await key.call(.post, Self.path, ["input": "Hi"]).status == 200)
        }
    }

    @Test("Responses go when their days are over; one that is continued keeps what it continues")
    func retention() async throws {
        try await TestApp.run(configure: { $0.responseDays = 2 }) { app in
            let key = try await ResponsesTests.application(app)
            func sweep(inDays days: Int) async throws {
                try await app.app.housekeeping.sweep(now: Timestamp.now.adding(.seconds(86_400 * days + 60)))
            }
            let alone = try Self.id(try await key.call(.post, Self.path, ["input": "একা"]))
            let first = try Self.id(try await key.call(.post, Self.path, ["input": "এক"]))
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE responses SET expires_at = expires_at - 100000000", [])
            }
            let second = try Self.id(
                try await key.call(.post, Self.path, ["input": "দুই", "previous_response_id": .string(first)]))
            try await sweep(inDays: 1)
            #expect(
                try await app.rows("SELECT id FROM responses ORDER BY created_at, id").sorted()
                    == [first, second].sorted())
            #expect(try await key.call(.get, "\(Self.path)/\(alone)").status == 404)
            try await sweep(inDays: 2)
            #expect(try await app.count("responses") == 0)
            #expect(try await app.count("response_parts") == 0)
        }
        try await TestApp.run(configure: { $0.responseDays = 0 }) { app in
            let key = try await ResponsesTests.application(app)
            _ = try Self.id(try await key.call(.post, Self.path, ["input": "চিরকাল"]))
            try await app.app.housekeeping.sweep(now: Timestamp.now.adding(.seconds(86_400 * 10_000)))
            #expect(try await app.count("responses") == 1)
        }
    }

    @Test("An end user's, a user's, a chatbot's and a workspace's responses go with them; a user's are exported")
    func erased() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let chatbotID = try await app.chatbot(["name": "Helper"], as: alice)
            let key = try await TestApplication.make(app, chatbotID: chatbotID, as: alice)
            let carla = try Self.id(try await key.call(.post, Self.path, ["input": "কার্লা", "user": "carla"]))
            let dora = try Self.id(try await key.call(.post, Self.path, ["input": "ডোরা", "user": "dora"]))
            // The end user is known only later.
            #expect(try await key.call(.post, "/users/carla/details", ["first_name": "Carla"]).status == 200)
            let erased = try await app.call(.delete, "/chatbots/\(chatbotID)/users/carla", as: alice)
            #expect(erased.status == 204, "\(erased.text)")
            #expect(try await key.call(.get, "\(Self.path)/\(carla)").status == 404)
            #expect(try await key.call(.get, "\(Self.path)/\(dora)").status == 200)
            // A busy machine leaves rows to the job.
            try await app.app.deletions.run()
            #expect(try await app.count("responses", where: "id = '\(carla)'") == 0)

            let own: HTTPFields = [
                .authorization: "Bearer \(try await app.call(.post, "/users/me/api-keys", as: alice).string("key"))"
            ]
            let mine = try await app.call(
                .post, Self.path, ["model": "helper", "input": "আমার প্রশ্ন"], headers: own)
            let session = try await app.call(.post, Self.path, ["model": "helper", "input": "আরেকটা"], as: alice)
            #expect(mine.status == 200 && session.status == 200, "\(mine.text)")
            let export = try await app.call(.get, "/users/me/export", as: alice)
            let exported = try #require(export["workspaces"]?[0]?["responses"]?.array)
            #expect(
                Set(exported.compactMap { $0["response"]?["id"]?.string })
                    == [try mine.string("id"), try session.string("id")])
            #expect(export.text.contains("আমার প্রশ্ন") && !export.text.contains("ডোরা"))

            #expect(try await app.call(.delete, "/chatbots/\(chatbotID)", as: alice).status == 204)
            try await app.app.deletions.run()
            #expect(try await app.count("responses") == 0)
            #expect(try await app.count("response_parts") == 0)
        }
    }

    @Test("A member who has left a workspace reads its responses no more")
    func left() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let member = try await app.user("member")
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: alice).string("id")
            try await app.add(member, to: team, as: "editor", by: alice)
            _ = try await app.chatbot(["name": "Shared"], as: alice, headers: [.workspaceID: team])
            let made = try await app.call(.post, Self.path, ["model": "shared", "input": "Hi"], as: member)
            let path = "\(Self.path)/\(try Self.id(made))"
            #expect(try await app.call(.get, path, as: member).status == 200)
            #expect(try await app.call(.get, path, as: alice).status == 404)
            let gone = try await app.call(.delete, "/workspaces/\(team)/members/\(member.id)", as: alice)
            #expect(gone.status == 204, "\(gone.text)")
            #expect(try await app.call(.get, path, as: member).status == 404)
        }
    }

    @Test("A hundred parallel calls with a budget for one reach the model once", arguments: [true, false])
    func budget(background: Bool) async throws {
        let gate = Gate()
        let usage = ChatUsage(promptTokens: 100, completionTokens: 50)
        let provider = ScriptedProvider(.init([.wait(gate.wait), .delta("ঠিক")], usage: usage))
        try await TestApp.run(
            provider: provider,
            configure: { $0.defaultPrice = Price(inputPerMillion: 1_000_000, outputPerMillion: 1_000_000) }
        ) { app in
            let user = try await app.user("alice")
            let bot = try await app.chatbot(["name": "Paid", "max_tokens": 1000], as: user)
            let key = try await app.secretKey("/chatbots/\(bot)/api-keys", ["budget": 1900], as: user)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<100 {
                    group.addTask {
                        let answer = try await app.call(
                            .post, Self.path,
                            [
                                "input": "Hi", "background": .bool(background),
                                "stream": .bool(index.isMultiple(of: 2)), "store": .bool(background || index % 3 == 0),
                            ], headers: [.apiKey: key.text])
                        #expect(answer.status == 200 || answer.errorCode == "budget_exhausted", "\(answer.text)")
                        return answer.status
                    }
                }
                try await app.eventually("the others are refused") {
                    app.log.lines.filter { $0.hasPrefix("info request ") && $0.contains(#""status": 402"#) }.count == 99
                        || gate.arrivals > 1
                }
                gate.open()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == 200 }.count == 1 && provider.calls.requests.count == 1)
            try await app.eventually("it is settled") { try await app.spent(key.id) == 150 }
        }
    }
}

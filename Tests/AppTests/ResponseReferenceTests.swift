import HTTPTypes
import JSON
import LLM
import LLMTesting
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit
@testable import ModelAPI
@testable import Platform

/// Items that an input names by their ids (`item_reference`).
@Suite struct ResponseReferenceTests {
    private static let path = ResponsesTests.path
    private static let call: JSONValue = [
        ["index": 0, "id": "c1", "type": "function", "function": ["name": "আবহাওয়া", "arguments": "{\"শহর\":\"ঢাকা\"}"]]
    ]
    private static let provider = ScriptedProvider(
        .init(
            [
                .thoughts("ভাবি…"), .thoughtDetails([["type": "thinking", "signature": "স্বাক্ষর"]]), .delta("আমি দেখি।"),
                .toolCalls(call),
            ], finishReason: .toolCalls), .text("৩১ ডিগ্রি"), .text("ধন্যবাদ"))

    private static func reference(_ item: JSONValue, isTyped: Bool = true) -> JSONValue {
        let id = item["id"] ?? .null
        return isTyped ? ["type": "item_reference", "id": id] : ["id": id]
    }

    @Test("Items of the input and of the output are what they name: messages, thoughts with signatures, and calls")
    func all() async throws {
        try await TestApp.run(provider: Self.provider) { app in
            let key = try await ResponsesTests.application(app, prompt: nil)
            let first = try await key.call(.post, Self.path, ["input": [["role": "user", "content": "ঢাকায় কেমন?"]]])
            let output = try #require(first["output"]?.array)
            #expect(output.map { $0["type"] } == ["reasoning", "message", "function_call"])
            let asked = try await key.call(.get, "\(Self.path)/\(first.string("id"))/input_items")
            let input = try #require(asked["data"]?.array)
            let result: JSONValue = ["type": "function_call_output", "call_id": "c1", "output": "31"]
            let items = input.map { Self.reference($0) } + output.map { Self.reference($0, isTyped: false) } + [result]
            let second = try await key.call(.post, Self.path, ["input": .array(items)])
            #expect(second.status == 200, "\(second.text)")
            let sent = try #require(app.provider.calls.requests.last?.messages)
            try #require(sent.count == 3)
            #expect(sent[0] == ChatMessage(role: .user, content: "ঢাকায় কেমন?"))
            #expect(sent[1].content == "আমি দেখি।" && sent[1].toolCalls?[0]?["function"]?["name"] == "আবহাওয়া")
            #expect(sent[1].thoughts?.text == "ভাবি…" && sent[1].thoughts?.details.first?["signature"] == "স্বাক্ষর")
            #expect(sent[2].role == .tool && sent[2].content == "31")
            // They are kept with the response that named them.
            #expect(try await key.call(.delete, "\(Self.path)/\(first.string("id"))").status == 200)
            let third = try await key.call(
                .post, Self.path, ["previous_response_id": .string(second.string("id")), "input": "আর?"])
            #expect(third.status == 200, "\(third.text)")
            #expect(app.provider.calls.requests.last?.messages.prefix(3) == sent[...])
        }
    }

    @Test("Only the key and the end user that made an item can name it, and only while it is stored")
    func strangers() async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("গোপন"))) { app in
            let key = try await ResponsesTests.application(app)
            let alice = try await app.user("alice2")
            let other = try await TestApplication.make(app, chatbotID: app.chatbot(as: alice), as: alice)
            func item(_ fields: [String: JSONValue]) async throws -> JSONValue {
                let made = try await key.call(.post, Self.path, .object(fields.merging(["input": "Hi"]) { $1 }))
                return try #require(made["output"]?[0], "\(made.text)")
            }
            let mine = try await item(["user": "carla"])
            let unstored = try await item(["store": false])
            for (who, item, user) in [
                (other, mine, "carla"), (key, mine, "dora"), (key, unstored, "carla"), (key, ["id": "msg_1"], "carla"),
                (key, ["id": "msg_১_0"], "carla"),
                (key, ["id": .string("msg_\(String(repeating: "0", count: 48))_0")], ""),
            ] as [(TestApplication, JSONValue, String)] {
                let asked = try await who.call(
                    .post, Self.path, ["user": .string(user), "input": [Self.reference(item)]])
                #expect([404, 400].contains(asked.status) && asked["error"]?["param"] == "input[0]", "\(asked.text)")
                #expect(!asked.text.contains("গোপন"))
            }
            let asked = try await key.call(.post, Self.path, ["user": "carla", "input": [Self.reference(mine)]])
            #expect(asked.status == 200, "\(asked.text)")
            #expect(app.provider.calls.requests.count == 3)
        }
    }
}

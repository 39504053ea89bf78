import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import HTTPKit

/// What a model thinks reaches those who can show it, and is never taken for its answer.
@Suite struct ThoughtAnswerTests {
    static let signed: JSONValue = [
        "type": "reasoning.text", "text": "ভাবছি… 想", "signature": "c2ln", "format": "anthropic-claude-v1",
    ]
    static let usage = ChatUsage(promptTokens: 9, completionTokens: 8, reasoningTokens: 5)
    static let thinking = ScriptedProvider.Reply(
        [.thoughts("ভাবছি… "), .thoughts("想"), .thoughtDetails([signed]), .delta("مرحبا"), .delta(" 👋")], usage: usage)

    @Test("OpenAI's answers and chunks have the thoughts beside the text, with their details")
    func openAI() async throws {
        try await TestApp.run(provider: ScriptedProvider(Self.thinking)) { app in
            let key = try await CompletionsTests.application(app)
            let whole = try await key.call(.post, CompletionsTests.path, CompletionsTests.hello)
            #expect(
                whole["choices"]?[0]?["message"] == [
                    "role": "assistant", "content": "مرحبا 👋", "refusal": .null, "reasoning_content": "ভাবছি… 想",
                    "reasoning_details": [Self.signed],
                ])
            #expect(whole["usage"]?["completion_tokens_details"] == ["reasoning_tokens": 5])
            #expect(whole["usage"]?["completion_tokens"] == 8 && whole["usage"]?["total_tokens"] == 17)
            let asked = CompletionsTests.asking(["stream": true, "stream_options": ["include_usage": true]])
            let stream = try await key.call(.post, CompletionsTests.path, asked)
            let deltas = stream.events.compactMap { $0.data["choices"]?[0]?["delta"] }
            #expect(deltas.compactMap { $0["reasoning_content"]?.string }.joined() == "ভাবছি… 想")
            #expect(deltas.compactMap { $0["content"]?.string }.joined() == "مرحبا 👋")
            let first = try #require(deltas.firstIndex { $0["content"]?.string?.isEmpty == false })
            #expect(deltas.lastIndex { $0["reasoning_content"] != nil }! < first)
            let details = deltas.compactMap { $0["reasoning_details"]?[0] }
            #expect(details.count == 1 && details[0]["index"] == 0 && details[0]["signature"] == "c2ln")
            let last = try #require(stream.events.dropLast().last?.data["usage"])
            #expect(last["completion_tokens_details"] == ["reasoning_tokens": 5])
        }
    }

    @Test("Anthropic's have them in a signed block of its own before the text, and none if thinking is turned off")
    func anthropic() async throws {
        try await TestApp.run(provider: ScriptedProvider(Self.thinking)) { app in
            let key = try await CompletionsTests.application(app)
            let path = CompletionsMessagesTests.path
            let text: JSONValue = ["type": "text", "text": "مرحبا 👋", "citations": .null]
            let whole = try await key.call(.post, path, CompletionsTests.asking(["max_tokens": 9]))
            #expect(whole["content"] == [["type": "thinking", "thinking": "ভাবছি… 想", "signature": "c2ln"], text])
            #expect(whole["usage"]?["output_tokens_details"] == ["thinking_tokens": 5])
            let stream = try await key.call(.post, path, CompletionsTests.asking(["max_tokens": 9, "stream": true]))
            let names = stream.events.map(\.name).reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
            let block = ["content_block_start", "content_block_delta", "content_block_stop"]
            #expect(names == ["message_start"] + block + block + ["message_delta", "message_stop"])
            let deltas = stream.events.compactMap { $0.data["delta"] }
            #expect(deltas.compactMap { $0["thinking"]?.string }.joined() == "ভাবছি… 想")
            #expect(deltas.compactMap { $0["signature"]?.string } == ["c2ln"])
            for streams in [false, true] {
                let off = try await key.call(
                    .post, path,
                    CompletionsTests.asking([
                        "max_tokens": 9, "stream": .bool(streams), "thinking": ["type": "disabled"],
                    ]))
                #expect(off.status == 200 && off.text.contains("مرحبا"))
                #expect(!off.text.contains("thinking\":") && !off.text.contains("想"), "\(off.text)")
            }
        }
    }

    @Test("A redacted block comes through as it is, and thoughts without a signature have an empty one")
    func blocks() async throws {
        let redacted: JSONValue = [
            "type": "reasoning.encrypted", "data": "ZW5j", "format": "anthropic-claude-v1",
        ]
        let provider = ScriptedProvider(
            .init([.thoughtDetails([redacted]), .delta("a")]), .init([.thoughtDetails([redacted]), .delta("a")]),
            .init([.thoughts("তাহলে"), .delta("b")]))
        try await TestApp.run(provider: provider) { app in
            let key = try await CompletionsTests.application(app)
            let block: JSONValue = ["type": "redacted_thinking", "data": "ZW5j"]
            let whole = try await key.call(.post, "/v1/messages", CompletionsTests.asking(["max_tokens": 9]))
            #expect(whole["content"]?[0] == block)
            let asked = CompletionsTests.asking(["max_tokens": 9, "stream": true])
            let stream = try await key.call(.post, "/v1/messages", asked)
            #expect(stream.events.first { $0.name == "content_block_start" }?.data["content_block"] == block)
            let plain = try await key.call(.post, "/v1/messages", CompletionsTests.asking(["max_tokens": 9]))
            #expect(plain["content"]?[0] == ["type": "thinking", "thinking": "তাহলে", "signature": ""])
        }
    }

    @Test("Thoughts that a client sends back reach the model's vendor apart from the text")
    func back() async throws {
        try await TestApp.run { app in
            let key = try await CompletionsTests.application(app, prompt: nil)
            let user: JSONValue = ["role": "user", "content": "和"]
            for assistant in [
                ["role": "assistant", "content": "b", "reasoning_content": "想"],
                ["role": "assistant", "content": "b", "reasoning": "想"],
            ] as [JSONValue] {
                let answer = try await key.call(.post, CompletionsTests.path, ["messages": [user, assistant, user]])
                #expect(answer.status == 200, "\(answer.text)")
                let sent = try #require(app.provider.calls.requests.last?.messages[1])
                #expect(sent.content == "b" && sent.thoughts == Thoughts(text: "想"))
            }
            let details: JSONValue = [
                "role": "assistant", "content": .null, "reasoning_details": [Self.signed],
                "tool_calls": [["id": "c", "type": "function", "function": ["name": "f", "arguments": "{}"]]],
            ]
            let result: JSONValue = ["role": "tool", "tool_call_id": "c", "content": "২"]
            _ = try await key.call(.post, CompletionsTests.path, ["messages": [user, details, result]])
            #expect(app.provider.calls.requests.last?.messages[1].thoughts?.signedBlocks.first?["signature"] == "c2ln")
        }
    }

    @Test("A reply that spent its room on thinking is an answer of no text, asked for once")
    func budget() async throws {
        let reply = ScriptedProvider.Reply([.thoughts("想" + String(repeating: "…", count: 99))], finishReason: .length)
        try await TestApp.run(provider: ScriptedProvider(reply)) { app in
            let key = try await CompletionsTests.application(app)
            let whole = try await key.call(.post, CompletionsTests.path, CompletionsTests.hello)
            #expect(whole.status == 200 && whole["choices"]?[0]?["finish_reason"] == "length", "\(whole.text)")
            #expect(whole["choices"]?[0]?["message"]?["content"] == "")
            #expect(app.provider.calls.requests.count == 1)
            let message = try await key.call(.post, "/v1/messages", CompletionsTests.asking(["max_tokens": 9]))
            #expect(message["stop_reason"] == "max_tokens" && message["content"]?.array?.count == 1)
            #expect(app.provider.calls.requests.count == 2)

            let user = try await app.user("bob")
            let answer = try await app.call(.post, "/chat", ["message": "ভাবো"], as: user)
            #expect(app.provider.calls.requests.count == 3)
            let reply = answer["message"]
            #expect(reply?["status"] == "failed" && reply?["error_code"] == "reply_limit_reached", "\(answer.text)")
            #expect(reply?["finish_reason"] == "length" && reply?["content"]?.string?.contains("想") == false)
            #expect(reply?["reasoning"]?["content"]?.string?.hasPrefix("想…") == true)
        }
    }

    @Test("A conversation's reply keeps its thoughts and why it ended, and the next turn is not told of them")
    func conversation() async throws {
        let provider = ScriptedProvider(
            Self.thinking, .init([.delta("half")], finishReason: .length), .text("plain"))
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let first = try await app.call(.post, "/chat", ["message": "হ্যালো"], as: user)
            let reply = try #require(first["message"])
            #expect(reply["content"] == "مرحبا 👋" && reply["finish_reason"] == "stop")
            #expect(reply["reasoning"]?["content"] == "ভাবছি… 想")
            #expect((reply["reasoning"]?["seconds"]?.double ?? -1) >= 0)
            let conversation = try first.string("conversation_id")
            let cut = try await app.send("go on", in: conversation, as: user)
            let second = cut["message"] ?? cut.json
            #expect(cut.text.contains(#""finish_reason":"length""#), "\(second)")
            _ = try await app.send("again", in: conversation, as: user)
            for request in app.provider.calls.requests {
                #expect(request.messages.allSatisfy { $0.thoughts == nil && !$0.content.contains("想") })
            }
            #expect(app.provider.calls.requests.last?.messages.contains { $0.content == "مرحبا 👋" } == true)
            let stored = try await app.all("/conversations/\(conversation)/messages", as: user)
            #expect(stored.map { $0["finish_reason"] } == [.null, "stop", .null, "length", .null, "stop"])
            #expect(stored[1]["reasoning"] == reply["reasoning"])
            #expect([0, 2, 3, 4, 5].allSatisfy { stored[$0]["reasoning"] == .null })
        }
    }

    @Test("Thoughts that hold a NUL, or are very long, are kept as far as they can be")
    func hostile() async throws {
        let long = String(repeating: "想", count: 200_000)
        let provider = ScriptedProvider(
            .init([.thoughts("a\0b"), .delta("ok")]), .init([.thoughts(long), .thoughts(long), .delta("ok")]))
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let first = try await app.call(.post, "/chat", ["message": "x"], as: user)
            #expect(first["message"]?["reasoning"]?["content"] == "ab", "\(first.text.prefix(500))")
            let second = try await app.call(.post, "/chat", ["message": "x"], as: user)
            #expect(second["message"]?["content"] == "ok")
            let kept = second["message"]?["reasoning"]?["content"]?.string ?? ""
            #expect(kept.utf8.count > 260_000 && kept.utf8.count <= 256 << 10)
        }
    }

    @Test("A failed attempt's thoughts do not stay with another attempt's answer")
    func retried() async throws {
        let provider = ScriptedProvider(
            .init([.thoughts("wrong"), .fail(ProviderError(.unavailable, retryAfter: .milliseconds(1), detail: ""))]),
            .init([.thoughts("right"), .delta("ok")]))
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            let answer = try await app.call(.post, "/chat", ["message": "x"], as: user)
            #expect(answer["message"]?["reasoning"]?["content"] == "right" && answer["message"]?["content"] == "ok")
        }
    }
}

import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Metering

/// OpenAI's chat completions: their shapes, and that a model is asked for what the client asked for.
@Suite struct CompletionsTests {
    static let path = "/v1/chat/completions"
    static let hello: JSONValue = ["messages": [["role": "user", "content": "Hello there"]]]

    static func asking(_ fields: [String: JSONValue]) -> JSONValue {
        .object(hello.object!.merging(fields) { $1 })
    }

    static func application(
        _ app: TestApp, _ fields: [String: JSONValue] = [:], prompt: String? = "You are a parrot."
    ) async throws -> TestApplication {
        let user = try await app.user("alice")
        let fields: JSONValue = .object(["name": "Helper"].merging(fields) { $1 })
        return try await .make(app, chatbotID: app.chatbot(fields, prompt: prompt, as: user), as: user)
    }

    @Test(
        "An answer has OpenAI's shape; the chatbot's prompt leads, and the client's own instructions keep their places")
    func shape() async throws {
        let usage = ChatUsage(promptTokens: 12, completionTokens: 3)
        let provider = ScriptedProvider(.text("Hello", " world", usage: usage))
        try await TestApp.run(provider: provider) { app in
            let key = try await Self.application(app)
            let messages: JSONValue = [
                ["role": "user", "content": "One"], ["role": "system", "content": "Be kind."],
                ["role": "assistant", "content": "Two"], ["role": "developer", "content": "Be brief."],
                ["role": "user", "content": "Three", "name": "carla"],
            ]
            for path in [Self.path, "/openai" + Self.path, Self.path + "/"] {
                let answer = try await key.call(.post, path, ["model": "helper", "messages": messages])
                #expect(answer.status == 200, "\(answer.text)")
                #expect(try answer.string("id").hasPrefix("chatcmpl-"))
                #expect(answer["object"] == "chat.completion" && answer["model"] == "default")
                let created = try #require(answer["created"]?.int)
                #expect(abs(created - Timestamp.now.milliseconds / 1000) < 60)
                #expect(
                    answer["choices"] == [
                        [
                            "index": 0, "finish_reason": "stop", "logprobs": .null,
                            "message": ["role": "assistant", "content": "Hello world", "refusal": .null],
                        ]
                    ])
                #expect(answer["usage"] == ["prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15])
                let request = try #require(provider.calls.requests.last)
                #expect(
                    request.messages == [
                        ChatMessage(role: .system, content: "You are a parrot."),
                        ChatMessage(role: .user, content: "One"), ChatMessage(role: .system, content: "Be kind."),
                        ChatMessage(role: .assistant, content: "Two"),
                        ChatMessage(role: .system, content: "Be brief."),
                        ChatMessage(role: .user, content: "Three", name: "carla"),
                    ])
                #expect(!request.wantsPieces)
            }
            let stored = try await app.database.read(.system) { tx in
                try tx.row("SELECT COUNT(*) AS n FROM conversations") { try $0.int("n") }
            }
            #expect(stored == 0)
        }
    }

    @Test("A stream is a role, pieces, a reason and [DONE]; with usage only where it is asked for")
    func stream() async throws {
        let usage = ChatUsage(promptTokens: 12, completionTokens: 3)
        try await TestApp.run(provider: ScriptedProvider(.text("One", " \"two\"\n", "🦜", usage: usage))) { app in
            let key = try await Self.application(app)
            for showsUsage in [nil, false, true] {
                var fields: [String: JSONValue] = ["stream": true]
                if let showsUsage { fields["stream_options"] = ["include_usage": .bool(showsUsage)] }
                let answer = try await key.call(.post, Self.path, Self.asking(fields))
                #expect(answer.status == 200 && answer.headers[.contentType] == "text/event-stream; charset=utf-8")
                #expect(answer.text.hasSuffix("data: [DONE]\n\n"))
                var chunks = answer.events.dropLast().map(\.data)
                #expect(Set(chunks.map { $0["id"] }).count == 1 && Set(chunks.map { $0["created"] }).count == 1)
                for chunk in chunks {
                    #expect(chunk["object"] == "chat.completion.chunk" && chunk["model"] == "default")
                    #expect((chunk.object?.keys.contains("usage") ?? false) == (showsUsage == true))
                }
                if showsUsage == true {
                    let last = chunks.removeLast()
                    #expect(last["choices"] == [])
                    #expect(last["usage"] == ["prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15])
                }
                let choices = try chunks.map { try #require($0["choices"]?[0]) }
                #expect(chunks.allSatisfy { $0["choices"]?.array?.count == 1 })
                #expect(choices[0]["delta"] == ["role": "assistant", "content": "", "refusal": .null])
                #expect(choices.last?["delta"] == [:] && choices.last?["finish_reason"] == "stop")
                #expect(choices.dropLast().allSatisfy { $0["finish_reason"] == .null && $0["index"] == 0 })
                let text = choices.compactMap { $0["delta"]?["content"]?.string }.joined()
                #expect(text == "One \"two\"\n🦜")
            }
        }
    }

    @Test(
        "What Mynah does not act on itself reaches the model as it came; what the model's vendor lacks is refused by name"
    )
    func passedOn() async throws {
        try await TestApp.run { app in
            let key = try await Self.application(app, ["temperature": 0.3])
            let options: [String: JSONValue] = [
                "tools": [["type": "function", "function": ["name": "add", "parameters": ["type": "object"]]]],
                "tool_choice": ["type": "function", "function": ["name": "add"]], "parallel_tool_calls": false,
                "response_format": ["type": "json_schema", "json_schema": ["name": "x", "schema": [:]]], "seed": 7,
                "presence_penalty": 0.5, "frequency_penalty": -0.5, "logit_bias": ["50256": -100], "logprobs": true,
                "top_logprobs": 3, "reasoning_effort": "low", "verbosity": "low", "metadata": ["গ্রাহক": "৭"],
                "store": true, "service_tier": "flex", "prompt_cache_key": "k", "safety_identifier": "u",
            ]
            let further: [String: JSONValue] = [
                "temperature": 1.5, "top_p": 0.9, "stop": ["END", "\n\n"], "user": "customer-7", "n": 1,
            ]
            let answer = try await key.call(.post, Self.path, Self.asking(options.merging(further) { $1 }))
            #expect(answer.status == 200, "\(answer.text)")
            let request = try #require(app.provider.calls.requests.last)
            #expect(request.options == options)
            #expect(request.temperature == 1.5 && request.topP == 0.9 && request.stop == ["END", "\n\n"])
            #expect(request.user == "customer-7")
            try await key.call(.post, Self.path, Self.asking(["stop": "END", "stream": true]))
            let plain = try #require(app.provider.calls.requests.last)
            #expect(plain.options.isEmpty && plain.stop == ["END"] && plain.user == nil && plain.wantsPieces)
            #expect(plain.temperature == 0.3, "the chatbot's own where the client names none")
            let count = app.provider.calls.requests.count
            for (name, value) in [
                ("whatever", [1, 2]), ("min_p", 0.1), ("prediction", ["type": "content", "content": "x"]),
                ("modalities", ["text", "audio"]), ("thinking_level", "hoch"), ("অজানা", true),
                ("service_tier", "priority"),
                ("stop_sequences", ["x"]), ("system", "x"), ("functions", [["name": "old"]]),
            ] as [(String, JSONValue)] {
                let answer = try await key.call(.post, Self.path, Self.asking([name: value]))
                #expect(answer.status == 400 && answer.errorCode == "unsupported_input", "\(answer.text)")
                #expect(answer["error"]?["param"]?.string == name)
                #expect(answer["error"]?["type"] == "invalid_request_error")
            }
            #expect(app.provider.calls.requests.count == count)
            let nothing = try await key.call(.post, Self.path, Self.asking(["whatever": .null, "min_p": .null]))
            #expect(nothing.status == 200, "null asks for nothing")
        }
    }

    @Test("A client gets the tokens that it asks for, but no more than the chatbot allows")
    func tokens() async throws {
        try await TestApp.run { app in
            let user = try await app.user("bob")
            let bounded = try await TestApplication.make(
                app, chatbotID: app.chatbot(["name": "Bounded", "max_tokens": 100], as: user), as: user)
            let free = try await Self.application(app)
            for (key, fields, expected) in [
                (bounded, [:], 100), (bounded, ["max_tokens": 7], 7), (bounded, ["max_tokens": 101], 100),
                (bounded, ["max_completion_tokens": 8, "max_tokens": 7], 8), (free, [:], 1024),
                (free, ["max_tokens": 4000], 4000), (free, ["max_tokens": 9_000_000_000], 8192),
                (free, ["max_tokens": .null], 1024),
            ] as [(TestApplication, [String: JSONValue], Int)] {
                let answer = try await key.call(.post, Self.path, Self.asking(fields))
                #expect(answer.status == 200, "\(answer.text)")
                #expect(app.provider.calls.requests.last?.maxTokens == expected, "\(fields)")
            }
        }
    }

    @Test("Calls of tools come through, whole and in pieces, and their results go back; so do pictures")
    func tools() async throws {
        let call: JSONValue = [
            "id": "call_1", "type": "function", "function": ["name": "add", "arguments": #"{"a":1}"#],
        ]
        let provider = ScriptedProvider { _, _ in
            .init(
                [
                    .toolCalls([
                        ["index": 0, "id": "call_1", "type": "function", "function": ["name": "add", "arguments": ""]]
                    ]),
                    .toolCalls([["index": 0, "function": ["arguments": #"{"a""#]]]),
                    .toolCalls([["index": 0, "function": ["arguments": ":1}"]]]),
                ], finishReason: .toolCalls)
        }
        try await TestApp.run(provider: provider) { app in
            let key = try await Self.application(app, prompt: nil)
            let parts: JSONValue = [
                ["type": "text", "text": "What is it?"],
                ["type": "image_url", "image_url": ["url": "data:image/png;base64,AAAA", "detail": "low"]],
            ]
            let messages: JSONValue = [
                ["role": "user", "content": parts],
                ["role": "assistant", "content": .null, "tool_calls": [call]],
                ["role": "tool", "content": "2", "tool_call_id": "call_1"],
            ]
            let answer = try await key.call(.post, Self.path, ["messages": messages])
            #expect(
                answer["choices"]?[0]?["message"] == [
                    "role": "assistant", "content": .null, "refusal": .null, "tool_calls": [call],
                ])
            #expect(answer["choices"]?[0]?["finish_reason"] == "tool_calls")
            let request = try #require(provider.calls.requests.last)
            #expect(
                request.messages == [
                    ChatMessage(role: .user, content: "What is it?", parts: parts),
                    ChatMessage(role: .assistant, content: "", toolCalls: [call]),
                    ChatMessage(role: .tool, content: "2", toolCallID: "call_1"),
                ])
            let stream = try await key.call(.post, Self.path, ["messages": messages, "stream": true])
            let deltas = stream.events.compactMap { $0.data["choices"]?[0]?["delta"]?["tool_calls"]?[0] }
            #expect(deltas.first?["id"] == "call_1" && deltas.first?["function"]?["name"] == "add")
            #expect(deltas.compactMap { $0["function"]?["arguments"]?.string }.joined() == #"{"a":1}"#)
            #expect(stream.events.dropLast().last?.data["choices"]?[0]?["finish_reason"] == "tool_calls")
        }
    }

    @Test(
        "What is no request is refused, and the field at fault named",
        arguments: [
            ("messages", [:]), ("messages", ["messages": []]), ("messages", ["messages": "Hi"]),
            ("messages[0]", ["messages": ["Hi"]]), ("messages[0].role", ["messages": [["content": "Hi"]]]),
            ("messages[0].role", ["messages": [["role": "god", "content": "Hi"]]]),
            ("messages[0].content", ["messages": [["role": "user"]]]),
            ("messages[0].content", ["messages": [["role": "user", "content": 1]]]),
            ("messages[0].content[0]", ["messages": [["role": "user", "content": ["Hi"]]]]),
            ("messages[0].content", ["messages": [["role": "user", "content": "a\u{0}b"]]]),
            ("messages[0].tool_call_id", ["messages": [["role": "tool", "content": "1"]]]),
            ("n", ["n": 0]), ("n", ["n": 9]), ("temperature", ["temperature": 2.1]), ("top_p", ["top_p": -1]),
            ("stop", ["stop": 1]),
            ("stop", ["stop": [1]]), ("stop", ["stop": .array((0..<17).map { .string("\($0)") })]),
            ("max_tokens", ["max_tokens": 0]), ("tools", ["tools": "x"]), ("stream", ["stream": "yes"]),
            ("stream_options", ["stream_options": true]), ("response_format", ["response_format": "json"]),
            ("user", ["user": .string(String(repeating: "x", count: 513))]),
        ] as [(String, [String: JSONValue])])
    func refused(param: String, fields: [String: JSONValue]) async throws {
        try await TestApp.run { app in
            let key = try await Self.application(app)
            let body = param == "messages" ? .object(fields) : Self.asking(fields)
            let answer = try await key.call(.post, Self.path, body)
            #expect(answer.status == 400, "\(answer.text)")
            #expect(answer["error"]?["param"]?.string == param)
            #expect(answer["error"]?["type"] == "invalid_request_error")
            #expect(app.provider.calls.requests.isEmpty)
        }
    }

    @Test("A part whose cost nobody could say is refused and named, and a text does not hide a picture")
    func parts() async throws {
        try await TestApp.run { app in
            let key = try await Self.application(app)
            func ask(_ part: JSONValue) async throws -> TestApp.Answer {
                try await key.call(
                    .post, Self.path,
                    ["messages": [["role": "user", "content": [["type": "text", "text": "Hi"], part]]]])
            }
            for part: JSONValue in [
                ["type": "file", "text": "", "file": ["file_data": "data:application/pdf;base64,AAAA"]],
                ["type": "input_audio", "input_audio": ["data": "AAAA", "format": "wav"]], ["type": "text"],
                ["type": "image_url", "text": ""], ["text": "Hi"], "Hi",
            ] {
                let refused = try await ask(part)
                #expect(refused.status == 400, "\(refused.text)")
                #expect(refused["error"]?["param"] == "messages[0].content[1]", "\(refused.text)")
            }
            #expect(app.provider.calls.requests.isEmpty)
            let refusal: JSONValue = ["type": "refusal", "refusal": "No."]
            #expect(try await ask(refusal).status == 200)
        }
    }

    @Test("What is read is estimated by its type: pictures by their bytes, and any script cautiously")
    func estimates() {
        func estimate(_ part: JSONValue) -> Int {
            PromptSize([ChatMessage(role: .user, content: "", parts: [part])]).estimate(.o200k) - 7
        }
        func picture(_ bytes: Int) -> Int {
            estimate([
                "type": "image_url", "text": "", "image_url": ["url": .string(String(repeating: "A", count: bytes))],
            ])
        }
        #expect(picture(30) == 2000 && picture(5_000_000) == 10_000 && picture(30_000_000) == 40_000)
        #expect(estimate(["type": "refusal", "refusal": .string(String(repeating: "a", count: 3000))]) >= 375)
        let tools: [String: JSONValue] = ["tools": [.string(String(repeating: "ক", count: 1000))]]
        #expect(PromptSize([], tools).most >= 3000)
        let refusal: JSONValue = [["type": "refusal", "refusal": .string(String(repeating: "é", count: 3000))]]
        #expect(PromptSize([ChatMessage(role: .user, content: "", parts: refusal)]).most >= 6000)
    }

    @Test("Pictures need room: 20 MiB here, and 1 MiB elsewhere")
    func large() async throws {
        try await TestApp.run { app in
            let key = try await Self.application(app)
            let picture = "data:image/png;base64," + String(repeating: "A", count: 3 << 20)
            let body = Self.asking([
                "messages": [
                    [
                        "role": "user",
                        "content": [
                            ["type": "text", "text": "What is it?"],
                            ["type": "image_url", "image_url": ["url": .string(picture)]],
                        ],
                    ]
                ]
            ])
            let answer = try await key.call(.post, Self.path, body)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(app.provider.calls.requests.last?.messages.last?.parts?[1]?["image_url"]?["url"]?.string == picture)
            #expect(try await key.call(.post, "/chatbot/\(key.chatbotID)/query", body).errorCode == "too_large")
            let tooLarge = Self.asking(["user": .string(String(repeating: "x", count: 20 << 20))])
            let refused = try await key.call(.post, Self.path, tooLarge)
            #expect(refused.status == 413 && refused.errorCode == "too_large")
        }
    }
}

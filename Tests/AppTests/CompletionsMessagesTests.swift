import HTTPTypes
import JSON
import LLM
import LLMTesting
import Testing

@testable import App
@testable import HTTPKit

/// Anthropic's messages, put into OpenAI's terms and back.
@Suite struct CompletionsMessagesTests {
    static let path = "/v1/messages"

    @Test("A request is translated, and the chatbot's prompt leads it")
    func request() async throws {
        try await TestApp.run { app in
            let key = try await CompletionsTests.application(app)
            let body: JSONValue = [
                "model": "helper", "max_tokens": 77, "temperature": 0.5, "top_p": 0.9,
                "stop_sequences": ["END"], "metadata": ["user_id": "customer-7"], "thinking": ["type": "disabled"],
                "system": [["type": "text", "text": "Be kind."], ["type": "text", "text": "Be brief."]],
                "tools": [
                    ["name": "add", "description": "Adds", "input_schema": ["type": "object"]],
                    ["type": "custom", "name": "sub", "input_schema": [:]],
                ],
                "tool_choice": ["type": "any", "disable_parallel_tool_use": true],
                "messages": [
                    [
                        "role": "user",
                        "content": [
                            ["type": "text", "text": "What is it?"],
                            [
                                "type": "image",
                                "source": ["type": "base64", "media_type": "image/png", "data": "AAAA"],
                            ],
                            ["type": "image", "source": ["type": "url", "url": "https://example.com/a.png"]],
                        ],
                    ],
                    [
                        "role": "assistant",
                        "content": [
                            ["type": "thinking", "thinking": "Hm", "signature": "x"],
                            ["type": "text", "text": "I add.", "citations": .null],
                            ["type": "tool_use", "id": "tool_1", "name": "add", "input": ["a": 1]],
                            ["type": "tool_use", "id": "tool_2", "name": "add", "input": [:]],
                        ],
                    ],
                    [
                        "role": "user",
                        "content": [
                            ["type": "tool_result", "tool_use_id": "tool_1", "content": "2"],
                            [
                                "type": "tool_result", "tool_use_id": "tool_2", "is_error": true,
                                "content": [["type": "text", "text": "a"], ["type": "text", "text": "b"]],
                            ],
                            ["type": "text", "text": "And now?"],
                        ],
                    ],
                    ["role": "assistant", "content": "Let me"],
                ],
            ]
            let answer = try await key.call(.post, Self.path, body)
            #expect(answer.status == 200, "\(answer.text)")
            let request = try #require(app.provider.calls.requests.last)
            var expected = [
                ChatMessage(role: .system, content: "You are a parrot."),
                ChatMessage(role: .system, content: "Be kind.\nBe brief."),
                ChatMessage(
                    role: .user, content: "What is it?",
                    parts: [
                        ["type": "text", "text": "What is it?"],
                        ["type": "image_url", "image_url": ["url": "data:image/png;base64,AAAA"]],
                        ["type": "image_url", "image_url": ["url": "https://example.com/a.png"]],
                    ]),
                ChatMessage(
                    role: .assistant, content: "I add.",
                    toolCalls: [
                        ["id": "tool_1", "type": "function", "function": ["name": "add", "arguments": #"{"a":1}"#]],
                        ["id": "tool_2", "type": "function", "function": ["name": "add", "arguments": "{}"]],
                    ]),
                ChatMessage(role: .tool, content: "2", toolCallID: "tool_1"),
                ChatMessage(role: .tool, content: "a\nb", toolCallID: "tool_2"),
                ChatMessage(role: .user, content: "And now?"), ChatMessage(role: .assistant, content: "Let me"),
            ]
            expected[1].blocks = body["system"]
            for (index, turn) in [(2, 0), (3, 1)] { expected[index].blocks = body["messages"]?[turn]?["content"] }
            let results = try #require(body["messages"]?[2]?["content"]?.array)
            for (index, block) in zip(4..., results) { expected[index].blocks = [block] }
            expected[3].thoughts = Thoughts(blocks: [["type": "thinking", "thinking": "Hm", "signature": "x"]])
            expected[5].isError = true
            #expect(request.messages.count == expected.count)
            for (message, wanted) in zip(request.messages, expected) { #expect(message == wanted) }
            #expect(request.maxTokens == 77 && request.temperature == 0.5 && request.topP == 0.9)
            #expect(request.stop == ["END"] && request.user == "customer-7")
            #expect(
                request.options == [
                    "tools": [
                        [
                            "type": "function",
                            "function": ["name": "add", "description": "Adds", "parameters": ["type": "object"]],
                        ],
                        ["type": "function", "function": ["name": "sub", "parameters": [:]]],
                    ], "tool_choice": "required", "parallel_tool_calls": false, "thinking": ["type": "disabled"],
                ])
            let count = app.provider.calls.requests.count
            for (name, value) in [
                ("top_k", 5), ("speed", "fast"), ("min_p", 0.1), ("frequency_penalty", 1), ("নতুন", "x"),
            ]
                as [(String, JSONValue)]
            {
                let refused = try await key.call(.post, Self.path, CompletionsTests.asking([name: value]))
                #expect(refused.status == 400 && refused["type"] == "error", "\(refused.text)")
                #expect(refused["error"]?["param"]?.string == name)
            }
            #expect(app.provider.calls.requests.count == count)
        }
    }

    @Test(
        "A choice of tools is translated",
        arguments: [
            (["type": "auto"], "auto"), (["type": "none"], "none"), (["type": "any"], "required"),
            (["type": "tool", "name": "add"], ["type": "function", "function": ["name": "add"]]),
        ] as [(JSONValue, JSONValue)])
    func toolChoice(choice: JSONValue, expected: JSONValue) async throws {
        try await TestApp.run { app in
            let key = try await CompletionsTests.application(app)
            let body = CompletionsTests.asking([
                "max_tokens": 9, "tool_choice": choice, "tools": [["name": "add", "input_schema": [:]]],
            ])
            #expect(try await key.call(.post, Self.path, body).status == 200)
            #expect(app.provider.calls.requests.last?.options["tool_choice"] == expected)
        }
    }

    private static let calls: [ScriptedProvider.Step] = [
        .delta("I add."),
        .toolCalls([["index": 0, "id": "a", "type": "function", "function": ["name": "add", "arguments": ""]]]),
        .toolCalls([["index": 0, "function": ["arguments": #"{"x":"#]]]),
        .toolCalls([["index": 0, "function": ["arguments": "1}"]]]),
        .toolCalls([["index": 1, "id": "b", "type": "function", "function": ["name": "sub", "arguments": "{}"]]]),
    ]

    /// A usage with all fields that Anthropic's schema requires.
    static func usage(_ counts: [String: JSONValue]) -> JSONValue {
        let names = [
            "cache_creation", "cache_creation_input_tokens", "cache_read_input_tokens", "inference_geo",
            "output_tokens_details", "server_tool_use", "service_tier",
        ]
        return .object(counts.merging(names.map { ($0, .null) }) { count, _ in count })
    }

    @Test("An answer has Anthropic's shape, with text and uses of tools as blocks")
    func shape() async throws {
        let usage = ChatUsage(promptTokens: 12, completionTokens: 3)
        let provider = ScriptedProvider(.init(Self.calls, finishReason: .toolCalls, usage: usage))
        try await TestApp.run(provider: provider) { app in
            let key = try await CompletionsTests.application(app)
            let answer = try await key.call(.post, Self.path, CompletionsTests.asking(["max_tokens": 9]))
            #expect(answer["type"] == "message" && answer["role"] == "assistant" && answer["model"] == "default")
            #expect(try answer.string("id").hasPrefix("msg_"))
            #expect(answer["stop_reason"] == "tool_use" && answer["stop_sequence"] == .null)
            #expect(answer["usage"] == Self.usage(["input_tokens": 12, "output_tokens": 3]))
            #expect(
                answer["content"] == [
                    ["type": "text", "text": "I add.", "citations": .null],
                    [
                        "type": "tool_use", "id": "a", "name": "add", "input": ["x": 1], "caller": ["type": "direct"],
                    ],
                    ["type": "tool_use", "id": "b", "name": "sub", "input": [:], "caller": ["type": "direct"]],
                ])
        }
    }

    @Test("A stream has Anthropic's events: each block is opened, filled and closed before the next")
    func stream() async throws {
        let usage = ChatUsage(promptTokens: 12, completionTokens: 3)
        let provider = ScriptedProvider(.init(Self.calls, finishReason: .toolCalls, usage: usage))
        try await TestApp.run(provider: provider) { app in
            let key = try await CompletionsTests.application(app)
            let body = CompletionsTests.asking(["max_tokens": 9, "stream": true])
            let answer = try await key.call(.post, Self.path, body)
            #expect(answer.status == 200 && answer.headers[.contentType] == "text/event-stream; charset=utf-8")
            let events = answer.events
            for event in events { #expect(event.data["type"]?.string == event.name) }
            let message = try #require(events.first?.data["message"])
            #expect(events.first?.name == "message_start" && message["content"] == [])
            #expect(message["stop_reason"] == .null && (message["usage"]?["input_tokens"]?.int ?? 0) > 0)
            let block = ["content_block_start", "content_block_delta", "content_block_stop"]
            let names = events.map(\.name).reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
            #expect(names == ["message_start"] + block + block + block + ["message_delta", "message_stop"])
            let starts = events.filter { $0.name == "content_block_start" }.map(\.data)
            #expect(starts.map { $0["index"] } == [0, 1, 2])
            #expect(starts[0]["content_block"] == ["type": "text", "text": ""])
            #expect(starts[1]["content_block"] == ["type": "tool_use", "id": "a", "name": "add", "input": [:]])
            #expect(starts[2]["content_block"]?["id"] == "b")
            let deltas = events.filter { $0.name == "content_block_delta" }.map(\.data)
            #expect(deltas[0]["delta"] == ["type": "text_delta", "text": "I add."])
            let json = deltas.filter { $0["index"] == 1 }.compactMap { $0["delta"]?["partial_json"]?.string }
            #expect(json.joined() == #"{"x":1}"#)
            let end = try #require(events.dropLast().last?.data)
            #expect(end["delta"] == ["stop_reason": "tool_use", "stop_sequence": .null])
            #expect(end["usage"] == Self.usage(["input_tokens": 12, "output_tokens": 3]))
        }
    }

    @Test(
        "Reasons to stop have Anthropic's names",
        arguments: [
            (.stop, "end_turn"), (.length, "max_tokens"), (.filtered, "refusal"), (.other, "end_turn"),
        ] as [(FinishReason, String)])
    func stopReason(reason: FinishReason, name: String) async throws {
        try await TestApp.run(provider: ScriptedProvider(.init([.delta("Hi")], finishReason: reason))) { app in
            let key = try await CompletionsTests.application(app)
            let answer = try await key.call(.post, Self.path, CompletionsTests.hello)
            #expect(answer["stop_reason"]?.string == name)
            let openAI = try await key.call(.post, CompletionsTests.path, CompletionsTests.hello)
            let names: [FinishReason: String] = [.length: "length", .filtered: "content_filter"]
            #expect(openAI["choices"]?[0]?["finish_reason"]?.string == names[reason] ?? "stop")
        }
    }

    @Test(
        "What is no request is refused in Anthropic's shape, and the field at fault named",
        arguments: [
            ("messages", ["messages": []]), ("messages[0].content", ["messages": [["role": "user", "content": 1]]]),
            ("messages[0].role", ["messages": [["role": "tool", "content": "x"]]]),
            ("messages[0].content[0]", ["messages": [["role": "user", "content": ["x"]]]]),
            (
                "messages[0].content[0]",
                ["messages": [["role": "user", "content": [["type": "document", "source": [:]]]]]]
            ),
            (
                "messages[0].content[0]",
                [
                    "messages": [
                        ["role": "user", "content": [["type": "tool_use", "id": "a", "name": "b", "input": [:]]]]
                    ]
                ]
            ),
            (
                "messages[0].content[0]",
                ["messages": [["role": "assistant", "content": [["type": "tool_use", "id": "a"]]]]]
            ),
            (
                "messages[0].content[0]",
                ["messages": [["role": "user", "content": [["type": "tool_result", "content": "x"]]]]]
            ),
            ("system", ["system": 1]), ("system[0]", ["system": [["type": "image"]]]),
            ("tools[0]", ["tools": [["type": "web_search_20250305", "name": "web_search"]]]),
            ("max_tokens", ["max_tokens": 0]), ("temperature", ["temperature": 3]),
        ] as [(String, [String: JSONValue])])
    func refused(param: String, fields: [String: JSONValue]) async throws {
        try await TestApp.run { app in
            let key = try await CompletionsTests.application(app)
            let answer = try await key.call(.post, Self.path, CompletionsTests.asking(fields))
            #expect(answer.status == 400 && answer["type"] == "error", "\(answer.text)")
            #expect(answer["error"]?["param"]?.string == param)
            #expect(answer["error"]?["type"] == "invalid_request_error")
            #expect(answer["request_id"]?.string == answer.headers[.requestID])
            #expect(app.provider.calls.requests.isEmpty)
        }
    }

    @Test("Failures have Anthropic's types, before a stream and within it")
    func failures() async throws {
        for (kind, status, type) in [
            (.timeout, 504, "timeout_error"), (.unavailable, 503, "overloaded_error"),
            (.refused, 400, "invalid_request_error"),
        ] as [(ProviderError.Kind, Int, String)] {
            let error = ProviderError(kind, retryable: false, detail: "canary-detail")
            let provider = ScriptedProvider { request, _ in
                .init(request.messages.last?.content == "Early" ? [.fail(error)] : [.delta("Half"), .fail(error)])
            }
            try await TestApp.run(provider: provider) { app in
                let key = try await CompletionsTests.application(app)
                for (text, stream) in [("Early", true), ("Early", false), ("Late", false)] {
                    let body: JSONValue = [
                        "messages": [["role": "user", "content": .string(text)]], "stream": .bool(stream),
                    ]
                    let answer = try await key.call(.post, Self.path, body)
                    #expect(answer.status == status && answer["error"]?["type"]?.string == type)
                    #expect(answer["type"] == "error" && !answer.text.contains("canary"))
                }
                let late = try await key.call(.post, Self.path, CompletionsTests.asking(["stream": true]))
                #expect(late.status == 200)
                let last = try #require(late.events.last)
                #expect(last.name == "error" && last.data["error"]?["type"]?.string == type)
                #expect(!late.events.contains { $0.name == "message_stop" } && !late.text.contains("canary"))
            }
        }
        try await TestApp.run { app in
            let answer = try await app.call(.post, Self.path, CompletionsTests.hello)
            #expect(answer.status == 401 && answer["type"] == "error")
            #expect(answer["error"]?["type"] == "authentication_error")
            let method = try await app.call(.get, "/openai/v1/messages/")
            #expect(method.status == 405 && method["type"] == "error")
            #expect(try await app.call(.get, "/v1/models")["type"] == nil)
        }
    }
}

import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit
@testable import ModelAPI

/// Responses: their shapes, their events, and what a model is asked.
@Suite struct ResponsesTests {
    static let path = "/v1/responses"

    static func application(_ app: TestApp, prompt: String? = "You are a parrot.") async throws -> TestApplication {
        try await CompletionsTests.application(app, prompt: prompt)
    }

    @Test("A response has OpenAI's shape, and the model is asked with the chatbot's prompt first")
    func shape() async throws {
        let usage = ChatUsage(promptTokens: 12, completionTokens: 3, cachedTokens: 4, reasoningTokens: 1)
        try await TestApp.run(provider: ScriptedProvider(.text("হ্যালো", " 🌍", usage: usage))) { app in
            let key = try await Self.application(app)
            let input: JSONValue = [
                ["role": "user", "content": "এক"], ["role": "developer", "content": "Be kind."],
                ["type": "message", "role": "assistant", "content": [["type": "output_text", "text": "দুই"]]],
                ["role": "user", "content": [["type": "input_text", "text": "তিন"]]],
            ]
            for path in [Self.path, "/openai" + Self.path, Self.path + "/"] {
                let answer = try await key.call(
                    .post, path,
                    [
                        "model": "helper", "input": input, "instructions": "সংক্ষেপে বলুন।", "temperature": 0.5,
                        "metadata": ["গ্রাহক": "৭"], "max_output_tokens": 50,
                    ])
                #expect(answer.status == 200, "\(answer.text)")
                let id = try answer.string("id")
                #expect(id.hasPrefix("resp_") && id.count == 53)
                #expect(answer["object"] == "response" && answer["status"] == "completed")
                #expect(answer["error"] == .null && answer["incomplete_details"] == .null)
                #expect(answer["instructions"] == "সংক্ষেপে বলুন।" && answer["metadata"] == ["গ্রাহক": "৭"])
                #expect(answer["temperature"] == 0.5 && answer["max_output_tokens"] == 50 && answer["store"] == true)
                #expect(answer["output"]?.array?.count == 1)
                let message = answer["output"]?[0]
                #expect(message?["type"] == "message" && message?["role"] == "assistant")
                #expect(message?["status"] == "completed")
                #expect(
                    message?["content"] == [
                        ["type": "output_text", "text": "হ্যালো 🌍", "annotations": [], "logprobs": []]
                    ])
                #expect(
                    answer["usage"] == [
                        "input_tokens": 12, "input_tokens_details": ["cached_tokens": 4, "cache_write_tokens": 0],
                        "output_tokens": 3, "output_tokens_details": ["reasoning_tokens": 1], "total_tokens": 15,
                    ])
                let request = try #require(app.provider.calls.requests.last)
                #expect(
                    request.messages == [
                        ChatMessage(role: .system, content: "You are a parrot."),
                        ChatMessage(role: .system, content: "সংক্ষেপে বলুন।"),
                        ChatMessage(role: .user, content: "এক"), ChatMessage(role: .system, content: "Be kind."),
                        ChatMessage(role: .assistant, content: "দুই"), ChatMessage(role: .user, content: "তিন"),
                    ])
                #expect(!request.wantsPieces && request.maxTokens == 50 && request.options.isEmpty)
            }
        }
    }

    @Test("Text, thoughts, refusals and calls of tools stream by the grammar, and retrieving gives the same response")
    func streams() async throws {
        let call: (Int64, String) -> JSONValue = { index, text in
            [["index": .int(index), "function": ["arguments": .string(text)]]]
        }
        let begin: (Int64, String) -> JSONValue = { index, id in
            [
                [
                    "index": .int(index), "id": .string(id), "type": "function",
                    "function": ["name": "যোগ", "arguments": ""],
                ]
            ]
        }
        let scripts: [ScriptedProvider.Reply] = [
            .text("One", " \"two\"\n", "🦜"),
            .init([.thoughts("ভাবি"), .thoughts("…"), .delta("উত্তর")]),
            .init([
                .thoughts("Hm."), .delta("Let me see."), .toolCalls(begin(0, "a")), .toolCalls(call(0, "{\"x\"")),
                .toolCalls(call(0, ":1}")), .toolCalls(begin(1, "b")), .toolCalls(call(1, "{}")), .delta("Done."),
            ]),
            // Two calls whose pieces are mixed.
            .init([
                .toolCalls(begin(0, "a")), .toolCalls(call(0, "{\"x\"")), .toolCalls(begin(1, "b")),
                .toolCalls(call(1, "{\"y\"")), .toolCalls(call(0, ":1}")), .toolCalls(call(1, ":2}")),
            ]),
            .init([.delta("Cut of")], finishReason: .length),
            .init([.thoughts("Only thoughts")], finishReason: .length),
            .init([.delta("No.")], finishReason: .filtered), .init([], finishReason: .length),
            .init([
                .thoughtDetails([["type": "reasoning.encrypted", "data": "x", "format": "anthropic-claude-v1"]]),
                .delta("Signed"),
            ]),
        ]
        let provider = ScriptedProvider { _, number in scripts[number / 4] }
        try await TestApp.run(provider: provider) { app in
            let key = try await Self.application(app)
            for (number, script) in scripts.enumerated() {
                for summary: JSONValue in [.null, "auto"] {
                    let body: JSONValue = [
                        "input": "Hi", "reasoning": ["summary": summary], "include": ["reasoning.encrypted_content"],
                    ]
                    let whole = try await key.call(.post, Self.path, body)
                    #expect(whole.status == 200, "\(whole.text)")
                    let stream = try await key.call(
                        .post, Self.path, .object(body.object!.merging(["stream": true]) { $1 }))
                    #expect(stream.headers[.contentType] == "text/event-stream; charset=utf-8", "\(stream.text)")
                    #expect(ResponseGrammar.problems(stream.events) == [], "script \(number)")
                    let last = try #require(stream.events.last?.data["response"])
                    #expect(Self.plain(last["output"]) == Self.plain(whole["output"]), "script \(number)")
                    #expect(last["status"] == (script.finishReason == .stop ? "completed" : "incomplete"))
                    let id = try #require(last["id"]?.string)
                    let stored = try await key.call(.get, "\(Self.path)/\(id)")
                    #expect(stored.status == 200, "\(stored.text)")
                    for (name, value) in last.object ?? [:] where name != "output" {
                        #expect(stored[name] == value, "\(name)")
                    }
                    #expect(Self.plain(stored["output"]) == Self.plain(last["output"]))
                }
            }
            #expect(app.provider.calls.requests.count == 4 * scripts.count)
        }
    }

    /// Items without their ids, which each response has its own of, and without ciphertext, which differs each time.
    static func plain(_ output: JSONValue?) -> [JSONValue] {
        (output?.array ?? []).map { item in
            .object((item.object ?? [:]).filter { !["id", "encrypted_content"].contains($0.key) })
        }
    }

    @Test("A stream that fails ends with response.failed; one that fails before it begins has a status")
    func failures() async throws {
        let failure = ProviderError(.unavailable, retryable: false, detail: "canary")
        let provider = ScriptedProvider { _, number in
            number == 0 ? .init([.delta("অর্ধেক"), .fail(failure)]) : .failure(failure)
        }
        try await TestApp.run(provider: provider) { app in
            let key = try await Self.application(app)
            let stream = try await key.call(.post, Self.path, ["input": "Hi", "stream": true])
            #expect(ResponseGrammar.problems(stream.events) == [])
            let last = try #require(stream.events.last?.data["response"])
            #expect(last["status"] == "failed" && last["error"]?["code"] == "server_error")
            #expect(last["error"]?["mynah_code"] == "provider_unavailable" && !stream.text.contains("canary"))
            #expect(last["output"]?[0]?["status"] == "incomplete")
            let stored = try await key.call(.get, "\(Self.path)/\(last["id"]!.string!)")
            #expect(stored["status"] == "failed" && stored["error"] == last["error"])
            for stream: JSONValue in [true, false] {
                let refused = try await key.call(.post, Self.path, ["input": "Hi", "stream": stream])
                #expect(refused.status == 503 && refused.errorCode == "provider_unavailable", "\(refused.text)")
            }
        }
    }

    @Test("Tools, pictures and structured text reach the model in the terms of chat completions")
    func translated() async throws {
        try await TestApp.run { app in
            let key = try await Self.application(app, prompt: nil)
            let answer = try await key.call(
                .post, Self.path,
                [
                    "input": [
                        [
                            "role": "user",
                            "content": [
                                ["type": "input_text", "text": "এটা কী?"],
                                ["type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"],
                            ],
                        ],
                        ["type": "reasoning", "id": "rs_1", "summary": [["type": "summary_text", "text": "Hm"]]],
                        ["type": "function_call", "call_id": "c1", "name": "look", "arguments": "{\"at\":\"ছবি\"}"],
                        ["type": "custom_tool_call", "call_id": "c2", "name": "sh", "input": "ls"],
                        ["type": "function_call_output", "call_id": "c1", "output": "a bird"],
                        [
                            "type": "custom_tool_call_output", "call_id": "c2",
                            "output": [["type": "input_text", "text": "x"]],
                        ],
                    ],
                    "tools": [
                        [
                            "type": "function", "name": "look", "description": "Looks", "strict": true,
                            "parameters": ["type": "object", "properties": ["at": ["type": "string"]]],
                        ],
                        [
                            "type": "custom", "name": "sh",
                            "format": ["type": "grammar", "syntax": "regex", "definition": "[a-z]+"],
                        ],
                    ],
                    "tool_choice": ["type": "function", "name": "look"], "parallel_tool_calls": false,
                    "text": [
                        "verbosity": "low",
                        "format": [
                            "type": "json_schema", "name": "bird", "strict": true,
                            "schema": ["type": "object", "properties": ["নাম": ["type": "string"]]],
                        ],
                    ],
                    "reasoning": ["effort": "low"], "top_logprobs": 2, "service_tier": "flex",
                    "include": ["message.output_text.logprobs"], "prompt_cache_key": "k", "safety_identifier": "u",
                    "user": "customer-7", "top_p": 0.9, "truncation": "auto", "max_tool_calls": 3,
                    "stream_options": ["include_obfuscation": false],
                ])
            #expect(answer.status == 200, "\(answer.text)")
            let request = try #require(app.provider.calls.requests.last)
            let parts: JSONValue = [
                ["type": "text", "text": "এটা কী?"],
                ["type": "image_url", "image_url": ["url": "data:image/png;base64,AAAA", "detail": "low"]],
            ]
            var said = ChatMessage(
                role: .assistant, content: "",
                toolCalls: [
                    [
                        "id": "c1", "type": "function",
                        "function": ["name": "look", "arguments": "{\"at\":\"ছবি\"}"],
                    ],
                    ["id": "c2", "type": "custom", "custom": ["name": "sh", "input": "ls"]],
                ])
            said.thoughts = Thoughts(text: "Hm")
            #expect(
                request.messages == [
                    ChatMessage(role: .user, content: "এটা কী?", parts: parts), said,
                    ChatMessage(role: .tool, content: "a bird", toolCallID: "c1"),
                    ChatMessage(role: .tool, content: "x", toolCallID: "c2"),
                ])
            #expect(
                request.options == [
                    "tools": [
                        [
                            "type": "function",
                            "function": [
                                "name": "look", "description": "Looks", "strict": true,
                                "parameters": ["type": "object", "properties": ["at": ["type": "string"]]],
                            ],
                        ],
                        [
                            "type": "custom",
                            "custom": [
                                "name": "sh",
                                "format": [
                                    "type": "grammar", "grammar": ["syntax": "regex", "definition": "[a-z]+"],
                                ],
                            ],
                        ],
                    ],
                    "tool_choice": ["type": "function", "function": ["name": "look"]], "parallel_tool_calls": false,
                    "response_format": [
                        "type": "json_schema",
                        "json_schema": [
                            "name": "bird", "strict": true,
                            "schema": ["type": "object", "properties": ["নাম": ["type": "string"]]],
                        ],
                    ],
                    "verbosity": "low", "reasoning_effort": "low", "logprobs": true, "top_logprobs": 2,
                    "service_tier": "flex", "prompt_cache_key": "k", "safety_identifier": "u",
                ])
            #expect(request.user == "customer-7" && request.topP == 0.9)
            #expect(answer["tools"]?[0]?["name"] == "look" && answer["tool_choice"]?["name"] == "look")
        }
    }

    static let refusals: [(code: String, param: String, fields: [String: JSONValue])] = [
        ("tool_not_allowed", "tools[0]", ["tools": [["type": "web_search"]]]),
        ("tool_not_allowed", "tools[1]", ["tools": [["type": "function", "name": "a"], ["type": "mcp"]]]),
        ("tool_not_allowed", "tools[0]", ["tools": [["type": "file_search", "vector_store_ids": ["x"]]]]),
        ("tool_not_allowed", "tools[0]", ["tools": [["type": "code_interpreter", "container": ["type": "auto"]]]]),
        ("tool_not_allowed", "tools[0]", ["tools": [["type": "image_generation"]]]),
        ("unsupported_input", "tools[0]", ["tools": [["type": "local_shell"]]]),
        ("invalid_value", "tools[0]", ["tools": [["name": "a"]]]),
        ("invalid_value", "tools[0]", ["tools": [["type": "function"]]]),
        (
            "tool_not_allowed", "tool_choice",
            ["tools": [["type": "function", "name": "a"]], "tool_choice": ["type": "web_search"]]
        ),
        (
            "invalid_value", "tool_choice",
            ["tools": [["type": "function", "name": "a"]], "tool_choice": ["type": "function", "name": "b"]]
        ),
        ("invalid_value", "tool_choice", ["tool_choice": "required"]),
        ("unsupported_input", "include[0]", ["include": ["web_search_call.results"]]),
        ("unsupported_input", "conversation", ["conversation": "conv_1"]),
        ("unsupported_input", "prompt", ["prompt": ["id": "p"]]),
        ("unsupported_input", "context_management", ["context_management": []]),
        ("unsupported_input", "অজানা", ["অজানা": 1]), ("unsupported_input", "messages", ["messages": []]),
        ("unsupported_input", "text.voice", ["text": ["voice": "x"]]),
        ("unsupported_input", "reasoning.mode", ["reasoning": ["mode": "x"]]),
        ("unsupported_input", "service_tier", ["service_tier": "priority"]),
        ("invalid_value", "text.format", ["text": ["format": ["type": "xml"]]]),
        ("invalid_value", "text.format", ["text": ["format": ["type": "json_schema"]]]),
        ("invalid_value", "background", ["background": true, "store": false]),
        ("invalid_value", "metadata", ["metadata": ["a": 1]]),
        ("invalid_value", "metadata", ["metadata": ["a": .string(String(repeating: "ক", count: 513))]]),
        (
            "invalid_value", "metadata",
            ["metadata": .object(Dictionary(uniqueKeysWithValues: (0..<17).map { ("\($0)", "x") }))]
        ),
        ("invalid_value", "truncation", ["truncation": "middle"]), ("invalid_value", "input", ["input": 7]),
        ("invalid_value", "input", ["input": []]), ("invalid_value", "input", ["input": .null]),
        ("invalid_value", "input[0]", ["input": ["Hi"]]), ("invalid_value", "input[0]", ["input": [[:]]]),
        ("unsupported_input", "input[0]", ["input": [["type": "web_search_call", "id": "ws_1"]]]),
        ("invalid_value", "input[0].role", ["input": [["role": "god", "content": "x"]]]),
        ("invalid_value", "input[0].content", ["input": [["role": "user"]]]),
        ("invalid_value", "input[0].content[0]", ["input": [["role": "user", "content": [["type": "text2"]]]]]),
        (
            "invalid_value", "input[0].content",
            [
                "input": [
                    ["role": "system", "content": [["type": "input_image", "image_url": "https://example.com/a.png"]]]
                ]
            ]
        ),
        (
            "invalid_value", "input[0].call_id",
            ["input": [["type": "function_call_output", "call_id": "x", "output": "1"]]]
        ),
        ("invalid_value", "input[0]", ["input": [["type": "function_call", "call_id": "x"]]]),
        (
            "invalid_value", "input[0].encrypted_content",
            ["input": [["type": "reasoning", "encrypted_content": "gAAAA"]]]
        ),
        ("previous_response_not_found", "previous_response_id", ["previous_response_id": "resp_none"]),
    ]

    @Test("What cannot be had is refused by name, and nothing is called or stored", arguments: refusals.indices)
    func refused(index: Int) async throws {
        let (code, param, fields) = Self.refusals[index]
        try await TestApp.run { app in
            let key = try await Self.application(app)
            let body: [String: JSONValue] = ["input": "Hi"]
            let answer = try await key.call(.post, Self.path, .object(body.merging(fields) { $1 }))
            #expect(answer.status == 400 && answer.errorCode == code, "\(answer.text)")
            #expect(answer["error"]?["param"]?.string == param, "\(answer.text)")
            #expect(answer["error"]?["type"] == "invalid_request_error")
            #expect(app.provider.calls.requests.isEmpty)
            let stored = try await app.database.read(.system) { tx in
                try tx.row("SELECT COUNT(*) AS n FROM responses") { try $0.int("n") }
            }
            #expect(stored == 0)
        }
    }

    @Test("A field that the model's vendor lacks is refused under this API's name")
    func names() async throws {
        var provider = ScriptedProvider()
        provider.modelLimits.fields = []
        try await TestApp.run(provider: provider) { app in
            let key = try await Self.application(app)
            for (name, fields) in [
                ("text.format", ["text": ["format": ["type": "json_object"]]]),
                ("text.verbosity", ["text": ["verbosity": "low"]]),
                ("reasoning.effort", ["reasoning": ["effort": "low"]]),
                ("safety_identifier", ["safety_identifier": "x"]),
                ("tools", ["tools": [["type": "function", "name": "a"]]]), ("top_logprobs", ["top_logprobs": 2]),
            ] as [(String, [String: JSONValue])] {
                let body: [String: JSONValue] = ["input": "Hi"]
                let answer = try await key.call(.post, Self.path, .object(body.merging(fields) { $1 }))
                #expect(answer.status == 400 && answer.errorCode == "unsupported_input", "\(answer.text)")
                #expect([name, "logprobs"].contains(answer["error"]?["param"]?.string), "\(answer.text)")
            }
        }
    }

    @Test("Encrypted reasoning goes back to the model, and only its own workspace can use it")
    func reasoning() async throws {
        let details: [JSONValue] = [
            ["type": "reasoning.text", "text": "ভাবনা", "signature": "sig", "format": "anthropic-claude-v1"]
        ]
        let provider = ScriptedProvider(.init([.thoughts("ভাবনা"), .thoughtDetails(details), .delta("উত্তর")]))
        try await TestApp.run(provider: provider) { app in
            let key = try await Self.application(app)
            let body: JSONValue = [
                "input": "Hi", "store": false, "include": ["reasoning.encrypted_content"],
            ]
            let first = try await key.call(.post, Self.path, body)
            let output = try #require(first["output"]?.array)
            #expect(output.count == 2 && output[0]["encrypted_content"]?.string != nil, "\(first.text)")
            #expect(!first.text.contains("sig\""))
            let input: JSONValue = .array(
                [["role": "user", "content": "Hi"]] + output + [["role": "user", "content": "And?"]])
            let second = try await key.call(.post, Self.path, ["input": input, "store": false])
            #expect(second.status == 200, "\(second.text)")
            let sent = try #require(provider.calls.requests.last)
            #expect(sent.messages[2].thoughts == Thoughts(text: "ভাবনা", details: details))
            #expect(sent.messages[2].content == "উত্তর")
            let bob = try await app.user("bob")
            let other = try await TestApplication.make(app, chatbotID: app.chatbot(["name": "B"], as: bob), as: bob)
            let stolen = try await other.call(.post, Self.path, ["input": input])
            #expect(stolen["error"]?["param"] == "input[1].encrypted_content", "\(stolen.text)")
        }
    }
}

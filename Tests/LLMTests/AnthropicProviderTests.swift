import JSON
import TestSupport
import Testing
import Upstream

@testable import LLM

@Suite struct AnthropicProviderTests {
    static func ask(
        _ vendor: Vendor, _ request: ChatRequest = question, timeouts: Timeouts = Timeouts()
    ) async throws -> (result: ChatResult?, events: [ChatEvent], error: ProviderError?) {
        let provider = try AnthropicProvider(
            baseURL: vendor.baseURL, apiKey: "sk-secret", timeouts: timeouts, http: http)
        var events: [ChatEvent] = []
        do {
            let result = try await provider.stream(request) { events.append($0) }
            return (result, events, nil)
        } catch let error as ProviderError {
            return (nil, events, error)
        }
    }

    /// A vendor that streams these events under their names, as Anthropic does.
    static func streaming(_ events: String...) -> Vendor {
        Vendor { connection in
            while connection.request() != nil {
                connection.startStream()
                for event in events {
                    let type = (try? JSONValue(parsing: Array(event.utf8)))?["type"]?.string ?? ""
                    connection.chunk("event: \(type)\ndata: \(event)\n\n")
                }
                connection.endStream()
            }
        }
    }

    static let start =
        #"{"type":"message_start","message":{"id":"m1","role":"assistant","model":"claude-x","content":[],"#
        + #""usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":1}}}"#
    static let textStart = #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#
    static let stop = #"{"type":"message_stop"}"#

    static func text(_ text: String) -> String {
        #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\#(text)"}}"#
    }

    static func toolStart(_ index: Int, id: String, name: String) -> String {
        #"{"type":"content_block_start","index":\#(index),"content_block":"#
            + #"{"type":"tool_use","id":"\#(id)","name":"\#(name)","input":{}}}"#
    }

    static func invalid(_ message: String) -> String {
        #"{"type":"error","error":{"type":"invalid_request_error","message":"\#(message)"}}"#
    }

    static func end(_ reason: String) -> String {
        #"{"type":"message_delta","delta":{"stop_reason":"\#(reason)"},"usage":{"output_tokens":3}}"#
    }

    @Test func streams() async throws {
        let vendor = Self.streaming(
            Self.start, Self.textStart, #"{"type":"ping"}"#, Self.text("Hel"), Self.text("lo"),
            #"{"type":"content_block_stop","index":0}"#, #"{"type":"of_tomorrow","x":[]}"#, Self.end("end_turn"),
            Self.stop, Self.text("never"))
        let (answer, events, _) = try await Self.ask(vendor)
        let result = try #require(answer)
        let pieces = events.map { if case .delta(let text) = $0 { text } else { "?" } }
        #expect(pieces.joined() == "Hello")
        #expect(result.content == "Hello")
        #expect(result.model == "claude-x")
        #expect(result.provider == "anthropic")
        #expect(result.finishReason == .stop)
        #expect(result.usage == ChatUsage(promptTokens: 15, completionTokens: 3, cachedTokens: 5))
    }

    @Test func asksForTools() async throws {
        let vendor = Self.streaming(
            Self.start, Self.textStart, Self.text("Wait."), #"{"type":"content_block_stop","index":0}"#,
            Self.toolStart(1, id: "t1", name: "f"),
            #"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":""}}"#,
            #"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"x\""}}"#,
            #"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":":1}"}}"#,
            #"{"type":"content_block_stop","index":1}"#,
            Self.toolStart(2, id: "t2", name: "g"),
            #"{"type":"content_block_stop","index":2}"#,
            Self.end("tool_use"), Self.stop)
        let (answer, events, _) = try await Self.ask(vendor)
        let result = try #require(answer)
        #expect(result.content == "Wait.")
        #expect(result.finishReason == .toolCalls)
        #expect(
            result.toolCalls == [
                ["id": "t1", "type": "function", "function": ["name": "f", "arguments": #"{"x":1}"#]],
                ["id": "t2", "type": "function", "function": ["name": "g", "arguments": "{}"]],
            ])
        var again = ToolCalls()
        for case .toolCalls(let pieces) in events { try again.add(pieces) }
        #expect(again.value == result.toolCalls, "whoever follows the events comes to the same")
    }

    @Test func saysWhatItWantsOnTheWire() async throws {
        let vendor = Self.streaming(Self.start, Self.text("ok"), Self.end("end_turn"), Self.stop)
        let calls: JSONValue = [
            ["id": "t1", "type": "function", "function": ["name": "f", "arguments": #"{"x":1}"#]],
            ["id": "t2", "type": "function", "function": ["name": "g", "arguments": ""]],
        ]
        let tool: JSONValue = [
            "type": "function",
            "function": ["name": "f", "description": "Does it.", "parameters": ["type": "object", "required": ["x"]]],
        ]
        let request = ChatRequest(
            model: "claude-x",
            messages: [
                ChatMessage(role: .system, content: "Be brief."),
                ChatMessage(
                    role: .user, content: "",
                    parts: [
                        ["type": "text", "text": "Look:"],
                        ["type": "image_url", "image_url": ["url": "data:image/png;base64,aGk="]],
                        ["type": "image_url", "image_url": ["url": "https://example.com/a.png", "detail": "low"]],
                    ]),
                ChatMessage(role: .user, content: "Well?"),
                ChatMessage(role: .assistant, content: "", toolCalls: calls),
                ChatMessage(role: .tool, content: "7", toolCallID: "t1"),
                ChatMessage(role: .tool, content: "", parts: [["type": "text", "text": "8"]], toolCallID: "t2"),
                ChatMessage(role: .system, content: "Be kind."),
                ChatMessage(role: .user, content: "And?"),
            ], maxTokens: 9, temperature: 1.7, topP: 0.5, stop: ["END", "\n"], user: "u-1",
            options: [
                "tools": [tool], "tool_choice": "required", "parallel_tool_calls": false, "seed": 1,
            ], wantsPieces: false)
        _ = try await Self.ask(vendor, request)
        let sent = try #require(vendor.count.received.first)
        let head = sent.head.lowercased()
        #expect(head.hasPrefix("post /v1/messages http/1.1\r\n"))
        #expect(head.contains("x-api-key: sk-secret\r\n"))
        #expect(head.contains("anthropic-version: 2023-06-01\r\n"))
        #expect(!head.contains("authorization"))
        #expect(
            try JSONValue(parsing: sent.body) == [
                "model": "claude-x", "max_tokens": 9, "stream": true, "temperature": 1.0, "stop_sequences": ["END"],
                "system": "Be brief.\n\nBe kind.", "metadata": ["user_id": "u-1"],
                "tools": [
                    [
                        "name": "f", "description": "Does it.",
                        "input_schema": ["type": "object", "required": ["x"]],
                    ]
                ],
                "tool_choice": ["type": "any", "disable_parallel_tool_use": true],
                "messages": [
                    [
                        "role": "user",
                        "content": [
                            ["type": "text", "text": "Look:"],
                            [
                                "type": "image",
                                "source": ["type": "base64", "media_type": "image/png", "data": "aGk="],
                            ],
                            ["type": "image", "source": ["type": "url", "url": "https://example.com/a.png"]],
                            ["type": "text", "text": "Well?"],
                        ],
                    ],
                    [
                        "role": "assistant",
                        "content": [
                            ["type": "tool_use", "id": "t1", "name": "f", "input": ["x": 1]],
                            ["type": "tool_use", "id": "t2", "name": "g", "input": [:]],
                        ],
                    ],
                    [
                        "role": "user",
                        "content": [
                            ["type": "tool_result", "tool_use_id": "t1", "content": [["type": "text", "text": "7"]]],
                            ["type": "tool_result", "tool_use_id": "t2", "content": [["type": "text", "text": "8"]]],
                            ["type": "text", "text": "And?"],
                        ],
                    ],
                ],
            ])
    }

    @Test(
        arguments: [
            (["tool_choice": "none"], ["type": "none"]), (["tool_choice": "auto"], nil), ([:], nil),
            (["parallel_tool_calls": false], ["type": "auto", "disable_parallel_tool_use": true]),
            (
                ["tool_choice": ["type": "function", "function": ["name": "f"]], "parallel_tool_calls": true],
                ["type": "tool", "name": "f"]
            ),
        ] as [([String: JSONValue], JSONValue?)])
    func choosesAmongTools(_ options: [String: JSONValue], _ expected: JSONValue?) throws {
        var request = question
        request.options = options.merging(["tools": [["type": "function", "function": ["name": "f"]]]]) { $1 }
        let body = try JSONValue(parsing: AnthropicWire.encode(request))
        #expect(body["tool_choice"] == expected)
        #expect(body["tools"] == [["name": "f", "input_schema": ["type": "object"]]])
    }

    @Test(arguments: [
        ChatMessage(role: .user, content: "", parts: [["type": "input_audio", "input_audio": [:]]]),
        ChatMessage(role: .user, content: "", parts: [["type": "image_url", "image_url": ["url": "http://x/a.png"]]]),
        ChatMessage(role: .user, content: "", parts: [["type": "image_url", "image_url": ["url": "data:,x"]]]),
        ChatMessage(
            role: .assistant, content: "", toolCalls: [["id": "a", "function": ["name": "f", "arguments": "["]]]),
        ChatMessage(role: .assistant, content: "", toolCalls: [["function": ["name": "f"]]]),
    ])
    func refusesWhatItHasNoLikeOf(_ message: ChatMessage) {
        #expect {
            try AnthropicWire.encode(ChatRequest(model: "m", messages: [message], maxTokens: 1))
        } throws: { error in
            (error as? ProviderError)?.kind == .refused
        }
    }

    @Test(arguments: [
        ("end_turn", FinishReason.stop), ("stop_sequence", .stop), ("max_tokens", .length), ("refusal", .filtered),
        ("pause_turn", .other),
    ])
    func namesTheFinish(_ reason: String, _ expected: FinishReason) async throws {
        let vendor = Self.streaming(Self.start, Self.text("a"), Self.end(reason), Self.stop)
        #expect(try await Self.ask(vendor).result?.finishReason == expected)
    }

    @Test(
        arguments: [
            ("529 Overloaded", #"{"type":"error","error":{"type":"overloaded_error","message":"x"}}"#, .unavailable),
            (
                "429 Too Many Requests", #"{"type":"error","error":{"type":"rate_limit_error","message":"x"}}"#,
                .rateLimited
            ),
            (
                "401 Unauthorized", #"{"type":"error","error":{"type":"authentication_error","message":"x"}}"#,
                .misconfigured
            ),
            ("404 Not Found", #"{"type":"error","error":{"type":"not_found_error","message":"x"}}"#, .misconfigured),
            (
                "500 Internal Server Error", #"{"type":"error","error":{"type":"api_error","message":"x"}}"#,
                .unavailable
            ),
            ("413 Too Large", #"{"type":"error","error":{"type":"request_too_large","message":"x"}}"#, .refused),
            (
                "400 Bad Request",
                invalid("prompt is too long: 9 tokens > 8 maximum"),
                .contextTooLong
            ),
            (
                "400 Bad Request",
                invalid("Your credit balance is too low"),
                .misconfigured
            ),
        ] as [(String, String, ProviderError.Kind)])
    func mapsEachError(_ status: String, _ body: String, _ kind: ProviderError.Kind) async throws {
        #expect(try await Self.ask(Vendor.answering(status: status, body)).error?.kind == kind)
        // Within a stream there is no status; what needs one to be told apart is a refusal.
        guard !body.contains("credit") else { return }
        let (_, events, error) = try await Self.ask(Self.streaming(Self.start, Self.text("Hel"), body))
        #expect(error?.kind == kind)
        #expect(events == [.delta("Hel")])
    }

    @Test(
        arguments: [
            ([start, stop], .emptyReply),
            ([start, text("Hel")], .unavailable), ([start, "nonsense"], .unavailable), (["[1]"], .unavailable),
            ([#"{"type":"error"}"#], .unavailable),
        ] as [([String], ProviderError.Kind)])
    func tellsAnAnswerThatIsNone(_ events: [String], _ kind: ProviderError.Kind) async throws {
        let vendor = Vendor { connection in
            guard connection.request() != nil else { return }
            connection.startStream()
            for event in events { connection.event(event) }
            connection.endStream()
        }
        #expect(try await Self.ask(vendor).error?.kind == kind)
    }

    @Test func thoughtsKeepTheCallAlive() async throws {
        let thought =
            #"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#
        let vendor = Vendor { connection in
            guard connection.request() != nil else { return }
            connection.startStream()
            connection.event(Self.start)
            connection.event(thought)
            connection.waitUntilClientLeaves()
        }
        let timeouts = Timeouts(firstToken: .seconds(60), idle: .milliseconds(300))
        #expect(try await Self.ask(vendor, timeouts: timeouts).error == ProviderError(.timeout, detail: "idle"))
    }

    @Test func showsNoKey() throws {
        let provider = try AnthropicProvider(apiKey: "sk-secret", http: http)
        var dumped = ""
        dump(provider, to: &dumped)
        #expect(!"\(provider) \(String(reflecting: provider)) \(dumped)".contains("sk-secret"))
    }
}

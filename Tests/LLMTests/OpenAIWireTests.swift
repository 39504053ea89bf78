import Foundation
import JSON
import Testing

@testable import LLM

@Suite struct OpenAIWireTests {
    static func chunk(_ text: String) throws -> ReplyPiece { try ReplyPiece(openAI: Array(text.utf8)) }

    @Test(arguments: [
        (#""plain""#, "plain"), (#""é নমস্কার 👩‍👧""#, "é নমস্কার 👩‍👧"), (#""a\"b\\c\/d""#, #"a"b\c/d"#),
        (#""\n\t\r\b\f""#, "\n\t\r\u{8}\u{C}"), (#""\u00e9\ud83d\ude00""#, "é😀"), (#""\ud83d""#, "\u{FFFD}"),
        (#""\ud83dx\ude00""#, "\u{FFFD}x\u{FFFD}"), (#""\ud83d\u0041""#, "\u{FFFD}A"),
        (#""\ude00\ud83d""#, "\u{FFFD}\u{FFFD}"), ("null", ""), ("7", ""),
        (#"{"text":"x"}"#, ""), (#"["x",{"text":"a"},{"type":"image"},{"text":null},{"text":"b"}]"#, "ab"), ("[]", ""),
    ])
    func readsContent(_ content: String, _ expected: String) throws {
        for padded in [
            #"{"choices":[{"delta":{"content":\#(content)}}]}"#,
            #" { "x" : [ {"content":"no"}, [1e3,true] ] , "choices" : [ { "x":"}\"]", "delta" : { "role":"a" , "#
                + #""content" : \#(content) , "y":{} } } , {"delta":{"content":"second"}} ] } "#,
        ] {
            #expect(try Self.chunk(padded).text.string == expected)
        }
    }

    @Test(arguments: [
        "", " ", "1", "[]", "{", "{\"", #"{"choices"#, #"{"choices":[{"delta":{"content":"a"#, #"{"a" 1}"#,
    ])
    func refusesWhatIsNoObject(_ text: String) {
        #expect(throws: ProviderError.self) { try Self.chunk(text) }
    }

    @Test(arguments: [
        (#"{"prompt_tokens":12,"completion_tokens":3}"#, ChatUsage(promptTokens: 12, completionTokens: 3)),
        (#"{"prompt_tokens":12.0,"completion_tokens":3e0}"#, ChatUsage(promptTokens: 12, completionTokens: 3)),
        (#"{"prompt_tokens":12}"#, ChatUsage(promptTokens: 12, completionTokens: 0)),
        (#"{"prompt_tokens":12,"completion_tokens":null}"#, ChatUsage(promptTokens: 12, completionTokens: 0)),
        (
            #"{"prompt_tokens":9223372036854775807,"completion_tokens":9223372036854775807}"#,
            ChatUsage(promptTokens: ChatUsage.highest, completionTokens: ChatUsage.highest)
        ),
        (#"{"prompt_tokens":9223372036854775808,"completion_tokens":1}"#, nil),
        (#"{"prompt_tokens":1e308,"completion_tokens":1}"#, nil), (#"{"prompt_tokens":"no"}"#, nil),
        (#"{"prompt_tokens":"12"}"#, ChatUsage(promptTokens: 12, completionTokens: 0)),
        (
            #"{"prompt_tokens":"12","completion_tokens":2.4,"prompt_tokens_details":{"cached_tokens":5},"#
                + #""completion_tokens_details":{"reasoning_tokens":1}}"#,
            ChatUsage(promptTokens: 12, completionTokens: 3, cachedTokens: 5, reasoningTokens: 1)
        ),
        (
            #"{"prompt_tokens":12,"completion_tokens":1,"prompt_cache_hit_tokens":99}"#,
            ChatUsage(promptTokens: 12, completionTokens: 1, cachedTokens: 12)
        ),
        (#"{"prompt_tokens":-5,"completion_tokens":1}"#, nil),
        (#"{"prompt_tokens":1.5}"#, ChatUsage(promptTokens: 2, completionTokens: 0)),
        (#"{"prompt_tokens":12,"completion_tokens":-5}"#, nil),
        (#"{"prompt_tokens":12,"completion_tokens":"3"}"#, ChatUsage(promptTokens: 12, completionTokens: 3)),
        (#"{"prompt_tokens":12,"completion_tokens":1e400}"#, nil), (#"{"completion_tokens":3}"#, nil), ("{}", nil),
        ("[]", nil), ("null", nil), ("7", nil),
    ])
    func countsThatMakeNoSenseCountAsNone(_ usage: String, _ expected: ChatUsage?) throws {
        #expect(try Self.chunk(#"{"choices":[],"usage":\#(usage)}"#).usage == expected)
    }

    /// Whatever is cut or broken is refused or read, and never a crash; what is whole agrees with a full parser.
    @Test func agreesWithAFullParserAndSurvivesDamage() throws {
        var random = SplitMix(state: 7)
        let contents = ["a", "é😀", "\"\\\n", "{}[],:", "\u{0}\u{1F}", "নমস্কার", ""]
        for _ in 0..<2000 {
            let content = (0..<3).map { _ in contents.randomElement(using: &random)! }.joined()
            let tokens = Int.random(in: 0...Int.max, using: &random)
            let value: JSONValue = [
                "id": .string(content), "created": 1.5e300, "model": .string("m" + content),
                "x": [[], [:], [1, [true]]],
                "choices": [
                    ["index": 0, "delta": ["content": .string(content), "refusal": .null], "logprobs": .null]
                ],
                "usage": ["prompt_tokens": .int(Int64(tokens)), "completion_tokens": 3, "details": ["cached": 1]],
            ]
            var bytes = value.serialized()
            let chunk = try ReplyPiece(openAI: bytes)
            #expect(chunk.text.string == content)
            #expect(chunk.model == "m" + content)
            #expect(chunk.usage == ChatUsage(promptTokens: tokens, completionTokens: 3))

            for _ in 0..<3 {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            _ = try? ReplyPiece(openAI: bytes)
            _ = try? ReplyPiece(openAI: Array(bytes.prefix(Int.random(in: bytes.indices, using: &random))))
        }
    }

    static func encoded(_ request: ChatRequest) throws -> JSONValue {
        try JSONValue(parsing: OpenAIWire.encode(request, tokenLimitField: .maxTokens))
    }

    @Test func writesEveryKindOfMessage() throws {
        let calls: JSONValue = [["id": "c1", "type": "function", "function": ["name": "f", "arguments": "{}"]]]
        let parts: JSONValue = [
            ["type": "text", "text": "What is it?"], ["type": "image_url", "image_url": ["url": "x"]],
        ]
        let request = ChatRequest(
            model: "m",
            messages: [
                ChatMessage(role: .user, content: "What is it?", parts: parts, name: "ann"),
                ChatMessage(role: .assistant, content: "", toolCalls: calls),
                ChatMessage(role: .tool, content: "a cat", toolCallID: "c1"),
                ChatMessage(role: .assistant, content: "A cat.", toolCalls: calls),
            ], maxTokens: 1)
        #expect(
            try Self.encoded(request)["messages"] == [
                ["role": "user", "content": parts, "name": "ann"],
                ["role": "assistant", "content": .null, "tool_calls": calls],
                ["role": "tool", "content": "a cat", "tool_call_id": "c1"],
                ["role": "assistant", "content": "A cat.", "tool_calls": calls],
            ])
    }

    @Test func passesOptionsOnAsTheyAre() throws {
        let options: [String: JSONValue] = [
            "tools": [["type": "function", "function": ["name": "f", "parameters": ["camelCase": .null]]]],
            "seed": 7, "logit_bias": ["50256": -100], "camelCase": true, "n": 1,
        ]
        var request = ChatRequest(model: "m", messages: [], maxTokens: 5)
        let plain = try #require(Self.encoded(request).object)
        request.options = options.merging(["model": "dear", "max_tokens": 9, "stream": false, "messages": 1]) { $1 }
        #expect(try Self.encoded(request) == .object(plain.merging(options) { $1 }))
    }

    @Test("Counts that no model has cannot overflow a sum")
    func counts() {
        let usage = ChatUsage(promptTokens: .max, completionTokens: .min)
        #expect(usage.promptTokens == ChatUsage.highest && usage.completionTokens == 0)
    }
}

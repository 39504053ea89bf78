import JSON
import TestSupport
import Testing

@testable import LLM

@Suite struct ToolCallTests {
    static func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    static func assembled(_ pieces: [String]) throws -> JSONValue? {
        var calls = ToolCalls()
        for piece in pieces { try calls.add(json(piece)) }
        return calls.value
    }

    @Test(
        arguments: [
            // OpenAI: two calls at once, the arguments in pieces.
            (
                [
                    #"[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]"#,
                    #"[{"index":0,"function":{"arguments":"{\"x\":"}}]"#,
                    #"[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}}]"#,
                    #"[{"index":0,"function":{"arguments":"1}"}},{"index":1,"function":{"arguments":"{}"}}]"#,
                ],
                #"[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},"#
                    + #"{"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]"#
            ),
            // Others: whole calls, all of index 0 or of none, no type, id and name again and again, arguments left out.
            (
                [
                    #"[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]"#,
                    #"[{"index":0,"id":"b","function":{"name":"f","arguments":""}}]"#,
                ],
                #"[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},"#
                    + #"{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]"#
            ),
            (
                [
                    #"[{"id":"a","function":{"name":"f","arguments":"{"}}]"#,
                    #"[{"id":"a","function":{"name":"f","arguments":"}"}}]"#,
                    #"[{"id":"b","function":{"name":"g","arguments":{"x":[1]}}}]"#,
                ],
                #"[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},"#
                    + #"{"id":"b","type":"function","function":{"name":"g","arguments":"{\"x\":[1]}"}}]"#
            ),
            (
                [#"[{"index":0,"id":"a","type":"custom","custom":{"name":"f","input":"x"},"note":7}]"#],
                #"[{"id":"a","type":"custom","custom":{"name":"f","input":"x"},"note":7}]"#
            ),
            (["null", "[]", "[7]", "{}"], nil),
        ] as [([String], String?)])
    func putsThemTogether(_ pieces: [String], _ expected: String?) throws {
        #expect(try Self.assembled(pieces) == expected.map(Self.json))
    }

    @Test func areBounded() throws {
        #expect(throws: ToolCalls.TooMany.self) {
            try Self.assembled((0...128).map { #"[{"index":\#($0),"id":"c\#($0)"}]"# })
        }
    }

    private static func chunk(_ delta: String, _ finish: String) -> String {
        OpenAIProviderTests.chunk(delta, finish: finish)
    }

    @Test func aReplyMayBeCallsAlone() async throws {
        let vendor = Vendor.streaming(
            Self.chunk(
                #"{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"a","type":"function","#
                    + #""function":{"name":"f","arguments":""}}]}"#, "null"),
            Self.chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\":1}"}}]}"#, "null"),
            Self.chunk("{}", #""tool_calls""#))
        var events: [ChatEvent] = []
        let result = try await vendor.provider().stream(question) { events.append($0) }
        #expect(result.content.isEmpty)
        #expect(result.finishReason == .toolCalls)
        #expect(
            result.toolCalls
                == [["id": "a", "type": "function", "function": ["name": "f", "arguments": #"{"x":1}"#]]])
        #expect(
            events == [
                .toolCalls([["index": 0, "id": "a", "type": "function", "function": ["name": "f", "arguments": ""]]]),
                .toolCalls([["index": 0, "function": ["arguments": #"{"x":1}"#]]]),
            ])
    }

    @Test func aWholeAnswerHasThemToo() async throws {
        let vendor = Vendor.answering(
            #"{"model":"m","choices":[{"message":{"content":"Wait.","tool_calls":[{"id":"a","type":"function","#
                + #""function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}"#)
        var events: [ChatEvent] = []
        let result = try await vendor.provider().stream(question) { events.append($0) }
        let call: JSONValue = ["id": "a", "type": "function", "function": ["name": "f", "arguments": "{}"]]
        #expect(result.content == "Wait.")
        #expect(result.toolCalls == [call])
        let numbered: JSONValue = [
            ["index": 0, "id": "a", "type": "function", "function": ["name": "f", "arguments": "{}"]]
        ]
        #expect(events == [.delta("Wait."), .toolCalls(numbered)])
    }

    @Test func endlessArgumentsAreCutOff() async throws {
        let piece = String(repeating: "x", count: 10_000)
        let vendor = Vendor { connection in
            guard connection.request() != nil else { return }
            connection.startStream()
            let event = OpenAIProviderTests.chunk(
                #"{"tool_calls":[{"index":0,"function":{"arguments":"\#(piece)"}}]}"#)
            for _ in 0..<10_000 where !connection.event(event) { return }
        }
        #expect(try await vendor.ask().error?.detail == "the answer is larger than allowed")
        #expect(vendor.count.sentBytes < 50_000_000)
    }

    @Test func refusalsAndProbabilitiesArePassedOn() async throws {
        let vendor = Vendor.streaming(
            #"{"model":"m","choices":[{"delta":{"refusal":"I will"},"logprobs":{"content":[{"token":"a"}]}}]}"#,
            #"{"choices":[{"delta":{"refusal":" not."},"logprobs":{"content":[{"token":"b"}],"refusal":null}}]}"#,
            #"{"choices":[{"delta":{"content":null,"refusal":null},"logprobs":null,"finish_reason":"stop"}]}"#)
        var events: [ChatEvent] = []
        let result = try await vendor.provider().stream(question) { events.append($0) }
        #expect(result.content.isEmpty)
        #expect(result.refusal == "I will not.")
        #expect(result.logprobs == ["content": [["token": "a"], ["token": "b"]]])
        let refusals = events.compactMap { if case .refusal(let text) = $0 { text } else { nil } }
        #expect(refusals.joined() == "I will not.")
    }
}

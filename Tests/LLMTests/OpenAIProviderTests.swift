import JSON
import TestSupport
import Testing
import Upstream

@testable import LLM

/// Time for connecting in tests of other things: a loaded machine may take long.
let patient = Duration.seconds(30)

/// One client for all suites, as in the server.
let http = UpstreamClient(connectTimeout: patient)

let question = ChatRequest(
    model: "m", messages: [ChatMessage(role: .system, content: "Be brief."), ChatMessage(role: .user, content: "Hi")],
    maxTokens: 64, temperature: 0.5, user: "u-1")

extension Vendor {
    func provider(
        key: String? = "sk-secret", timeouts: Timeouts = Timeouts(), limits: ReplyLimits = .init()
    ) throws -> OpenAIProvider {
        try OpenAIProvider(
            name: "vendor", baseURL: baseURL, apiKey: key, timeouts: timeouts, limits: limits, http: http)
    }

    /// The answer, the text that came before it or before the failure, and the failure.
    func ask(
        timeouts: Timeouts = Timeouts(), limits: ReplyLimits = .init()
    ) async throws -> (result: ChatResult?, text: String, error: ProviderError?) {
        var text = ""
        do {
            let result = try await provider(timeouts: timeouts, limits: limits).stream(question) { event in
                if case .delta(let piece) = event { text += piece }
            }
            return (result, text, nil)
        } catch let error as ProviderError {
            return (nil, text, error)
        }
    }
}

@Suite struct OpenAIProviderTests {
    static func chunk(_ delta: String, finish: String = "null") -> String {
        #"{"id":"c","model":"real-model","choices":[{"index":0,"delta":\#(delta),"finish_reason":\#(finish)}]}"#
    }

    @Test func streams() async throws {
        let vendor = Vendor.streaming(
            Self.chunk(#"{"role":"assistant","content":null}"#),
            Self.chunk(#"{"content":"Hel"}"#), Self.chunk(#"{}"#),
            Self.chunk(#"{"content":[{"type":"text","text":"lo, "},{"type":"text","text":"world"}]}"#),
            Self.chunk("{}", finish: #""stop""#),
            #"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}"#
        )
        let answer = try await vendor.ask()
        let result = try #require(answer.result)
        #expect(answer.text == "Hello, world")
        #expect(result.content == "Hello, world")
        #expect(result.model == "real-model")
        #expect(result.provider == "vendor")
        #expect(result.finishReason == .stop)
        #expect(result.usage == ChatUsage(promptTokens: 7, completionTokens: 3))
    }

    @Test func saysWhatItWantsOnTheWire() async throws {
        let vendor = Vendor.begun { $0.finish() }
        _ = try await vendor.ask()
        let request = try #require(vendor.count.received.first)
        #expect(request.head.hasPrefix("POST /v1/chat/completions HTTP/1.1\r\n"))
        #expect(request.head.contains("Authorization: Bearer sk-secret\r\n"))
        #expect(
            try JSONValue(parsing: request.body) == [
                "model": "m", "stream": true, "stream_options": ["include_usage": true], "max_tokens": 64,
                "temperature": 0.5, "user": "u-1",
                "messages": [["role": "system", "content": "Be brief."], ["role": "user", "content": "Hi"]],
            ])
    }

    @Test func asksForTheWholeWhereNobodyWaitsForPieces() async throws {
        let vendor = Vendor.answering(#"{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}"#)
        var whole = question
        whole.wantsPieces = false
        let provider = try vendor.provider(timeouts: Timeouts(firstToken: .zero))
        #expect(try await provider.stream(whole) { _ in }.content == "Hello")
        let body = try JSONValue(parsing: #require(vendor.count.received.first).body)
        #expect(body["stream"] == false)
        #expect(body["stream_options"] == nil)
    }

    @Test func keepsItsConnection() async throws {
        let vendor = Vendor.streaming(Self.chunk(#"{"content":"a"}"#, finish: #""stop""#))
        let provider = try vendor.provider()
        for _ in 0..<3 {
            _ = try await provider.stream(question) { _ in }
            // The end of the body may come a moment after the last event.
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(vendor.count.requests == 3)
        #expect(vendor.count.connections == 1)
    }

    @Test func readsPlainJSON() async throws {
        let vendor = Vendor.answering(
            headers: "Content-Type: application/json\r\n",
            " \n" + #"{"model":"plain","choices":[{"message":{"role":"assistant","content":"Hello"},"#
                + #""finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#)
        let answer = try await vendor.ask()
        let result = try #require(answer.result)
        #expect(answer.text == "Hello")
        #expect(result.content == "Hello")
        #expect(result.finishReason == .length)
        #expect(result.usage == ChatUsage(promptTokens: 1, completionTokens: 2))
    }

    @Test(arguments: [
        (#"{"content":"a"}"#, #""length""#, FinishReason.length),
        (#"{"content":"a"}"#, #""content_filter""#, .filtered),
        // A reply that calls no tool does not end with calls, whatever the vendor says.
        (#"{"content":"a"}"#, #""tool_calls""#, .stop), (#"{"content":""}"#, #""stop""#, .stop),
        (#"{"reasoning_content":"hm"}"#, #""length""#, .length), (#"{}"#, #""content_filter""#, .filtered),
        (#"{"tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}"#, #""stop""#, .toolCalls),
        (#"{"function_call":{"name":"f","arguments":"{}"}}"#, #""stop""#, .toolCalls),
        (#"{"content":"a"}"#, #""new""#, .other),
    ])
    func namesTheFinish(_ delta: String, _ reason: String, _ expected: FinishReason) async throws {
        let vendor = Vendor.streaming(Self.chunk(delta, finish: reason))
        #expect(try await vendor.ask().result?.finishReason == expected)
    }

    @Test(arguments: ["null", "{}", #"{"prompt_tokens":null}"#, #"{"prompt_tokens":-1,"completion_tokens":1}"#])
    func managesWithoutUsage(_ usage: String) async throws {
        let vendor = Vendor.streaming(
            Self.chunk(#"{"content":"a"}"#, finish: #""stop""#), #"{"choices":[],"usage":\#(usage)}"#)
        let result = try #require(try await vendor.ask().result)
        #expect(result.usage == nil)
    }

    @Test func endsWithoutDoneWhereAReasonWasGiven() async throws {
        let vendor = Vendor.streaming(Self.chunk(#"{"content":"a"}"#, finish: #""stop""#), done: false)
        #expect(try await vendor.ask().result?.content == "a")
    }

    @Test func showsNoKey() throws {
        let vendor = Vendor.answering("")
        let provider = try vendor.provider()
        var dumped = ""
        dump(provider, to: &dumped)
        #expect(!"\(provider) \(String(reflecting: provider)) \(dumped)".contains("sk-secret"))
    }

    @Test(arguments: ["", "not a url", "ftp://example.com"])
    func refusesABaseURLThatIsNone(_ url: String) {
        #expect {
            try OpenAIProvider(name: "x", baseURL: url, apiKey: nil, http: http)
        } throws: { error in
            (error as? ProviderError)?.kind == .misconfigured
        }
    }
}

import JSON
import Synchronization
import TestSupport
import Testing

@testable import LLM

/// Thoughts are told of, so that they can be billed, and are no part of the answer.
@Suite struct ThoughtTests {
    @Test(
        "Thoughts come under the vendors' names, once where one comes under two",
        arguments: [
            (#"{"reasoning_content":"ভাবি"}"#, "ভাবি"), (#"{"reasoning":"Hm","reasoning_content":"Hm"}"#, "Hm"),
            (#"{"reasoning":null,"content":"x"}"#, ""), (#"{"reasoning":{"x":1},"content":"x"}"#, ""),
            (#"{"reasoning_content":"","content":"x"}"#, ""),
        ])
    func openAI(delta: String, thoughts: String) throws {
        for name in ["delta", "message"] {
            let piece = try ReplyPiece(openAI: Array(#"{"choices":[{"\#(name)":\#(delta)}]}"#.utf8))
            #expect(piece.thoughts == thoughts && piece.otherBytes >= thoughts.utf8.count)
        }
    }

    @Test("Anthropic's, too, and they do not count as the first word")
    func anthropic() async throws {
        let vendor = AnthropicProviderTests.streaming(
            AnthropicProviderTests.start,
            #"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#,
            #"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"想一想"}}"#,
            #"{"type":"content_block_stop","index":0}"#, AnthropicProviderTests.textStart,
            AnthropicProviderTests.text("好"), AnthropicProviderTests.stop)
        let (result, events, _) = try await AnthropicProviderTests.ask(vendor)
        #expect(events == [.thoughts("想一想"), .delta("好")] && result?.content == "好")
        #expect(events.map(\.isAnswer) == [false, true])
    }

    @Test("A call that fails after thoughts alone is tried elsewhere")
    func fallback() async throws {
        let thinking = ScriptedProvider(
            name: "a", .init([.thoughts("Hm"), .fail(ProviderError(.unavailable, retryable: false, detail: ""))]))
        let clock = TestClock(skips: true)
        let gateway = Gateway(
            providers: [thinking, ScriptedProvider(name: "b", .text("from b"))], clockwork: clock.clockwork)
        #expect(try await gateway.ask("a", "b").content == "from b")
    }

    @Test("A caller that has left before its call is made costs no call, and its place is free again")
    func left() async throws {
        let provider = ScriptedProvider(name: "a", .text("ok"))
        let gateway = Gateway(providers: [provider], clockwork: TestClock(skips: true).clockwork) { _ in 1 }
        let asked = Mutex(0)
        let left = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await gateway.stream(
                question, via: [.init(provider: "a", model: "m")], for: "t", onCall: { _ in asked.withLock { $0 += 1 } }
            ) { _ in }
        }
        await #expect(throws: CancellationError.self) { try await left.value }
        #expect(asked.withLock { $0 } == 0 && provider.calls.requests.isEmpty)
        #expect(gateway.load(of: "a")?.running == 0)
        #expect(try await gateway.ask("a").content == "ok")
    }
}

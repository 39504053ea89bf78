import JSON
import LLMTesting
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
            providers: [thinking, ScriptedProvider(name: "b", .text("from b"))], timeSource: clock.timeSource)
        #expect(try await gateway.ask("a", "b").content == "from b")
    }

    @Test("A caller that has left before its call is made costs no call, and its place is free again")
    func left() async throws {
        let provider = ScriptedProvider(name: "a", .text("ok"))
        let gateway = Gateway(providers: [provider], timeSource: TestClock(skips: true).timeSource) { _ in 1 }
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

    /// The plain way: on the whole text at once.
    private static func separated(_ text: String) -> (thoughts: String, text: String) {
        let scalars = Array(text.unicodeScalars)
        func string(_ part: some Sequence<Unicode.Scalar>) -> String {
            var view = String.UnicodeScalarView()
            view.append(contentsOf: part)
            return String(view)
        }
        let start = scalars.prefix { $0.properties.isWhitespace }.count
        guard start <= ThoughtSplitter.mostBlanks else { return ("", text) }
        for name in ["think", "thinking", "thought", "THINK"] {
            let (begin, end) = name == "THINK" ? ("[THINK]", "[/THINK]") : ("<\(name)>", "</\(name)>")
            let rest = scalars[start...]
            guard rest.starts(with: begin.unicodeScalars) else { continue }
            let inner = Array(rest.dropFirst(begin.unicodeScalars.count))
            for place in inner.indices where inner[place...].starts(with: end.unicodeScalars) {
                let answer = inner[(place + end.unicodeScalars.count)...].drop { $0.properties.isWhitespace }
                return (string(inner[..<place]), string(answer))
            }
            return (string(inner), "")
        }
        return ("", text)
    }

    @Test(
        "Thoughts in a text of many scripts are told apart as the plain way tells them, however it is cut",
        arguments: 0..<40)
    func asThePlainWay(seed: UInt64) {
        var random = Seeded(seed)
        let pieces = [
            "<think>", "</think>", "<thinking>", "</thinking>", "<thought>", "[THINK]", "[/THINK]", "<thi", "</thi",
            "nk>",
            "<", ">", "/", "[", " ", "\n\n", "\t", "\u{A0}", "\u{2003}", "ভাবি", "ক্\u{200D}ষ", "想", "مرحبا", "👩‍👩‍👧",
            "e\u{301}",
            "\u{301}", "\u{FE0F}", "\r", "\n", "word", "🇧🇩",
        ]
        for round in 0..<100 {
            var text = (0..<Int.random(in: 0...12, using: &random)).map { _ in pieces.randomElement(using: &random)! }
                .joined()
            if round.isMultiple(of: 2) { text = pieces[[0, 2, 4, 5].randomElement(using: &random)!] + text }
            let expected = Self.separated(text)
            var splitter = ThoughtSplitter()
            var (thoughts, answer) = (String.UnicodeScalarView(), String.UnicodeScalarView())
            var rest = text.unicodeScalars[...]
            while !rest.isEmpty {
                let size = Int.random(in: 1...5, using: &random)
                let piece = String(rest.prefix(size))
                rest = rest.dropFirst(size)
                // As the reply does: what is plain is not looked at.
                guard !splitter.isPlain else {
                    answer.append(contentsOf: piece.unicodeScalars)
                    continue
                }
                let parts = splitter.add(piece)
                thoughts.append(contentsOf: parts.thoughts.unicodeScalars)
                answer.append(contentsOf: parts.text.unicodeScalars)
            }
            let last = splitter.finish()
            thoughts.append(contentsOf: last.thoughts.unicodeScalars)
            answer.append(contentsOf: last.text.unicodeScalars)
            #expect(Array(thoughts) == Array(expected.thoughts.unicodeScalars), "\(text.debugDescription)")
            #expect(Array(answer) == Array(expected.text.unicodeScalars), "\(text.debugDescription)")
        }
    }

    @Test("White space without end does not make the work grow with its square")
    func blanks() {
        var splitter = ThoughtSplitter()
        for _ in 0..<5000 { _ = splitter.add(" ") }
        #expect(splitter.isPlain)
        splitter = ThoughtSplitter()
        _ = splitter.add("<think>")
        var thoughts = 0
        for _ in 0..<20_000 { thoughts += splitter.add("想<").thoughts.unicodeScalars.count }
        #expect(thoughts + splitter.finish().thoughts.unicodeScalars.count == 40_000)
    }
}

import JSON
import NIOCore
import Testing
import Texts

@testable import LLM

/// A vendor may cut its text anywhere: between the halves of a surrogate pair, between the bytes of a character, and the
/// connection may cut what it sends once more.
@Suite struct SplitCharacterTests {
    /// What a reply gives, as the client and as the database get it.
    struct Outcome: Equatable {
        var streamed = ""
        var refusal = ""
        var calls: [Int: String] = [:]
        var result: ChatResult?

        static func == (mine: Outcome, other: Outcome) -> Bool {
            mine.streamed.utf8.elementsEqual(other.streamed.utf8) && mine.calls == other.calls
        }
    }

    static func outcome(
        _ format: some ReplyFormat, _ bytes: [UInt8], cuts: [Int] = [], type: String = "text/event-stream"
    ) throws -> Outcome {
        var reply = VendorReply(format, limits: ReplyLimits())
        var outcome = Outcome()
        func take(_ progress: ReplyProgress) {
            outcome.streamed += progress.text
            for event in progress.others {
                if case .refusal(let text) = event { outcome.refusal += text }
                guard case .toolCalls(let pieces) = event else { continue }
                for piece in pieces.array ?? [] {
                    let index = Int(piece["index"]?.int ?? 0)
                    outcome.calls[index, default: ""] += piece["function"]?["arguments"]?.string ?? ""
                    outcome.calls[index, default: ""] += piece["custom"]?["input"]?.string ?? ""
                }
            }
        }
        var start = 0
        for end in cuts.sorted() + [bytes.count] {
            take(reply.take(ByteBuffer(bytes: bytes[start..<end]), contentType: type))
            try reply.check()
            start = end
        }
        take(reply.end())
        try reply.check()
        let result = try reply.result(for: question, provider: "vendor")
        outcome.result = result
        #expect(result.content.utf8.elementsEqual(outcome.streamed.utf8))
        #expect((result.refusal ?? "").utf8.elementsEqual(outcome.refusal.utf8))
        for (place, call) in (result.toolCalls?.array ?? []).enumerated() {
            let text = call["function"]?["arguments"]?.string ?? call["custom"]?["input"]?.string ?? ""
            let passed = outcome.calls[place] ?? ""
            #expect(text.utf8.elementsEqual((passed.isEmpty ? "{}" : passed).utf8))
        }
        return outcome
    }

    /// A string in JSON of these code units, with escapes for halves and for some of the rest.
    static func quoted(_ units: some Collection<UInt16>, using random: inout RandomText) -> String {
        var text = ""
        var rest = Array(units)[...]
        while let unit = rest.first {
            var decoder = UTF16()
            var iterator = rest.makeIterator()
            guard case .scalarValue(let scalar) = decoder.decode(&iterator), scalar.value >= 0x20, scalar != "\"",
                scalar != "\\", Bool.random(using: &random)
            else {
                let digits = String(unit, radix: 16, uppercase: Bool.random(using: &random))
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                rest = rest.dropFirst()
                continue
            }
            text.unicodeScalars.append(scalar)
            rest = rest.dropFirst(UTF16.width(scalar))
        }
        return "\"\(text)\""
    }

    static func pieces<Element>(
        of all: [Element], using random: inout RandomText
    ) -> [ArraySlice<Element>] {
        let cuts = (0..<Int.random(in: 0...5, using: &random)).map { _ in Int.random(in: 0...all.count, using: &random)
        }
        var start = 0
        return (cuts.sorted() + [all.count]).map { end in
            defer { start = end }
            return all[start..<end]
        }
    }

    static func cuts(_ bytes: [UInt8], using random: inout RandomText) -> [Int] {
        (0..<Int.random(in: 0...8, using: &random)).map { _ in Int.random(in: 0...bytes.count, using: &random) }
    }

    static func events(_ events: [String], done: Bool = true) -> [UInt8] {
        Array((events.map { "data: \($0)\n\n" }.joined() + (done ? "data: [DONE]\n\n" : "")).utf8)
    }

    static func choice(_ delta: String, finish: String = "null", index: Int = 0) -> String {
        #"{"model":"m","choices":[{"index":\#(index),"delta":\#(delta),"finish_reason":\#(finish)}]}"#
    }

    static let smile = (high: #""\ud83d""#, low: #""\ude00!""#)

    // MARK: OpenAI

    @Test(
        arguments: [
            (["hi \\ud83d", "\\ude00!"], "hi 😀!"), (["hi \\ud83d", "", "\\ude00!"], "hi 😀!"), (["\\ud83d"], "\u{FFFD}"),
            (["\\ud83d", "\\ud83d", "\\ude00"], "\u{FFFD}😀"), (["\\ude00", "\\ud83d"], "\u{FFFD}\u{FFFD}"),
            (["\\ud83d", "x\\ude00"], "\u{FFFD}x\u{FFFD}"), (["a\\ud83d", " ", "\\ude00b"], "a\u{FFFD} \u{FFFD}b"),
            (["\\ud83d\\ude00\\ud83d", "\\ude01"], "😀😁"), (["\\ud83d", "😀\\ude00"], "\u{FFFD}😀\u{FFFD}"),
            (["\\\\ud83d", "\\\\ude00"], "\\ud83d\\ude00"), (["\\u0000\\ud83d", "\\ude00"], "\0😀"),
        ] as [([String], String)])
    func halvesBecomeOneCharacter(_ pieces: [String], _ expected: String) throws {
        for (field, isText) in [("content", true), ("refusal", false)] {
            for done in [true, false] {
                let events =
                    pieces.map { Self.choice(#"{"\#(field)":"\#($0)"}"#) } + [Self.choice("{}", finish: #""stop""#)]
                let outcome = try Self.outcome(OpenAIFormat(), Self.events(events, done: done))
                #expect(Array((isText ? outcome.streamed : outcome.refusal).utf8) == Array(expected.utf8))
            }
        }
        let parts = pieces.map { #"{"type":"text","text":"\#($0)"}"# }.joined(separator: ",")
        let whole = #"{"choices":[{"message":{"content":[\#(parts)]},"finish_reason":"stop"}]}"#
        let outcome = try Self.outcome(OpenAIFormat(), Array(whole.utf8), type: "application/json")
        #expect(Array(outcome.streamed.utf8) == Array(expected.utf8))
    }

    @Test("Halves of different choices, texts and calls are not put together")
    func halvesStayApart() throws {
        let (high, low) = Self.smile
        let call = { (index: Int, text: String) in
            #"{"tool_calls":[{"index":\#(index),"id":"c\#(index)","function":{"name":"f","arguments":\#(text)}}]}"#
        }
        let end = Self.choice("{}", finish: #""stop""#)
        let mixed = try Self.outcome(
            OpenAIFormat(),
            Self.events([
                Self.choice(#"{"content":\#(high)}"#), Self.choice(#"{"refusal":\#(low)}"#),
                Self.choice(call(0, high)), Self.choice(call(1, low)), Self.choice(call(2, high)), end,
            ]))
        #expect(mixed.streamed == "\u{FFFD}" && mixed.refusal == "\u{FFFD}!")
        #expect(mixed.calls == [0: "\u{FFFD}", 1: "\u{FFFD}!", 2: "\u{FFFD}"])

        let interleaved = try Self.outcome(
            OpenAIFormat(),
            Self.events([
                Self.choice(call(0, high)), Self.choice(call(1, high)), Self.choice(call(0, low)),
                Self.choice(call(1, low)), end,
            ]))
        #expect(interleaved.calls == [0: "😀!", 1: "😀!"])

        let choices = try Self.outcome(
            OpenAIFormat(),
            Self.events([
                Self.choice(#"{"content":\#(high)}"#), Self.choice(#"{"content":\#(low)}"#, index: 1),
                Self.choice(#"{"content":\#(low)}"#), end,
            ]))
        #expect(choices.streamed == "😀!")
    }

    @Test("What is cut anywhere comes out as what UTF-16 means")
    func randomHalves() throws {
        var random = RandomText(seed: 1)
        for _ in 0..<400 {
            let units = random.units(length: 0...40)
            let others = random.units(length: 0...40)
            var events: [String] = []
            for (piece, other) in zip(Self.pieces(of: units, using: &random), Self.pieces(of: others, using: &random)) {
                events.append(Self.choice(#"{"content":\#(Self.quoted(piece, using: &random))}"#))
                events.append(
                    Self.choice(
                        #"{"content":"","tool_calls":[{"index":0,"function":"#
                            + #"{"arguments":\#(Self.quoted(other, using: &random))}}]}"#))
            }
            // The pairing above may leave the longer row's rest out.
            let (content, arguments) = Self.told(events)
            events.append(Self.choice(#"{"content":"end"}"#, finish: #""stop""#))
            let bytes = Self.events(events)
            let outcome = try Self.outcome(OpenAIFormat(), bytes, cuts: Self.cuts(bytes, using: &random))
            let text = String(decoding: content + Array("end".utf16), as: UTF16.self)
            #expect(Array(outcome.streamed.utf8) == Array(text.utf8))
            let whole = String(decoding: arguments, as: UTF16.self)
            // A call without arguments gets those that are JSON.
            let due = whole.isEmpty && outcome.calls[0] != nil ? "{}" : whole
            #expect(Array((outcome.calls[0] ?? "").utf8) == Array(due.utf8))
        }
    }

    /// The code units of the texts and of the arguments in these events, by Foundation's account of escapes.
    private static func told(_ events: [String]) -> (content: [UInt16], arguments: [UInt16]) {
        var (content, arguments): ([UInt16], [UInt16]) = ([], [])
        for event in events {
            let parts = event.split(separator: #""arguments":"#, maxSplits: 1)
            let text = parts.count == 2 ? parts[1] : event.split(separator: #""content":"#, maxSplits: 1)[1]
            let units = unquoted(text)
            if parts.count == 2 { arguments += units } else { content += units }
        }
        return (content, arguments)
    }

    /// The code units up to the closing quote.
    private static func unquoted(_ text: Substring) -> [UInt16] {
        var units: [UInt16] = []
        var rest = text.unicodeScalars.dropFirst()
        while let scalar = rest.popFirst(), scalar != "\"" {
            guard scalar == "\\" else {
                units += Array(String(scalar).utf16)
                continue
            }
            let digits = String(Substring(rest.dropFirst().prefix(4)))
            units.append(UInt16(digits, radix: 16) ?? 0)
            rest = rest.dropFirst(5)
        }
        return units
    }

    @Test("Characters cut between their bytes are whole again, in events and on the wire")
    func randomBytes() throws {
        var random = RandomText(seed: 2)
        for _ in 0..<400 {
            let text = random.text(length: 0...40).filter { !"\"\\\r\n".contains($0) && $0 >= " " } + "।"
            let bytes = Array(
                text.unicodeScalars.filter { $0.value >= 0x20 && $0 != "\"" && $0 != "\\" }.map(String.init).joined()
                    .utf8)
            var stream: [UInt8] = []
            for piece in Self.pieces(of: bytes, using: &random) {
                stream += Array(#"data: {"choices":[{"delta":{"content":""#.utf8) + piece + Array("\"}}]}\n\n".utf8)
                stream += Array(#"data: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":""#.utf8)
                stream += piece + Array("\"}}]}}]}\n\n".utf8)
            }
            stream += Self.events([])
            let outcome = try Self.outcome(OpenAIFormat(), stream, cuts: Self.cuts(stream, using: &random))
            #expect(Array(outcome.streamed.utf8) == bytes)
            #expect(Array((outcome.calls[0] ?? "").utf8) == bytes)
        }
    }

    // MARK: Others

    @Test func anthropicsHalvesBecomeOneCharacter() throws {
        var random = RandomText(seed: 3)
        for _ in 0..<200 {
            let units = random.units(length: 0...40) + Array("x".utf16)
            var events = [AnthropicProviderTests.start, AnthropicProviderTests.textStart]
            for piece in Self.pieces(of: units, using: &random) {
                events.append(
                    #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"#
                        + "\(Self.quoted(piece, using: &random))}}")
            }
            events += [
                #"{"type":"content_block_stop","index":0}"#, AnthropicProviderTests.toolStart(1, id: "t", name: "f"),
            ]
            for piece in Self.pieces(of: units, using: &random) {
                events.append(
                    #"{"type":"content_block_delta","index":1,"delta":{"partial_json":"#
                        + #"\#(Self.quoted(piece, using: &random)),"type":"input_json_delta"}}"#)
            }
            events += [#"{"type":"content_block_stop","index":1}"#, AnthropicProviderTests.end("tool_use")]
            let bytes = Self.events(events + [AnthropicProviderTests.stop], done: false)
            let outcome = try Self.outcome(AnthropicFormat(), bytes, cuts: Self.cuts(bytes, using: &random))
            let text = Array(String(decoding: units, as: UTF16.self).utf8)
            #expect(Array(outcome.streamed.utf8) == text)
            #expect(Array((outcome.calls[0] ?? "").utf8) == text)
        }
    }

    @Test("A half at the end of a block is not put together with one that begins the next block")
    func anthropicsBlocksStayApart() throws {
        let events = [
            AnthropicProviderTests.start, AnthropicProviderTests.textStart, AnthropicProviderTests.text(#"a\ud83d"#),
            #"{"type":"content_block_stop","index":0}"#, AnthropicProviderTests.textStart,
            AnthropicProviderTests.text(#"\ude00b"#), AnthropicProviderTests.end("end_turn"),
            AnthropicProviderTests.stop,
        ]
        let outcome = try Self.outcome(AnthropicFormat(), Self.events(events, done: false))
        #expect(outcome.streamed == "a\u{FFFD}\u{FFFD}b")
    }

    @Test(
        arguments: [
            ("text/event-stream", [#""hi \ud83d""#, #""\ude00!""#]),
            ("text/event-stream", [#"{"delta":"hi \ud83d"}"#, #"{"x":{"delta":"no"},"delta":"\ude00!"}"#]),
            (
                "text/event-stream",
                [
                    #"{"choices":[{"delta":{"content":"hi \ud83d"}}]}"#,
                    #"{"choices":[{"delta":{"content":"\ude00!"}}]}"#,
                ]
            ),
        ] as [(String, [String])])
    func endpointsHalvesBecomeOneCharacter(_ type: String, _ events: [String]) throws {
        let outcome = try Self.outcome(WebhookFormat(), Self.events(events, done: false), type: type)
        #expect(outcome.streamed == "hi 😀!")
    }

    @Test func endpointsTextIsCutAnywhere() throws {
        let bytes = Array("data: নমস্ক".utf8) + [0xE0] + Array("\n\ndata: ".utf8) + [0xA6, 0xBE] + Array("র 👩‍👧\n\n".utf8)
        for cut in bytes.indices {
            let outcome = try Self.outcome(WebhookFormat(), bytes, cuts: [cut])
            #expect(outcome.streamed == "নমস্কার 👩‍👧")
        }
        let whole = Array("নমস্কার 👩‍👧".utf8)
        for cut in whole.indices {
            #expect(try Self.outcome(WebhookFormat(), whole, cuts: [cut], type: "text/plain").streamed == "নমস্কার 👩‍👧")
        }
        let half = try Self.outcome(WebhookFormat(), Array(#"{"reply":"hi \ud83d"}"#.utf8), type: "application/json")
        #expect(half.streamed == "hi \u{FFFD}")
    }
}

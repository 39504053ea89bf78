import JSON
import LLMTesting
import TestSupport
import Testing

@testable import LLM

@Suite struct ModelLimitsTests {
    static let picture = ChatMessage(
        role: .user, content: "এটা কী?",
        parts: [
            ["type": "text", "text": "এটা কী?"], ["type": "image_url", "image_url": ["url": "data:image/png;base64,A"]],
        ])
    static let function: JSONValue = ["type": "function", "function": ["name": "f"]]

    static func asking(_ text: String, tools: JSONValue? = nil) -> ChatRequest {
        ChatRequest(
            model: "m", messages: [ChatMessage(role: .user, content: text)], maxTokens: 5,
            options: tools.map { ["tools": $0] } ?? [:])
    }

    @Test func nothingIsRefusedWhereNothingIsKnown() {
        var request = Self.asking(String(repeating: "x", count: 1_000_000), tools: [["type": "strange"], 7])
        request.messages.append(Self.picture)
        #expect(ModelLimits().refusal(of: request) == nil)
    }

    @Test func picturesAreRefusedByModelsThatReadTextAlone() {
        let limits = ModelLimits(takesPictures: false)
        var request = Self.asking("hi")
        #expect(limits.refusal(of: request) == nil)
        request.messages.append(
            ChatMessage(role: .user, content: "a", parts: [["type": "text", "text": "a"], ["refusal": "b"]]))
        #expect(limits.refusal(of: request) == nil)
        request.messages.append(Self.picture)
        #expect(limits.refusal(of: request) == .picture)
        request.messages = [
            ChatMessage(role: .user, content: "", parts: [["type": "input_audio", "input_audio": [:]]])
        ]
        #expect(limits.refusal(of: request) == .picture)
    }

    @Test func documentsAreRefusedByName() {
        var request = Self.asking("hi")
        request.messages.append(
            ChatMessage(
                role: .user, content: "",
                parts: [
                    ["type": "file", "file": ["filename": "চুক্তি.pdf", "file_data": "data:application/pdf;base64,A"]]
                ]))
        #expect(ModelLimits().refusal(of: request) == .document("চুক্তি.pdf"))
        #expect(ModelLimits(takesDocuments: true).refusal(of: request) == nil)
        #expect(ModelLimits(takesPictures: false, takesDocuments: true).refusal(of: request) == .picture)
    }

    @Test(
        arguments: [
            (ModelLimits.Tools.any, [["type": "custom"]], nil), (.functions, [function], nil), (.functions, [], nil),
            (.functions, [function, ["type": "custom", "custom": ["name": "x"]]], Refusal.tool(1)),
            (.functions, [["type": "web_search"]], .tool(0)), (.functions, [7], .tool(0)),
            (.functions, [["type": "function", "function": [:]]], .tool(0)),
            (.functions, [["function": [:]]], .tool(0)),
            (.none, [function], .tools), (.none, [], nil),
        ] as [(ModelLimits.Tools, JSONValue, Refusal?)])
    func toolsAreRefusedByName(_ tools: ModelLimits.Tools, _ asked: JSONValue, _ expected: Refusal?) {
        #expect(ModelLimits(tools: tools).refusal(of: Self.asking("hi", tools: asked)) == expected)
    }

    @Test(arguments: [
        ("", 0, 0), ("word", 1, 1), ("two  words\n", 2, 1), (" \t\r\n ", 0, 0), ("বাংলা ভাষা", 2, 1), ("你好，世界", 1, 1),
        (String(repeating: "a", count: 128), 1, 1), (String(repeating: "a", count: 129), 2, 2),
        (String(repeating: " ", count: 100_000), 0, 0), (String(repeating: "🙂", count: 64), 2, 2),
    ])
    func countsNoMoreThanThereAre(_ text: String, _ byWords: Int, _ byBytes: Int) {
        #expect(LeastTokens(splitsWords: true).of(text) == byWords)
        #expect(LeastTokens().of(text) == byBytes)
    }

    /// Against the plain way to count, on random text of several scripts.
    @Test(arguments: 0..<20) func countsAsThePlainWayDoes(_ seed: UInt64) {
        var random = Seeded(seed)
        let pieces = ["a", "word", " ", "\n", "\t ", "ক", "বাংলা", "مرحبا", "你好", "🙂👍🏽", "e\u{301}", "#", "\u{A0}"]
        for _ in 0..<50 {
            let text = (0..<Int.random(in: 0..<60, using: &random)).map { _ in pieces.randomElement(using: &random)! }
                .joined()
            let words = text.unicodeScalars.split { (0x09...0x0D).contains($0.value) || $0.value == 0x20 }
            let solid = words.reduce(0) { $0 + String(String.UnicodeScalarView($1)).utf8.count }
            for size in [1, 3, 128] {
                let ofBytes = (solid + size - 1) / size
                let counter = LeastTokens(bytesPerToken: size, splitsWords: true)
                #expect(counter.of(text) == max(words.count, ofBytes))
                for limit in [0, 1, 5, 200] {
                    let message = ChatMessage(role: .user, content: text)
                    #expect(counter.exceed(limit, in: [message]) == (max(words.count, ofBytes) > limit))
                }
            }
        }
    }

    @Test func aWindowThatIsExceededIsKnownBeforeTheCall() {
        let limits = ModelLimits(window: 100, tokens: LeastTokens(splitsWords: true))
        #expect(limits.refusal(of: Self.asking(String(repeating: "শব্দ ", count: 100))) == nil)
        #expect(limits.refusal(of: Self.asking(String(repeating: "শব্দ ", count: 101))) == .tooLong(window: 100))
        #expect(limits.refusal(of: Self.asking(String(repeating: "x", count: 12_801))) == .tooLong(window: 100))

        var request = Self.asking(String(repeating: "a ", count: 60))
        request.messages.insert(ChatMessage(role: .system, content: String(repeating: "b ", count: 60)), at: 0)
        #expect(limits.refusal(of: request) == .tooLong(window: 100), "a prompt counts too")
        request.messages[0].role = .assistant
        #expect(limits.refusal(of: request) == nil, "thoughts of the model may be left out")
        request.messages[0] = Self.picture
        #expect(limits.refusal(of: request) == nil, "a picture's bytes are no text")
    }

    @Test func aTargetThatCannotTakeARequestIsNotAsked() async throws {
        var blind = ScriptedProvider(name: "a", .text("from a"))
        blind.modelLimits = ModelLimits(takesPictures: false)
        let seeing = ScriptedProvider(name: "b", .text("from b"))
        let gateway = Gateway(providers: [blind, seeing])
        let request = ChatRequest(model: "m", messages: [Self.picture], maxTokens: 5)
        let (a, b) = (ModelTarget(provider: "a", model: "m"), ModelTarget(provider: "b", model: "m"))
        #expect(gateway.refusal(of: request, via: [a, b]) == nil && gateway.refusal(of: request, via: [a]) == .picture)
        #expect(try await gateway.stream(request, via: [a, b], for: "t") { _ in }.content == "from b")
        for _ in 0..<10 {
            let error = await #expect(throws: ProviderError.self) {
                try await gateway.stream(request, via: [a], for: "t") { _ in }
            }
            #expect(error?.kind == .refused)
        }
        let down = Gateway(providers: [
            ScriptedProvider(name: "b") { _, _ in .failure(failure(.rateLimited, retryAfter: .seconds(60))) }, blind,
        ])
        for targets in [[a, b], [b, a]] {
            await #expect(throws: failure(.rateLimited, retryAfter: .seconds(60)), "what can be tried again counts") {
                try await down.stream(request, via: targets, for: "t") { _ in }
            }
        }
        #expect(blind.calls.requests.isEmpty && gateway.load(of: "a")?.breaker == .closed)
    }
}

@Suite struct LocalSlotTests {
    func prompt(_ texts: String...) -> [ChatMessage] { texts.map { ChatMessage(role: .user, content: $0) } }

    @Test func shortPromptsComeBeforeLongOnes() {
        var slots = LocalSlots(count: 4)
        let taken = [false, true, false, true, true, false].map { slots.take(prompt("x"), isLong: $0) }
        #expect(Set([taken[0], taken[2]]) == Set([0, 1] as [Int?]))
        #expect(Set([taken[1], taken[3]]) == Set([2, 3] as [Int?]))
        #expect(taken[4] == nil && taken[5] == nil)
        slots.release(3)
        let rest = slots.take(prompt("x"), isLong: false)
        #expect(rest == 3, "a place is a place")
    }

    @Test func aConversationReturnsToItsSlot() {
        var slots = LocalSlots(count: 4)
        var used: [String: Int] = [:]
        for name in ["a", "b"] {
            used[name] = slots.take(prompt("system", name), isLong: false)
            slots.release(used[name]!)
        }
        #expect(used["a"] != used["b"])
        for name in ["b", "a", "b", "a"] {
            let slot = slots.take(prompt("system", name, "more"), isLong: false)
            #expect(slot == used[name])
            slots.release(slot!)
        }
    }
}

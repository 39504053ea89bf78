import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import Metering
@testable import Platform

/// What a call costs that its caller leaves or stops.
@Suite struct UnfinishedCallTests {
    /// One micro-unit for each token that is written, nothing for those that are read.
    private static func paid(
        _ steps: [ScriptedProvider.Step], rate: Int, _ test: @Sendable (TestApp, TestUser) async throws -> Void
    ) async throws {
        try await TestApp.run(provider: ScriptedProvider(.init(steps)), configure: { $0.stopTokensPerSecond = rate }) {
            app in
            let user = try await app.user("alice")
            try await app.setPrice(output: 1)
            try await app.setCredits(user, 1_000_000)
            try await test(app, user)
        }
    }

    private static func spent(_ app: TestApp, _ user: TestUser) async throws -> Int {
        try await app.eventually("the call is settled") { try await app.credits(user).reserved == 0 }
        return 1_000_000 - (try await app.credits(user).balance)
    }

    /// Asks `/chat`, and stops the reply when the model waits.
    private static func stop(_ app: TestApp, _ user: TestUser, _ gate: Gate) async throws {
        let id = try await app.conversation(as: user)
        async let reply = app.send("Hallo ওহে", in: id, as: user)
        try await app.eventually("the model waits") { gate.arrivals == 1 }
        #expect(try await app.call(.post, "/conversations/\(id)/stop", as: user).status == 200)
        #expect(try await reply.json[1]?["status"] == "partial")
    }

    private static func leave(_ app: TestApp, _ user: TestUser, _ gate: Gate, _ path: String, stream: Bool) async throws
    {
        let body = CompletionsTests.asking(["stream": .bool(stream), "max_tokens": 500])
        let call = Task { try await app.call(.post, path, body, as: user) }
        try await app.eventually("the model waits") { gate.arrivals == 1 }
        call.cancel()
        _ = try? await call.value
    }

    static let received: [[ScriptedProvider.Step]] = [
        [], [.delta("eins zwei"), .delta("এক দুই তিন"), .delta("واحد"), .delta("👩‍👧‍👦")], [.thoughts("Let me think. ভাবি।")],
        [.toolCalls([["index": 0, "id": "a", "function": ["name": "f", "arguments": "{\"x\":[1,2,3,4,5,6]}"]]])],
        [.thoughts("嗯"), .delta("好")],
    ]

    private static func tokens(_ steps: [ScriptedProvider.Step]) -> Int {
        steps.reduce(0) { sum, step in
            switch step {
            case .delta(let text): sum + TokenFamily.bytes.estimate(.delta(text))
            case .thoughts(let text): sum + TokenFamily.bytes.estimate(.thoughts(text))
            case .toolCalls(let calls): sum + TokenFamily.bytes.estimate(.toolCalls(calls))
            default: sum
            }
        }
    }

    @Test(
        "A stopped reply costs what came, thoughts and calls of tools too, and one token at least", arguments: received)
    func stoppedCostsWhatCame(steps: [ScriptedProvider.Step]) async throws {
        let gate = Gate()
        try await Self.paid(steps + [.wait(gate.wait)], rate: 0) { app, user in
            try await Self.stop(app, user, gate)
            #expect(try await Self.spent(app, user) == max(1, Self.tokens(steps)))
            let log = try #require(try await MessageLogTests.logs(app).last)
            #expect(Int(log.cost) == max(1, Self.tokens(steps)) && log.completionTokens == log.cost)
        }
    }

    @Test("A call of /v1 that is left costs what came", arguments: received, [true, false])
    func leftCostsWhatCame(steps: [ScriptedProvider.Step], stream: Bool) async throws {
        for path in ["/v1/chat/completions", "/v1/messages"] {
            let gate = Gate()
            try await Self.paid(steps + [.wait(gate.wait)], rate: 0) { app, user in
                try await Self.leave(app, user, gate, path, stream: stream)
                #expect(try await Self.spent(app, user) == max(1, Self.tokens(steps)), "\(path)")
                #expect(try await MessageLogTests.logs(app).last?.outcome == .partial)
            }
        }
    }

    @Test("Time counts from the last token on, and no guess goes beyond the reservation")
    func time() async throws {
        for steps in [[], [.delta("Hallo")]] as [[ScriptedProvider.Step]] {
            let gate = Gate()
            try await Self.paid(steps + [.pause(.milliseconds(200)), .wait(gate.wait)], rate: 1000) { app, user in
                try await Self.leave(app, user, gate, "/v1/chat/completions", stream: true)
                let spent = try await Self.spent(app, user)
                #expect(spent >= 200 && spent <= 500)
            }
        }
        let gate = Gate()
        try await Self.paid([.pause(.milliseconds(200)), .wait(gate.wait)], rate: 10_000) { app, user in
            try await Self.stop(app, user, gate)
            #expect(try await Self.spent(app, user) == TestApp.mostTokens)
        }
    }

    @Test("What is read is charged with it, and nothing for a model without a price", arguments: [0, 7])
    func input(price: Int) async throws {
        let gate = Gate()
        let provider = ScriptedProvider(.init([.wait(gate.wait)]))
        try await TestApp.run(provider: provider, configure: { $0.stopTokensPerSecond = 0 }) { app in
            let user = try await app.user("alice")
            if price > 0 { try await app.setPrice(input: price) }
            try await app.setCredits(user, 1_000_000)
            try await Self.stop(app, user, gate)
            let messages = try #require(provider.calls.requests.first).messages
            let read = PromptSize(messages).estimate(.bytes)
            #expect(try await Self.spent(app, user) == price * read)
        }
    }

    @Test("A model that stands in for one that failed is charged for alone")
    func fallback() async throws {
        let gate = Gate()
        let failing = ScriptedProvider(.failure(ProviderError(.unavailable, retryable: false, detail: "")))
        let other = ScriptedProvider(name: "other", .init([.delta("一二三"), .wait(gate.wait)]))
        try await TestApp.run(provider: failing) { configuration in
            configuration.extraProviders.append(other)
            configuration.fallbacks = [.init(provider: "other", model: "spare")]
            configuration.stopTokensPerSecond = 0
        } _: { app in
            let user = try await app.user("alice")
            try await app.setPrice(output: 1000)
            try await app.setPrice(of: "other/spare", output: 3)
            try await app.setCredits(user, 10_000_000)
            try await Self.leave(app, user, gate, "/v1/chat/completions", stream: true)
            try await app.eventually("the call is settled") { try await app.credits(user).reserved == 0 }
            let spent = 10_000_000 - (try await app.credits(user).balance)
            #expect(spent == 3 * TokenFamily.bytes.estimate(.delta("一二三")))
        }
    }

    @Test("A server that stops charges what came, and nothing for a call of which nothing came")
    func shutdown() async throws {
        for (steps, cost) in [([], 0), ([.delta("Hallo")], TokenFamily.bytes.estimate(.delta("Hallo")))]
            as [([ScriptedProvider.Step], Int)]
        {
            for path in ["/v1/chat/completions", "/chat"] {
                let gate = Gate()
                try await Self.paid(steps + [.wait(gate.wait)], rate: 10_000) { app, user in
                    let body: JSONValue = path == "/chat" ? ["message": "Hi"] : CompletionsTests.hello
                    async let answer = app.call(.post, path, body, as: user)
                    try await app.eventually("the model waits") { gate.arrivals == 1 }
                    await app.app.finishReplies()
                    _ = try await answer
                    #expect(try await Self.spent(app, user) == cost, "\(path)")
                }
            }
        }
    }

    @Test("A vendor that fails in the midst is paid for what came and never for time")
    func failure() async throws {
        let error = ProviderError(.timeout, retryable: false, detail: "idle")
        for steps in [[], [.thoughts("Hm")], [.thoughts("Hm"), .delta("Half")]] as [[ScriptedProvider.Step]] {
            try await Self.paid(steps + [.pause(.milliseconds(50)), .fail(error)], rate: 10_000) { app, user in
                _ = try await app.call(.post, "/chat", ["message": "Hi"], as: user)
                _ = try await app.call(.post, CompletionsTests.path, CompletionsTests.hello, as: user)
                #expect(try await Self.spent(app, user) == (steps.count == 2 ? 2 * Self.tokens(steps) : 0))
            }
        }
    }

    @Test("No guess is below one token or above the most that was asked for, whatever came")
    func bounds() {
        var random = SystemRandomNumberGenerator()
        let texts = ["", "a", "নমস্কার দুনিয়া", "👩‍👧‍👦", String(repeating: "שלום", count: 500), "\u{0}\u{FFFD}"]
        for _ in 0..<300 {
            var exchange = Exchange(asking: .init(provider: "p", model: "m"))
            #expect(exchange.unfinishedUsage(prompt: PromptSize([]), maxTokens: 9, tokensPerSecond: 100) == nil)
            exchange.asks(.init(provider: "p", model: "m"))
            for _ in 0..<Int.random(in: 0..<4, using: &random) {
                exchange.receives(.thoughts(texts.randomElement(using: &random)!))
            }
            let most = Int.random(in: -3...100, using: &random)
            let rate = [0, 1, 100, 10_000, Int.max].randomElement(using: &random)!
            let usage = exchange.unfinishedUsage(prompt: PromptSize([]), maxTokens: most, tokensPerSecond: rate)
            #expect(usage?.promptTokens == PromptSize([]).estimate(.bytes))
            #expect((1...max(1, most)).contains(usage?.completionTokens ?? 0))
        }
    }
}

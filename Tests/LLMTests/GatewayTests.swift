import Fairness
import JSON
import LLMTesting
import TestSupport
import Testing

@testable import LLM

private typealias Target = ModelTarget

/// A workspace that is its account's only one.
extension Gateway.Caller: ExpressibleByStringLiteral {
    init(_ name: String) { self.init(workspace: name, account: name) }
    package init(stringLiteral name: String) { self.init(name) }
}

extension Gateway {
    /// One target of the model `m`, one caller.
    @discardableResult
    func ask(_ providers: String..., for tenant: String = "t", model: String = "m") async throws -> ChatResult {
        let targets = providers.map { Target(provider: $0, model: model) }
        return try await stream(question, via: targets, for: Caller(tenant)) { _ in }
    }

    func load(of provider: String) -> Load? { snapshot.first { $0.provider == provider } }
}

func failure(_ kind: ProviderError.Kind, retryAfter: Duration? = nil) -> ProviderError {
    ProviderError(kind, retryAfter: retryAfter, detail: "scripted")
}

/// Fails so often, and then answers.
private func failing(_ count: Int, with error: ProviderError, name: String = "a") -> ScriptedProvider {
    ScriptedProvider(name: name) { _, number in number < count ? .failure(error) : .text("from \(name)") }
}

@Suite struct GatewayTests {
    let clock = TestClock(skips: true)

    func gateway(_ providers: ScriptedProvider..., total: Duration = .seconds(300)) -> Gateway {
        Gateway(providers: providers, total: total, timeSource: clock.timeSource)
    }

    @Test func findsTheProviderAndMeasures() async throws {
        let gateway = gateway(
            ScriptedProvider(name: "a", .text("from ", "a")), ScriptedProvider(name: "b", .text("from b")))
        var pieces: [ChatEvent] = []
        let result = try await gateway.stream(question, via: [Target(provider: "a", model: "n")], for: "t") {
            pieces.append($0)
        }
        #expect(pieces == [.delta("from "), .delta("a")])
        #expect(result.content == "from a")
        #expect(result.model == "n")
        #expect(result.provider == "a")
        #expect(result.attempts == 1)
        #expect(result.timeToFirstToken == .zero)
        #expect(gateway.providerNames == ["a", "b"])
    }

    @Test func doesNotKnowTheProvider() async throws {
        let gateway = gateway(ScriptedProvider(name: "a", .text("ok")))
        for providers in [["none"], []] {
            let targets = providers.map { Target(provider: $0, model: "m") }
            let error = await #expect(throws: ProviderError.self) {
                try await gateway.stream(question, via: targets, for: "t") { _ in }
            }
            #expect(error?.kind == .misconfigured)
        }
        #expect(try await gateway.ask("none", "a").content == "ok")
    }

    @Test func eachTargetHasItsModelAndBound() async throws {
        let first = failing(9, with: failure(.misconfigured))
        let second = ScriptedProvider(name: "b", .text("ok"))
        let targets = [Target(provider: "a", model: "x", maxTokens: 7), Target(provider: "b", model: "y")]
        var attempts: [Gateway.Attempt] = []
        let result = try await gateway(first, second).stream(
            question, via: targets, for: "t", onFailure: { attempts.append($0) }, onEvent: { _ in })
        #expect(first.calls.requests.map(\.model) == ["x"])
        #expect(first.calls.requests.map(\.maxTokens) == [7])
        #expect(second.calls.requests.map(\.model) == ["y"])
        #expect(second.calls.requests.map(\.maxTokens) == [64])
        #expect(result.attempts == 2)
        #expect(attempts.map(\.number) == [1])
        #expect(attempts.map(\.provider) == ["a"])
        #expect(attempts.map(\.model) == ["x"])
        #expect(attempts.map(\.error) == [failure(.misconfigured)])
    }

    @Test(arguments: [
        (failure(.unavailable), 3, [250, 500]), (failure(.rateLimited), 3, [250, 500]),
        (failure(.rateLimited, retryAfter: .seconds(10)), 3, [10_000, 10_000]),
        (failure(.rateLimited, retryAfter: .milliseconds(300)), 3, [300, 500]),
        (failure(.rateLimited, retryAfter: .seconds(11)), 1, []),
        (failure(.loading, retryAfter: .seconds(2)), 3, [2000, 2000]),
        (failure(.emptyReply), 2, [250]), (failure(.timeout), 1, []), (failure(.misconfigured), 1, []),
        (ProviderError(.unavailable, retryable: false, detail: "too large"), 1, []),
    ])
    func asksAgainAndThenElsewhere(_ error: ProviderError, _ calls: Int, _ waits: [Int]) async throws {
        let first = failing(9, with: error)
        let result = try await gateway(first, ScriptedProvider(name: "b", .text("from b"))).ask("a", "b")
        #expect(result.content == "from b")
        #expect(result.attempts == calls + 1)
        #expect(first.calls.requests.count == calls)
        #expect(clock.sleeps == waits.map { .milliseconds($0) })
    }

    @Test(arguments: [ProviderError.Kind.refused, .contextTooLong])
    func aFaultOfTheRequestIsNobodyElses(_ kind: ProviderError.Kind) async throws {
        let second = ScriptedProvider(name: "b", .text("ok"))
        await #expect(throws: failure(kind)) {
            try await gateway(failing(9, with: failure(kind)), second).ask("a", "b")
        }
        #expect(second.calls.requests.isEmpty)
    }

    @Test func nothingIsTriedAfterTheFirstEvent() async throws {
        for step in [ScriptedProvider.Step.delta("Hel"), .toolCalls([["index": 0, "id": "c"]])] {
            let first = ScriptedProvider(name: "a", .init([step, .fail(failure(.unavailable))]))
            let second = ScriptedProvider(name: "b", .text("ok"))
            await #expect(throws: failure(.unavailable)) { try await gateway(first, second).ask("a", "b") }
            #expect(first.calls.requests.count == 1)
            #expect(second.calls.requests.isEmpty)
        }
    }

    @Test(
        arguments: [
            ([.unavailable, .rateLimited, .timeout], .rateLimited), ([.rateLimited, .unavailable], .rateLimited),
            ([.misconfigured, .unavailable], .unavailable), ([.timeout, .loading, .emptyReply], .loading),
            ([.emptyReply, .unavailable, .timeout], .timeout), ([.unavailable, .emptyReply], .emptyReply),
            ([.rateLimited, .refused], .refused),
        ] as [([ProviderError.Kind], ProviderError.Kind)])
    func theMostTellingErrorOfAChainIsThrown(_ kinds: [ProviderError.Kind], _ expected: ProviderError.Kind) async {
        let providers = kinds.enumerated().map { failing(9, with: failure($1), name: "\($0)") }
        let gateway = Gateway(providers: providers, timeSource: clock.timeSource)
        await #expect(throws: failure(expected)) {
            try await gateway.stream(
                question, via: kinds.indices.map { Target(provider: "\($0)", model: "m") }, for: "t"
            ) { _ in }
        }
    }

    @Test func allAttemptsHaveOneTimeTogether() async throws {
        let first = failing(9, with: failure(.rateLimited, retryAfter: .seconds(4)))
        let gateway = gateway(first, ScriptedProvider(name: "b", .text("ok")), total: .seconds(7))
        #expect(try await gateway.ask("a", "b").content == "ok")
        #expect(clock.sleeps == [.seconds(4)], "the second wait would end too late")
        #expect(first.calls.requests.map(\.timeLimit) == [.seconds(7), .seconds(3)])

        let slow = ScriptedProvider(
            name: "a", .init([.wait { [clock] in clock.advance(by: .seconds(8)) }, .fail(failure(.timeout))]))
        let second = ScriptedProvider(name: "b", .text("ok"))
        await #expect(throws: failure(.timeout)) {
            try await self.gateway(slow, second, total: .seconds(7)).ask("a", "b")
        }
        #expect(second.calls.requests.isEmpty, "no time was left")
    }

    @Test func cancellingEndsTheWaitForARetry() async throws {
        let clock = TestClock()
        let first = failing(9, with: failure(.unavailable))
        let gateway = Gateway(providers: [first], timeSource: clock.timeSource)
        let call = Task { try await gateway.ask("a") }
        #expect(await eventually { clock.sleeps.count == 1 })
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        #expect(first.calls.requests.count == 1)
    }

    @Test func aBrokenProviderIsLeftAloneForAWhile() async throws {
        let first = failing(6, with: failure(.unavailable))
        let gateway = gateway(first, ScriptedProvider(name: "b", .text("from b")))
        for _ in 0..<4 { #expect(try await gateway.ask("a", "b").content == "from b") }
        #expect(first.calls.requests.count == 5, "three attempts, two more, and then none")
        #expect(gateway.load(of: "a")?.breaker == .open)
        #expect(gateway.load(of: "b")?.breaker == .closed)
        let error = await #expect(throws: ProviderError.self) { try await gateway.ask("a") }
        #expect(error?.kind == .unavailable)
        #expect(error?.retryAfter != nil)

        clock.advance(by: .seconds(10))
        #expect(gateway.load(of: "a")?.breaker == .halfOpen)
        #expect(try await gateway.ask("a", "b").content == "from b", "the sixth failure")
        clock.advance(by: .seconds(19))
        #expect(gateway.load(of: "a")?.breaker == .open)
        clock.advance(by: .seconds(1))
        #expect(try await gateway.ask("a").content == "from a")
        #expect(gateway.load(of: "a")?.breaker == .closed)
    }

    @Test func whoeverTriesABrokenProviderFreesItWithTheFirstWord() async throws {
        let (rest, goOn) = AsyncStream.makeStream(of: Void.self)
        let broken = failure(.unavailable)
        let first = ScriptedProvider(name: "a") { _, number in
            switch number {
            case 0..<5: .failure(broken)
            case 5: .init([.delta("Hel"), .wait { for await _ in rest {} }, .delta("lo")])
            default: .text("from a")
            }
        }
        let gateway = gateway(first)
        for _ in 0..<2 { await #expect(throws: ProviderError.self) { try await gateway.ask("a") } }
        #expect(gateway.load(of: "a")?.breaker == .open)
        clock.advance(by: .seconds(10))
        let probe = Task { try await gateway.ask("a") }
        #expect(await eventually { gateway.load(of: "a")?.breaker == .closed })
        #expect(try await gateway.ask("a").content == "from a")
        goOn.finish()
        #expect(try await probe.value.content == "Hello")
    }

    @Test(arguments: [ProviderError.Kind.rateLimited, .misconfigured, .refused, .emptyReply, .loading])
    func whatIsNotAboutHealthBreaksNothing(_ kind: ProviderError.Kind) async throws {
        let first = failing(30, with: failure(kind))
        let gateway = gateway(first)
        for _ in 0..<10 { await #expect(throws: failure(kind)) { try await gateway.ask("a") } }
        #expect(gateway.load(of: "a")?.breaker == .closed)
    }
}

@Suite struct ScriptedProviderTests {
    @Test func playsItsRepliesInOrder() async throws {
        let failure = ProviderError(.rateLimited, detail: "scripted")
        let provider = ScriptedProvider(.failure(failure), .text("Hel", "lo"))
        await #expect(throws: failure) { try await provider.stream(question) { _ in } }
        for _ in 0..<2 {
            let result = try await provider.stream(question) { _ in }
            #expect(result.content == "Hello")
            #expect(result.usage == ChatUsage(promptTokens: 3, completionTokens: 1))
        }
        #expect(provider.calls.finished == 2)
        #expect(provider.calls.failed == 1)
        #expect(provider.calls.requests.map(\.model) == ["m", "m", "m"])
    }

    @Test func failsAfterSomeText() async {
        let provider = ScriptedProvider(
            ScriptedProvider.Reply([.delta("Hel"), .fail(ProviderError(.unavailable, detail: "scripted"))]))
        var text = ""
        await #expect(throws: ProviderError.self) {
            try await provider.stream(question) { if case .delta(let piece) = $0 { text += piece } }
        }
        #expect(text == "Hel")
    }

    @Test func echoes() async throws {
        var pieces: [ChatEvent] = []
        let request = ChatRequest(model: "m", messages: [ChatMessage(role: .user, content: "one two")], maxTokens: 5)
        _ = try await ScriptedProvider().stream(request) { pieces.append($0) }
        #expect(pieces == [.delta("one"), .delta(" two")])
    }

    @Test func countsTheCancelled() async {
        let provider = ScriptedProvider(ScriptedProvider.Reply([.delta("a"), .pause(.seconds(600))]))
        let call = Task { try await provider.stream(question) { _ in } }
        #expect(await eventually { provider.calls.running == 1 })
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        #expect(provider.calls.cancelled == 1)
        #expect(provider.calls.running == 0)
    }
}

import Synchronization
import Testing

@testable import LLM

@Suite struct GatewayTests {
    @Test func findsTheProviderAndMeasures() async throws {
        let gateway = Gateway(providers: [
            ScriptedProvider(name: "a", .text("from ", "a")), ScriptedProvider(name: "b", .text("from b")),
        ])
        var pieces: [ChatEvent] = []
        let result = try await gateway.stream(question, provider: "a") { pieces.append($0) }
        #expect(pieces == [.delta("from "), .delta("a")])
        #expect(result.content == "from a")
        #expect(result.provider == "a")
        #expect(result.timeToFirstToken != nil)
        #expect(gateway.providerNames == ["a", "b"])
    }

    @Test func doesNotKnowTheProvider() async {
        let error = await #expect(throws: ProviderError.self) {
            try await Gateway(providers: []).stream(question, provider: "none") { _ in }
        }
        #expect(error?.kind == .misconfigured)
    }

    @Test func boundsTheCallsAtOnce() async throws {
        let (doors, opener) = AsyncStream.makeStream(of: Void.self)
        let scripted = ScriptedProvider(ScriptedProvider.Reply([.wait { for await _ in doors {} }, .delta("a")]))
        let gateway = Gateway(providers: [scripted], maximumConcurrency: 2)
        let calls = (0..<2).map { _ in Task { try await gateway.stream(question, provider: "scripted") { _ in } } }
        #expect(await eventually { scripted.calls.running == 2 })
        let error = await #expect(throws: ProviderError.self) {
            try await gateway.stream(question, provider: "scripted") { _ in }
        }
        #expect(error?.kind == .unavailable)
        #expect(error?.retryAfter != nil)

        opener.finish()
        calls[0].cancel()
        for call in calls { _ = await call.result }
        #expect(gateway.running == 0)
        #expect(scripted.calls.requests.count == 2)
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

import LLMTesting
import Synchronization
import TestSupport
import Testing

@testable import LLM

@Suite(.timeLimit(.minutes(1))) struct ProviderQueueTests {
    let clock = TestClock()
    /// What holds a scripted call until the test opens it.
    let gate = Gate()

    final class Gate: Sendable {
        private let isOpen = Mutex(false)

        func open() { isOpen.withLock { $0 = true } }

        func wait() async throws {
            while !isOpen.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(2)) }
        }
    }

    func gateway(_ provider: ScriptedProvider, slots: Int) -> Gateway {
        Gateway(providers: [provider], timeSource: clock.timeSource) { _ in slots }
    }

    @Test func waitsForItsTurn() async throws {
        let scripted = ScriptedProvider(ScriptedProvider.Reply([.wait(gate.wait), .delta("a")]))
        let gateway = gateway(scripted, slots: 2)
        let calls = (0..<5).map { _ in Task { try await gateway.ask("scripted") } }
        #expect(await eventually { gateway.load(of: "scripted")?.waiting == 3 })
        #expect(gateway.load(of: "scripted")?.running == 2)
        #expect(scripted.calls.requests.count == 2)
        gate.open()
        for call in calls { #expect(try await call.value.content == "a") }
        #expect(
            gateway.snapshot
                == [Gateway.Load(provider: "scripted", running: 0, waiting: 0, maximum: 2, breaker: .closed)])
    }

    @Test func doesNotWaitForEver() async throws {
        let scripted = ScriptedProvider(ScriptedProvider.Reply([.wait(gate.wait), .delta("a")]))
        let gateway = gateway(scripted, slots: 1)
        let first = Task { try await gateway.ask("scripted") }
        #expect(await eventually { scripted.calls.running == 1 })
        let second = Task { try await gateway.ask("scripted") }
        #expect(await eventually { clock.sleeps == [.seconds(30)] })
        clock.advance(by: .seconds(30))
        let error = await #expect(throws: ProviderError.self) { try await second.value }
        #expect(error == ProviderError(.unavailable, retryAfter: .seconds(1), detail: "too many calls at once"))
        gate.open()
        _ = try await first.value
        #expect(scripted.calls.requests.count == 1)
        #expect(gateway.load(of: "scripted")?.waiting == 0)
    }

    @Test func whoIsCancelledLeavesTheQueue() async throws {
        let scripted = ScriptedProvider(ScriptedProvider.Reply([.wait(gate.wait), .delta("a")]))
        let gateway = gateway(scripted, slots: 1)
        let first = Task { try await gateway.ask("scripted") }
        #expect(await eventually { scripted.calls.running == 1 })
        let second = Task { try await gateway.ask("scripted") }
        #expect(await eventually { gateway.load(of: "scripted")?.waiting == 1 })
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        #expect(gateway.load(of: "scripted")?.waiting == 0)
        gate.open()
        _ = try await first.value
        #expect(gateway.load(of: "scripted")?.running == 0)
    }

    @Test func oneTenantsCrowdKeepsNobodyOut() async throws {
        let scripted = ScriptedProvider(ScriptedProvider.Reply([.wait(gate.wait), .delta("a")]))
        let gateway = gateway(scripted, slots: 1)
        let crowd = (0..<257).map { _ in Task { try await gateway.ask("scripted", for: "greedy") } }
        #expect(await eventually { gateway.load(of: "scripted")?.waiting == 256 })
        await #expect(throws: ProviderError.self) { try await gateway.ask("scripted", for: "greedy") }
        let modest = Task { try await gateway.ask("scripted", for: "modest") }
        #expect(await eventually { gateway.load(of: "scripted")?.waiting == 257 })
        gate.open()
        #expect(try await modest.value.content == "a")
        for call in crowd { _ = try await call.value }
    }

    @Test func whoWaitedForABrokenProviderIsSentAway() async throws {
        let scripted = ScriptedProvider(
            ScriptedProvider.Reply([.wait(gate.wait), .fail(failure(.unavailable))]))
        let gateway = gateway(scripted, slots: 1)
        let calls = (0..<40).map { _ in Task { try await gateway.ask("scripted") } }
        #expect(await eventually { gateway.load(of: "scripted")?.waiting == 39 })
        gate.open()
        // Each of the first five wants to try again; the fifth opened the breaker before the others got their turn.
        #expect(await eventually { clock.sleeps.count { $0 < .seconds(30) } == 5 })
        clock.advance(by: .seconds(5))
        for call in calls { await #expect(throws: ProviderError.self) { try await call.value } }
        #expect(scripted.calls.requests.count == 5)
        #expect(gateway.load(of: "scripted")?.running == 0)
    }

    /// Calls that end well, fail, time out of the queue or are cancelled at any moment, from many tenants.
    @Test(arguments: [false, true]) func noSlotIsLostOrGrantedTwice(waitsAreShort: Bool) async throws {
        let most = Mutex((running: 0, most: 0))
        let scripted = ScriptedProvider { _, number in
            ScriptedProvider.Reply([
                .wait {
                    most.withLock {
                        $0.running += 1
                        $0.most = max($0.most, $0.running)
                    }
                    defer { most.withLock { $0.running -= 1 } }
                    for _ in 0..<(number % 7) { await Task.yield() }
                    try Task.checkCancellation()
                },
                number % 5 == 0 ? .fail(failure(.misconfigured)) : .delta("a"),
            ])
        }
        var timeSource = TimeSource.real
        if waitsAreShort { timeSource.sleep = { _ in for _ in 0..<50 { await Task.yield() } } }
        let gateway = Gateway(providers: [scripted], timeSource: timeSource) { _ in 3 }
        await withTaskGroup { group in
            for number in 0..<3000 {
                group.addTask {
                    let call = Task { try await gateway.ask("scripted", for: "t\(number % 11)") }
                    if number % 3 == 0 {
                        for _ in 0..<(number % 13) { await Task.yield() }
                        call.cancel()
                    }
                    _ = await call.result
                }
            }
        }
        #expect(most.withLock { $0.most } == 3)
        let load = try #require(gateway.load(of: "scripted"))
        #expect(load.running == 0)
        #expect(load.waiting == 0)
    }
}

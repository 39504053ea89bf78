import Fairness
import Foundation
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Upstream

@Suite(.timeLimit(.minutes(1))) struct SystemResolverTests {
    /// A name server that answers for some names only when it is told to.
    final class Names: Sendable {
        private struct State {
            var isOpen = false
            var asked: [String] = []
            var running = 0
            var refused = 0
        }

        private let state = Mutex(State())

        var asked: [String] { state.withLock { $0.asked } }
        var running: Int { state.withLock { $0.running } }
        /// Look-ups that a resolver has refused to make.
        var refused: Int { state.withLock { $0.refused } }

        func noteRefusal() { state.withLock { $0.refused += 1 } }

        func open() { state.withLock { $0.isOpen = true } }

        @Sendable func lookUp(_ name: String) throws -> [SocketAddress] {
            state.withLock { state in
                state.asked.append(name)
                state.running += 1
            }
            defer { state.withLock { $0.running -= 1 } }
            while name.hasPrefix("slow"), !state.withLock({ $0.isOpen }) { usleep(1000) }
            if name.hasPrefix("unknown") { throw UpstreamError(.unavailable, detail: "scripted") }
            return [try SocketAddress(ipAddress: "192.0.2.1", port: 0)]
        }
    }

    let names = Names()
    let clock = TestClock()

    func resolver(threads: Int = 4, each: Int = 2) -> SystemResolver {
        SystemResolver(threads: threads, each: each, now: { [clock] in clock.now }, lookUp: names.lookUp)
    }

    @Test func namesThatNobodyAnswersForHoldAShareOfTheThreads() async throws {
        let resolver = resolver()
        let stuck = (0..<20).map { number in
            // Calls from several workspaces, but one account.
            Task {
                try await resolver.addresses(
                    of: "slow\(number)", for: CallQueue.Caller(workspace: "w\(number % 5)", account: "bad"))
            }
        }
        #expect(await eventually { names.running == 2 })
        for number in 0..<10 { _ = try await resolver.addresses(of: "quick\(number)", for: "good") }
        #expect(names.running == 2 && names.asked.count == 12)
        names.open()
        for one in stuck { _ = try await one.value }
    }

    @Test func aNameInAnothersQueueIsNotWaitedForThere() async throws {
        let resolver = resolver()
        var bad = ["slow1", "slow2"].map { name in Task { try await resolver.addresses(of: name, for: "bad") } }
        #expect(await eventually { names.running == 2 })
        bad.append(Task { try await resolver.addresses(of: "shared", for: "bad") })
        #expect(await eventually { names.running == 2 && resolver.pendingNames == 3 })
        _ = try await resolver.addresses(of: "shared", for: "good")
        _ = try await bad[2].value
        names.open()
        for one in bad { _ = try await one.value }
        #expect(names.asked.filter { $0 == "shared" }.count == 1)
    }

    @Test func theQueueIsBounded() async throws {
        let resolver = resolver()
        let stuck = (0..<60).map { number in
            Task { [names] in
                do {
                    _ = try await resolver.addresses(of: "slow\(number)", for: "bad")
                } catch {
                    names.noteRefusal()
                }
            }
        }
        // Two run and 32 wait; the others are told at once.
        #expect(await eventually { names.refused == 26 && names.running == 2 })
        _ = try await resolver.addresses(of: "quick", for: "good")
        names.open()
        for one in stuck { await one.value }
        #expect(names.refused == 26)
    }

    @Test func whatNobodyWaitsForAnyMoreIsNotLookedUp() async throws {
        let resolver = resolver()
        let stuck = (0..<10).map { number in Task { try await resolver.addresses(of: "slow\(number)", for: "bad") } }
        #expect(await eventually { names.running == 2 && resolver.pendingNames == 10 })
        clock.advance(by: .seconds(30))
        names.open()
        for one in stuck { _ = await one.result }
        #expect(names.asked.count == 2 && resolver.pendingNames == 0)
    }

    @Test func answersAndFailuresAreRememberedForTheirTime() async throws {
        let resolver = resolver()
        func ask(_ name: String) async { _ = try? await resolver.addresses(of: name, for: "t") }
        for _ in 0..<5 { await ask("quick") }
        for _ in 0..<5 { await ask("unknown") }
        #expect(names.asked == ["quick", "unknown"])
        clock.advance(by: .seconds(10))
        for name in ["quick", "unknown", "unknown"] { await ask(name) }
        #expect(names.asked == ["quick", "unknown", "unknown"])
        clock.advance(by: .seconds(20))
        await ask("quick")
        #expect(names.asked == ["quick", "unknown", "unknown", "quick"])
    }

    @Test func whoAsksForTheSameNameWaitsForTheSameAnswer() async throws {
        let resolver = resolver()
        let asking = (0..<100).map { _ in Task { try await resolver.addresses(of: "slow", for: "t") } }
        #expect(await eventually { names.running == 1 })
        names.open()
        for one in asking { #expect(try await one.value.count == 1) }
        #expect(names.asked == ["slow"])
    }
}

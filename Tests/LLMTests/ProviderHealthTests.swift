import Fairness
import Foundation
import LLMTesting
import TestSupport
import Testing
import Upstream

@testable import LLM

@Suite struct ProviderHealthTests {
    let start = ContinuousClock.now

    /// Fails so often at a model, each call once it may go ahead. Returns how often it was held back.
    @discardableResult
    func fail(
        _ health: inout ProviderHealth, _ caller: Gateway.Caller, _ model: String = "m", times: Int = 5,
        _ outcome: CircuitBreaker.Outcome = .failure, now: ContinuousClock.Instant
    ) -> Int {
        (0..<times).count { _ in
            if health.wait(model, caller, now: now) != nil { return true }
            let isProbe = health.begin(model, caller, now: now)
            health.end(model, caller, outcome, wasProbe: isProbe, now: now)
            return false
        }
    }

    func succeed(_ health: inout ProviderHealth, _ caller: Gateway.Caller, now: ContinuousClock.Instant) {
        #expect(health.wait("m", caller, now: now) == nil)
        let isProbe = health.begin("m", caller, now: now)
        health.end("m", caller, .success, wasProbe: isProbe, now: now)
    }

    @Test func oneWorkspacesFailuresDivertItAlone() {
        var health = ProviderHealth()
        succeed(&health, "good", now: start)
        fail(&health, "bad", times: 50, now: start)
        #expect(health.wait("m", "bad", now: start) == .seconds(10))
        #expect(health.wait("m", "good", now: start) == nil)
        #expect(health.wait("m", "new", now: start) == nil)
        #expect(health.wait("other model", "bad", now: start) == nil)
        let summary = health.summary(now: start)
        #expect(summary.state == .closed && summary.heldBack == 1 && summary.openModels == 0)
    }

    @Test func theOnlyOneActiveStandsForAll() {
        var health = ProviderHealth()
        succeed(&health, "good", now: start)
        let later = start + .seconds(61)
        fail(&health, "bad", now: later)
        #expect(health.summary(now: later).state == .open)
        #expect(health.summary(now: later + .seconds(10)).state == .halfOpen)
        #expect(health.wait("m", "good", now: later) == nil, "it may see for itself")
    }

    @Test func twoPartiesFailuresOpenItForEveryone() {
        var health = ProviderHealth()
        fail(&health, "a", times: 3, now: start)
        #expect(health.wait("m", "c", now: start) == nil)
        fail(&health, "b", times: 2, now: start)
        #expect(health.wait("m", "c", now: start) == .seconds(10))
        #expect(health.wait("n", "c", now: start) == nil, "another model of the same provider")
        let summary = health.summary(now: start)
        #expect(summary.state == .open && summary.openModels == 1)
    }

    @Test(arguments: [
        [Gateway.Caller(workspace: "w1", account: "a"), .init(workspace: "w2", account: "a")],
        [.init(workspace: "w", account: "a1"), .init(workspace: "w", account: "a2")],
    ])
    func oneAccountOrOneWorkspaceIsOneParty(_ callers: [Gateway.Caller]) {
        var health = ProviderHealth()
        for caller in callers { fail(&health, caller, times: 5, now: start) }
        #expect(health.wait("m", "other", now: start) == nil)
    }

    @Test func whoSucceededLatelyTriesAndEndsTheMatter() {
        var health = ProviderHealth()
        succeed(&health, "good", now: start)
        fail(&health, "a", now: start)
        fail(&health, "b", now: start)
        #expect(health.wait("m", "new", now: start) != nil)
        let now = start + .seconds(1)
        succeed(&health, "good", now: now)
        #expect(health.wait("m", "new", now: now) == nil)
        #expect(health.wait("m", "a", now: now) != nil, "its own calls have not been shown to work")

        fail(&health, "c", now: now)
        fail(&health, "d", now: now)
        fail(&health, "good", times: 1, now: now)
        #expect(health.wait("m", "good", now: now) != nil, "one try is enough")
    }

    @Test func eachWorkspaceHasItsProbe() {
        var health = ProviderHealth()
        fail(&health, "a", now: start)
        fail(&health, "b", now: start)
        let half = start + .seconds(10)
        #expect(health.wait("m", "a", now: half) == nil)
        let slow = health.begin("m", "a", now: half)
        #expect(slow)
        #expect(health.wait("m", "a", now: half) == .seconds(1), "one at a time")
        #expect(health.wait("m", "c", now: half) == nil, "another one's slow probe is in nobody's way")
        let quick = health.begin("m", "c", now: half)
        #expect(quick)
        health.end("m", "a", .failure, wasProbe: true, now: half)
        #expect(health.wait("m", "a", now: half) == .seconds(20))
        #expect(health.wait("m", "d", now: half) == nil, "one workspace's probe prolongs nothing for others")
        health.end("m", "c", .failure, wasProbe: true, now: half)
        #expect(health.wait("m", "d", now: half) == .seconds(20), "two of them do")
        let well = half + .seconds(20)
        succeed(&health, "d", now: well)
        #expect(health.wait("m", "e", now: well) == nil)
        #expect(health.summary(now: well).openModels == 0)
    }

    @Test func aCancelledProbeIsMadeAgain() {
        var health = ProviderHealth()
        fail(&health, "a", now: start)
        fail(&health, "b", now: start)
        let half = start + .seconds(10)
        for _ in 0..<3 {
            #expect(health.wait("m", "c", now: half) == nil)
            let isProbe = health.begin("m", "c", now: half)
            #expect(isProbe)
            health.end("m", "c", .unknown, wasProbe: true, now: half)
        }
    }

    @Test func failuresOfLongAgoCountForNothing() {
        var health = ProviderHealth()
        fail(&health, "a", times: 4, now: start)
        let later = start + .seconds(60)
        fail(&health, "b", times: 2, now: later)
        #expect(health.wait("m", "c", now: later) == nil)
    }

    @Test(arguments: [(CircuitBreaker.Outcome.unreachable, 5), (.keyRefused, 2)])
    func whatNobodyAskedForOpensTheWholeProvider(_ outcome: CircuitBreaker.Outcome, _ needed: Int) {
        var health = ProviderHealth()
        fail(&health, "a", times: needed - 1, outcome, now: start)
        #expect(health.wait("m", "b", now: start) == nil)
        fail(&health, "a", times: 1, outcome, now: start)
        #expect(health.wait("m", "b", now: start) == .seconds(10))
        #expect(health.wait("other model", "b", now: start) == .seconds(10))
        #expect(health.summary(now: start).state == .open)
        let half = start + .seconds(10)
        fail(&health, "b", times: 1, outcome, now: half)
        #expect(health.wait("m", "c", now: half) == .seconds(20), "whoever asked")
        let well = half + .seconds(20)
        succeed(&health, "c", now: well)
        #expect(health.wait("m", "a", now: well) == nil && health.wait("other model", "a", now: well) == nil)
    }

    @Test func whatIsForbiddenToOnePartyIsNotToAll() {
        var health = ProviderHealth()
        fail(&health, "a", "secret model", times: 20, .forbidden, now: start)
        #expect(health.wait("m", "b", now: start) == nil && health.wait("secret model", "a", now: start) == nil)
        fail(&health, "b", times: 1, .forbidden, now: start)
        #expect(health.wait("m", "c", now: start) != nil)
    }

    @Test(arguments: [CircuitBreaker.Outcome.answered, .unknown])
    func answersOpenNothing(_ outcome: CircuitBreaker.Outcome) {
        var health = ProviderHealth()
        for caller in ["a", "b", "c"] as [Gateway.Caller] { fail(&health, caller, times: 50, outcome, now: start) }
        #expect(health.wait("m", "a", now: start) == nil && health.wait("m", "d", now: start) == nil)
    }

    @Test func namesThatUsersMakeTakeNoRoomForEver() {
        var health = ProviderHealth()
        for number in 0..<20_000 {
            fail(&health, Gateway.Caller("w\(number % 50)"), "model\(number)", times: 1, now: start)
        }
        #expect(health.remembered <= 8192 + 1024)
        // Those of a minute ago make room.
        let later = start + .seconds(61)
        fail(&health, "a", "real", now: later)
        #expect(health.wait("real", "a", now: later) == .seconds(10))
        #expect(health.wait("real", "b", now: later) == nil)
    }

    /// A workspace does whatever it likes, with any number of workspaces of one account and any number of models, and
    /// others' calls succeed: they are never held back.
    @Test(arguments: 0..<40) func aHostileAccountHoldsNobodyElseBack(_ seed: UInt64) {
        var random = Seeded(seed)
        var health = ProviderHealth()
        var now = start
        let hostile = (0..<3).map { Gateway.Caller(workspace: "h\($0)", account: "hostile") }
        let outcomes: [CircuitBreaker.Outcome] = [
            .failure, .failure, .failure, .answered, .unknown, .forbidden, .success,
        ]
        var open: [(model: String, caller: Gateway.Caller, isProbe: Bool)] = []
        for _ in 0..<3000 {
            now += .milliseconds(Int.random(in: 0...2000, using: &random))
            let model = "m\(Int.random(in: 0..<3, using: &random))"
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                let caller = hostile.randomElement(using: &random)!
                guard health.wait(model, caller, now: now) == nil else { continue }
                open.append((model, caller, health.begin(model, caller, now: now)))
            case 4..<7:
                guard !open.isEmpty else { continue }
                let call = open.remove(at: Int.random(in: open.indices, using: &random))
                health.end(
                    call.model, call.caller, outcomes.randomElement(using: &random)!, wasProbe: call.isProbe, now: now)
            default:
                let honest = Gateway.Caller("g\(Int.random(in: 0..<5, using: &random))")
                #expect(health.wait(model, honest, now: now) == nil)
                let isProbe = health.begin(model, honest, now: now)
                health.end(model, honest, .success, wasProbe: isProbe, now: now)
            }
        }
    }

    /// Two accounts together can hold back those who come anew, but none whose own calls succeed.
    @Test(arguments: 0..<20) func twoHostileAccountsHoldNobodyBackWhoseCallsSucceed(_ seed: UInt64) {
        var random = Seeded(seed)
        var health = ProviderHealth()
        var now = start
        succeed(&health, "good", now: now)
        for _ in 0..<3000 {
            now += .milliseconds(Int.random(in: 0...500, using: &random))
            if Int.random(in: 0..<8, using: &random) == 0 {
                succeed(&health, "good", now: now)
            } else {
                fail(&health, Bool.random(using: &random) ? "a" : "b", times: 1, now: now)
            }
        }
    }
}

@Suite struct GatewayHealthTests {
    let clock = TestClock(skips: true)

    @Test func oneModelsFaultIsNotAnothers() async throws {
        let vendor = ScriptedProvider(name: "a") { request, _ in
            request.model == "down" ? .failure(failure(.unavailable)) : .text("ok")
        }
        let gateway = Gateway(providers: [vendor], timeSource: clock.timeSource)
        for tenant in ["x", "y", "z"] {
            for _ in 0..<2 {
                await #expect(throws: ProviderError.self) { try await gateway.ask("a", for: tenant, model: "down") }
            }
        }
        #expect(vendor.calls.requests.count == 7, "five of the first, two of the second, none of the third")
        #expect(gateway.load(of: "a")?.openModels == 1)
        #expect(try await gateway.ask("a", for: "x").content == "ok")
    }

    @Test func aPartyThatIsHeldBackGetsItsFallback() async throws {
        let first = ScriptedProvider(name: "a") { request, _ in
            request.user == "odd" ? .failure(failure(.unavailable)) : .text("from a")
        }
        let spare = ScriptedProvider(name: "b", .text("from b"))
        let gateway = Gateway(providers: [first, spare], timeSource: clock.timeSource)
        var odd = question
        odd.user = "odd"
        let targets = ["a", "b"].map { ModelTarget(provider: $0, model: "m") }
        for _ in 0..<10 {
            #expect(try await gateway.stream(odd, via: targets, for: "bad") { _ in }.content == "from b")
        }
        #expect(first.calls.requests.count == 5)
        #expect(try await gateway.ask("a", for: "good").content == "from a")
        let error = await #expect(throws: ProviderError.self) { try await gateway.ask("a", for: "bad") }
        #expect(error?.kind == .unavailable && error?.retryAfter != nil)
    }

    @Test func nobodyListensToAnyone() async throws {
        let (socket, port) = listen(backlog: 1)
        close(socket)
        let provider = try OpenAIProvider(
            name: "a", baseURL: "http://127.0.0.1:\(port)", apiKey: "k", http: http)
        let gateway = Gateway(providers: [provider], timeSource: clock.timeSource)
        for _ in 0..<2 { await #expect(throws: ProviderError.self) { try await gateway.ask("a", for: "x") } }
        let error = await #expect(throws: ProviderError.self) { try await gateway.ask("a", for: "y", model: "n") }
        #expect(error?.detail == "it has failed too often of late")
        #expect(gateway.load(of: "a")?.breaker == .open)
    }

    @Test func aRefusedKeyIsEveryones() async throws {
        let vendor = Vendor.answering(status: "401 Unauthorized", "{}")
        let provider = try OpenAIProvider(name: "a", baseURL: vendor.baseURL, apiKey: "k", http: http)
        let gateway = Gateway(providers: [provider], timeSource: clock.timeSource)
        for _ in 0..<2 { await #expect(throws: ProviderError.self) { try await gateway.ask("a", for: "x") } }
        await #expect(throws: ProviderError.self) { try await gateway.ask("a", for: "y", model: "n") }
        #expect(vendor.count.requests == 2)
    }
}

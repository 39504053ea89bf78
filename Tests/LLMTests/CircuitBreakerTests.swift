import Testing

@testable import LLM

@Suite struct CircuitBreakerTests {
    let start = ContinuousClock.now

    func opened() -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<5 { breaker.end(.failure, wasProbe: false, now: start) }
        return breaker
    }

    func probe(_ breaker: inout CircuitBreaker) {
        let isProbe = breaker.begin()
        #expect(isProbe)
    }

    @Test func opensAfterFiveFailuresInARow() {
        var breaker = CircuitBreaker()
        for _ in 0..<2 {
            for _ in 0..<4 { breaker.end(.failure, wasProbe: false, now: start) }
            #expect(breaker.wait(now: start) == nil)
            breaker.end(.success, wasProbe: false, now: start)
        }
        for outcome in [CircuitBreaker.Outcome.failure, .answered, .unknown] {
            for _ in 0..<4 { breaker.end(outcome, wasProbe: false, now: start) }
        }
        #expect(breaker.wait(now: start) == nil)
        breaker.end(.failure, wasProbe: false, now: start)
        #expect(breaker.wait(now: start) == .seconds(10))
    }

    @Test func staysOpenLongerEachTimeUpToAMinute() {
        var breaker = opened()
        var now = start
        for seconds in [10, 20, 40, 60, 60] {
            #expect(breaker.state(now: now) == .open)
            #expect(breaker.wait(now: now) == .seconds(seconds))
            now += .seconds(seconds)
            #expect(breaker.state(now: now) == .halfOpen)
            #expect(breaker.wait(now: now) == nil)
            probe(&breaker)
            #expect(breaker.wait(now: now) != nil, "one call tries, the others wait")
            breaker.end(.failure, wasProbe: true, now: now)
        }
    }

    @Test(arguments: [CircuitBreaker.Outcome.success, .answered])
    func closesWhereTheProviderAnswers(_ outcome: CircuitBreaker.Outcome) {
        var breaker = opened()
        let later = start + .seconds(10)
        probe(&breaker)
        breaker.end(outcome, wasProbe: true, now: later)
        #expect(breaker.state(now: later) == .closed)
        let isProbe = breaker.begin()
        #expect(!isProbe)
        #expect(breaker.isFresh)
    }

    @Test func aTrialThatWasCancelledIsMadeAgain() {
        var breaker = opened()
        let later = start + .seconds(10)
        probe(&breaker)
        breaker.end(.unknown, wasProbe: true, now: later)
        #expect(breaker.wait(now: later) == nil)
        probe(&breaker)
    }

    @Test func whatBeganBeforeItOpenedDoesNotProlongIt() {
        var breaker = opened()
        breaker.end(.failure, wasProbe: false, now: start + .seconds(9))
        #expect(breaker.wait(now: start + .seconds(9)) == .seconds(1))
    }

    @Test(
        arguments: [
            (failure(.unavailable), true, CircuitBreaker.Outcome.failure), (failure(.unavailable), false, .failure),
            (failure(.timeout), false, .failure), (failure(.timeout), true, .answered),
            (ProviderError(.unavailable, retryable: false, detail: "too large"), true, .answered),
            (failure(.rateLimited), false, .answered), (CancellationError(), false, .unknown),
            (CancellationError(), true, .success),
            (ProviderError(.unavailable, origin: .connection, detail: "refused"), false, .unreachable),
            (ProviderError(.timeout, origin: .connection, detail: "connect"), false, .unreachable),
            (ProviderError(.misconfigured, origin: .credentials, detail: "status 401"), false, .keyRefused),
            (ProviderError(.misconfigured, origin: .permission, detail: "status 403"), false, .forbidden),
        ] as [(any Error, Bool, CircuitBreaker.Outcome)])
    func knowsWhatSpeaksOfHealth(_ error: any Error, _ hasBegun: Bool, _ expected: CircuitBreaker.Outcome) {
        #expect(CircuitBreaker.Outcome(error, hasBegun: hasBegun) == expected)
    }
}

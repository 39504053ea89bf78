import Synchronization

@testable import LLM

/// Time that passes when a test says so or, where it `skips`, whenever somebody sleeps.
final class TestClock: Sendable {
    private struct State {
        var now = ContinuousClock.now
        var sleeps: [Duration] = []
    }

    private let state = Mutex(State())
    private let skips: Bool

    init(skips: Bool = false) {
        self.skips = skips
    }

    var now: ContinuousClock.Instant { state.withLock { $0.now } }
    /// How long somebody wanted to sleep, each time.
    var sleeps: [Duration] { state.withLock { $0.sleeps } }

    func advance(by duration: Duration) {
        state.withLock { $0.now += duration }
    }

    /// Chance always yields its greatest.
    var clockwork: Clockwork {
        Clockwork(
            now: { self.now },
            sleep: { duration in
                let end = self.state.withLock { state in
                    state.sleeps.append(duration)
                    if self.skips { state.now += duration }
                    return self.skips ? state.now : state.now + duration
                }
                while self.now < end { try await Task.sleep(for: .milliseconds(2)) }
                try Task.checkCancellation()
            },
            random: { 1 })
    }
}

import Synchronization

/// A clock that a test advances. If it `skips`, each sleep advances it.
package final class TestClock: Sendable {
    private struct State {
        var now = ContinuousClock.now
        var sleeps: [Duration] = []
    }

    private let state = Mutex(State())
    private let skips: Bool

    package init(skips: Bool = false) {
        self.skips = skips
    }

    package var now: ContinuousClock.Instant { state.withLock { $0.now } }
    /// The duration of each requested sleep.
    package var sleeps: [Duration] { state.withLock { $0.sleeps } }

    package func advance(by duration: Duration) {
        state.withLock { $0.now += duration }
    }

    /// Returns once the clock has come to its end; at once if the clock skips.
    @Sendable package func sleep(_ duration: Duration) async throws {
        let end = state.withLock { state in
            state.sleeps.append(duration)
            if skips { state.now += duration }
            return skips ? state.now : state.now + duration
        }
        while now < end { try await Task.sleep(for: .milliseconds(2)) }
        try Task.checkCancellation()
    }
}

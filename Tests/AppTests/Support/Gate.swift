import Synchronization

/// Holds tasks until the test lets them go or they are cancelled, and not for ever: a test that fails must end.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var arrivals = 0
    }

    private let state = Mutex(State())

    var arrivals: Int { state.withLock { $0.arrivals } }

    func open() { state.withLock { $0.isOpen = true } }

    @Sendable func wait() async throws {
        state.withLock { $0.arrivals += 1 }
        let deadline = ContinuousClock.now + .seconds(60)
        while !state.withLock({ $0.isOpen }), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}

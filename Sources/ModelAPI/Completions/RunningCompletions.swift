import Chat
package import HTTPKit
import Synchronization

/// A call for one client that waits for it.
package protocol RunningCall: AnyObject, Sendable {
    var id: String { get }
    /// Ends the call; the waiting client gets this error.
    func cancel(_ why: any Error)
}

/// The answers that are on their way.
package final class RunningCompletions: Sendable {
    package init() {}

    private struct State {
        var completions: [String: any RunningCall] = [:]
        var isClosing = false
    }

    private let state = Mutex(State())

    package var count: Int { state.withLock { $0.completions.count } }

    package func add(_ completion: any RunningCall) throws(APIError) {
        let isClosing = state.withLock { state in
            if !state.isClosing { state.completions[completion.id] = completion }
            return state.isClosing
        }
        if isClosing { throw APIError(.shuttingDown, retryAfter: 5) }
    }

    package func remove(_ completion: any RunningCall) { state.withLock { $0.completions[completion.id] = nil } }

    /// No new one begins; those that are left after `grace` end with an error.
    package func close(grace: Duration) async {
        state.withLock { $0.isClosing = true }
        let deadline = ContinuousClock.now + grace
        while count > 0, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(20)) }
        let left = state.withLock { Array($0.completions.values) }
        for completion in left { completion.cancel(APIError(.shuttingDown, retryAfter: 5)) }
        // What they cost, and what came of them, is still to be stored.
        let end = ContinuousClock.now + .seconds(2)
        while count > 0, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(20)) }
    }
}

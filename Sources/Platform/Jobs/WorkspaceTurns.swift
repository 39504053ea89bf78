import Synchronization

/// Whose turn it is in a job that works for many workspaces: the workspace that has waited longest, and that no other task
/// works for. A workspace with a thousand files holds up no other.
package final class WorkspaceTurns: Sendable {
    private struct State {
        var busy: Set<String> = []
        /// When each workspace was last served, as a number that grows.
        var served: [String: Int] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    package init() {}

    package var isIdle: Bool { state.withLock(\.busy.isEmpty) }

    /// The next one of these; nil if all have their turn now. Earlier ones go first among those not served yet.
    package func begin(among workspaceIDs: [String]) -> String? {
        state.withLock { state in
            let next = workspaceIDs.filter { !state.busy.contains($0) }
                .min { state.served[$0, default: 0] < state.served[$1, default: 0] }
            guard let next else { return nil }
            state.count += 1
            state.served[next] = state.count
            state.busy.insert(next)
            return next
        }
    }

    package func end(_ workspaceID: String) { state.withLock { _ = $0.busy.remove(workspaceID) } }
}

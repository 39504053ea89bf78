import Synchronization

/// Whose turn it is: the workspace that has waited longest.
final class WorkTurns: Sendable {
    private struct State {
        var served: [String: Int] = [:]
        var count = 0
    }
    private let state = Mutex(State())

    func next(of queued: [(workspaceID: String, id: String)]) -> (workspaceID: String, id: String)? {
        state.withLock { state in
            let next = queued.min {
                (state.served[$0.workspaceID] ?? 0, $0.id) < (state.served[$1.workspaceID] ?? 0, $1.id)
            }
            guard let next else {
                state = State()
                return nil
            }
            state.count += 1
            state.served[next.workspaceID] = state.count
            return next
        }
    }
}

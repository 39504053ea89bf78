import Synchronization

/// Readers of something that is being written, who wait until more of it has come.
package final class WaitingReaders: Sendable {
    private struct State {
        var waiting: [Int: CheckedContinuation<Bool, Never>] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Wakes all of them. Call it after a change, without a lock that `hasMore` of `wait` takes.
    package func wake(hasMore: Bool = true) {
        let waiting = state.withLock { state in
            defer { state.waiting.removeAll() }
            return state.waiting.values
        }
        for reader in waiting { reader.resume(returning: hasMore) }
    }

    /// Returns once the reader is woken, the task is cancelled, or `hasMore` holds. False if it was woken with nothing to
    /// read.
    package func wait(unless hasMore: @Sendable () -> Bool) async -> Bool {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if Task.isCancelled || hasMore() { return true }
                    state.waiting[id] = continuation
                    return false
                }
                if isReady { continuation.resume(returning: true) }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(returning: true)
        }
    }
}

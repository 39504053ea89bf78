import Dispatch
import Foundation
import Synchronization

/// A bounded queue and the threads that empty it, for calls that block: a task waiting for a database must not hold one
/// of the few threads that all tasks share.
final class WorkQueue<Job: Sendable>: Sendable {
    private struct State {
        var jobs: [Job] = []
        var idleThreads = 0
        var isClosed = false
    }

    private let limit: Int
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let threads = DispatchGroup()

    init(limit: Int) {
        self.limit = limit
    }

    /// Throws `busy` past the limit and `unavailable` once closed.
    func submit(_ job: Job) throws(StorageError) {
        let wakesThread = try state.withLock { state throws(StorageError) in
            guard !state.isClosed else { throw StorageError(.unavailable, "the database is closed") }
            guard state.jobs.count < limit else { throw StorageError(.busy, "\(limit) transactions are waiting") }
            state.jobs.append(job)
            guard state.idleThreads > 0 else { return false }
            state.idleThreads -= 1
            return true
        }
        if wakesThread { wake.signal() }
    }

    /// `loop` calls `next` until that returns nothing.
    func startThread(named name: String, _ loop: @escaping @Sendable () -> Void) {
        threads.enter()
        let thread = Thread { [threads] in
            loop()
            threads.leave()
        }
        thread.name = name
        thread.start()
    }

    /// Waits for jobs; empty when the queue is closed and all are done.
    func next(atMost count: Int) -> [Job] {
        while true {
            let jobs: [Job]? = state.withLock { state in
                if !state.jobs.isEmpty {
                    let taken = Array(state.jobs.prefix(count))
                    state.jobs.removeFirst(taken.count)
                    return taken
                }
                if state.isClosed { return [] }
                state.idleThreads += 1
                return nil
            }
            if let jobs { return jobs }
            wake.wait()
        }
    }

    /// Takes no more jobs; those that wait are still done.
    func close() {
        let sleeping = state.withLock { state in
            state.isClosed = true
            defer { state.idleThreads = 0 }
            return state.idleThreads
        }
        for _ in 0..<sleeping { wake.signal() }
    }

    func finished() async {
        await withCheckedContinuation { continuation in
            threads.notify(queue: .global()) { continuation.resume() }
        }
    }
}

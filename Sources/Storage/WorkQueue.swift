import Dispatch
import Foundation
import Synchronization

/// A bounded queue and the threads that empty it, for calls that block: a task waiting for a database must not hold one
/// of the few threads that all tasks share.
final class WorkQueue<Job: Sendable>: Sendable {
    private struct State {
        var jobs: [(job: Job, since: ContinuousClock.Instant)] = []
        var threads = 0
        var idleThreads = 0
        var taken = 0
        var waited = Duration.zero
        var isClosed = false

        mutating func take(atMost most: Int) -> [Job] {
            let count = min(most, jobs.count)
            let now = ContinuousClock.now
            for (_, since) in jobs.prefix(count) { waited += now - since }
            taken += count
            defer { jobs.removeFirst(count) }
            return jobs.prefix(count).map(\.job)
        }
    }

    private let limit: Int
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let threads = DispatchGroup()

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { state.withLock(\.jobs.count) }

    func add(to statistics: inout Statistics) {
        state.withLock { state in
            statistics.connections += state.threads
            statistics.busyConnections += state.threads - state.idleThreads
            statistics.taken += state.taken
            statistics.waited += state.waited
        }
    }

    func count(where matches: (Job) -> Bool) -> Int {
        state.withLock { $0.jobs.count { matches($0.job) } }
    }

    /// Takes out jobs that wait, in order.
    func remove(where matches: (Job) -> Bool) -> [Job] {
        state.withLock { state in
            let removed = state.jobs.map(\.job).filter(matches)
            if !removed.isEmpty { state.jobs.removeAll { matches($0.job) } }
            return removed
        }
    }

    /// Throws `busy` past the limit and `unavailable` once closed. False where all threads have something to do.
    @discardableResult
    func submit(_ job: Job) throws(StorageError) -> Bool {
        let wakesThread = try state.withLock { state throws(StorageError) in
            guard !state.isClosed else { throw StorageError(.unavailable, "the database is closed") }
            guard state.jobs.count < limit else { throw StorageError(.busy, "\(limit) transactions are waiting") }
            state.jobs.append((job, .now))
            guard state.idleThreads > 0 else { return false }
            state.idleThreads -= 1
            return true
        }
        if wakesThread { wake.signal() }
        return wakesThread
    }

    /// `loop` calls `next` until that returns nothing. A name has at most 15 characters.
    func startThread(named name: String, _ loop: @escaping @Sendable () -> Void) {
        threads.enter()
        state.withLock { $0.threads += 1 }
        Thread { [threads] in
            Thread.current.name = name
            loop()
            threads.leave()
        }.start()
    }

    /// Waits for a job; nil when the queue is closed and all are done.
    func next() -> Job? {
        take(atMost: 1)?[0]
    }

    /// Waits for jobs; empty when the queue is closed and all are done.
    func next(atMost count: Int) -> [Job] {
        take(atMost: count) ?? []
    }

    private enum Wait {
        case taken([Job])
        case closed
        case sleep
    }

    private func take(atMost count: Int) -> [Job]? {
        while true {
            let wait: Wait = state.withLock { state in
                if !state.jobs.isEmpty { return .taken(state.take(atMost: count)) }
                if state.isClosed { return .closed }
                state.idleThreads += 1
                return .sleep
            }
            switch wait {
            case .taken(let jobs): return jobs
            case .closed: return nil
            case .sleep: wake.wait()
            }
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

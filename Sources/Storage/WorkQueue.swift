import Dispatch
import Fairness
import Foundation
import Synchronization

/// A bounded queue and the threads that empty it, for calls that block: a task waiting for a database must not hold one
/// of the few threads that all tasks share. The threads are shared out fairly among the scopes that jobs act for, so that
/// one tenant's flood makes no other tenant wait longer than for its turn.
final class WorkQueue<Job: Sendable>: Sendable {
    private struct Waiting {
        let job: Job
        let since: ContinuousClock.Instant
    }

    private struct State {
        var queue: FairQueue<Scope, Waiting>
        var threads = 0
        var idleThreads = 0
        var taken = 0
        var waited = Duration.zero
        var isClosed = false

        mutating func taken(_ next: (tenant: Scope, element: Waiting)) -> (scope: Scope, job: Job) {
            waited += .now - next.element.since
            taken += 1
            return (next.tenant, next.element.job)
        }
    }

    private let limits: Limits
    private let state: Mutex<State>
    private let wake = DispatchSemaphore(value: 0)
    private let threads = DispatchGroup()

    /// - Parameter threads: how many will call `run`. One scope never has all of them, if there are several.
    init(_ limits: Limits, threads: Int) {
        self.limits = limits
        state = Mutex(
            State(
                queue: FairQueue(
                    capacity: threads, slots: max(1, threads - 1), waitingEach: limits.waitingEach,
                    waitingInAll: limits.waiting)))
    }

    var count: Int { state.withLock(\.queue.waiting) }

    func add(to statistics: inout Statistics) {
        state.withLock { state in
            statistics.connections += state.threads
            statistics.busyConnections += state.threads - state.idleThreads
            statistics.taken += state.taken
            statistics.waited += state.waited
        }
    }

    func count(where matches: (Job) -> Bool) -> Int {
        state.withLock { $0.queue.count { matches($0.job) } }
    }

    /// Takes out jobs that wait.
    func remove(where matches: (Job) -> Bool) -> [Job] {
        state.withLock { $0.queue.remove { matches($0.job) }.map(\.job) }
    }

    /// Throws `busy` past the limits and `unavailable` once closed. Returns false if the job has to wait for a thread.
    @discardableResult
    func submit(_ job: Job, for scope: Scope) throws(StorageError) -> Bool {
        let wakesThread = try state.withLock { state throws(StorageError) in
            guard !state.isClosed else { throw StorageError(.unavailable, "the database is closed") }
            guard state.queue.wait(Waiting(job: job, since: .now), of: scope) else {
                throw StorageError(
                    .busy,
                    state.queue.waiting >= limits.waiting
                        ? "\(limits.waiting) transactions are waiting"
                        : "\(limits.waitingEach) transactions of one tenant are waiting")
            }
            guard state.idleThreads > 0, state.queue.mayRun(scope) else { return false }
            state.idleThreads -= 1
            return true
        }
        if wakesThread { wake.signal() }
        return wakesThread
    }

    /// A name has at most 15 characters.
    func startThread(named name: String, _ loop: @escaping @Sendable () -> Void) {
        threads.enter()
        state.withLock { $0.threads += 1 }
        Thread { [threads] in
            Thread.current.name = name
            loop()
            threads.leave()
        }.start()
    }

    /// Does one job after another until the queue is closed and all are done. For the threads.
    func run(_ work: (Job) -> Void) {
        var last: Scope?
        while let next = take(after: last) {
            work(next.job)
            last = next.scope
        }
    }

    /// A job that waits now, if there is one: for a thread that does several at a time, which count as one.
    func poll() -> Job? {
        state.withLock { state in state.queue.pop().map { state.taken($0).job } }
    }

    private enum Wait {
        case taken(scope: Scope, job: Job)
        case closed
        case sleep
    }

    /// Gives the slot of the last job back, and waits for the next one.
    private func take(after last: Scope?) -> (scope: Scope, job: Job)? {
        var last = last
        while true {
            let wait: Wait = state.withLock { state in
                if let scope = last { state.queue.release(scope) }
                if let next = state.queue.next() {
                    let (scope, job) = state.taken(next)
                    return .taken(scope: scope, job: job)
                }
                // What is left, if anything, is for the threads that its scope has already.
                if state.isClosed { return .closed }
                state.idleThreads += 1
                return .sleep
            }
            last = nil
            switch wait {
            case .taken(let scope, let job): return (scope, job)
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

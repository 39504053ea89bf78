import Foundation
import Glibc
import Synchronization

/// Runs calls with large bodies on a thread of their own, one step at a time. Reading 20 MB of JSON takes a processor for a
/// while, and on the shared threads, of which there are as many as processors, a few such calls would hold up all others.
package final class LargeCalls: TaskExecutor {
    package static let shared = LargeCalls()
    /// Minimum length of a large call's body, in bytes.
    package static let length = 512 << 10
    /// Gives other threads priority when processors are scarce.
    private static let nice: Int32 = 5

    private let jobs = Mutex<[UnownedJob]>([])
    private let wake = DispatchSemaphore(value: 0)

    private init() {
        let thread = Thread { [self] in
            // Linux applies this to the current thread only.
            setpriority(Int32(PRIO_PROCESS.rawValue), 0, Self.nice)
            while true {
                wake.wait()
                let job = jobs.withLock { $0.removeFirst() }
                job.runSynchronously(on: asUnownedTaskExecutor())
            }
        }
        thread.name = "large calls"
        // As the threads have that it stands in for.
        thread.stackSize = 8 << 20
        thread.start()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        wake.signal()
    }
}

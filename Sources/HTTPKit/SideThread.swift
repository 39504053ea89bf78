import Foundation
import Glibc
import Synchronization

/// Runs tasks on a thread of its own, one step at a time. The shared threads, of which there are as many as processors, stay
/// free for requests.
package final class SideThread: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let wake = DispatchSemaphore(value: 0)

    /// - Parameter nice: gives other threads priority when processors are scarce; 19 is the most.
    package init(name: String, nice: Int32) {
        let thread = Thread { [self] in
            // Linux applies this to the current thread only.
            setpriority(Int32(PRIO_PROCESS.rawValue), 0, nice)
            while true {
                wake.wait()
                let job = jobs.withLock { $0.removeFirst() }
                job.runSynchronously(on: asUnownedTaskExecutor())
            }
        }
        thread.name = name
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

extension SideThread {
    /// Handles calls with large bodies: reading 20 MB of JSON takes a processor for a while, and a few such calls would hold
    /// up all others.
    static let largeCalls = SideThread(name: "large calls", nice: 5)
    /// Minimum length of a large call's body, in bytes.
    static let largeCall = 512 << 10
}

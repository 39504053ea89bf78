import Foundation
import Synchronization

/// Runs backups on a thread of their own, one step at a time: compressing a large database would hold up the few threads
/// that requests share.
final class BackupThread: TaskExecutor {
    static let shared = BackupThread()
    /// Gives other threads priority when processors are scarce.
    private static let nice: Int32 = 10

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
        thread.name = "backup"
        thread.stackSize = 8 << 20
        thread.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        wake.signal()
    }
}

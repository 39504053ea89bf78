import CSandbox
import Foundation

/// What the process is in once it reads a file that anyone may have sent.
struct Sandbox {
    /// Whether the kernel also closes files outside of the folder.
    let closesFiles: Bool
    /// Opened before, because nothing can be opened for writing afterwards.
    let null: Int32

    /// Throws `reading_off` if the system does not offer what is needed.
    init(folder: String) throws(ReadingFailure) {
        null = open("/dev/null", O_RDWR)
        let parent = getppid()
        // The server may be killed while this process waits for a program.
        Thread.detachNewThread {
            while getppid() == parent { sleep(1) }
            _exit(1)
        }
        var closesFiles = false
        let limits = sandbox_limits(memory: ReadingLimits.memory, cpu_seconds: ReadingLimits.cpuSeconds)
        guard null >= 0, sandbox_enter(folder, limits, &closesFiles) == 0, Self.refusesSockets else {
            throw .readingOff
        }
        self.closesFiles = closesFiles
    }

    private static var refusesSockets: Bool {
        [AF_INET, AF_INET6, AF_UNIX].allSatisfy { family in
            let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
            if descriptor >= 0 { close(descriptor) }
            return descriptor < 0 && errno == EPERM
        }
    }
}

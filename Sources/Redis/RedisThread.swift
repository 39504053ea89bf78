import Foundation

/// A thread that works on a connection to Redis. If the connection fails it makes another one, after pauses that grow.
enum RedisThread {
    /// In seconds.
    private static let pauses = (first: 0.05, last: 2.0)

    /// - Parameters:
    ///   - isOpen: whether the thread goes on after `work` has returned or failed.
    ///   - wait: pauses for so many seconds.
    ///   - work: connects, calls `connected`, and works until the connection fails or is not needed any more.
    static func start(
        _ name: String, while isOpen: @escaping @Sendable () -> Bool,
        wait: @escaping @Sendable (TimeInterval) -> Void = { Thread.sleep(forTimeInterval: $0) },
        _ work: @escaping @Sendable (_ connected: () -> Void) throws(RedisError) -> Void
    ) {
        Thread {
            Thread.current.name = name
            // hiredis writes to sockets that may have been closed.
            signal(SIGPIPE, SIG_IGN)
            var pause = pauses.first
            while isOpen() {
                do throws(RedisError) {
                    try work { pause = pauses.first }
                } catch {
                    wait(pause)
                    pause = min(pause * 2, pauses.last)
                }
            }
        }.start()
    }
}

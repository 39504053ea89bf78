import Foundation

/// Held by the one server that works alone on a database file, for as long as its process lives: the system lets go of
/// it even after a crash.
package final class InstanceLock: Sendable {
    private let descriptor: Int32

    /// Fails if another server holds the lock.
    package init?(path: String) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }
}

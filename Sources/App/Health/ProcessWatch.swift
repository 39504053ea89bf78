import Chat
import Foundation
import HTTPKit
import Logging
import ServiceLifecycle
import Synchronization

/// Watches what this process must not run out of, and says so once when it comes near, and once when it is well again.
final class ProcessWatch: Service {
    /// What was found last; nil what this system does not tell, or what there is none of.
    struct Reading: Sendable, Equatable {
        /// Resident memory, in bytes.
        var memory: Int?
        /// Free space on the disk with the database file, in bytes.
        var disk: Int?
    }

    private static let interval = Duration.seconds(30)
    private static let megabyte = 1 << 20

    private let memoryWarning: Int
    private let diskWarning: Int
    private let logger: Logger
    private let read: @Sendable () -> Reading
    private struct State {
        var last = Reading()
        var hasMuchMemory = false
        var hasLittleDisk = false
    }
    private let state = Mutex(State())

    /// Thresholds are in megabytes; 0 warns of nothing.
    init(memoryWarning: Int, diskWarning: Int, logger: Logger, read: @escaping @Sendable () -> Reading) {
        self.memoryWarning = memoryWarning
        self.diskWarning = diskWarning
        self.logger = logger
        self.read = read
    }

    convenience init(_ configuration: ServerConfiguration, logger: Logger) {
        let folder = KeyFiles.file(of: configuration.databaseURL).flatMap { _ in try? KeyFiles.folder(of: configuration)
        }
        self.init(
            memoryWarning: configuration.memoryWarning, diskWarning: configuration.diskWarning, logger: logger
        ) {
            Reading(memory: Self.residentMemory(), disk: folder.flatMap(Self.freeDisk))
        }
    }

    var last: Reading { state.withLock { $0.last } }
    var hasMuchMemory: Bool { state.withLock { $0.hasMuchMemory } }
    var hasLittleDisk: Bool { state.withLock { $0.hasLittleDisk } }

    func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                self.look()
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    func look() {
        let reading = read()
        let (memory, disk) = state.withLock { state in
            state.last = reading
            return (
                Self.cross(&state.hasMuchMemory, to: reading.memory.map { isMuch($0) }),
                Self.cross(&state.hasLittleDisk, to: reading.disk.map { isLittle($0) })
            )
        }
        report(
            memory, "much memory is used", "less memory is used again", "memory_mb", reading.memory, memoryWarning)
        report(disk, "little disk is free", "more disk is free again", "disk_free_mb", reading.disk, diskWarning)
    }

    private func isMuch(_ memory: Int) -> Bool { memoryWarning > 0 && memory >= memoryWarning * Self.megabyte }
    private func isLittle(_ disk: Int) -> Bool { diskWarning > 0 && disk < diskWarning * Self.megabyte }

    /// Updates the state. Returns the new one if it has changed, else nil.
    private static func cross(_ state: inout Bool, to new: Bool?) -> Bool? {
        guard let new, new != state else { return nil }
        state = new
        return new
    }

    private func report(
        _ isBad: Bool?, _ bad: Logger.Message, _ good: Logger.Message, _ name: String, _ value: Int?, _ threshold: Int
    ) {
        guard let isBad else { return }
        logger.log(
            level: isBad ? .warning : .notice, isBad ? bad : good,
            metadata: [
                name: .stringConvertible((value ?? 0) / Self.megabyte), "warning_mb": .stringConvertible(threshold),
            ])
    }

    private static func residentMemory() -> Int? {
        guard let bytes = FileManager.default.contents(atPath: "/proc/self/statm") else { return nil }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? Int(fields[1]).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) } : nil
    }

    private static func freeDisk(_ folder: String) -> Int? {
        var system = statvfs()
        guard statvfs(folder, &system) == 0 else { return nil }
        // A file system without a bound of its own may report any number.
        return Int(clamping: system.f_bavail).multipliedSaturated(by: Int(clamping: system.f_frsize))
    }
}

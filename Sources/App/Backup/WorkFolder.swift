import Foundation
import Platform

/// A folder for what is not finished yet, locked as long as its process lives. The next one in the same place removes
/// those of processes that were killed.
final class WorkFolder {
    enum Purpose: String { case backup, restore }

    let path: String
    private let lock: Int32

    init(in parent: String, for purpose: Purpose) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: parent, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StartError("The folder \(parent) cannot be made: \(error.localizedDescription)")
        }
        let prefix = ".mynah-\(purpose.rawValue)-"
        Self.removeAbandoned(in: parent, prefix)
        let number = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        // Locked before it has the name that others look for.
        let draft = "\(parent)/.mynah-new-\(number)"
        path = "\(parent)/\(prefix)\(number)"
        guard mkdir(draft, 0o700) == 0 else { throw BackupFile.failure("A folder in \(parent) cannot be made") }
        lock = open("\(draft)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0, rename(draft, path) == 0 else {
            let failure = BackupFile.failure("A folder in \(parent) cannot be made")
            try? FileManager.default.removeItem(atPath: draft)
            throw failure
        }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
        close(lock)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    private static func removeAbandoned(in parent: String, _ prefix: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(prefix) {
            let lock = open("\(parent)/\(name)/lock", O_RDWR | O_CLOEXEC)
            guard lock >= 0 else { continue }
            if flock(lock, LOCK_EX | LOCK_NB) == 0 { try? FileManager.default.removeItem(atPath: "\(parent)/\(name)") }
            close(lock)
        }
    }
}

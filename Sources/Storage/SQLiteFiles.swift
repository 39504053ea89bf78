import Foundation
import GRDB

/// The database's file, and the copies made of it.
struct SQLiteFiles: Sendable {
    let path: String
    private static let keptSnapshots = 3

    private var folder: String { (path as NSString).deletingLastPathComponent }

    /// For their owner only; SQLite gives its other files the mode of the first.
    func create() throws(StorageError) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StorageError(.unavailable, "the folder \(folder) cannot be made: \(error)")
        }
        if try !Self.createEmpty(path), access(path, R_OK | W_OK) != 0 { throw notWritable(path) }
    }

    func checkWritable() throws(StorageError) {
        for path in [path, folder] where access(path, R_OK | W_OK) != 0 { throw notWritable(path) }
    }

    /// Appears under its name only when it is complete and on disk.
    func backup(to target: String) throws(StorageError) {
        try copy(openSource(), to: URL(fileURLWithPath: target).standardizedFileURL.path)
    }

    /// A copy beside the database, unless that is empty.
    func snapshot(label: String) throws(StorageError) -> String? {
        let source = try openSource()
        do {
            let isEmpty = try source.unsafeRead { try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_schema") == 0 }
            if isEmpty { return nil }
        } catch {
            throw StorageError(grdb: error)
        }
        // Only one process at a time is here, so these are of one that was killed.
        for name in snapshots(ending: ".partial") { remove(inFolder(name)) }
        let time = Date.now.formatted(Self.timestamp)
        let target = inFolder("\(snapshotPrefix)\(label).\(time).sqlite")
        try copy(source, to: target)
        return target
    }

    /// Only the newest are kept.
    func removeOldSnapshots() {
        let oldestFirst = snapshots(ending: ".sqlite").sorted { Self.time(of: $0) < Self.time(of: $1) }
        for name in oldestFirst.dropLast(Self.keptSnapshots) { remove(inFolder(name)) }
    }

    func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }

    private func snapshots(ending suffix: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix(snapshotPrefix) && $0.hasSuffix(suffix) }
    }

    private func inFolder(_ name: String) -> String { (folder as NSString).appendingPathComponent(name) }

    private var snapshotPrefix: String {
        (((path as NSString).lastPathComponent) as NSString).deletingPathExtension + ".before-"
    }

    /// UTC, without characters that file systems refuse; sorts by time.
    private static let timestamp = Date.ISO8601FormatStyle(
        dateSeparator: .omitted, dateTimeSeparator: .standard, timeSeparator: .omitted, includingFractionalSeconds: true
    )

    private static func time(of snapshot: String) -> String {
        let parts = snapshot.split(separator: ".")
        return parts.suffix(3).joined()
    }

    private func openSource() throws(StorageError) -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            return try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw StorageError(grdb: error)
        }
    }

    private func copy(_ source: DatabaseQueue, to target: String) throws(StorageError) {
        guard !FileManager.default.fileExists(atPath: target) else {
            throw StorageError(.io, "\(target) exists already")
        }
        let partial = target + ".partial"
        remove(partial)
        do {
            guard try Self.createEmpty(partial) else { throw StorageError(.io, "\(partial) is being written") }
            let copy = try DatabaseQueue(path: partial)
            try source.backup(to: copy)
            try copy.close()
            guard rename(partial, target) == 0 else { throw StorageError(.io, "\(target): \(Self.reason)") }
        } catch {
            remove(partial)
            throw StorageError(grdb: error)
        }
        let folder = open((target as NSString).deletingLastPathComponent, O_RDONLY)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    /// Creates an empty file. Returns false if it already exists.
    private static func createEmpty(_ path: String) throws(StorageError) -> Bool {
        let file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        if file < 0 && errno == EEXIST { return false }
        guard file >= 0 else { throw StorageError(.unavailable, "\(path) cannot be made: \(reason)") }
        close(file)
        return true
    }

    private func notWritable(_ path: String) -> StorageError {
        StorageError(.unavailable, "\(path) cannot be read and written: \(Self.reason)")
    }

    private static var reason: String { String(cString: strerror(errno)) }
}

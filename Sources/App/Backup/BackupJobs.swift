import Files
import Foundation
import HTTPKit
import Logging
import Platform
import Storage
import Upstream

/// Makes backups by the schedule, proves each by restoring it, and then removes the oldest.
struct BackupJobs: Sendable {
    private static let (tick, make, prove) = ("backup.schedule", "backup.make", "backup.prove")
    private static let longest = Duration.seconds(24 * 3600)
    /// Age at which parts of a backup that was never finished are removed.
    private static let unfinishedAge = Duration.seconds(2 * 86_400)

    let configuration: ServerConfiguration
    let database: Database
    let queue: JobQueue
    let http: UpstreamClient
    let logger: Logger

    /// None without a schedule, except that what is known of an earlier one is forgotten.
    var jobs: [Job] {
        [
            Job(kind: Self.tick, interval: .seconds(60)) { _ in
                if try await enqueue(now: .now) { queue.wake() }
            },
            Job(kind: Self.make, timeLimit: Self.longest) { _ in
                guard let destination = configuration.backup.destination else { return }
                try await make(to: destination)
            },
            Job(kind: Self.prove, timeLimit: Self.longest) { run in
                guard let destination = configuration.backup.destination else { return }
                try await prove(run.keptPayload, in: destination)
            },
        ]
    }

    /// Queues a backup once the schedule's time has come, also if no server ran at that time. Returns whether it did.
    func enqueue(now: Timestamp) async throws -> Bool {
        let schedule = configuration.backup.schedule
        return try await database.write(.system) { tx in
            let state = try BackupState.read(tx)
            guard let schedule, let due = schedule.last(by: now) else {
                if state.scheduledSince != nil { try BackupState.setDue(tx, nil, since: nil) }
                return false
            }
            // The first time there is nothing to catch up on. A time that is still to come is of a clock that was wrong.
            guard let last = state.dueAt, let since = state.scheduledSince, last <= now else {
                try BackupState.setDue(tx, due, since: min(state.scheduledSince ?? now, now))
                return false
            }
            guard due > last else { return false }
            try BackupState.setDue(tx, due, since: since)
            return try JobQueue.insert(tx, Self.make, uniqueKey: Self.make)
        }
    }

    func make(to destination: BackupPlace) async throws {
        var options = Backup.Options()
        options.isEncrypted = configuration.backup.passphrase != nil
        if case .path(let path) = destination {
            do {
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw StartError("The folder \(path) cannot be made: \(error.localizedDescription)")
            }
        }
        let made = try await Backup(configuration, database: database, http: http, logger: logger)
            .run(to: destination, options)
        let name = (made.place.description as NSString).lastPathComponent
        logger.notice(
            "backup made",
            metadata: [
                "backup": .string(name), "rows": .stringConvertible(made.rows), "files": .stringConvertible(made.files),
                "bytes": .stringConvertible(made.bytes), "unreadable": .stringConvertible(made.unreadable),
            ])
        try await queue.enqueue(Self.prove, payload: name)
    }

    /// Restores a backup as far as it can be done beside the server, and then removes backups beyond those that are kept.
    func prove(_ name: String, in destination: BackupPlace) async throws {
        guard BackupName.time(of: name) != nil else { throw Job.Hopeless(description: "'\(name)' is no backup") }
        var options = Restore.Options()
        options.isVerification = true
        switch destination {
        case .path(let path): options.temporaryFolder = path
        case .bucket:
            options.temporaryFolder = KeyFiles.file(of: configuration.databaseURL)
                .flatMap { _ in try? KeyFiles.folder(of: configuration) }
        }
        let outcome = try await Restore(configuration, http: http, logger: logger)
            .run(from: destination.appending(name), options)
        try await database.write(.system) { tx in try BackupState.setProven(tx, at: .now) }
        logger.notice(
            "backup proven by restoring it",
            metadata: [
                "backup": .string(name), "rows": .stringConvertible(outcome.rows),
                "warnings": .string(outcome.warnings.joined(separator: " ")),
            ])
        try await prune(destination, now: .now)
    }

    /// Removes the oldest backups of the schedule's own names, and what was never finished. Other files stay.
    func prune(_ destination: BackupPlace, now: Timestamp) async throws {
        guard let store = try destination.store(configuration, http) else {
            let folder = destination.description
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { name in
                    [BackupName.plain, BackupName.encrypted].contains { name.hasSuffix($0) }
                        && BackupName.time(of: name) != nil
                }
            for name in names.sorted().dropLast(configuration.backup.kept) {
                try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
                logger.notice("old backup removed", metadata: ["backup": .string(name)])
            }
            return
        }
        var parts: [String: [String]] = [:]
        for file in try await store.files(beginning: "mynah-") {
            let halves = file.split(separator: "/").map(String.init)
            guard halves.count == 2, BackupName.time(of: halves[0]) != nil else { continue }
            parts[halves[0], default: []].append(halves[1])
        }
        let whole = parts.keys.filter { parts[$0]?.contains(BackupIndex.name) == true }.sorted()
        let before = now.adding(.zero - Self.unfinishedAge)
        let unfinished = parts.keys.filter { name in
            !whole.contains(name) && BackupName.time(of: name).map { $0 < before } == true
        }
        for name in unfinished + whole.dropLast(configuration.backup.kept) {
            // The index first: without it, nothing counts as a backup.
            for part in (parts[name] ?? []).sorted(by: >) { try await store.remove(file: "\(name)/\(part)") }
            logger.notice("old backup removed", metadata: ["backup": .string(name)])
        }
    }
}

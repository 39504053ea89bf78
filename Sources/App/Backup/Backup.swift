import Archive
import Chatbots
import Crypto
import Files
import Foundation
import HTTPKit
import JSON
package import Logging
import NIOCore
import Platform
package import Storage
package import Upstream

/// Makes a backup of everything: one state of the database, and the files that it names. The server may run meanwhile.
package struct Backup: Sendable {
    package struct Options: Sendable {
        package var isEncrypted = false
        package var hasKeys = false
        package init() {}
    }

    package struct Outcome: Sendable {
        /// A file, or a place in a bucket.
        package let place: BackupPlace
        package let rows: Int64
        package let files: Int64
        /// The size of the backup.
        package let bytes: Int64
        /// Objects that the store does not have as they were stored; the backup is without them.
        package let unreadable: Int
    }

    private static let renewal = Duration.seconds(20)

    private let configuration: ServerConfiguration
    private let database: Database
    private let http: UpstreamClient
    private let logger: Logger

    package init(_ configuration: ServerConfiguration, database: Database, http: UpstreamClient, logger: Logger) {
        self.configuration = configuration
        self.database = database
        self.http = http
        self.logger = logger
    }

    /// Throws `StartError`, with one line for a person. If it fails, nothing is left of the backup.
    /// - Parameter place: a file to make, or a folder or bucket in which the backup gets a name of its own.
    package func run(to place: BackupPlace, _ options: Options) async throws -> Outcome {
        if options.hasKeys, !options.isEncrypted {
            throw StartError("--with-keys needs --encrypt: a backup that anyone can read must not hold the keys.")
        }
        if options.isEncrypted, configuration.backup.passphrase == nil {
            throw StartError("--encrypt needs BACKUP_PASSPHRASE, with at least 12 characters.")
        }
        let target = try BackupTarget(place, options, configuration, http, logger)
        try await target.check()
        let secrets = try KeyFiles.secrets(configuration)
        let lease = try await database.write(.system) { tx in try ObjectLease.begin(tx, now: .now) }
        do {
            let outcome = try await withThrowingTaskGroup(of: Outcome?.self) { group in
                group.addTask(executorPreference: SideThread.backups) {
                    try await make(in: target, options, secrets)
                }
                group.addTask {
                    try await keep(lease)
                    return nil
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
            guard let outcome else { throw CancellationError() }
            try await database.write(.system) { tx in
                try lease.end(tx)
                try BackupState.setMade(tx, at: .now)
            }
            return outcome
        } catch {
            await Task { try? await database.write(.system) { tx in try lease.end(tx) } }.value
            throw explained(error)
        }
    }

    private func explained(_ error: any Error) -> any Error {
        switch error {
        case let error as StoreError: StartError("The backup cannot be stored or a file not be read: \(error.detail).")
        case let error as ArchiveError: StartError("The backup cannot be made: \(error.description).")
        case let error as StorageError: StartError("The database cannot be backed up: \(error.message)")
        default: error
        }
    }

    /// Ends only by throwing: when it is cancelled, or when the lease was lost, as by a clock that was set forward.
    private func keep(_ lease: ObjectLease) async throws {
        while true {
            try await Task.sleep(for: Self.renewal)
            do {
                let isKept = try await database.write(.system) { tx in try lease.renew(tx, now: .now) }
                guard isKept else {
                    throw StartError(
                        "The backup's lease ended, so files may have been removed meanwhile. Run it again.")
                }
            } catch let error as StorageError where error.kind == .busy || error.kind == .unavailable {
                logger.warning("a backup's lease not renewed", metadata: ["cause": "\(error)"])
            }
        }
    }

    private func make(in target: BackupTarget, _ options: Options, _ secrets: Secrets) async throws -> Outcome {
        let work = try WorkFolder(in: target.workFolder, for: .backup)
        let time = Timestamp.now
        let (keys, _) = KeyFiles.existing(configuration)
        let contents = try await DatabaseSnapshot(database, configuration.databaseURL, logger: logger)
            .take(to: work.file("database"), objects: work.file("objects"), keys: keys)
        let manifest = contents.manifest(
            database.dialect.name, secrets: secrets, hasKeys: options.hasKeys, at: time)
        let sink = try await target.open(work)
        do {
            let archive = try await ArchiveWriter(
                sink.sink, passphrase: options.isEncrypted ? configuration.backup.passphrase : nil,
                sums: work.file("sums"), time: time.milliseconds / 1000)
            try await archive.add(BackupManifest.name, JSONWriter.encode(manifest) + [10])
            if options.hasKeys { try await archive.add(BackupKeys.name, BackupKeys(configuration).text) }
            try await add(work.file("database"), as: manifest.databaseName, to: archive)
            unlink(work.file("database"))
            let unreadable = try await addObjects(work.file("objects"), to: archive)
            if !unreadable.isEmpty {
                try await archive.add(UnreadableObjects.name, Array((unreadable.joined(separator: "\n") + "\n").utf8))
            }
            try await archive.finish()
            try await sink.finish()
            return Outcome(
                place: target.place, rows: manifest.tables.values.reduce(0, +), files: manifest.files.count,
                bytes: sink.bytes, unreadable: unreadable.count)
        } catch {
            await sink.abandon()
            throw error
        }
    }

    private func add(_ path: String, as name: String, to archive: ArchiveWriter) async throws {
        let file = try BackupFile(reading: path)
        try await archive.begin(name, size: BackupFile.size(of: path))
        while let piece = try await file.next() {
            try Task.checkCancellation()
            try await archive.write(piece)
        }
    }

    /// Returns the names of objects that the store does not have as they were stored.
    private func addObjects(_ list: String, to archive: ArchiveWriter) async throws -> [String] {
        let (store, patience) = (try configuration.fileStore(http: http), Patience(logger: logger))
        let objects = try ObjectList(list)
        var unreadable: [String] = []
        while let object = try objects.next() {
            try Task.checkCancellation()
            let found = try await patience {
                do {
                    return try await store.get(object.name, nil)
                } catch let error as StoreError where error.kind == .damaged {
                    return nil
                }
            }
            let bytes = found.map { Array($0.readableBytesView) }
            guard let bytes, bytes.count == object.bytes, SHA256.hash(data: bytes).hexadecimal == object.sha256 else {
                logger.warning("bytes of a file are missing or damaged", metadata: ["object": "\(object.name)"])
                unreadable.append(object.name.text)
                continue
            }
            try await archive.add(object.entry, bytes)
        }
        return unreadable
    }
}

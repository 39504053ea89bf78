import Archive
import Crypto
import Files
import Foundation
package import HTTPKit
package import Logging
import NIOCore
import Platform
import Storage
package import Upstream

/// Restores a backup into an empty place, or only proves that it could be.
package struct Restore: Sendable {
    package struct Options: Sendable {
        /// Restores into a temporary folder, and on PostgreSQL into a temporary database, and removes it again.
        package var isVerification = false
        /// Goes on without the keys that the rows need.
        package var goesWithoutKeys = false
        /// The path of a file to make with the keys that the backup holds.
        package var keysFile: String?
        /// The folder for the temporary files of a verification.
        package var temporaryFolder: String?
        package init() {}
    }

    package struct Outcome: Sendable {
        package let createdAt: Timestamp
        package let rows: Int64
        package let files: Int64
        /// What was not checked, or is not as it should be, a sentence each.
        package var warnings: [String] = []
    }

    private static let longestManifest: Int64 = 4 << 20

    private let configuration: ServerConfiguration
    private let http: UpstreamClient
    private let logger: Logger

    package init(_ configuration: ServerConfiguration, http: UpstreamClient, logger: Logger) {
        self.configuration = configuration
        self.http = http
        self.logger = logger
    }

    /// Throws `StartError`, with one line for a person. If it fails, nothing is left of what was restored.
    package func run(from place: BackupPlace, _ options: Options) async throws -> Outcome {
        do {
            return try await withTaskExecutorPreference(SideThread.backups) { try await restore(place, options) }
        } catch let error as ArchiveError {
            throw StartError(Self.text(error, place))
        } catch let error as StoreError {
            throw StartError("\(place) cannot be restored: \(error.detail).")
        } catch let error as StorageError {
            throw StartError("\(place) cannot be restored: \(error.message)")
        }
    }

    private static func text(_ error: ArchiveError, _ place: BackupPlace) -> String {
        switch error.kind {
        case .foreign: "\(place) cannot be restored: \(error.description)."
        case .wrongPassphrase: "\(place) cannot be read: \(error.description) (BACKUP_PASSPHRASE)."
        case .cutOff, .damaged, .unsafe: "\(place) is damaged: \(error.description)."
        case .memory, .encrypted, .unsupported, .tooLarge: "\(place) cannot be read: \(error.description)."
        }
    }

    private func restore(_ place: BackupPlace, _ options: Options) async throws -> Outcome {
        let target = RestoreTarget(configuration, options, logger: logger)
        try await target.check()
        let files = options.isVerification ? nil : try RestoredFiles(configuration, http: http)
        try await files?.check()
        let work = try WorkFolder(in: target.workFolder, for: .restore)
        let archive = try await ArchiveReader(
            source(place), passphrase: configuration.backup.passphrase, sums: work.file("sums"))
        let manifest = try await manifest(archive)
        try target.check(manifest)
        guard var entry = try await archive.next() else { throw ArchiveError(.damaged, "it has no database") }
        var kept: BackupKeys?
        if entry.name == BackupKeys.name {
            kept = BackupKeys(try await content(archive, entry))
            guard let next = try await archive.next() else { throw ArchiveError(.damaged, "it has no database") }
            entry = next
        }
        let keys = RestoreKeys(configuration, kept, options)
        var outcome = Outcome(
            createdAt: manifest.createdAt, rows: manifest.tables.values.reduce(0, +), files: manifest.files.count)
        outcome.warnings += try keys.check(manifest)
        guard entry.name == manifest.databaseName else { throw ArchiveError(.damaged, "it has no database") }
        try await extract(archive, to: work.file("database"))
        let restored = try await target.load(work, manifest)
        do {
            if let database = restored.database {
                try await RestoredRows(database, manifest).check(keys, objects: work.file("objects"))
            } else {
                outcome.warnings.append(restored.warning)
            }
            try await files?.begin()
            outcome.warnings += try await restoreObjects(
                archive, restored.database == nil ? nil : ObjectList(work.file("objects")), into: files)
            if let path = options.keysFile { try write(kept, to: path) }
            if !options.isVerification { try keys.keep() }
            try await files?.finishIsOurs()
            try await restored.publish()
            await files?.finish()
            return outcome
        } catch {
            await Task {
                await restored.discard()
                await files?.discard()
            }.value
            throw error
        }
    }

    // MARK: The archive

    private func source(_ place: BackupPlace) async throws -> any ArchiveSource {
        if let store = try place.store(configuration, http) {
            return try await BucketSource(store, Patience(logger: logger))
        }
        let path = place.description
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw StartError("There is no backup at \(path).")
        }
        if isFolder.boolValue {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            let newest = names.filter { BackupName.time(of: $0) != nil }.max()
            throw StartError(
                "\(path) is a folder: name one file in it\(newest.map { ", such as \($0)" } ?? "").")
        }
        return try BackupFile(reading: path)
    }

    private func manifest(_ archive: ArchiveReader) async throws -> BackupManifest {
        guard let first = try await archive.next(), first.name == BackupManifest.name else {
            throw ArchiveError(.foreign, "it is not a backup of Mynah")
        }
        return try BackupManifest.parse(await content(archive, first))
    }

    func content(_ archive: ArchiveReader, _ entry: ArchiveEntry) async throws -> [UInt8] {
        guard entry.size <= Self.longestManifest else { throw ArchiveError(.damaged, "\(entry.name) is too large") }
        var content: [UInt8] = []
        while let piece = try await archive.read() { content += piece }
        return content
    }

    private func extract(_ archive: ArchiveReader, to path: String) async throws {
        let file = try BackupFile(making: path)
        while let piece = try await archive.read() {
            try Task.checkCancellation()
            try file.put(piece)
        }
        try file.sync()
    }

    private func write(_ keys: BackupKeys?, to path: String) throws {
        guard let keys else { throw StartError("The backup holds no keys: it was made without --with-keys.") }
        let file = try BackupFile(making: path)
        try file.put(keys.text)
        try file.sync()
    }
}

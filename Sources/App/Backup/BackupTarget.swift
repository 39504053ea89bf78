import Archive
import Files
import Foundation
import Logging
import Platform
import Upstream

/// The destination of a backup.
struct BackupTarget: Sendable {
    /// A file that does not exist yet, or a place in a bucket that nothing uses.
    let place: BackupPlace
    /// The folder for what is not finished.
    let workFolder: String
    private let store: S3Store?
    private let patience: Patience

    /// Throws `StartError` if nothing can be stored there.
    init(
        _ place: BackupPlace, _ options: Backup.Options, _ configuration: ServerConfiguration, _ http: UpstreamClient,
        _ logger: Logger
    ) throws {
        patience = Patience(logger: logger)
        switch place {
        case .path(let path):
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            if exists, !isFolder.boolValue {
                throw StartError("\(path) exists already, and nothing is ever replaced.")
            }
            let ending = options.isEncrypted ? BackupName.encrypted : BackupName.plain
            if exists || path.hasSuffix("/") {
                self.place = place.appending(BackupName.make() + ending)
            } else {
                self.place = place
            }
            workFolder = (self.place.description as NSString).deletingLastPathComponent
            store = nil
        case .bucket:
            self.place = place.appending(BackupName.make())
            store = try self.place.store(configuration, http)
            // The folder of the database has room for a copy of it. On PostgreSQL only the temporary folder is known.
            workFolder =
                try KeyFiles.file(of: configuration.databaseURL).map { _ in try KeyFiles.folder(of: configuration) }
                ?? NSTemporaryDirectory()
        }
    }

    /// Throws if a bucket cannot be reached, before any work is done.
    func check() async throws {
        guard let store else { return }
        do {
            _ = try await store.files(beginning: "")
        } catch let error as StoreError {
            throw StartError("The backup cannot be stored: \(error.detail).")
        }
    }

    struct Opened {
        let sink: any ArchiveSink
        let finish: () async throws -> Void
        let abandon: () async -> Void
        let count: () -> Int64

        var bytes: Int64 { count() }
    }

    func open(_ work: WorkFolder) async throws -> Opened {
        if let store {
            let sink = BucketSink(store, patience)
            return Opened(sink: sink, finish: sink.finish, abandon: sink.abandon) { sink.bytes }
        }
        let file = try BackupFile(making: work.file("archive"))
        return Opened(
            sink: file,
            finish: {
                try file.sync()
                try BackupFile.publish(file.path, as: place.description)
            }, abandon: {}, count: { file.bytes })
    }
}

extension BackupPlace {
    /// The store of a place in a bucket. Throws `StartError` without keys for it.
    func store(_ configuration: ServerConfiguration, _ http: UpstreamClient) throws -> S3Store? {
        guard case .bucket(let bucket, let prefix) = self else { return nil }
        guard let store = FilesLocation.bucket(name: bucket, prefix: prefix).bucket(s3: configuration.s3, http: http)
        else { throw StartError("\(self) needs S3_ACCESS_KEY and S3_SECRET_KEY.") }
        return store
    }
}

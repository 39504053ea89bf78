import Archive
import DatabaseMigrations
import Foundation
import Logging
import Platform
import Storage

/// The destination of a restore.
struct RestoreTarget {
    private let configuration: ServerConfiguration
    private let options: Restore.Options
    private let logger: Logger
    /// The path of the database file; nil on PostgreSQL.
    private let file: String?

    init(_ configuration: ServerConfiguration, _ options: Restore.Options, logger: Logger) {
        self.configuration = configuration
        self.options = options
        self.logger = logger
        file = (try? Database.file(of: configuration.databaseURL)) ?? nil
    }

    /// The folder for what is not finished.
    var workFolder: String {
        if options.isVerification { return options.temporaryFolder ?? NSTemporaryDirectory() }
        return file.map { ($0 as NSString).deletingLastPathComponent } ?? NSTemporaryDirectory()
    }

    /// Throws `StartError` unless there is no database yet.
    func check() async throws {
        if options.isVerification { return }
        guard let file else { return try await PostgresRestore.check(configuration.databaseURL, logger: logger) }
        for path in [file, file + "-wal", file + "-journal"] where FileManager.default.fileExists(atPath: path) {
            throw StartError(
                "\(path) exists, and a restore never replaces data. Move it away, or name another by DATABASE_URL.")
        }
    }

    /// Throws `StartError` if the backup does not fit here.
    func check(_ manifest: BackupManifest) throws {
        let newest = Migrations.all.last?.number ?? 0
        guard manifest.schema <= newest else {
            throw StartError(
                "Mynah \(manifest.mynah) made the backup, with the schema \(manifest.schema); this release, "
                    + "\(Version.current), knows up to \(newest). Restore it with the newer release.")
        }
        let engine: Dialect = file == nil ? .postgres : .sqlite
        guard options.isVerification || manifest.engine == engine.name else {
            throw StartError(
                "The backup is one of \(manifest.engine), and DATABASE_URL names a database of \(engine.name).")
        }
        guard [Dialect.sqlite.name, Dialect.postgres.name].contains(manifest.engine) else {
            throw ArchiveError(.foreign, "it is of '\(manifest.engine.prefix(100))', which this release does not know")
        }
    }

    /// Makes a database of the file `database`.
    func load(_ work: WorkFolder, _ manifest: BackupManifest) async throws -> any RestoredDatabase {
        if manifest.engine == Dialect.sqlite.name {
            return try SQLiteRestore(
                work.file("database"), target: options.isVerification ? nil : file, logger: logger)
        }
        guard options.isVerification else {
            return try await PostgresRestore(configuration.databaseURL, work, logger: logger)
        }
        if file == nil, let temporary = try await PostgresTrial(configuration.databaseURL, work, logger: logger) {
            return temporary
        }
        return try PostgresListing(work)
    }
}

/// A database that is being restored.
protocol RestoredDatabase: AnyObject {
    /// Nil if the rows cannot be looked at; `warning` says why.
    var database: Database? { get }
    var warning: String { get }
    /// Makes it the database that a server can start on.
    func publish() async throws
    func discard() async
}

/// A file in the work folder, which gets its name at the end.
final class SQLiteRestore: RestoredDatabase {
    private(set) var database: Database?
    let warning = ""
    private let path: String
    private let target: String?

    init(_ path: String, target: String?, logger: Logger) throws {
        self.path = path
        self.target = target
        let escaped = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
        do {
            database = try Database(url: "sqlite://\(escaped)", logger: logger, readers: 1)
        } catch {
            throw ArchiveError(.damaged, "its database cannot be opened: \(error.message)")
        }
    }

    func publish() async throws {
        await discard()
        guard let target else { return }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BackupFile.failure("\(path) cannot be read") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw BackupFile.failure("\(path) cannot be written to disk") }
        try BackupFile.publish(path, as: target)
    }

    func discard() async {
        await database?.close()
        database = nil
    }
}

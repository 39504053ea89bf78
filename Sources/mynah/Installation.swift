import App
import CMalloc
import DatabaseMigrations
import Foundation
import LLM
import Logging
import Storage
import Upstream

/// What the commands share: the database and the client for models.
enum Installation {
    static func open(_ configuration: ServerConfiguration, logger: Logger) throws -> Database {
        do {
            return try Database(url: configuration.databaseURL, logger: logger)
        } catch {
            throw CommandFailure("The database cannot be opened: \(error.message)")
        }
    }

    /// For a command that makes no database: one that is run in another folder must not leave one there.
    static func openExisting(_ configuration: ServerConfiguration, logger: Logger) throws -> Database {
        if let file = try? Database.file(of: configuration.databaseURL), !FileManager.default.fileExists(atPath: file) {
            throw CommandFailure(
                "There is no database at \(file): run this in the server's folder, or set DATABASE_URL. "
                    + "'mynah migrate' makes a new one.")
        }
        return try open(configuration, logger: logger)
    }

    static func migrate(_ database: Database, onlyCheck: Bool, logger: Logger) async throws {
        let migrator = Migrator(database, Migrations.all)
        do {
            if onlyCheck {
                let waiting = try await migrator.status().filter { $0.appliedAt == nil }
                guard waiting.isEmpty else {
                    throw CommandFailure(
                        "The database is not up to date: \(waiting.count) migrations wait. Run 'mynah migrate' first.")
                }
                return
            }
            for migration in try await migrator.migrate() {
                logger.notice(
                    "migrated", metadata: ["to": .stringConvertible(migration.number), "name": .string(migration.name)])
            }
        } catch let error as StorageError {
            throw CommandFailure(error.message)
        }
    }

    /// For a command that prints its outcome: warnings go to standard error.
    static func warningLogger(_ configuration: ServerConfiguration) -> Logger {
        Logger(label: "mynah") { label in
            LineLogHandler(label: label, level: max(configuration.logLevel, .warning), format: configuration.logFormat)
        }
    }

    /// Or glibc keeps what it has once given to the hash of a password, 19 MB, for good.
    static func returnLargeMemory() { mallopt(M_MMAP_THRESHOLD, 1 << 20) }

    /// Every connection is a file; the usual limit of 1,024 is the first thing that many of them would meet.
    static func allowManyConnections() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    static func httpClient(_ configuration: ServerConfiguration) -> UpstreamClient {
        UpstreamClient(
            connectTimeout: configuration.timeouts.connect, allowsPrivate: configuration.allowsPrivateEndpoints)
    }
}

import App
import ArgumentParser
import Foundation
import HTTPKit
import Logging
import Platform
import Storage
import Upstream

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Back up the database and all files, while the server runs.",
        discussion: """
            Without --encrypt, anyone who can read the backup can read everything in it but the values that ENCRYPTION_KEY \
            encrypts. Keep SECRET_KEY and ENCRYPTION_KEY elsewhere, or include them by --with-keys.
            """)

    @Argument(help: "A new file, a folder, or s3://bucket/prefix, where it gets a name of its own.")
    var destination: String

    @Flag(help: "Encrypt it with BACKUP_PASSPHRASE.")
    var encrypt = false

    @Flag(help: "Include SECRET_KEY and ENCRYPTION_KEY; only with --encrypt.")
    var withKeys = false

    @OptionGroup var settings: SettingArguments

    func run() async throws {
        guard let place = BackupPlace(destination) else {
            throw CommandFailure("'\(destination)' is neither a path nor s3://bucket/prefix.")
        }
        let configuration = try await settings.read()
        let logger = Installation.warningLogger(configuration)
        let database = try Installation.openExisting(configuration, logger: logger)
        let http = Installation.httpClient(configuration)
        defer { http.shutdown() }
        try await database.closing { database in
            try await Installation.migrate(database, onlyCheck: true, logger: logger)
            var options = Backup.Options()
            options.isEncrypted = encrypt
            options.hasKeys = withKeys
            let made = try await Backup(configuration, database: database, http: http, logger: logger)
                .run(to: place, options)
            print("\(made.rows) rows and \(made.files) files are backed up in \(made.place), \(made.bytes) bytes.")
            if made.unreadable > 0 {
                print(
                    "warning: \(made.unreadable) objects of files are missing or damaged in the store, and not in the backup."
                )
            }
        }
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Restore a backup into an empty place, after checking all of it.",
        discussion: """
            The database that DATABASE_URL names and the store of files must be empty. Nothing is left of a backup that is \
            damaged.
            """)

    @Argument(help: "A file, or s3://bucket/prefix/name.")
    var source: String

    @Flag(help: "Restore into a temporary place only, to see whether the backup is good.")
    var verifyOnly = false

    @Flag(help: "Go on without the keys that belong to the backup; what they encrypted stays unreadable.")
    var withoutKeys = false

    @Option(help: "A file to make with the keys that the backup holds, as lines for .env.")
    var keysTo: String?

    @OptionGroup var settings: SettingArguments

    func run() async throws {
        guard let place = BackupPlace(source) else {
            throw CommandFailure("'\(source)' is neither a path nor s3://bucket/prefix/name.")
        }
        let configuration = try await settings.read()
        let logger = Installation.warningLogger(configuration)
        let http = Installation.httpClient(configuration)
        defer { http.shutdown() }
        var options = Restore.Options()
        options.isVerification = verifyOnly
        options.goesWithoutKeys = withoutKeys
        options.keysFile = keysTo
        let outcome = try await Restore(configuration, http: http, logger: logger).run(from: place, options)
        for warning in outcome.warnings { print("warning: \(warning)") }
        let what = "\(outcome.rows) rows and \(outcome.files) files of \(outcome.createdAt.iso8601)"
        print(verifyOnly ? "The backup is good: \(what)." : "Restored \(what). Start the server with 'mynah serve'.")
    }
}

import App
import ArgumentParser
import Logging
import Storage

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make the keys that production demands, and replace them.",
        subcommands: [Make.self, Rotate.self])

    struct Make: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "make", abstract: "Print a fresh SECRET_KEY and ENCRYPTION_KEY, as lines for .env.")

        func run() {
            for (name, key) in Doctor.freshKeys() { print("\(name)=\(key)") }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate", abstract: "Encrypt everything in the database with a new ENCRYPTION_KEY.",
            discussion: """
                Where the key lies in a file beside the database, a new one is made; stop the server first. Where it is \
                set by the environment, put a new one from 'mynah key make' and a comma before it, restart every \
                server, and run this. It may be broken off at any point and run again.
                """)

        @Flag(help: "Take the old keys out of the file once nothing needs them.")
        var dropOld = false

        @OptionGroup var settings: SettingArguments

        func run() async throws {
            let configuration = try await settings.read()
            let logger = Logger(label: "mynah")
            let database = try Installation.openExisting(configuration, logger: logger)
            try await database.closing { database in
                try await Installation.migrate(database, onlyCheck: true, logger: logger)
                let done = try await KeyRotation(database).run(configuration, dropsOld: dropOld)
                print("\(done.isNew ? "A new key was made. " : "")Encrypted anew: \(done.values) values.")
                print(Self.advice(done, isFile: configuration.encryptionKeys == nil))
            }
        }

        private static func advice(_ done: KeyRotation.Outcome, isFile: Bool) -> String {
            let backups = "Backups made before now still need it: keep it with them."
            if done.isDropped { return "Nothing needs the old key any more, and it was dropped. \(backups)" }
            return isFile
                ? "Nothing needs the old key any more: 'mynah key rotate --drop-old' drops it. \(backups)"
                : "Nothing needs the old key any more: take it out of ENCRYPTION_KEY. \(backups)"
        }
    }
}

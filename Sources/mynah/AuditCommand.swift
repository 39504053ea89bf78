import App
import ArgumentParser
import Logging
import Platform
import Storage

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "The trail of who changed what.", subcommands: [Verify.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Check that no entry was changed, taken out or cut off.",
            discussion: """
                Without a head that was published elsewhere, an end that was cut off cannot be seen: the log has one a \
                minute ('audit head'), and so has the file that AUDIT_HEAD_FILE names.
                """)

        @Option(help: "A head that was published, as SEQUENCE:MAC; may be given several times.")
        var head: [String] = []

        @Option(help: "The file of heads that AUDIT_HEAD_FILE named.")
        var headFile: String?

        @OptionGroup var settings: SettingArguments

        func run() async throws {
            let heads = try head.map { text in
                guard let head = AuditHead(text) else {
                    throw CommandFailure("--head \(text): not a head such as 12:5f… with 64 hexadecimal digits.")
                }
                return head
            }
            let configuration = try await settings.read()
            let logger = Logger(label: "mynah")
            let database = try Installation.openExisting(configuration, logger: logger)
            try await database.closing { database in
                try await Installation.migrate(database, onlyCheck: true, logger: logger)
                let outcome: AuditVerification.Outcome
                do {
                    outcome = try await AuditVerification(configuration, database: database)
                        .run(heads: heads, file: headFile)
                } catch let broken as AuditVerification.Broken {
                    throw CommandFailure("The audit trail is not intact: \(broken.description).")
                }
                print("All \(outcome.sealed) sealed entries are as they were sealed.")
                if let head = outcome.head { print("The head is \(head.text)") }
                if outcome.unsealed > 0 {
                    print("warning: \(outcome.unsealed) entries older than a minute have no seal; is a server running?")
                }
            }
        }
    }
}

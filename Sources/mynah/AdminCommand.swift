import Accounts
import App
import ArgumentParser
import Foundation
import Logging
import Storage

struct AdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin", abstract: "Make those who run the server.", subcommands: [Create.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Make an admin with all permissions.",
            discussion: "The password is the first line of standard input, or asked for if that is a terminal.")

        @Argument(help: "What the admin signs in by.")
        var username: String

        @Option(help: "The name to show; the user name if omitted.")
        var name: String?

        @OptionGroup var settings: SettingArguments

        func run() async throws {
            let configuration = try await settings.read()
            try configuration.resources.check()
            let logger = Logger(label: "mynah") { _ in SwiftLogNoOpLogHandler() }
            let database = try Installation.openExisting(configuration, logger: logger)
            try await database.closing { database in
                let password = try Self.password()
                try await Installation.migrate(database, onlyCheck: false, logger: logger)
                try await Setup(database).createAdmin(
                    username: username, name: name, password: password, configuration)
            }
            print("The admin \(username) can sign in now.")
        }

        private static func password() throws -> String {
            guard isatty(STDIN_FILENO) == 1 else {
                guard let line = readLine() else { throw CommandFailure("Standard input holds no password.") }
                return line
            }
            let first = try ask("Password: ")
            guard try ask("Once more: ") == first else { throw CommandFailure("The two passwords differ.") }
            return first
        }

        /// Without showing what is typed.
        private static func ask(_ question: String) throws -> String {
            var shown = termios()
            tcgetattr(STDIN_FILENO, &shown)
            var hidden = shown
            hidden.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
            // Not before: what is typed at the question must be neither shown nor flushed.
            FileHandle.standardError.write(Data(question.utf8))
            defer {
                tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
                FileHandle.standardError.write(Data("\n".utf8))
            }
            guard let line = readLine() else { throw CommandFailure("No password was given.") }
            return line
        }
    }
}

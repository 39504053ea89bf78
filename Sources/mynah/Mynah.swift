import App
import ArgumentParser
import Foundation

@main
struct Mynah: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mynah",
        abstract: "A self-hosted chatbot platform.",
        version: Version.current,
        subcommands: [
            ServeCommand.self, MigrateCommand.self, SeedCommand.self, AdminCommand.self, DoctorCommand.self,
            UserCommand.self, KeyCommand.self, AuditCommand.self, BackupCommand.self, RestoreCommand.self,
            ModelCommand.self, HealthCommand.self, OpenAPICommand.self, VersionCommand.self,
            ReadFileCommand.self,
        ])
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")
    func run() { print(Version.current) }
}

/// The settings that a command takes, as flags named like the environment's variables.
struct SettingArguments: ParsableArguments {
    @Argument(parsing: .allUnrecognized, help: .hidden)
    var settings: [String] = []

    func read() async throws -> ServerConfiguration {
        do {
            return try await ServerConfiguration.read(arguments: settings)
        } catch let problems as ServerConfiguration.Problems {
            guard problems.lines.count > 1 else { throw CommandFailure(problems.description) }
            throw CommandFailure(
                "The settings are not right:\n" + problems.lines.map { "  \($0)" }.joined(separator: "\n"))
        }
    }

    static var help: String {
        "Settings, from the command line, the environment or .env (secrets: not from the command line, where others see "
            + "them):\n"
            + Setting.all.map { setting in
                let name = setting.isSecret ? setting.name : "\(setting.name), \(setting.flag)"
                return "  \(name)\n      \(setting.help)" + (setting.standard.map { " Default: \($0)" } ?? "")
            }.joined(separator: "\n")
    }
}

/// What a command says when it fails: one clear message on standard error, and exit status 1.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

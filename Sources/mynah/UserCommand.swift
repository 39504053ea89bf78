import App
import ArgumentParser
import Logging
import Storage

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Change users' plans and credits.", subcommands: [Plan.self, Credits.self])

    struct Plan: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "plan", abstract: "Give a user another plan.")

        @Argument(help: "The user's name or e-mail address.")
        var name: String

        @Argument(help: "The plan's name or id, such as pro.")
        var plan: String

        @OptionGroup var settings: SettingArguments

        func run() async throws {
            let given = try await UserCommand.change(settings) { try await $0.setPlan(of: name, to: plan) }
            print("\(name) has the plan \(given) now.")
        }
    }

    struct Credits: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "credits", abstract: "Add to a user's credits, or set them.")

        @Argument(help: "The user's name or e-mail address.")
        var name: String

        @Argument(help: "In micro-units: 1000000 is one credit.")
        var amount: Int

        @Flag(help: "Set the balance to this, whatever it was.")
        var set = false

        @OptionGroup var settings: SettingArguments

        func run() async throws {
            let balance = try await UserCommand.change(settings) {
                try await $0.changeCredits(of: name, by: amount, sets: set)
            }
            print("\(name) has \(balance) micro-units now.")
        }
    }

    private static func change<Result>(
        _ settings: SettingArguments, _ body: (Allotment) async throws -> Result
    ) async throws -> Result {
        let configuration = try await settings.read()
        let logger = Logger(label: "mynah") { _ in SwiftLogNoOpLogHandler() }
        let database = try Installation.open(configuration, logger: logger)
        do {
            try await Installation.migrate(database, onlyCheck: true, logger: logger)
            let result = try await body(Allotment(database))
            await database.close()
            return result
        } catch {
            await database.close()
            throw error
        }
    }
}

import Accounts
import App
import ArgumentParser
import Chat
import Foundation
import HTTPKit
import Logging
import Platform
import Storage

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "See and change users.",
        subcommands: [
            List.self, Plan.self, Credits.self, Disable.self, Enable.self, Delete.self, Restore.self, Export.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Print the users, newest first: id, name, address, plan and state.")

        @Argument(help: "How the name or the e-mail address begins.")
        var search: String?

        @OptionGroup var settings: SettingArguments

        func run() async throws {
            try await UserCommand.open(settings) { database, _ in
                var after: String?
                repeat {
                    let page = try await UserAdministration(database).list(startingWith: search, after: after)
                    for user in page {
                        print([user.id, user.name, user.email, user.plan, user.state].joined(separator: "\t"))
                    }
                    after = page.last?.id
                } while after != nil
            }
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "disable", abstract: "Sign a user out, and refuse its sign-in, keys and tokens.")

        @Argument(help: "The user's name or e-mail address.")
        var name: String

        @OptionGroup var settings: SettingArguments

        func run() async throws {
            try await UserCommand.open(settings) { database, _ in
                try await UserAdministration(database).setDisabled(name, true)
            }
            print("\(name) is disabled now.")
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "enable", abstract: "Let a disabled user act again.")

        @Argument(help: "The user's name or e-mail address.")
        var name: String

        @OptionGroup var settings: SettingArguments

        func run() async throws {
            try await UserCommand.open(settings) { database, _ in
                try await UserAdministration(database).setDisabled(name, false)
            }
            print("\(name) can sign in again.")
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete", abstract: "Delete a user, who can be restored for a while.")

        @Argument(help: "The user's name or e-mail address.")
        var name: String

        @Option(help: "Why; it is kept in the record.")
        var reason: String

        @Flag(help: "Keep what was the user's for 30 days after the purge.")
        var export = false

        @OptionGroup var settings: SettingArguments

        func run() async throws {
            try await UserCommand.open(settings) { database, _ in
                try await UserAdministration(database).delete(name, reason: reason, wantsExport: export)
            }
            print("\(name) is deleted; 'mynah user restore' brings the user back until the purge.")
        }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "restore", abstract: "Restore a deleted user.")

        @Argument(help: "The user's name or e-mail address.")
        var name: String

        @OptionGroup var settings: SettingArguments

        func run() async throws {
            try await UserCommand.open(settings) { database, _ in try await UserAdministration(database).restore(name) }
            print("\(name) is back.")
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export", abstract: "Print all that is a user's, as JSON.")

        @Argument(help: "The user's name or e-mail address.")
        var name: String

        @OptionGroup var settings: SettingArguments

        func run() async throws {
            try await UserCommand.open(settings) { database, configuration in
                try await UserAdministration(database).export(name, to: .standardOutput, configuration)
            }
        }
    }

    struct Plan: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "plan", abstract: "Give a user another plan.")

        @Argument(help: "The user's name or e-mail address.")
        var name: String

        @Argument(help: "The plan's name or id, such as pro.")
        var plan: String

        @OptionGroup var settings: SettingArguments

        func run() async throws {
            let given = try await UserCommand.open(settings) { database, _ in
                try await UserAdministration(database).setPlan(of: name, to: plan)
            }
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
            let balance = try await UserCommand.open(settings) { database, _ in
                try await UserAdministration(database).changeCredits(of: name, by: amount, sets: set)
            }
            print("\(name) has \(balance) micro-units now.")
        }
    }

    private static func open<Result>(
        _ settings: SettingArguments, _ body: (Database, ServerConfiguration) async throws -> Result
    ) async throws -> Result {
        let configuration = try await settings.read()
        let logger = Logger(label: "mynah") { _ in SwiftLogNoOpLogHandler() }
        let database = try Installation.openExisting(configuration, logger: logger)
        return try await database.closing { database in
            try await Installation.migrate(database, onlyCheck: true, logger: logger)
            return try await body(database, configuration)
        }
    }
}

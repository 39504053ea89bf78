import App
import ArgumentParser
import Foundation
import Logging
import Platform
import Storage

struct SeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed", abstract: "Make data to try Mynah out with; refused in production.")

    @Flag(help: "A user, a chatbot and a key that everybody knows.")
    var demo = false

    @Flag(help: "Read the demo user's password from standard input instead of making one up.")
    var passwordStdin = false

    @OptionGroup var settings: SettingArguments

    func run() async throws {
        guard demo else { throw CommandFailure("There is one kind of data to make: mynah seed --demo") }
        let configuration = try await settings.read()
        try DemoData.requireDevelopment(configuration)
        let logger = Logger(label: "mynah") { _ in SwiftLogNoOpLogHandler() }
        let password = passwordStdin ? readLine() ?? "" : DemoData.randomPassword()
        guard (8...256).contains(password.unicodeScalars.count) else {
            throw CommandFailure("A password has 8 to 256 characters.")
        }
        let database = try Installation.open(configuration, logger: logger)
        try await database.closing { database in
            try await Installation.migrate(database, onlyCheck: false, logger: logger)
            let made = try await DemoData.make(in: database, configuration, password: password)
            report(made, password: password, configuration)
        }
    }

    private func report(_ made: DemoData.Made, password: String, _ configuration: ServerConfiguration) {
        func line(_ isNew: Bool, _ what: String) { print("\(isNew ? "made " : "there")  \(what)") }
        let address = configuration.address().local
        line(made.user, "user \(DemoData.userID), \(DemoData.username), \(DemoData.email)")
        if made.user, !passwordStdin { print("       password, shown this once: \(password)") }
        line(made.chatbot, "chatbot \(DemoData.chatbotID), My First Chatbot")
        line(made.key, "key \(DemoData.key)")
        print(
            """

            Start the server with 'mynah serve', then try:
              curl \(address)/users/\(DemoData.userID) -H "X-API-Key: \(DemoData.key)"
              curl -X POST \(address)/chatbot/\(DemoData.chatbotID)/query -H "X-API-Key: \(DemoData.key)" \\
                -H "Content-Type: application/json" -d '{"message": "Hello, who am I?"}'
            """)
    }
}

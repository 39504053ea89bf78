import App
import ArgumentParser
import DatabaseMigrations
import Logging
import Storage

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the database to this version, or to another one.")

    @Flag(help: "Only show which migrations are applied.")
    var status = false

    @Option(help: "The number of the migration to go to, up or down; 0 takes everything back.")
    var to: Int?

    @Flag(help: "Allow a way down that drops data.")
    var force = false

    @OptionGroup var settings: SettingArguments

    func run() async throws {
        let configuration = try await settings.read()
        let database = try Installation.open(configuration, logger: Logger(label: "mynah"))
        do {
            let migrator = Migrator(database, Migrations.all)
            if status {
                for migration in try await migrator.status() {
                    print(
                        "\(migration.appliedAt == nil ? "waiting" : "applied")  \(migration.number)  \(migration.name)")
                }
            } else {
                let done = try await migrator.migrate(to: to, force: force)
                for migration in done { print("\(migration.number)  \(migration.name)") }
                print(done.isEmpty ? "Nothing to do." : "Done.")
            }
        } catch let error as StorageError {
            await database.close()
            throw CommandFailure(error.message.replacing("it needs force", with: "if you mean it, add --force"))
        }
        await database.close()
    }
}

import Accounts
import App
import ArgumentParser
import Foundation
import Hummingbird
import LLM
import Logging
import Platform
import ServiceLifecycle
import Storage
import UnixSignals
import Upstream

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the server; the database is brought up to date first.",
        discussion: SettingArguments.help)

    @Flag(help: "Do not change the database; refuse to start if it is not up to date.")
    var noMigrate = false

    @OptionGroup var settings: SettingArguments

    func run() async throws {
        let configuration = try await settings.read()
        try configuration.resources.check()
        let output = try configuration.logFile.map(LogOutput.init(path:)) ?? .standardError
        LoggingSystem.bootstrap { label in
            LineLogHandler(
                label: label, level: configuration.logLevel, format: configuration.logFormat, output: output)
        }
        let logger = Logger(label: "mynah")
        Installation.allowManyConnections()
        Installation.returnLargeMemory()
        let database = try Installation.open(configuration, logger: logger)
        try await database.closing { database in
            try await Installation.migrate(database, onlyCheck: noMigrate, logger: logger)
            try await DemoData.refuse(in: database, configuration)
            for warning in try await database.warnings() { logger.warning("\(warning)") }
            try await serve(configuration, database: database, output: output, logger: logger)
        }
    }

    private func serve(
        _ configuration: ServerConfiguration, database: Database, output: LogOutput, logger: Logger
    ) async throws {
        let http = Installation.httpClient(configuration)
        defer { http.shutdown() }
        do {
            let app = try App(configuration, database: database, http: http, logger: logger)
            let application = app.application { port in
                let address = configuration.address(port: port)
                logger.notice("Mynah \(Version.current) is ready at \(address.local)")
                await Self.offerSetup(database, at: address.url, logger: logger)
            }
            let group = ServiceGroup(
                configuration: .init(
                    services: [
                        .init(service: application, successTerminationBehavior: .gracefullyShutdownGroup),
                        // Stopped first: the server can only close when its streams have ended.
                        .init(service: ReplyDrain(finish: app.finishReplies)),
                    ] + (output.isFile ? [.init(service: LogReopening(output: output, logger: logger))] : []),
                    gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
            try await group.run()
        } catch {
            throw Self.explained(error, configuration)
        }
        logger.notice("Mynah has stopped")
    }

    /// Prints the link to standard output, not to the log, because it gives any reader control of the server.
    private static func offerSetup(_ database: Database, at address: String, logger: Logger) async {
        do {
            guard let link = try await Setup(database).link(at: address) else { return }
            let line = "There is no operator yet. Make the first admin at \(link)\n"
            try FileHandle.standardOutput.write(contentsOf: Data(line.utf8))
        } catch {
            logger.warning("The link to make the first admin could not be shown: \(error)")
        }
    }

    private static func explained(_ error: any Error, _ configuration: ServerConfiguration) -> any Error {
        let text = String(describing: error)
        guard text.contains("EADDRINUSE") || text.contains("Address already in use") else { return error }
        return CommandFailure(
            "Port \(configuration.port) on \(configuration.host) is in use. Stop what uses it, or choose another with PORT."
        )
    }
}

/// Reopens the log's file on SIGHUP. Without a file, SIGHUP ends the server as it ends other programs.
private struct LogReopening: Service {
    let output: LogOutput
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            do {
                try output.reopen()
            } catch {
                logger.error("log file not reopened", metadata: ["cause": .string(String(describing: error))])
            }
        }
    }
}

/// Waits for running replies when the server is told to stop. It holds no more than the call, for services are shown
/// whole in the log at its most talkative levels.
private struct ReplyDrain: Service {
    let finish: @Sendable () async -> Void

    func run() async throws {
        try await gracefulShutdown()
        await finish()
    }
}

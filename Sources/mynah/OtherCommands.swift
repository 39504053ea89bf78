import App
import ArgumentParser
import Foundation
import LLM
import Logging
import Storage
import Upstream

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check the settings, the database, the files and the model, and say what to do.")

    @Flag(help: "Also make one small call to each provider that is set up, which may cost a fraction of a cent.")
    var online = false

    @OptionGroup var settings: SettingArguments

    func run() async throws {
        let configuration = try await settings.read()
        var isWell = true
        let doctor = Doctor(configuration)
        var findings = await doctor.examine()
        if online { findings += await doctor.callProviders() }
        for finding in findings {
            let state = finding.isWell ? finding.isWarning ? "warn" : "ok  " : "FAIL"
            print("\(state)  \(finding.subject): \(finding.text)")
            isWell = isWell && finding.isWell
        }
        guard isWell else { throw ExitCode(1) }
    }
}

struct OpenAPICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openapi", abstract: "Print the OpenAPI document.")

    @OptionGroup var settings: SettingArguments

    func run() async throws {
        let configuration = try await settings.read()
        try configuration.resources.check()
        let logger = Logger(label: "mynah") { _ in SwiftLogNoOpLogHandler() }
        let folder = FileManager.default.temporaryDirectory.appending(path: "mynah-openapi-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var plain = configuration
        plain.databaseURL = "sqlite://\(folder)/mynah.sqlite"
        let database = try Installation.open(plain, logger: logger)
        let http = Installation.httpClient(plain)
        let document = try App(plain, database: database, http: http, logger: logger).openAPIDocument
        http.shutdown()
        await database.close()
        FileHandle.standardOutput.write(Data(document + [10]))
    }
}

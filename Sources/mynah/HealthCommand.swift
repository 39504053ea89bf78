import App
import ArgumentParser
import NIOCore
import NIOHTTP1
import Upstream

/// A health check for containers, which have no curl.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask the server on this machine whether it accepts requests.",
        discussion: "Exits with status 0 if it does, and with 1 and the reason if not.")

    @OptionGroup var settings: SettingArguments

    func run() async throws {
        let configuration = try await settings.read()
        let url = "http://\(Self.address(configuration.host)):\(configuration.port)/health/ready"
        let http = UpstreamClient(connectTimeout: .seconds(3), allowsPrivate: true)
        defer { http.shutdown() }
        do {
            let answer = try await http.answer(to: UpstreamRequest(url: url), upTo: 65_536, within: .seconds(5))
            guard answer.head.status.code == 200 else {
                throw CommandFailure("\(url) answered \(answer.head.status.code): \(String(buffer: answer.body))")
            }
        } catch let error as UpstreamError {
            throw CommandFailure("\(url): \(error)")
        }
        print("ok")
    }

    /// The address to reach a server that listens on `host`.
    private static func address(_ host: String) -> String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "[::1]"
        default: host.contains(":") ? "[\(host)]" : host
        }
    }
}

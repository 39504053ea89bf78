import Foundation
import Redis
import Testing
import Texts

@testable import App

/// A real Redis on a free port, which a test can stop, freeze and start again. Nothing of it is kept.
final class RedisProcess: Sendable {
    let port: Int
    let password: String?
    private nonisolated(unsafe) var process: Process?

    init(password: String? = nil) {
        port = freePort()
        self.password = password
    }

    var server: RedisServer {
        get throws { try RedisServer("redis://\(password.map { ":\($0)@" } ?? "")127.0.0.1:\(port)/3") }
    }

    func start() throws {
        let process = Process()
        process.executableURL = URL(filePath: try neededProgram("/usr/bin/redis-server"))
        process.arguments =
            [
                "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir",
                FileManager.default.temporaryDirectory.path,
            ]
            + (password.map { ["--requirepass", $0] } ?? [])
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
        while !isListening, process.isRunning { usleep(10_000) }
    }

    private var isListening: Bool {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(client) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    func stop() {
        guard let process, process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func freeze() { kill(process!.processIdentifier, SIGSTOP) }
    func thaw() { kill(process!.processIdentifier, SIGCONT) }
}

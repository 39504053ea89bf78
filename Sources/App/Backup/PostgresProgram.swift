import Foundation
import Platform
import Storage
import Synchronization

/// Runs PostgreSQL's own programs. They block the thread that runs them.
final class PostgresProgram: Sendable {
    private let command: PostgresCommand
    private let running = Mutex<(pid: pid_t?, isCancelled: Bool)>((nil, false))

    init(_ command: PostgresCommand) { self.command = command }

    /// Ends what runs, and lets nothing begin any more.
    func cancel() {
        running.withLock { running in
            running.isCancelled = true
            if let pid = running.pid { kill(pid, SIGTERM) }
        }
    }

    /// Runs a program on the database and returns what it prints. Throws `StartError` with the first line of what it says
    /// if it fails.
    /// - Parameter output: the path of a file for what it says, which is made and removed.
    @discardableResult
    func run(_ name: String, _ arguments: [String], output: String, connects: Bool = true) throws -> String {
        defer { unlink(output) }
        let connection = connects ? ["--dbname=\(command.connection)"] : []
        let status = try spawn(name, arguments + connection, output)
        let said = FileManager.default.contents(atPath: output).map { String(decoding: $0, as: UTF8.self) } ?? ""
        if running.withLock({ $0.isCancelled }) { throw CancellationError() }
        guard status != 0 else { return said }
        let line = said.split(separator: "\n").first { $0.contains("error:") } ?? said.split(separator: "\n").first
        let text = line?.replacing("\(name): error: ", with: "") ?? "it ended with status \(status)"
        if text.contains("No space left on device") { throw StartError("\(name): no room is left on the disk.") }
        throw StartError("\(name) failed: \(text)")
    }

    private func spawn(_ name: String, _ arguments: [String], _ output: String) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // Messages in English, and none of this process' secrets.
        let inherited = ProcessInfo.processInfo.environment.filter { name, _ in
            ["PATH", "HOME", "TMPDIR"].contains(name) || name.hasPrefix("PG")
        }
        let environment = inherited.merging(command.environment) { $1 }.merging(["LC_ALL": "C"]) { $1 }
        let (argv, envp) = (
            ([name] + arguments).map { strdup($0) } + [nil], environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        )
        defer { for text in argv + envp { free(text) } }
        var pid = pid_t()
        let code = running.withLock { running in
            if running.isCancelled { return ECANCELED }
            let code = posix_spawnp(&pid, name, &actions, nil, argv, envp)
            if code == 0 { running.pid = pid }
            return code
        }
        switch code {
        case 0: break
        case ECANCELED: throw CancellationError()
        case ENOENT:
            throw StartError("The program \(name) is not installed (Debian: apt install postgresql-client).")
        default: throw StartError("\(name) cannot be run: \(String(cString: strerror(code))).")
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        running.withLock { $0.pid = nil }
        return status
    }
}

import CSandbox
import Foundation

/// Runs programs of the system inside the sandbox.
struct Program {
    let sandbox: Sandbox
    let folder: String

    private static let folders = ["/usr/local/bin", "/usr/bin", "/bin"]
    /// What is kept of a program's messages, in bytes.
    private static let messages = 4096

    struct Ending {
        let output: [UInt8]
        let messages: String
        /// As `waitpid` tells it.
        let status: Int32

        var isWell: Bool { status == 0 }
        private var signal: Int32 { status & 0x7F }

        /// What its failure says about the file.
        var failure: ReadingFailure {
            let said = messages.lowercased()
            if signal == SIGXCPU { return .tooSlow }
            if signal == SIGKILL || ["memory", "bad_alloc", "heap exhausted"].contains(where: said.contains) {
                return .tooLarge
            }
            return said.contains("password") || said.contains("encrypted") ? .encrypted : .damaged
        }
    }

    static func path(_ tool: Tool) -> String? {
        if tool == .openpyxl {
            let folders = ["/usr/lib/python3/dist-packages", "/usr/local/lib/python3/dist-packages"]
            return folders.map { "\($0)/openpyxl/__init__.py" }.first { access($0, R_OK) == 0 }
        }
        return folders.map { "\($0)/\(tool.rawValue)" }.first { access($0, X_OK) == 0 }
    }

    /// Runs a program to its end and returns what it printed. Throws `too_large` if that is too much.
    func run(_ tool: Tool, _ arguments: [String], threads: Bool = false) throws(ReadingFailure) -> Ending {
        try run(tool, arguments, input: sandbox.null, threads: threads)
    }

    /// Runs a program on what another prints.
    func run(_ tool: Tool, _ arguments: [String], on source: Tool, _ its: [String]) throws(ReadingFailure) -> Ending {
        let between = try Self.pipe()
        let first = try start(source, its, sandbox.null, between.write, sandbox.null)
        close(between.write)
        defer {
            close(between.read)
            _ = Self.wait(first)
        }
        return try run(tool, arguments, input: between.read)
    }

    private func run(
        _ tool: Tool, _ arguments: [String], input: Int32, threads: Bool = false
    ) throws(ReadingFailure) -> Ending {
        let (output, errors) = (try Self.pipe(), try Self.pipe())
        let id = try start(tool, arguments, input, output.write, errors.write, threads: threads)
        close(output.write)
        close(errors.write)
        let (printed, said) = Self.collect(output.read, errors.read)
        close(output.read)
        close(errors.read)
        let status = Self.wait(id)
        guard let printed else { throw .tooLarge }
        return Ending(output: printed, messages: String(decoding: said, as: UTF8.self), status: status)
    }

    private func start(
        _ tool: Tool, _ arguments: [String], _ input: Int32, _ output: Int32, _ errors: Int32, threads: Bool = false
    ) throws(ReadingFailure) -> pid_t {
        guard let path = Self.path(tool) else { throw .readerMissing }
        let environment = [
            "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "HOME=\(folder)", "TMPDIR=\(folder)",
            "OMP_THREAD_LIMIT=1", "MALLOC_ARENA_MAX=1", "PYTHONDONTWRITEBYTECODE=1",
        ]
        let (argv, envp) = (([path] + arguments).map { strdup($0) } + [nil], environment.map { strdup($0) } + [nil])
        defer { for text in argv + envp { free(text) } }
        let id = sandbox_spawn(path, argv, envp, input, output, errors, threads)
        guard id > 0 else { throw .readingFailed }
        return id
    }

    private static func pipe() throws(ReadingFailure) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard Foundation.pipe(&ends) == 0 else { throw .readingFailed }
        return (ends[0], ends[1])
    }

    /// Reads both until they end. The output is nil if it is too long; its writer then cannot go on.
    private static func collect(_ output: Int32, _ errors: Int32) -> (output: [UInt8]?, errors: [UInt8]) {
        var (printed, said): ([UInt8], [UInt8]) = ([], [])
        var waiting = [pollfd(fd: output, events: Int16(POLLIN), revents: 0)]
        waiting.append(pollfd(fd: errors, events: Int16(POLLIN), revents: 0))
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while waiting.contains(where: { $0.fd >= 0 }) {
            guard poll(&waiting, nfds_t(waiting.count), -1) >= 0 || errno == EINTR else { break }
            for at in waiting.indices where waiting[at].fd >= 0 && waiting[at].revents != 0 {
                let count = read(waiting[at].fd, buffer.baseAddress, buffer.count)
                guard count > 0 else {
                    waiting[at].fd = -1
                    continue
                }
                if at == 0 { printed += buffer[..<count] } else { said += buffer[..<min(count, messages - said.count)] }
                if printed.count > ReadingLimits.output { return (nil, said) }
            }
        }
        return (printed, said)
    }

    private static func wait(_ id: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        return status
    }
}

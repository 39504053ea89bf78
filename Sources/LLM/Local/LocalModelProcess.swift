import Logging
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A script in the Python of its own environment. It holds the other end of the child's standard input: when this
/// process ends, however it ends, the child sees the end of its input and leaves too.
struct LocalModelProcess: Sendable {
    enum Failure: Error, CustomStringConvertible {
        case unhealthy

        var description: String { "it no longer answers" }
    }

    private let python: String
    private let script: String
    private let options: [String]
    private let logger: Logger

    init(program: String, environment: String, options: [String], logger: Logger) {
        python = "\(environment)/bin/python"
        script = program
        self.options = options
        self.logger = logger
    }

    /// Why it cannot be started; `nil` if it can.
    var missing: String? {
        for path in [python, script] where access(path, R_OK) != 0 {
            return "The local model is not installed (\(path) is missing): run `mynah model install`."
        }
        return nil
    }

    /// Runs the process to its end, and says why it ended. `onAddress` gets the address once the model answers, runs
    /// beside the process, and ends it by throwing. Cancelling stops the process: SIGTERM, and SIGKILL 3 s later.
    func run(key: String, onAddress: @escaping @Sendable (String) async throws -> Void) async throws -> String {
        // Else writing to a process that has just gone would end this one.
        signal(SIGPIPE, SIG_IGN)
        var platform = PlatformOptions()
        platform.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .seconds(3))]
        let result = try await Subprocess.run(
            .path(FilePath(python)),
            arguments: Arguments(["-I", "-u", script] + options),
            environment: .custom(["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"]),
            // Libraries look for their parts in the working folder, which depends on how the server was started.
            workingDirectory: FilePath("/"),
            platformOptions: platform,
            input: .inputWriter,
            output: .sequence,
            error: .sequence
        ) { execution in
            // If it fails the process has gone, and its last words say why.
            _ = try? await execution.standardInputWriter.write(Array("\(key)\n".utf8))
            return try await withThrowingTaskGroup(of: Ending?.self) { group in
                group.addTask {
                    var last: String?
                    do {
                        for try await line in execution.standardError.strings() {
                            logger.debug("local model: \(line)")
                            last = line
                        }
                    } catch {
                        // The process has gone, which the end of its output would have said as well.
                    }
                    return Ending(lastWords: last)
                }
                group.addTask {
                    var output = execution.standardOutput.strings().makeAsyncIterator()
                    if let address = try? await output.next() { try await onAddress(address) }
                    return nil
                }
                defer { group.cancelAll() }
                while let ending = try await group.next() {
                    if let ending { return ending.lastWords }
                }
                return nil
            }
        }
        switch result.terminationStatus {
        case .exited(let code): return result.closureResult ?? "it exited with \(code)"
        case .signaled(let signal): return "it was ended by signal \(signal)"
        }
    }

    private struct Ending {
        var lastWords: String?
    }
}

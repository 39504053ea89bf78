package import Platform
import Synchronization
import SystemPackage

/// Standard error, or a file that can be reopened after a program such as logrotate has moved it.
package final class LogOutput: Sendable {
    package static let standardError = LogOutput(path: nil, .standardError)

    private let path: String?
    private let file: Mutex<FileDescriptor>

    private init(path: String?, _ file: FileDescriptor) {
        self.path = path
        self.file = Mutex(file)
    }

    package convenience init(path: String) throws(StartError) {
        let file: FileDescriptor
        do {
            file = try Self.open(path)
        } catch {
            throw StartError("LOG_FILE: '\(path)' cannot be written: \(error)")
        }
        self.init(path: path, file)
    }

    private static func open(_ path: String) throws -> FileDescriptor {
        try .open(
            FilePath(path), .writeOnly, options: [.append, .create, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead])
    }

    /// Whether there is a file to reopen.
    package var isFile: Bool { path != nil }

    func write(_ line: String) {
        // A log that cannot be written, such as on a full disk, must not end the server.
        file.withLock { file in _ = try? file.writeAll(line.utf8) }
    }

    /// Continues in a new file of the same name. If that cannot be opened, the old file is kept.
    package func reopen() throws {
        guard let path else { return }
        let new = try Self.open(path)
        let old = file.withLock { file in
            defer { file = new }
            return file
        }
        try old.close()
    }
}

import Archive
import Foundation
import Platform

/// A file that is written, or read, from its beginning to its end.
final class BackupFile: ArchiveSink, ArchiveSource {
    private static let piece = 256 << 10

    let path: String
    private let descriptor: Int32
    private(set) var bytes: Int64 = 0

    /// Makes a file, for its owner only. Throws `StartError` if it exists.
    init(making path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("\(path) cannot be made") }
    }

    init(reading path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else { throw Self.failure("\(path) cannot be read") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw StartError("\(path) is not a file.") }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The size in bytes.
    static func size(of path: String) throws -> Int64 {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw failure("\(path) cannot be read") }
        return Int64(status.st_size)
    }

    func write(_ bytes: [UInt8]) async throws {
        try put(bytes)
    }

    func put(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = systemWrite(descriptor, bytes.baseAddress! + written, bytes.count - written)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw Self.failure("\(path) cannot be written") }
                written += count
            }
        }
        self.bytes += Int64(bytes.count)
    }

    func next() async throws -> [UInt8]? { try take() }

    /// Returns the next bytes; nil at the end.
    func take() throws -> [UInt8]? {
        var failed = false
        let piece = [UInt8](unsafeUninitializedCapacity: Self.piece) { space, count in
            var read = 0
            repeat { read = systemRead(descriptor, space.baseAddress!, space.count) } while read < 0 && errno == EINTR
            failed = read < 0
            count = max(0, read)
        }
        if failed { throw Self.failure("\(path) cannot be read") }
        return piece.isEmpty ? nil : piece
    }

    func sync() throws {
        guard fsync(descriptor) == 0 else { throw Self.failure("\(path) cannot be written to disk") }
    }

    /// Gives a finished file its name. Throws `StartError` if that is taken.
    static func publish(_ draft: String, as path: String) throws {
        if link(draft, path) != 0 {
            let reason = errno
            guard reason != EEXIST, !FileManager.default.fileExists(atPath: path) else {
                throw StartError("\(path) exists already, and nothing is ever replaced.")
            }
            // Some file systems have no links.
            guard [EPERM, ENOTSUP, EOPNOTSUPP, ENOSYS, EMLINK].contains(reason), rename(draft, path) == 0 else {
                throw Self.failure("\(path) cannot be made")
            }
        }
        unlink(draft)
        let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    /// Reads `errno`.
    static func failure(_ what: String) -> StartError {
        let code = errno
        return code == ENOSPC || code == EDQUOT
            ? StartError("\(what): no room is left on the disk.")
            : StartError("\(what): \(String(cString: strerror(code))).")
    }
}

/// `write` and `read`, which methods of these names would hide.
private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int { write(file, bytes, count) }
private func systemRead(_ file: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(file, bytes, count)
}

import Crypto
import Foundation

/// Lines of hashes and names, in a file because there may be millions of them.
final class SumsFile {
    private static let piece = 256 << 10

    private let handle: FileHandle
    private var pending: [UInt8] = []

    init(path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forUpdatingAtPath: path)
        else { throw ArchiveError(.memory, "\(path) cannot be made") }
        self.handle = handle
    }

    deinit { try? handle.close() }

    func add(_ name: String, _ hash: SHA256.Digest) throws {
        pending += Self.line(name, hash).utf8
        pending.append(10)
        if pending.count >= Self.piece { try flush() }
    }

    static func line(_ name: String, _ hash: SHA256.Digest) -> String {
        hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "  \(name)"
    }

    /// The size of all lines in bytes; they are read from the first one then.
    func rewind() throws -> Int64 {
        try flush()
        let size = try handle.seekToEnd()
        try handle.seek(toOffset: 0)
        return Int64(size)
    }

    /// Returns the next bytes; nil at the end.
    func read() throws -> [UInt8]? {
        guard let data = try handle.read(upToCount: Self.piece), !data.isEmpty else { return nil }
        return Array(data)
    }

    private func flush() throws {
        try handle.write(contentsOf: Data(pending))
        pending = []
    }
}

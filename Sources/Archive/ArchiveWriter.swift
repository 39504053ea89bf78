import Crypto
import Foundation

/// Writes an archive: tar, compressed by gzip and, with a passphrase, encrypted. Its last entry, `SHA256SUMS`, has the
/// hash of each entry as `sha256sum --check` reads it. Takes little memory, however large the archive is.
package final class ArchiveWriter {
    package static let sumsName = "SHA256SUMS"

    private let sink: any ArchiveSink
    private let sums: SumsFile
    private let time: Int64
    private let deflater: Deflater
    private let sealer: Sealer?
    private var entry: ArchiveEntry?
    private var written: Int64 = 0
    private var hash = SHA256()

    /// - Parameter sums: the path of a file that is made to remember the hashes in.
    /// - Parameter time: when the entries were made, in seconds since 1970.
    package init(_ sink: any ArchiveSink, passphrase: String?, sums: String, time: Int64) async throws {
        self.sink = sink
        self.sums = try SumsFile(path: sums)
        self.time = time
        deflater = try Deflater()
        sealer = try passphrase.map { try Sealer(passphrase: $0) }
        if let sealer { try await sink.write(sealer.header) }
    }

    /// Begins an entry, which must be followed by exactly so many bytes.
    /// - Parameter name: at most 100 bytes of ASCII.
    package func begin(_ name: String, size: Int64) async throws {
        try await end()
        entry = ArchiveEntry(name: name, size: size)
        written = 0
        hash = SHA256()
        try await put(TarHeader.file(name, size: size, time: time))
    }

    package func write(_ bytes: [UInt8]) async throws {
        hash.update(data: bytes)
        written += Int64(bytes.count)
        try await put(bytes)
    }

    package func add(_ name: String, _ bytes: [UInt8]) async throws {
        try await begin(name, size: Int64(bytes.count))
        try await write(bytes)
    }

    /// Ends the archive. The sink has all of it then.
    package func finish() async throws {
        try await end()
        let size = try sums.rewind()
        try await put(TarHeader.file(Self.sumsName, size: size, time: time))
        while let piece = try sums.read() { try await put(piece) }
        try await put([UInt8](repeating: 0, count: TarHeader.padding(after: size) + 2 * TarHeader.block), isLast: true)
    }

    private func end() async throws {
        guard let entry else { return }
        self.entry = nil
        guard written == entry.size else {
            throw ArchiveError(.damaged, "\(entry.name) changed while it was read")
        }
        try sums.add(entry.name, hash.finalize())
        try await put([UInt8](repeating: 0, count: TarHeader.padding(after: entry.size)))
    }

    private func put(_ bytes: [UInt8], isLast: Bool = false) async throws {
        if bytes.isEmpty, !isLast { return }
        let compressed = deflater.compress(bytes, isLast: isLast)
        let sealed = try sealer?.seal(compressed, isLast: isLast) ?? compressed
        if !sealed.isEmpty { try await sink.write(sealed) }
    }
}

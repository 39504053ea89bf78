import Crypto
import Foundation

/// Reads what `ArchiveWriter` wrote, and checks each entry against its hash.
package final class ArchiveReader {
    private let tar: TarReader
    private let sums: SumsFile
    private var entry: ArchiveEntry?
    private var hash = SHA256()

    /// Whether the archive is encrypted.
    package let isEncrypted: Bool

    /// Reads the beginning of an archive. Throws `ArchiveError`: `wrongPassphrase` also if the archive is encrypted and
    /// there is no passphrase.
    /// - Parameter sums: the path of a file that is made to remember the hashes in.
    package init(_ source: any ArchiveSource, passphrase: String?, sums: String) async throws {
        self.sums = try SumsFile(path: sums)
        var beginning: [UInt8] = []
        while beginning.count < SealedFormat.headerSize, let more = try await source.next() { beginning += more }
        isEncrypted = beginning.starts(with: SealedFormat.magic)
        let plain: any ArchiveSource
        if isEncrypted {
            guard let passphrase else {
                throw ArchiveError(.wrongPassphrase, "it is encrypted, and no passphrase is given")
            }
            plain = try Opener(
                source, header: Array(beginning.prefix(SealedFormat.headerSize)),
                beginning: Array(beginning.dropFirst(SealedFormat.headerSize)), passphrase: passphrase)
        } else {
            // What begins with a part of either mark is not foreign, but it has no more.
            guard beginning.starts(with: [0x1f, 0x8b]) else {
                throw beginning.isEmpty || SealedFormat.magic.starts(with: beginning) || beginning == [0x1f]
                    ? ArchiveError.cutOff(in: "its beginning") : ArchiveError(.foreign, "it is not a backup")
            }
            plain = Rest(beginning: beginning, source)
        }
        tar = TarReader(try Inflater(plain))
    }

    /// Returns the next entry; nil at the end of the archive, once all hashes are as they were written.
    package func next() async throws -> ArchiveEntry? {
        if let entry {
            while try await read() != nil {}
            try sums.add(entry.name, hash.finalize())
            self.entry = nil
        }
        guard let found = try await tar.next() else { throw ArchiveError.cutOff(in: "the middle: it has no hashes") }
        guard found.name == ArchiveWriter.sumsName else {
            (entry, hash) = (found, SHA256())
            return found
        }
        try await compare()
        guard try await tar.next() == nil else { throw ArchiveError(.damaged, "an entry follows its hashes") }
        return nil
    }

    /// Returns the next bytes of the current entry; nil at its end.
    package func read() async throws -> [UInt8]? {
        guard let piece = try await tar.read() else { return nil }
        hash.update(data: piece)
        return piece
    }

    /// Compares the lines of the last entry with those of the entries that were read.
    private func compare() async throws {
        _ = try sums.rewind()
        var (wanted, found) = (Lines(), Lines())
        while true {
            let line = found.next()
            if line == nil, let more = try sums.read() {
                found.add(more)
                continue
            }
            var other = wanted.next()
            while other == nil, let more = try await tar.read() {
                wanted.add(more)
                other = wanted.next()
            }
            if line == nil, other == nil, wanted.isEmpty { return }
            guard line == other else {
                let name = (line ?? other).map { String(decoding: $0.dropFirst(66), as: UTF8.self) }
                throw ArchiveError(.damaged, "\(name ?? ArchiveWriter.sumsName) is not as it was written")
            }
        }
    }

    /// Lines out of pieces.
    private struct Lines {
        private var pending: [UInt8] = []
        private var start = 0

        var isEmpty: Bool { start == pending.count }

        mutating func add(_ bytes: [UInt8]) {
            pending.removeFirst(start)
            start = 0
            pending += bytes
        }

        /// Returns the next line; nil if there is no whole one.
        mutating func next() -> [UInt8]? {
            guard let end = pending[start...].firstIndex(of: 10) else { return nil }
            defer { start = end + 1 }
            return Array(pending[start..<end])
        }
    }

    /// What was read already, and then the rest.
    private final class Rest: ArchiveSource {
        private var beginning: [UInt8]?
        private let source: any ArchiveSource

        init(beginning: [UInt8], _ source: any ArchiveSource) {
            self.beginning = beginning
            self.source = source
        }

        func next() async throws -> [UInt8]? {
            if let bytes = beginning {
                beginning = nil
                return bytes
            }
            return try await source.next()
        }
    }
}

import CZlib

/// Reads one entry of a ZIP archive, a piece at a time. Throws at its end if the bytes are not those that were written.
package final class ZipReader: ArchiveSource {
    /// An entry may expand to this many bytes, and beyond it to `mostRatio` times its size in the archive: text never
    /// does more.
    private static let (alwaysAllowed, mostRatio) = (64 << 20, 200)

    private let entry: ZipEntry
    private let stored: Stored
    private let source: any ArchiveSource
    private var crc: UInt = 0
    private var count = 0

    /// Bytes of the archive that have been read.
    package var taken: Int { stored.taken }

    package init(_ entry: ZipEntry, of archive: any ZipSource) async throws {
        guard !entry.isEncrypted else { throw ArchiveError(.encrypted, "it is encrypted") }
        guard entry.header <= archive.bytes - 30, entry.compressedBytes <= archive.bytes else {
            throw ArchiveError(.damaged, "an entry lies outside of it")
        }
        let header = LittleEndian(try await archive.read(entry.header..<entry.header + 30))
        guard header.int(0, 4) == 0x0403_4B50, let name = header.int(26, 2), let extra = header.int(28, 2),
            entry.header + 30 + name + extra <= archive.bytes - entry.compressedBytes
        else { throw ArchiveError(.damaged, "an entry is not where its directory says") }
        let start = entry.header + 30 + name + extra
        self.entry = entry
        stored = Stored(archive, start..<start + entry.compressedBytes)
        switch entry.method {
        case 0: source = stored
        case 8: source = try Inflater(stored, isRaw: true)
        default: throw ArchiveError(.unsupported, "an entry is compressed by a method that is not read")
        }
    }

    package func next() async throws -> [UInt8]? {
        guard let piece = try await source.next() else {
            guard UInt32(truncatingIfNeeded: crc) == entry.crc else {
                throw ArchiveError(.damaged, "an entry's bytes are not those that were written")
            }
            return nil
        }
        count += piece.count
        guard count <= Self.alwaysAllowed || count / Self.mostRatio <= entry.compressedBytes else {
            throw ArchiveError(.tooLarge, "an entry expands to far more than text does")
        }
        crc = crc32(crc, piece, UInt32(piece.count))
        return piece
    }

    /// The bytes of the entry as they are in the archive.
    private final class Stored: ArchiveSource {
        private static let step = 1 << 20

        let archive: any ZipSource
        private let range: Range<Int>
        private(set) var taken = 0

        init(_ archive: any ZipSource, _ range: Range<Int>) {
            self.archive = archive
            self.range = range
        }

        func next() async throws -> [UInt8]? {
            let start = range.lowerBound + taken
            let end = min(start + Self.step, range.upperBound)
            guard start < end else { return nil }
            taken = end - range.lowerBound
            return try await archive.read(start..<end)
        }
    }
}

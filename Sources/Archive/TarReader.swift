/// A file of an archive.
package struct ArchiveEntry: Sendable, Equatable {
    /// A relative path without `.` and `..`.
    package let name: String
    /// The size in bytes.
    package let size: Int64
}

/// Reads plain files out of a tar archive, in order. It understands the formats ustar, pax and GNU.
final class TarReader {
    /// Maximum length of a name or an extended header, in bytes.
    private static let longestText: Int64 = 64 << 10

    private let source: any ArchiveSource
    private var buffer: [UInt8] = []
    private var position = 0
    /// Bytes of the current entry's content and of its padding that are not read yet.
    private var left: Int64 = 0
    private var padding = 0

    init(_ source: any ArchiveSource) { self.source = source }

    /// Returns the next file; nil at the end of the archive. Skips what is left of the file before, and folders.
    func next() async throws -> ArchiveEntry? {
        while try await read() != nil {}
        var longName: String?
        var records: [String: String] = [:]
        while true {
            let header = try await block()
            if header.allSatisfy({ $0 == 0 }) {
                try await readEnd()
                return nil
            }
            let parsed = try TarHeader.parse(header)
            switch parsed.type {
            case UInt8(ascii: "x"): records = try TarHeader.records(await text(parsed.size))
            case UInt8(ascii: "g"): _ = try await text(parsed.size)
            case UInt8(ascii: "L"): longName = try TarHeader.text(await text(parsed.size))
            case UInt8(ascii: "5"): (longName, records) = (nil, [:])
            case UInt8(ascii: "0"), 0:
                let name = try Self.checked(records["path"] ?? longName ?? parsed.name)
                let size = records["size"].map { Int64($0) ?? -1 } ?? parsed.size
                guard size >= 0, size < Int64.max - Int64(TarHeader.block) else {
                    throw ArchiveError(.damaged, "the size of \(name) is no number")
                }
                (left, padding) = (size, TarHeader.padding(after: size))
                return ArchiveEntry(name: name, size: size)
            default: throw ArchiveError(.unsafe, "\(parsed.name) is not a plain file")
            }
        }
    }

    /// Returns the next bytes of the current file; nil at its end.
    func read() async throws -> [UInt8]? {
        guard left > 0 else {
            if padding > 0 {
                let count = padding
                padding = 0
                _ = try await take(count)
            }
            return nil
        }
        try await fill()
        let count = Int(min(left, Int64(buffer.count - position)))
        let piece = Array(buffer[position..<position + count])
        position += count
        left -= Int64(count)
        return piece
    }

    /// Throws unless the name stays within the folder that the archive is unpacked in.
    private static func checked(_ name: String) throws(ArchiveError) -> String {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard !name.isEmpty, !name.utf8.contains(0), parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
            throw ArchiveError(.unsafe, "the name '\(name.prefix(100))' could lead out of the archive")
        }
        return name
    }

    private func text(_ size: Int64) async throws -> [UInt8] {
        guard size <= Self.longestText else { throw ArchiveError(.damaged, "the name of an entry is too long") }
        let bytes = try await take(Int(size))
        _ = try await take(TarHeader.padding(after: size))
        return bytes
    }

    private func block() async throws -> [UInt8] { try await take(TarHeader.block) }

    /// A second empty block, and then nothing but zeros.
    private func readEnd() async throws {
        var isEmpty = try await block().allSatisfy { $0 == 0 }
        while isEmpty {
            isEmpty = buffer[position...].allSatisfy { $0 == 0 }
            guard let more = try await source.next() else { break }
            (buffer, position) = (more, 0)
        }
        guard isEmpty else { throw ArchiveError(.damaged, "bytes follow its end") }
    }

    private func take(_ count: Int) async throws -> [UInt8] {
        var taken: [UInt8] = []
        taken.reserveCapacity(count)
        while taken.count < count {
            try await fill()
            let end = min(position + count - taken.count, buffer.count)
            taken += buffer[position..<end]
            position = end
        }
        return taken
    }

    private func fill() async throws {
        guard position == buffer.count else { return }
        guard let more = try await source.next() else { throw ArchiveError.cutOff(in: "the middle") }
        (buffer, position) = (more, 0)
    }
}

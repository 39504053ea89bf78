/// A ZIP archive's bytes, which are read in any order.
package protocol ZipSource: AnyObject, Sendable {
    var bytes: Int { get }
    /// The range lies within the archive.
    func read(_ range: Range<Int>) async throws -> [UInt8]
}

/// A file in a ZIP archive, as the directory at the archive's end describes it.
package struct ZipEntry: Sendable, Equatable {
    /// As it was written, with folders. Not a safe path.
    package let name: String
    /// Size in the archive.
    package let compressedBytes: Int
    /// Size as the directory says, which need not be true.
    package let bytes: Int
    package let isEncrypted: Bool
    let method: UInt16
    let crc: UInt32
    let header: Int
}

/// The list of files in a ZIP archive, also in the form for more than 4 GiB (ZIP64). Archives of several volumes are not
/// read.
package struct ZipDirectory: Sendable {
    package let entries: [ZipEntry]

    package static let mostEntries = 100_000
    private static let mostBytes = 32 << 20
    /// The end's record without its comment, and with the longest one.
    private static let (endBytes, mostEnd) = (22, 22 + 65_535)

    /// Whether the bytes begin like a ZIP archive, also an empty one.
    package static func begins(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6])
    }

    package init(_ source: any ZipSource) async throws {
        let (count, range) = try await Self.place(source)
        guard count <= Self.mostEntries, range.count <= Self.mostBytes else {
            throw ArchiveError(.tooLarge, "it has more than \(Self.mostEntries) entries")
        }
        let directory = LittleEndian(try await source.read(range))
        var (at, found) = (0, [ZipEntry]())
        while at < range.count, found.count < count {
            guard let (entry, length) = Self.entry(directory, at: at) else {
                throw ArchiveError(.damaged, "its directory is not as it was written")
            }
            found.append(entry)
            at += length
        }
        guard found.count == count else { throw ArchiveError.cutOff(in: "its directory") }
        entries = found
    }

    /// The number of entries, and the bytes that describe them.
    private static func place(_ source: any ZipSource) async throws -> (count: Int, range: Range<Int>) {
        let start = max(0, source.bytes - mostEnd)
        let tail = LittleEndian(try await source.read(start..<source.bytes))
        guard let end = tail.last(0x0605_4B50, before: tail.bytes.count - endBytes + 1) else {
            throw ArchiveError.cutOff(in: "its end")
        }
        var (count, length, offset) = (tail.int(end + 10, 2), tail.int(end + 12, 4), tail.int(end + 16, 4))
        if count == 0xFFFF || length == 0xFFFF_FFFF || offset == 0xFFFF_FFFF, end >= 20,
            tail.int(end - 20, 4) == 0x0706_4B50, let at = tail.int(end - 12, 8),
            let stop = Optional(at.addingReportingOverflow(56)), !stop.overflow, at >= 0,
            stop.partialValue <= source.bytes
        {
            let large = LittleEndian(try await source.read(at..<stop.partialValue))
            guard large.int(0, 4) == 0x0606_4B50 else {
                throw ArchiveError(.damaged, "its end is not as it was written")
            }
            (count, length, offset) = (large.int(32, 8), large.int(40, 8), large.int(48, 8))
        }
        guard let count, let length, let offset, offset <= source.bytes, length <= source.bytes - offset else {
            throw ArchiveError(.damaged, "its directory lies outside of it")
        }
        return (count, offset..<offset + length)
    }

    private static func entry(_ bytes: LittleEndian, at start: Int) -> (ZipEntry, length: Int)? {
        guard bytes.int(start, 4) == 0x0201_4B50, let flags = bytes.int(start + 8, 2),
            let method = bytes.int(start + 10, 2), let crc = bytes.int(start + 16, 4),
            var compressed = bytes.int(start + 20, 4), var expanded = bytes.int(start + 24, 4),
            let nameLength = bytes.int(start + 28, 2), let extraLength = bytes.int(start + 30, 2),
            let commentLength = bytes.int(start + 32, 2), var header = bytes.int(start + 42, 4)
        else { return nil }
        let (name, extra) = (start + 46, start + 46 + nameLength)
        guard extra + extraLength + commentLength <= bytes.bytes.count else { return nil }
        if var at = large(bytes, extra..<extra + extraLength) {
            func next(_ value: inout Int) {
                guard value == 0xFFFF_FFFF, let more = bytes.int(at, 8) else { return }
                (value, at) = (more, at + 8)
            }
            next(&expanded)
            next(&compressed)
            next(&header)
        }
        let entry = ZipEntry(
            name: String(decoding: bytes.bytes[name..<extra], as: UTF8.self), compressedBytes: compressed,
            bytes: expanded, isEncrypted: flags & 1 == 1, method: UInt16(method), crc: UInt32(crc), header: header)
        return (entry, 46 + nameLength + extraLength + commentLength)
    }

    /// The place of the sizes for large files among an entry's additions.
    private static func large(_ bytes: LittleEndian, _ range: Range<Int>) -> Int? {
        var at = range.lowerBound
        while at + 4 <= range.upperBound, let kind = bytes.int(at, 2), let length = bytes.int(at + 2, 2) {
            if kind == 1 { return at + 4 }
            at += 4 + length
        }
        return nil
    }
}

/// Numbers within bytes, the least significant byte first.
struct LittleEndian: Sendable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Returns nil if the number is not within the bytes, or too large.
    func int(_ at: Int, _ width: Int) -> Int? {
        guard at >= 0, width <= bytes.count, at <= bytes.count - width else { return nil }
        return Int(exactly: bytes[at..<at + width].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    /// The last place of a number of four bytes.
    func last(_ number: Int, before end: Int) -> Int? {
        stride(from: min(end, bytes.count - 3) - 1, through: 0, by: -1).first { int($0, 4) == number }
    }
}

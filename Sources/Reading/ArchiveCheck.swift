/// Looks at the list of an archive's files before a program unpacks it. A list that lies is caught by the limits of memory
/// and time.
enum ArchiveCheck {
    private static let (endLength, entryLength) = (22, 46)
    /// The longest comment at the end of an archive.
    private static let longestComment = 65_535

    static func check(_ bytes: some RandomAccessCollection<UInt8>) throws(ReadingFailure) {
        let bytes = Array(bytes)
        func number(_ at: Int, _ count: Int) -> Int {
            (0..<count).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
        }
        func begins(_ at: Int, _ mark: [UInt8]) -> Bool { bytes[at...].starts(with: mark) }
        let last = bytes.count - endLength
        guard last >= 0,
            let end = (max(0, last - longestComment)...last).last(where: { begins($0, [0x50, 0x4B, 5, 6]) })
        else { throw .damaged }
        let (count, start) = (number(end + 10, 2), number(end + 16, 4))
        guard count <= ReadingLimits.archiveEntries else { throw .tooLarge }
        guard count > 0 else { throw .damaged }
        var (at, unpacked) = (start, 0)
        for _ in 0..<count {
            guard at + entryLength <= end, begins(at, [0x50, 0x4B, 1, 2]) else { throw .damaged }
            guard number(at + 8, 2) & 1 == 0 else { throw .encrypted }
            unpacked += number(at + 24, 4)
            guard unpacked <= ReadingLimits.unpacked else { throw .tooLarge }
            at += entryLength + number(at + 28, 2) + number(at + 30, 2) + number(at + 32, 2)
        }
    }
}

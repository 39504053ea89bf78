package import Storage

/// The messages that a conversation shows, from its first one to a leaf of the tree: ranges of positions, oldest first.
/// What was set aside by an edit or another reply lies between them. The last range is open if the leaf is the newest
/// message: what is added then needs no new path.
package struct MessagePath: Sendable, Hashable {
    package private(set) var ranges: [ClosedRange<Int64>]

    /// Every message, as long as none has a second version.
    package static let whole = MessagePath(ranges: [0...Int64.max])

    package var isWhole: Bool { self == .whole }

    /// The leaf's position; nil if the leaf is the newest message.
    package var leaf: Int64? { ranges.last.flatMap { $0.upperBound == .max ? nil : $0.upperBound } }

    private init(ranges: [ClosedRange<Int64>]) { self.ranges = ranges }

    /// - Parameter all: the positions of the conversation's messages in order, `chosen` among them.
    package init(_ chosen: Set<Int64>, of all: some RandomAccessCollection<Int64>) {
        ranges = []
        var start: Int64?
        for index in all.indices where chosen.contains(all[index]) {
            let (position, next) = (all[index], all.index(after: index))
            let isLast = next == all.endIndex
            start = start ?? (index == all.startIndex ? 0 : position)
            if isLast || !chosen.contains(all[next]) {
                ranges.append(start!...(isLast ? .max : position))
                start = nil
            }
        }
    }

    package func contains(_ position: Int64) -> Bool { ranges.contains { $0.contains(position) } }

    /// The path up to a message of it; 0 leaves nothing.
    package func cut(at position: Int64) -> MessagePath {
        guard position > 0 else { return MessagePath(ranges: []) }
        return MessagePath(
            ranges: ranges.compactMap {
                $0.lowerBound > position ? nil : $0.lowerBound...min($0.upperBound, position)
            })
    }

    /// The path with what is added from a position on.
    package func adding(from position: Int64) -> MessagePath {
        guard let last = ranges.last, last.upperBound >= position - 1 else {
            return MessagePath(ranges: ranges + [position...(.max)])
        }
        return MessagePath(ranges: ranges.dropLast() + [last.lowerBound...(.max)])
    }
}

extension MessagePath {
    /// As it is stored: `0-4 11-`, or nil for all messages.
    package var text: String? {
        isWhole
            ? nil
            : ranges.map { "\($0.lowerBound)-\($0.upperBound == .max ? "" : "\($0.upperBound)")" }
                .joined(separator: " ")
    }

    package init(text: String?) throws {
        guard let text else {
            self = .whole
            return
        }
        ranges = try text.split(separator: " ").map { range in
            let ends = range.split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count == 2, let start = Int64(ends[0]), let end = ends[1].isEmpty ? .max : Int64(ends[1]),
                start <= end
            else { throw StorageError(.other, "a conversation has no valid path") }
            return start...end
        }
    }

    /// A condition on positions that holds for the messages of the path beyond `after`, or, newest first, before it. Of a
    /// path with many ranges it holds for the nearest, which are enough for `limit` messages.
    package func condition(
        after: Int64, isNewestFirst: Bool = false, limit: Int
    ) -> (sql: String, args: [any SQLBindable]) {
        if isWhole { return ("", []) }
        let beyond = ranges.filter { isNewestFirst ? $0.lowerBound < after : $0.upperBound > after }
        // Each range has a message, and one of them may be hidden while it is being written.
        var near = Array(isNewestFirst ? beyond.suffix(limit + 2) : beyond.prefix(limit + 2))
        guard let first = near.first, let last = near.last else { return ("AND 1 = 0", []) }
        // So that few statements have to be prepared.
        while near.count.nonzeroBitCount != 1 { near.append(last) }
        // The sign keeps SQLite from using the index for each range apart and sorting afterwards.
        let each = repeatElement("+position BETWEEN ? AND ?", count: near.count).joined(separator: " OR ")
        return (
            "AND position BETWEEN ? AND ? AND (\(each))",
            [first.lowerBound, last.upperBound] + near.flatMap { [$0.lowerBound, $0.upperBound] }
        )
    }
}

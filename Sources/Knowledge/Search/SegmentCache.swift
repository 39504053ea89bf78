import Synchronization

/// Segments that were used last, as many as fit into a number of bytes. A segment is found by the file's time of indexing,
/// so a change of a file on any instance needs no message: the old segment is not asked for any more.
package final class SegmentCache: Sendable {
    private struct Entry {
        let segment: Segment
        var used: Int
    }

    private struct State {
        var entries: [Segment.Key: Entry] = [:]
        var size = 0
        var uses = 0
    }

    private let capacity: Int
    private let state = Mutex(State())

    /// - Parameter capacity: in bytes.
    package init(capacity: Int) { self.capacity = capacity }

    /// Bytes that it holds now.
    package var size: Int { state.withLock { $0.size } }

    func find(_ key: Segment.Key) -> Segment? {
        state.withLock { state in
            guard let segment = state.entries[key]?.segment else { return nil }
            state.uses += 1
            state.entries[key]?.used = state.uses
            return segment
        }
    }

    func insert(_ segment: Segment) {
        guard segment.size <= capacity else { return }
        state.withLock { state in
            state.uses += 1
            if let old = state.entries.updateValue(Entry(segment: segment, used: state.uses), forKey: segment.key) {
                state.size -= old.segment.size
            }
            state.size += segment.size
            while state.size > capacity, let oldest = state.entries.min(by: { $0.value.used < $1.value.used }) {
                state.entries[oldest.key] = nil
                state.size -= oldest.value.segment.size
            }
        }
    }
}

import Synchronization

/// Begins traces, and holds what they recorded until it is sent. Its memory is bounded: what does not fit is dropped and
/// counted, so that a collector that is slow or away costs the server nothing.
package final class SpanRecorder: Sendable {
    /// Spans in the form of the protocol, ready to be part of a request.
    package struct Batch: Sendable {
        package var bytes: [UInt8] = []
        package var count = 0
    }

    private struct State {
        var batches: [Batch] = []
        var bytes = 0
        var dropped = 0
    }

    /// Size of a batch, in bytes.
    private static let batchBytes = 256 << 10

    /// Which share of the traces that begin here is kept, from 0 to 1.
    private let share: Double
    private let maximumBytes: Int
    private let state = Mutex(State())

    package init(share: Double, maximumBytes: Int = 8 << 20) {
        self.share = share
        self.maximumBytes = maximumBytes
    }

    /// The first span of this server in a trace. A caller that has a trace decides whether it is kept.
    package func begin(_ name: String, _ kind: Span.Kind, from caller: TraceParent? = nil) -> Span {
        if let caller {
            return Span(
                self, name, kind,
                at: TraceParent(
                    high: caller.high, low: caller.low, spanID: Self.randomID(), isSampled: caller.isSampled),
                under: caller.spanID)
        }
        let low = Self.randomID()
        let isSampled = share >= 1 || Double(low >> 11) * 0x1p-53 < share
        let place = TraceParent(high: Self.randomID(), low: low, spanID: Self.randomID(), isSampled: isSampled)
        return Span(self, name, kind, at: place, under: nil)
    }

    /// Not 0, which the protocol does not allow.
    static func randomID() -> UInt64 { UInt64.random(in: 1...UInt64.max) }

    func record(_ span: Span, _ state: Span.State, end: UInt64) {
        let bytes = SpanEncoding.span(span, state, end: end)
        self.state.withLock { waiting in
            guard waiting.bytes + bytes.count <= maximumBytes else {
                waiting.dropped += 1
                return
            }
            waiting.bytes += bytes.count
            if waiting.batches.last.map({ $0.bytes.count + bytes.count > Self.batchBytes }) ?? true {
                waiting.batches.append(Batch())
            }
            let last = waiting.batches.endIndex - 1
            waiting.batches[last].bytes += bytes
            waiting.batches[last].count += 1
        }
    }

    /// The oldest batch; nil if nothing waits.
    package func take() -> Batch? {
        state.withLock { state in
            guard !state.batches.isEmpty else { return nil }
            let batch = state.batches.removeFirst()
            state.bytes -= batch.bytes.count
            return batch
        }
    }

    /// Counts spans that could not be sent.
    package func drop(_ batch: Batch) { state.withLock { $0.dropped += batch.count } }

    package var dropped: Int { state.withLock { $0.dropped } }
    package var waitingBytes: Int { state.withLock { $0.bytes } }
}

import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One step of a trace: its name, when it began and ended, and what is known of it. A task finds the span that it works in as
/// `Span.current`. Nothing is kept of a span whose trace is not sampled, but its place is passed on.
package final class Span: Sendable {
    /// Nil where nothing is traced.
    @TaskLocal package static var current: Span?

    /// With the numbers of OpenTelemetry.
    package enum Kind: UInt64, Sendable { case `internal` = 1, server = 2, client = 3 }

    package enum Value: Sendable, Equatable {
        case string(String), int(Int), strings([String])
    }

    struct State: Sendable {
        var name: String
        var attributes: [(SpanAttribute, Value)] = []
        var events: [(SpanEvent, nanoseconds: UInt64)] = []
        var hasFailed = false
        var isEnded = false
    }

    private static let longestText = 1024

    package let place: TraceParent
    let parentID: UInt64?
    let kind: Kind
    /// Since 1970.
    let start: UInt64
    private let recorder: SpanRecorder
    private let state: Mutex<State>

    init(_ recorder: SpanRecorder, _ name: String, _ kind: Kind, at place: TraceParent, under parentID: UInt64?) {
        self.recorder = recorder
        self.kind = kind
        self.place = place
        self.parentID = parentID
        start = Self.now
        state = Mutex(State(name: name))
    }

    /// One that nobody ended, such as that of an answer whose reader has left, ends here.
    deinit { end() }

    package var isRecorded: Bool { place.isSampled }

    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
    }

    /// Runs `work` with the span as the current one; without a span, just runs it.
    package static func working<Value>(in span: Span?, _ work: () async throws -> Value) async rethrows -> Value {
        guard let span else { return try await work() }
        return try await $current.withValue(span, operation: work)
    }

    package func child(_ name: String, _ kind: Kind = .internal) -> Span {
        let place = TraceParent(
            high: place.high, low: place.low, spanID: SpanRecorder.randomID(), isSampled: isRecorded)
        return Span(recorder, name, kind, at: place, under: self.place.spanID)
    }

    package func rename(_ name: String) { state.withLock { $0.name = name } }

    /// Keeps the first 1,024 bytes: a vendor may answer with any name.
    package func set(_ attribute: SpanAttribute, _ value: String) {
        let isLong = value.utf8.count > Self.longestText
        set(attribute, .string(isLong ? String(decoding: value.utf8.prefix(Self.longestText), as: UTF8.self) : value))
    }

    package func set(_ attribute: SpanAttribute, _ value: Int) { set(attribute, .int(value)) }

    package func set(_ attribute: SpanAttribute, _ value: Value) {
        guard isRecorded else { return }
        state.withLock { $0.attributes.append((attribute, value)) }
    }

    package func belongs(to workspaceID: String, conversation: String? = nil) {
        set(.workspace, workspaceID)
        if let conversation { set(.conversation, conversation) }
    }

    package func add(_ event: SpanEvent) {
        guard isRecorded else { return }
        let now = Self.now
        state.withLock { $0.events.append((event, now)) }
    }

    package func fail() { state.withLock { $0.hasFailed = true } }

    /// Notes which kind of error ended the span. Its text is left out, which may quote what a person wrote.
    package func fail(_ type: String) {
        set(.errorType, type)
        fail()
    }

    package func fail(_ error: any Error) {
        // A caller that leaves is no fault of the step.
        if error is CancellationError { return set(.errorType, "cancelled") }
        fail((error as? any TracedError)?.errorType ?? String(describing: type(of: error)))
    }

    /// Only the first call counts.
    package func end() {
        let ended: State? = state.withLock { state in
            if state.isEnded { return nil }
            state.isEnded = true
            return state
        }
        if let ended, isRecorded { recorder.record(self, ended, end: max(Self.now, start)) }
    }
}

/// An error that has a code to be told apart by.
package protocol TracedError: Error {
    var errorType: String { get }
}

/// Runs `body` as a step of the current trace; `body` gets nil if nothing is recorded. Costs one look at a task-local value then.
package func traced<Value>(
    _ name: SpanName, _ body: (Span?) async throws -> Value
) async rethrows -> Value {
    try await traced(name.rawValue, .internal, body)
}

package func traced<Value>(
    _ name: @autoclosure () -> String, _ kind: Span.Kind, _ body: (Span?) async throws -> Value
) async rethrows -> Value {
    guard let parent = Span.current, parent.isRecorded else { return try await body(nil) }
    let span = parent.child(name(), kind)
    defer { span.end() }
    do {
        return try await Span.$current.withValue(span) { try await body(span) }
    } catch {
        span.fail(error)
        throw error
    }
}

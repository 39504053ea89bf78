/// Writes spans as OpenTelemetry's messages in Protocol Buffers. The numbers of the fields are from
/// https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/opentelemetry/proto/trace/v1/trace.proto
package enum SpanEncoding {
    /// The body of a request to a collector.
    /// - Parameter resource: attributes of this process, such as `service.name`.
    package static func request(_ spans: [UInt8], resource: [(String, String)], version: String) -> [UInt8] {
        var attributes: [UInt8] = []
        for (name, value) in resource { attributes.message(1, attribute(name, .string(value))) }
        var scope: [UInt8] = []
        scope.text(1, "mynah")
        scope.text(2, version)
        var scoped: [UInt8] = []
        scoped.reserveCapacity(spans.count + 64)
        scoped.message(1, scope)
        scoped += spans
        var resources: [UInt8] = []
        resources.message(1, attributes)
        resources.message(2, scoped)
        var request: [UInt8] = []
        request.message(1, resources)
        return request
    }

    /// One element of `ScopeSpans.spans`.
    static func span(_ span: Span, _ state: Span.State, end: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(384)
        let place = span.place
        bytes.key(1, .bytes)
        bytes.varint(16)
        bytes.bigEndian(place.high)
        bytes.bigEndian(place.low)
        bytes.key(2, .bytes)
        bytes.varint(8)
        bytes.bigEndian(place.spanID)
        if let parent = span.parentID {
            bytes.key(4, .bytes)
            bytes.varint(8)
            bytes.bigEndian(parent)
        }
        bytes.text(5, state.name)
        bytes.key(6, .varint)
        bytes.varint(span.kind.rawValue)
        bytes.fixed64(7, span.start)
        bytes.fixed64(8, end)
        for (name, value) in state.attributes { bytes.message(9, attribute(name.rawValue, value)) }
        for (event, time) in state.events {
            var message: [UInt8] = []
            message.fixed64(1, time)
            message.text(2, event.rawValue)
            bytes.message(11, message)
        }
        // Status: 2 is an error.
        if state.hasFailed { bytes.message(15, [3 << 3, 2]) }
        var whole: [UInt8] = []
        whole.message(2, bytes)
        return whole
    }

    private static func attribute(_ name: String, _ value: Span.Value) -> [UInt8] {
        var pair: [UInt8] = []
        pair.text(1, name)
        pair.message(2, any(value))
        return pair
    }

    private static func any(_ value: Span.Value) -> [UInt8] {
        var bytes: [UInt8] = []
        switch value {
        case .string(let text): bytes.text(1, text)
        case .int(let number):
            bytes.key(3, .varint)
            bytes.varint(UInt64(bitPattern: Int64(number)))
        case .strings(let texts):
            var array: [UInt8] = []
            for text in texts { array.message(1, any(.string(text))) }
            bytes.message(5, array)
        }
        return bytes
    }
}

/// Source: https://protobuf.dev/programming-guides/encoding/
extension [UInt8] {
    fileprivate enum Wire: UInt64 { case varint = 0, fixed64 = 1, bytes = 2 }

    fileprivate mutating func key(_ field: UInt64, _ wire: Wire) { varint(field << 3 | wire.rawValue) }

    fileprivate mutating func varint(_ number: UInt64) {
        var rest = number
        while rest > 127 {
            append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    fileprivate mutating func fixed64(_ field: UInt64, _ number: UInt64) {
        key(field, .fixed64)
        for byte in 0..<8 { append(UInt8(truncatingIfNeeded: number >> UInt64(8 * byte))) }
    }

    fileprivate mutating func bigEndian(_ number: UInt64) {
        for byte in (0..<8).reversed() { append(UInt8(truncatingIfNeeded: number >> UInt64(8 * byte))) }
    }

    fileprivate mutating func text(_ field: UInt64, _ text: String) {
        key(field, .bytes)
        varint(UInt64(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    fileprivate mutating func message(_ field: UInt64, _ message: [UInt8]) {
        key(field, .bytes)
        varint(UInt64(message.count))
        append(contentsOf: message)
    }
}

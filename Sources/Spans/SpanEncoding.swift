/// Writes spans as OpenTelemetry's messages in Protocol Buffers. The numbers of the fields are from
/// https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/opentelemetry/proto/trace/v1/trace.proto
package enum SpanEncoding {
    /// The body of a request to a collector.
    /// - Parameter resource: attributes of this process, such as `service.name`.
    package static func request(_ spans: [UInt8], resource: [(String, String)], version: String) -> [UInt8] {
        var request: [UInt8] = []
        request.reserveCapacity(spans.count + 512)
        request.message(1) { resources in
            resources.message(1) { attributes in
                for (name, value) in resource { attributes.attribute(1, name, .string(value)) }
            }
            resources.message(2) { scoped in
                scoped.message(1) { scope in
                    scope.text(1, "mynah")
                    scope.text(2, version)
                }
                scoped += spans
            }
        }
        return request
    }

    /// One element of `ScopeSpans.spans`.
    static func span(_ span: Span, _ state: Span.State, end: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        bytes.message(2) { bytes in
            let place = span.place
            bytes.key(1, .bytes)
            bytes.varint(16)
            bytes.add(place.high.bigEndian)
            bytes.add(place.low.bigEndian)
            bytes.key(2, .bytes)
            bytes.varint(8)
            bytes.add(place.spanID.bigEndian)
            if let parent = span.parentID {
                bytes.key(4, .bytes)
                bytes.varint(8)
                bytes.add(parent.bigEndian)
            }
            bytes.text(5, state.name)
            bytes.key(6, .varint)
            bytes.varint(span.kind.rawValue)
            bytes.fixed64(7, span.start)
            bytes.fixed64(8, end)
            for (name, value) in state.attributes { bytes.attribute(9, name.rawValue, value) }
            for (event, time) in state.events {
                bytes.message(11) { message in
                    message.fixed64(1, time)
                    message.text(2, event.rawValue)
                }
            }
            // Status: 2 is an error.
            if state.hasFailed {
                bytes.message(15) { status in
                    status.key(3, .varint)
                    status.varint(2)
                }
            }
        }
        return bytes
    }
}

extension [UInt8] {
    fileprivate mutating func attribute(_ field: UInt64, _ name: String, _ value: Span.Value) {
        message(field) { pair in
            pair.text(1, name)
            pair.message(2) { $0.any(value) }
        }
    }

    private mutating func any(_ value: Span.Value) {
        switch value {
        case .string(let text): self.text(1, text)
        case .int(let number):
            key(3, .varint)
            varint(UInt64(bitPattern: Int64(number)))
        case .strings(let texts):
            message(5) { array in
                for text in texts { array.message(1) { $0.any(.string(text)) } }
            }
        }
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
        add(number.littleEndian)
    }

    /// The bytes of a number as they lie in memory.
    fileprivate mutating func add(_ number: UInt64) {
        Swift.withUnsafeBytes(of: number) { append(contentsOf: $0) }
    }

    fileprivate mutating func text(_ field: UInt64, _ text: String) {
        key(field, .bytes)
        varint(UInt64(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    /// A message within this one. Its length, which stands before it, is filled in after it, so that no message needs an array
    /// of its own.
    fileprivate mutating func message(_ field: UInt64, _ write: (inout [UInt8]) -> Void) {
        key(field, .bytes)
        let head = count
        append(0)
        write(&self)
        let length = count - head - 1
        if length < 128 {
            self[head] = UInt8(length)
        } else {
            var longer: [UInt8] = []
            longer.varint(UInt64(length))
            replaceSubrange(head...head, with: longer)
        }
    }
}

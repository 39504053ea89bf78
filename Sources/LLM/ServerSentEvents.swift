/// An incremental parser of `text/event-stream`: bytes in, however they were cut, whole events out.
package struct ServerSentEvents {
    package struct Event: Sendable, Equatable {
        /// `nil` where the stream names none.
        package var name: String?
        package var data: [UInt8]
    }

    package struct EventTooLarge: Error {}

    private let maximumEventSize: Int
    private var line: [UInt8] = []
    private var name: String?
    private var data: [UInt8]?
    private var isFirstLine = true
    private var endedWithCarriageReturn = false

    package init(maximumEventSize: Int = 256 * 1024) {
        self.maximumEventSize = maximumEventSize
    }

    package mutating func feed(_ bytes: UnsafeRawBufferPointer) throws -> [Event] {
        var events: [Event] = []
        var start = 0
        for index in 0..<bytes.count {
            let byte = bytes[index]
            guard byte == 0x0A || byte == 0x0D else {
                endedWithCarriageReturn = false
                continue
            }
            if byte == 0x0A, endedWithCarriageReturn {
                start = index + 1
            } else {
                if line.isEmpty {
                    try take(UnsafeRawBufferPointer(rebasing: bytes[start..<index]), into: &events)
                } else {
                    line.append(contentsOf: bytes[start..<index])
                    try takeLine(into: &events)
                }
                start = index + 1
            }
            endedWithCarriageReturn = byte == 0x0D
        }
        line.append(contentsOf: bytes[start...])
        try checkSize()
        return events
    }

    /// The event that a stream cut off without its blank line, which the standard would drop: vendors do end so.
    package mutating func end() throws -> [Event] {
        var events: [Event] = []
        if !line.isEmpty { try takeLine(into: &events) }
        dispatch(into: &events)
        return events
    }

    private mutating func takeLine(into events: inout [Event]) throws {
        let whole = line
        line = []
        try whole.withUnsafeBytes { bytes in
            try take(bytes, into: &events)
        }
    }

    private mutating func take(
        _ whole: UnsafeRawBufferPointer, into events: inout [Event]
    ) throws {
        var line = whole[...]
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
        }
        guard !line.isEmpty else { return dispatch(into: &events) }

        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }

        if line[..<colon].elementsEqual("data".utf8) {
            if data == nil { data = [] } else { data?.append(0x0A) }
            data?.append(contentsOf: value)
            try checkSize()
        } else if line[..<colon].elementsEqual("event".utf8) {
            name = String(decoding: value, as: UTF8.self)
        }
    }

    private mutating func dispatch(into events: inout [Event]) {
        if let data { events.append(Event(name: name, data: data)) }
        data = nil
        name = nil
    }

    private func checkSize() throws {
        guard line.count + (data?.count ?? 0) <= maximumEventSize else { throw EventTooLarge() }
    }
}

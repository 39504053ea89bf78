import Glibc

/// An incremental parser of `text/event-stream`: bytes in, however they were cut, whole events out.
package struct ServerSentEvents {
    package struct Event: Sendable, Equatable {
        /// `nil` if the stream names none.
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
        var (start, lineFeed) = (0, -1)
        while start < bytes.count {
            if lineFeed < start { lineFeed = Self.place(of: 0x0A, in: bytes, start..<bytes.count) }
            let end = Self.place(of: 0x0D, in: bytes, start..<lineFeed)
            if end > start { endedWithCarriageReturn = false }
            guard end < bytes.count else { break }
            if bytes[end] == 0x0D || !endedWithCarriageReturn {
                if line.isEmpty {
                    try take(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), into: &events)
                } else {
                    line.append(contentsOf: bytes[start..<end])
                    try takeLine(into: &events)
                }
            }
            endedWithCarriageReturn = bytes[end] == 0x0D
            start = end + 1
        }
        line.append(contentsOf: bytes[start...])
        try checkSize()
        return events
    }

    /// The place of the first such byte in the range, or the range's end.
    private static func place(of byte: UInt8, in bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int {
        guard let first = bytes.baseAddress, let found = memchr(first + range.lowerBound, Int32(byte), range.count)
        else { return range.upperBound }
        return UnsafeRawPointer(found) - first
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

        let field = UnsafeRawBufferPointer(rebasing: line[..<colon])
        if field.spells("data") {
            if data == nil { data = [] } else { data?.append(0x0A) }
            data?.append(contentsOf: value)
            try checkSize()
        } else if field.spells("event") {
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

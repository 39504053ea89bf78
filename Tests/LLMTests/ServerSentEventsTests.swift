import Testing

@testable import LLM

@Suite struct ServerSentEventsTests {
    typealias Event = ServerSentEvents.Event

    static func parse(_ pieces: [[UInt8]], limit: Int = 1 << 20) throws -> [Event] {
        var parser = ServerSentEvents(maximumEventSize: limit)
        var events: [Event] = []
        for piece in pieces {
            events += try piece.withUnsafeBytes { try parser.feed($0) }
        }
        return events + (try parser.end())
    }

    static func parse(_ text: String) throws -> [Event] {
        try parse([Array(text.utf8)])
    }

    static func event(_ data: String, _ name: String? = nil) -> Event {
        Event(name: name, data: Array(data.utf8))
    }

    @Test(arguments: [
        ("data: a\n\n", [event("a")]),
        ("data:a\r\n\r\n", [event("a")]),
        ("data: a\r\r", [event("a")]),
        ("data:  a\n\n", [event(" a")]),
        ("data: a\ndata: b\n\n", [event("a\nb")]),
        ("data\n\n", [event("")]),
        ("data:\ndata:\n\n", [event("\n")]),
        (": keep-alive\n\n: again\n\ndata: a\n\n", [event("a")]),
        ("event: ping\ndata: {}\n\ndata: a\n\n", [event("{}", "ping"), event("a")]),
        ("event: lost\n\ndata: a\n\n", [event("a")]),
        ("id: 7\nretry: 10\nother: x\ndata: a\n\n", [event("a")]),
        ("\u{FEFF}data: a\n\n", [event("a")]),
        ("data: a\n\n\u{FEFF}data: b\n\n", [event("a")]),
        ("\n\n\r\n\r\rdata: a\n\n\n\n", [event("a")]),
        ("data: x: y\n\n", [event("x: y")]),
        ("data: a\n\ndata: b\n", [event("a"), event("b")]),
        ("data: a\n\ndata: b", [event("a"), event("b")]),
        ("", []),
    ])
    func parses(_ text: String, _ expected: [Event]) throws {
        #expect(try Self.parse(text) == expected)
    }

    @Test func anySplitGivesTheSameEvents() throws {
        var random = SplitMix(state: 42)
        let ends = ["\n", "\r\n", "\r"]
        for _ in 0..<500 {
            var text = Bool.random(using: &random) ? "\u{FEFF}" : ""
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let value = ["", " ", "a", "é", "নমস্কার", "👩‍👧", #"{"a":[1]}"#, "[DONE]", ":"].randomElement(
                    using: &random)!
                let line = ["data: ", "data:", ": ", "event: ", "id: ", "", "da"].randomElement(using: &random)!
                text += line + value + ends.randomElement(using: &random)!
                if Bool.random(using: &random) { text += ends.randomElement(using: &random)! }
            }
            let bytes = Array(text.utf8)
            let whole = try Self.parse([bytes])
            #expect(try Self.parse(bytes.map { [$0] }) == whole, "byte by byte: \(text.debugDescription)")
            for _ in 0..<10 {
                var pieces: [[UInt8]] = []
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = Int.random(in: 1...rest.count, using: &random)
                    pieces.append(Array(rest.prefix(count)))
                    rest = rest.dropFirst(count)
                }
                #expect(try Self.parse(pieces) == whole, "\(pieces.map(\.count)) of \(text.debugDescription)")
            }
        }
    }

    @Test func eventsAreBounded() throws {
        let line = Array("data: \(String(repeating: "x", count: 100))\n".utf8)
        #expect(try Self.parse([line, [0x0A]], limit: 200).count == 1)
        #expect(throws: ServerSentEvents.EventTooLarge.self) { try Self.parse([line, line, line], limit: 200) }
        #expect(throws: ServerSentEvents.EventTooLarge.self) {
            try Self.parse(Array(repeating: Array(repeating: UInt8(ascii: "x"), count: 50), count: 5), limit: 200)
        }
    }
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

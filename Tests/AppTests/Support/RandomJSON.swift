import JSON

/// Random values that are the same on every run, so that a failure can be repeated.
struct RandomJSON {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func pick<Item>(_ items: [Item]) -> Item { items[below(items.count)] }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }

    private static let strings = [
        "", " ", "x", "\0", "a\0b", "\u{FEFF}", "\u{202E}", "🦜", "é", "' OR 1=1 --", "<script>", "../../etc/passwd",
        "true", "null", "1e999", "{{user.first_name}}", "\r\nSet-Cookie: a=b", String(repeating: "a", count: 3000),
        "a@example.com", "https://example.com", "scripted", "owner", "stream", "%00", "\u{10FFFF}",
    ]

    mutating func value(depth: Int = 3) -> JSONValue {
        switch below(depth > 0 ? 9 : 6) {
        case 0: .null
        case 1: .bool(below(2) == 0)
        case 2: .int(pick([0, 1, -1, 2, 77, .max, .min, Int64(truncatingIfNeeded: next())]))
        case 3: .double(pick([0.5, -0.0, 1e308, -1e308, .leastNonzeroMagnitude, 1e15, 9e15, 9.3e18, 1.0]))
        case 4, 5: .string(pick(Self.strings))
        case 6: .array((0..<below(4)).map { _ in value(depth: depth - 1) })
        default: object(["id", "x", pick(Self.strings)], depth: depth)
        }
    }

    /// An object with some of these members, of any kind.
    mutating func object(_ names: [String], depth: Int = 3) -> JSONValue {
        var members: [String: JSONValue] = [:]
        for name in names where below(3) > 0 { members[name] = value(depth: depth - 1) }
        return .object(members)
    }
}

import JSON

/// What a site's robots.txt lets this server read (RFC 9309).
struct RobotsRules: Sendable, Equatable {
    /// The name by which a site can address this server, as `User-agent: Mynah`.
    static let productToken = "mynah"
    /// Maximum size that is read, in bytes; the rest is ignored.
    static let mostBytes = 500 << 10

    static let everything = RobotsRules(rules: [])
    static let nothing = RobotsRules(rules: [Rule(allows: false, pattern: Array("/".utf8))])

    struct Rule: Sendable, Equatable {
        let allows: Bool
        /// As `pattern(_:)` writes it.
        let pattern: [UInt8]
    }

    /// The rules of the groups for this server, or else of the groups for all.
    let rules: [Rule]

    /// Approximate memory, in bytes.
    var size: Int { rules.reduce(0) { $0 + $1.pattern.count + 48 } }

    private init(rules: [Rule]) { self.rules = rules }

    init(_ text: some Collection<UInt8>) {
        var own: [Rule]?
        var general: [Rule] = []
        // Whether the current group is for this server, and for all.
        var (isOwn, isGeneral, hasRules) = (false, false, false)
        for line in text.prefix(Self.mostBytes).split(whereSeparator: { $0 == 10 || $0 == 13 }) {
            guard let (key, value) = Self.record(line) else { continue }
            switch key {
            case "user-agent":
                if hasRules { (isOwn, isGeneral, hasRules) = (false, false, false) }
                if value.first == Self.star, value.count == 1 || value[1] == 32 || value[1] == 9 {
                    isGeneral = true
                } else if Self.token(value) == Self.productToken {
                    isOwn = true
                    own = own ?? []
                }
            case "allow", "disallow":
                hasRules = true
                if value.isEmpty { continue }
                let rule = Rule(allows: key == "allow", pattern: Self.pattern(value))
                if isOwn { own?.append(rule) }
                if isGeneral { general.append(rule) }
            default: continue
            }
        }
        rules = own ?? general
    }

    /// Whether a path with its query may be read: the longest rule that matches decides, and `allow` of two equal ones.
    func allows(_ target: String) -> Bool {
        let target = Self.path(target.utf8)
        if target.elementsEqual("/robots.txt".utf8) { return true }
        var (longest, allows) = (-1, true)
        for rule in rules where rule.pattern.count > longest || rule.pattern.count == longest && rule.allows {
            if Self.matches(rule.pattern, target) { (longest, allows) = (rule.pattern.count, rule.allows) }
        }
        return allows
    }

    // MARK: Lines

    /// The key in lower case, and the value; nil for a line without a colon.
    private static func record(_ line: some Collection<UInt8>) -> (key: String, value: [UInt8])? {
        let line = line.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(line.dropFirst(3)) : Array(line)
        let said = line.prefix { $0 != UInt8(ascii: "#") }
        guard let colon = said.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let key = String(decoding: trimmed(said[..<colon]), as: UTF8.self).lowercased()
        return (key, Array(trimmed(said[(colon + 1)...])))
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank: (UInt8) -> Bool = { $0 == 32 || $0 == 9 }
        let start = bytes.drop(while: isBlank)
        return start.prefix(start.count - start.reversed().prefix(while: isBlank).count)
    }

    /// The product's name in lower case, without a version behind it.
    private static func token(_ value: [UInt8]) -> String {
        String(
            decoding: value.prefix { isLetter($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }, as: UTF8.self
        )
        .lowercased()
    }

    // MARK: Comparing

    private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        isLetter(byte) || (48...57).contains(byte) || "-._~".utf8.contains(byte)
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    /// One form for all ways to write the same path: what need not be escaped is not, the rest in capitals. In a query `:` and
    /// `/` are the same as their escapes.
    private static func normalized(_ bytes: some Sequence<UInt8>, escapes: (UInt8) -> Bool) -> [UInt8] {
        let bytes = Array(bytes)
        var made: [UInt8] = []
        made.reserveCapacity(bytes.count)
        var (index, isInQuery) = (0, false)
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%"), index + 2 < bytes.count, let high = hexValue(bytes[index + 1]),
                let low = hexValue(bytes[index + 2])
            {
                let value = high << 4 | low
                let isPlain =
                    isUnreserved(value) || isInQuery && (value == UInt8(ascii: ":") || value == UInt8(ascii: "/"))
                made += isPlain ? [value] : escaped(value)
                index += 3
            } else {
                if byte == UInt8(ascii: "?") { isInQuery = true }
                made += byte > 126 || byte < 33 || escapes(byte) ? escaped(byte) : [byte]
                index += 1
            }
        }
        return made
    }

    private static let (star, dollar) = (UInt8(ascii: "*"), UInt8(ascii: "$"))

    /// A path of a URL: its own `*` and `$` are escaped, so that only `%2A` and `%24` in a rule match them.
    static func path(_ bytes: some Sequence<UInt8>) -> [UInt8] { normalized(bytes) { $0 == star || $0 == dollar } }

    /// A path of a rule: `*` stands for any text, and `$` for the end if it is the last byte.
    static func pattern(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.last == dollar else { return normalized(bytes) { $0 == dollar } }
        return normalized(bytes.dropLast()) { $0 == dollar } + [dollar]
    }

    /// Whether a pattern matches the beginning of a path, or all of it if it ends with `$`.
    static func matches(_ pattern: [UInt8], _ path: [UInt8]) -> Bool {
        let isWhole = pattern.last == dollar
        let parts = (isWhole ? pattern.dropLast() : pattern[...]).split(
            separator: star, omittingEmptySubsequences: false)
        guard let first = parts.first, path.starts(with: first) else { return false }
        var rest = path[first.count...]
        for part in parts.dropFirst().dropLast(isWhole ? 1 : 0) where !part.isEmpty {
            guard let end = end(of: part, in: rest) else { return false }
            rest = rest.dropFirst(end)
        }
        guard isWhole else { return true }
        guard parts.count > 1, let last = parts.last else { return rest.isEmpty }
        return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
    }

    /// How many bytes of `text` end with the first `part` in it, by Knuth, Morris and Pratt: a site's 32,000 rules take a
    /// fraction of a second, and most of a minute by the standard library's search.
    private static func end(of part: ArraySlice<UInt8>, in text: ArraySlice<UInt8>) -> Int? {
        guard part.count <= text.count else { return nil }
        let part = Array(part)
        /// How much of the part's beginning also ends each of its prefixes.
        var borders = [0]
        borders.reserveCapacity(part.count)
        var matched = 0
        func advance(_ byte: UInt8) {
            while matched > 0, part[matched] != byte { matched = borders[matched - 1] }
            if part[matched] == byte { matched += 1 }
        }
        for byte in part.dropFirst() {
            advance(byte)
            borders.append(matched)
        }
        matched = 0
        for (index, byte) in text.enumerated() {
            advance(byte)
            if matched == part.count { return index + 1 }
        }
        return nil
    }
}

import NIOCore

/// An http or https URL, read strictly: what programs understand in different ways is refused, not guessed at.
struct UpstreamURL: Equatable {
    let isSecure: Bool
    let host: String
    let port: Int
    /// For the `Host` header.
    let authority: String
    /// Path and query.
    let target: String

    init?(_ text: String) {
        guard text.utf8.count <= 4096, text.utf8.allSatisfy(Self.isPlain),
            let colon = text.firstRange(of: "://")
        else { return nil }
        switch text[..<colon.lowerBound].lowercased() {
        case "http": isSecure = false
        case "https": isSecure = true
        default: return nil
        }
        let rest = text[colon.upperBound...].prefix { $0 != "#" }
        let place = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest[place.endIndex...]
        target = path.hasPrefix("/") ? String(path) : "/\(path)"

        guard let (name, digits) = Self.split(place), let host = Self.host(name) else { return nil }
        self.host = host
        let standardPort = isSecure ? 443 : 80
        if let digits, !digits.isEmpty {
            guard digits.utf8.allSatisfy(Self.isDigit), let port = Int(digits), (1...65535).contains(port) else {
                return nil
            }
            self.port = port
        } else {
            port = standardPort
        }
        let shown = host.contains(":") ? "[\(host)]" : host
        authority = port == standardPort ? shown : "\(shown):\(port)"
    }

    /// The host, with its brackets, and the port. An `@` is in neither, so user names and passwords end here.
    private static func split(_ place: Substring) -> (host: Substring, port: Substring?)? {
        let end: Substring.Index
        if place.hasPrefix("[") {
            guard let bracket = place.firstIndex(of: "]") else { return nil }
            end = place.index(after: bracket)
        } else {
            end = place.firstIndex(of: ":") ?? place.endIndex
        }
        guard end < place.endIndex else { return (place, nil) }
        return place[end] == ":" ? (place[..<end], place[end...].dropFirst()) : nil
    }

    private static func host(_ text: Substring) -> String? {
        if text.hasPrefix("[") {
            let address = String(text.dropFirst().dropLast())
            guard let parsed = try? SocketAddress(ipAddress: address, port: 0), case .v6 = parsed else { return nil }
            return parsed.ipAddress
        }
        let name = (text.hasSuffix(".") ? text.dropLast() : text).lowercased()
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard name.utf8.count <= 253, let last = labels.last,
            labels.allSatisfy({ (1...63).contains($0.utf8.count) && $0.utf8.allSatisfy(isNameCharacter) })
        else { return nil }
        // A name whose last label is a number would be an address to some resolvers: 127.1, 0x7f.1, 2130706433.
        guard last.utf8.allSatisfy(isDigit) || last.hasPrefix("0x") else { return name }
        guard let parsed = try? SocketAddress(ipAddress: name, port: 0), case .v4 = parsed else { return nil }
        return name
    }

    /// Visible ASCII, less what some take for a slash or a quote.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "^"),
            UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
            false
        default: (0x21...0x7E).contains(byte)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
}

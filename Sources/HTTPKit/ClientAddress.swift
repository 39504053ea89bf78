package import HTTPTypes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A network such as `10.0.0.0/8` or `fd00::/8`, or a single address.
package struct AddressRange: Sendable, Equatable {
    private let prefix: [UInt8]
    private let bits: Int

    /// Bits after the prefix are cleared; a network of IPv4-mapped IPv6 addresses becomes an IPv4 network.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let prefix = IPAddress.bytes(String(parts[0])) else { return nil }
        let isMapped = prefix.count == 4 && parts[0].contains(":")
        guard
            let bits = parts.count == 1
                ? prefix.count * 8 : Self.number(parts[1]).map({ isMapped ? $0 - 96 : $0 }),
            (0...prefix.count * 8).contains(bits)
        else { return nil }
        self.bits = bits
        self.prefix = prefix.enumerated().map { index, byte in
            byte & ~UInt8(truncatingIfNeeded: 0xFF >> max(0, min(8, bits - index * 8)))
        }
    }

    /// Digits only, as a length is written.
    private static func number(_ text: Substring) -> Int? {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }

    /// The network in its shortest form, such as `10.0.0.0/8`.
    package var text: String { "\(IPAddress.text(prefix))/\(bits)" }

    package func contains(_ address: String) -> Bool { IPAddress.bytes(address).map(contains) ?? false }

    package func contains(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == prefix.count else { return false }
        let (whole, rest) = bits.quotientAndRemainder(dividingBy: 8)
        guard bytes.prefix(whole) == prefix.prefix(whole) else { return false }
        return rest == 0 || (bytes[whole] ^ prefix[whole]) >> (8 - rest) == 0
    }
}

package enum IPAddress {
    /// The address in network order: 4 or 16 bytes. An IPv4-mapped IPv6 address is an IPv4 address.
    package static func bytes(_ text: String) -> [UInt8]? {
        var four = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, text, &four) == 1 { return four }
        var sixteen = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        let isMapped = sixteen.prefix(10).allSatisfy { $0 == 0 } && sixteen[10] == 0xFF && sixteen[11] == 0xFF
        return isMapped ? Array(sixteen.suffix(4)) : sixteen
    }

    /// Text of an address of 4 or 16 bytes.
    package static func text(_ bytes: [UInt8]) -> String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    package static func isLoopback(_ text: String) -> Bool {
        guard let bytes = bytes(text) else { return false }
        return bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
    }

    /// Whose limits an address counts against. One IPv6 subscriber has a /64 at least, so its first half stands for it.
    package static func subscriber(_ text: String) -> String {
        guard let bytes = bytes(text) else { return text }
        return bytes.prefix(bytes.count == 16 ? 8 : 4).map { String($0, radix: 16) }.joined(separator: ".")
    }

    /// The client's address. What `X-Forwarded-For` says is believed as far as trusted proxies have written it: from the
    /// right, up to the first address that is none of them.
    package static func client(peer: String, forwarded: String?, trusted: [AddressRange]) -> String {
        func isTrusted(_ address: String) -> Bool { trusted.contains { $0.contains(address) } }
        guard let forwarded, !trusted.isEmpty, isTrusted(peer) else { return peer }
        var client = peer
        for part in forwarded.split(separator: ",", omittingEmptySubsequences: false).reversed() {
            guard let address = bare(part.drop { $0 == " " }.prefix { $0 != " " }), bytes(address) != nil else {
                break
            }
            client = address
            guard isTrusted(client) else { break }
        }
        return client
    }

    /// Without the port and the brackets that some proxies write. Returns nil if the port is invalid.
    private static func bare(_ entry: Substring) -> String? {
        var (address, rest) = (entry, Substring())
        if entry.hasPrefix("["), let end = entry.firstIndex(of: "]") {
            (address, rest) = (entry[..<end].dropFirst(), entry[end...].dropFirst())
            guard address.contains(":") else { return nil }
        } else if let colon = entry.firstIndex(of: ":"), colon == entry.lastIndex(of: ":") {
            (address, rest) = (entry[..<colon], entry[colon...])
        }
        guard rest.isEmpty || rest.first == ":" && rest.dropFirst().wholeMatch(of: #/[0-9]{1,5}/#) != nil else {
            return nil
        }
        return String(address)
    }
}

extension HTTPField.Name {
    package static let forwardedFor = HTTPField.Name("X-Forwarded-For")!
}

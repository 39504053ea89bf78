import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Which addresses a user's URL may lead to: never this machine, its network or a cloud's own services.
struct AddressRules: Sendable {
    /// The operator's exception: allows loopback and private networks only.
    var allowsPrivate = false

    private enum Kind {
        case refused, privateNetwork
    }

    /// The first range that holds an address decides. IPv6 outside of 2000::/3 is not the public internet.
    private static let ranges: [Range] = [
        // Services of clouds that hand out credentials.
        .init("169.254.169.254/32", .refused), .init("168.63.129.16/32", .refused),
        .init("100.100.100.200/32", .refused), .init("192.0.0.192/32", .refused),
        .init("fd00:ec2::254/128", .refused), .init("fd20:ce::254/128", .refused),

        .init("127.0.0.0/8", .privateNetwork), .init("10.0.0.0/8", .privateNetwork),
        .init("172.16.0.0/12", .privateNetwork), .init("192.168.0.0/16", .privateNetwork),
        .init("100.64.0.0/10", .privateNetwork), .init("::1/128", .privateNetwork),
        .init("fc00::/7", .privateNetwork),

        .init("0.0.0.0/8", .refused),  // this network
        .init("169.254.0.0/16", .refused),  // link-local
        .init("192.0.0.0/24", .refused),  // protocol assignments
        .init("192.0.2.0/24", .refused), .init("198.51.100.0/24", .refused),
        .init("203.0.113.0/24", .refused),  // documentation
        .init("192.88.99.0/24", .refused),  // 6to4 relays
        .init("198.18.0.0/15", .refused),  // benchmarks
        .init("224.0.0.0/4", .refused),  // multicast
        .init("240.0.0.0/4", .refused),  // reserved, broadcast

        .init("::/3", .refused),  // unspecified, IPv4-mapped and -compatible, NAT64, discard-only
        .init("4000::/2", .refused),
        .init("8000::/1", .refused),  // link-local, site-local, multicast
        .init("2001::/23", .refused),  // Teredo, benchmarks, ORCHID
        .init("2001:db8::/32", .refused), .init("3fff::/20", .refused),  // documentation
        .init("2002::/16", .refused),  // 6to4: any IPv4 address within
    ]

    func allow(_ address: SocketAddress) -> Bool {
        guard let bytes = address.addressBytes else { return false }
        switch Self.ranges.first(where: { $0.contains(bytes) })?.kind {
        case .refused: return false
        case .privateNetwork: return allowsPrivate
        case nil: return true
        }
    }

    private struct Range {
        let prefix: [UInt8]
        let bits: Int
        let kind: Kind

        init(_ text: StaticString, _ kind: Kind) {
            let parts = "\(text)".split(separator: "/")
            guard parts.count == 2, let bits = Int(parts[1]),
                let prefix = try? SocketAddress(ipAddress: String(parts[0]), port: 0).addressBytes
            else { preconditionFailure("no range: \(text)") }
            self.prefix = prefix
            self.bits = bits
            self.kind = kind
        }

        func contains(_ address: [UInt8]) -> Bool {
            guard address.count == prefix.count else { return false }
            let (whole, rest) = bits.quotientAndRemainder(dividingBy: 8)
            guard address.prefix(whole) == prefix.prefix(whole) else { return false }
            return rest == 0 || (address[whole] ^ prefix[whole]) >> (8 - rest) == 0
        }
    }
}

extension SocketAddress {
    /// The address in network order: 4 or 16 bytes.
    fileprivate var addressBytes: [UInt8]? {
        guard let ipAddress else { return nil }
        var bytes = [UInt8](repeating: 0, count: self.protocol == .inet ? 4 : 16)
        let family = self.protocol == .inet ? AF_INET : AF_INET6
        return inet_pton(family, ipAddress, &bytes) == 1 ? bytes : nil
    }
}

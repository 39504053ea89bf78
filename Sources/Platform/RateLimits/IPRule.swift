package import HTTPKit

/// Allows or denies the addresses of a network. A denial takes precedence. If any rule allows a network, all addresses
/// that no rule allows are denied.
package struct IPRule: JSONOutput, Equatable {
    package let id: String
    /// The network in its shortest form: `10.0.0.0/8`, `2001:db8::/32`.
    package let cidr: String
    package let action: Action
    package let note: String?
    package let createdBy: String
    package let createdAt: Timestamp

    package enum Action: String, Choice { case allow, deny }

    package struct Create: Input, Ruled {
        package let cidr: String
        package let action: Action
        package let note: String?

        package static var rules: [String: Rule] {
            [
                "cidr": .text(1...64, note: "A network such as `10.0.0.0/8` or `2001:db8::/32`, or one address."),
                "note": .text(1...200),
            ]
        }

        package func validate() throws(APIError) {
            guard AddressRange(cidr) != nil else {
                throw APIError.invalid("cidr", "Give a network such as 10.0.0.0/8 or 2001:db8::/32, or one address.")
            }
        }
    }
}

/// All rules that hold: those of the database, and the setting's.
package struct IPRuleSet: Sendable {
    private let allowed: [AddressRange]
    private let denied: [AddressRange]

    package init(_ rules: [IPRule], allowlist: [AddressRange]) {
        let ranges = { (action: IPRule.Action) in
            rules.filter { $0.action == action }.compactMap { AddressRange($0.cidr) }
        }
        allowed = ranges(.allow) + allowlist
        denied = ranges(.deny)
    }

    package var isEmpty: Bool { allowed.isEmpty && denied.isEmpty }

    package func admits(_ address: String) -> Bool {
        if isEmpty { return true }
        let bytes = IPAddress.bytes(address)
        func isIn(_ ranges: [AddressRange]) -> Bool { bytes.map { b in ranges.contains { $0.contains(b) } } ?? false }
        return !isIn(denied) && (allowed.isEmpty || isIn(allowed))
    }
}

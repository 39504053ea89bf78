import HTTPKit

/// A rule about a network: its addresses get in, or they do not. Denial wins; where anything is allowed, nothing else is.
struct IPRule: JSONOutput, Equatable {
    let id: String
    /// In its shortest form: `10.0.0.0/8`, `2001:db8::/32`.
    let cidr: String
    let action: Action
    let note: String?
    let createdBy: String
    let createdAt: Timestamp

    enum Action: String, Choice { case allow, deny }

    struct Create: Input, Ruled {
        let cidr: String
        let action: Action
        let note: String?

        static var rules: [String: Rule] {
            [
                "cidr": .text(1...64, note: "A network such as `10.0.0.0/8` or `2001:db8::/32`, or one address."),
                "note": .text(1...200),
            ]
        }

        func validate() throws(APIError) {
            guard AddressRange(cidr) != nil else {
                throw APIError.invalid("cidr", "Give a network such as 10.0.0.0/8 or 2001:db8::/32, or one address.")
            }
        }
    }
}

/// All rules that hold: those of the database, and the setting's.
struct AddressRules: Sendable {
    private let allowed: [AddressRange]
    private let denied: [AddressRange]

    init(_ rules: [IPRule], allowlist: [AddressRange]) {
        let ranges = { (action: IPRule.Action) in
            rules.filter { $0.action == action }.compactMap { AddressRange($0.cidr) }
        }
        allowed = ranges(.allow) + allowlist
        denied = ranges(.deny)
    }

    var isEmpty: Bool { allowed.isEmpty && denied.isEmpty }

    func admits(_ address: String) -> Bool {
        if isEmpty { return true }
        let bytes = IPAddress.bytes(address)
        func isIn(_ ranges: [AddressRange]) -> Bool { bytes.map { b in ranges.contains { $0.contains(b) } } ?? false }
        return !isIn(denied) && (allowed.isEmpty || isIn(allowed))
    }
}

/// What signs the tokens and names this server to OAuth libraries.
package struct TokenIssuer: Sendable {
    /// Without a trailing slash.
    package let url: String
    /// Whether every instance has the same one.
    private let isStated: Bool
    /// The issuer of servers without `PUBLIC_URL` before version 0.2.
    private static let formerName = "mynah"

    package init(_ address: ServerAddress) {
        isStated = address.isStated
        url = address.url
    }

    /// Whether a token that one of the installation's own keys has signed is from this issuer. Instances without
    /// `PUBLIC_URL` have addresses of their own.
    package func accepts(_ name: String) -> Bool {
        name == url || name == Self.formerName || !isStated && name.hasPrefix("http://")
    }
}

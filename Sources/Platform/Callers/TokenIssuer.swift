/// What signs the tokens and names this server to OAuth libraries.
package struct TokenIssuer: Sendable {
    /// Without a trailing slash.
    package let url: String
    /// Whether every instance has the same one.
    private let isStated: Bool
    /// The issuer of servers without `PUBLIC_URL` before version 0.2.
    private static let formerName = "mynah"

    /// `PUBLIC_URL`, or the address at which a browser on this machine reaches the server.
    package init(publicURL: String?, host: String, port: Int) {
        isStated = publicURL != nil
        let isLocal = ["127.0.0.1", "::1", "0.0.0.0", "::", "localhost"].contains(host)
        let name = isLocal ? "localhost" : host.contains(":") ? "[\(host)]" : host
        url = publicURL ?? "http://\(name):\(port)"
    }

    /// Whether a token that one of the installation's own keys has signed is from this issuer. Instances without
    /// `PUBLIC_URL` have addresses of their own.
    package func accepts(_ name: String) -> Bool {
        name == url || name == Self.formerName || !isStated && name.hasPrefix("http://")
    }
}

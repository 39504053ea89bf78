/// Where browsers reach this server: what its tokens name as their issuer, and links in mails begin with.
package struct ServerAddress: Sendable {
    /// Without a trailing slash.
    package let url: String
    /// At which a browser on this machine reaches it.
    package let local: String
    /// Whether `PUBLIC_URL` says it.
    package let isStated: Bool

    /// `url` is `PUBLIC_URL`, or the local address.
    package init(publicURL: String?, host: String, port: Int) {
        isStated = publicURL != nil
        let isLocal = ["127.0.0.1", "::1", "0.0.0.0", "::", "localhost"].contains(host)
        let name = isLocal ? "localhost" : host.contains(":") ? "[\(host)]" : host
        local = "http://\(name):\(port)"
        url = publicURL ?? local
    }
}

package import Fairness
package import NIOCore
package import NIOHTTP1

/// Which addresses a request may go to.
package enum NetworkPolicy: Sendable {
    /// Any address, for the operator's own settings, which may name a service on loopback.
    case anywhere
    /// Addresses that an operator names while the server runs: private networks too, but never a
    /// service that tells a machine about itself, whatever the name may resolve to.
    case ownNetworks
    /// Addresses that a user may name: every address is checked, and the one that was checked is the one connected to.
    case publicInternet
}

/// A request whose address has been understood, and whose headers hold nothing that could break out of them.
package struct UpstreamRequest: Sendable {
    /// The key that requests share connections by.
    struct Destination: Hashable, Sendable {
        var isSecure: Bool
        /// A name in lower case, or an address without brackets.
        var host: String
        var port: Int
        var network: NetworkPolicy

        /// The host as an address; nil if the host is a name.
        var address: SocketAddress? { try? SocketAddress(ipAddress: host, port: port) }
    }

    package var body = ByteBuffer()
    /// Whose share of the look-ups of names the request counts in; nil for the operator's own calls.
    package var caller: CallQueue.Caller?
    let destination: Destination
    /// A name in lower case, or an address without brackets.
    package var host: String { destination.host }
    package var port: Int { destination.port }
    package var isSecure: Bool { destination.isSecure }
    /// Path and query.
    package var target: String { withoutBody.uri }
    /// Scheme, host and port, as they begin an address.
    package var site: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        let isUsual = port == (isSecure ? 443 : 80)
        return "\(isSecure ? "https" : "http")://\(shown)\(isUsual ? "" : ":\(port)")"
    }
    /// Whether the connection may be kept afterwards.
    let isPersistent: Bool
    private var withoutBody: HTTPRequestHead

    /// Throws `UpstreamError` if the URL is not a plain http or https URL.
    package init(
        url: String, method: HTTPMethod = .GET, headers: HTTPHeaders = [:], network: NetworkPolicy = .anywhere
    ) throws(UpstreamError) {
        guard let url = UpstreamURL(url) else {
            throw UpstreamError(.notAllowed, detail: "this is no HTTP address")
        }
        guard headers.allSatisfy({ Self.isToken($0.name) && Self.isFieldValue($0.value) }) else {
            throw UpstreamError(.notAllowed, detail: "a header has characters that no header may have")
        }
        destination = Destination(isSecure: url.isSecure, host: url.host, port: url.port, network: network)
        var all = headers
        for name in ["Host", "Accept-Encoding", "Content-Length", "Transfer-Encoding"] { all.remove(name: name) }
        all.add(name: "Host", value: url.authority)
        // Nothing is decompressed: a small answer cannot become a large one.
        all.add(name: "Accept-Encoding", value: "identity")
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: url.target, headers: all)
        isPersistent = head.isKeepAlive
        withoutBody = head
    }

    /// The same with one more header; unchanged if its value has characters that no header may have.
    package func adding(header name: String, _ value: String) -> UpstreamRequest {
        guard Self.isToken(name), Self.isFieldValue(value) else { return self }
        var request = self
        request.withoutBody.headers.add(name: name, value: value)
        return request
    }

    /// The address that a redirect to `place` leads to; nil if that is neither an address nor a path from the root.
    package func address(of place: String) -> String? {
        if place.hasPrefix("//") { return "\(isSecure ? "https" : "http"):\(place)" }
        if place.hasPrefix("/") { return site + place }
        return place.contains("://") ? place : nil
    }

    var head: HTTPRequestHead {
        var head = withoutBody
        if body.readableBytes > 0 || head.method == .POST || head.method == .PUT || head.method == .PATCH {
            head.headers.add(name: "Content-Length", value: String(body.readableBytes))
        }
        return head
    }

    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    private static func isFieldValue(_ value: String) -> Bool {
        value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
    }
}

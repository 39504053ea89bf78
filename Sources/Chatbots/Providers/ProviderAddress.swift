import HTTPKit
import LLM
import Upstream

/// Where a provider is: a key is only ever sent to the one that it came with.
package struct ProviderAddress: Equatable {
    private let host: String
    private let port: Int
    private let isSecure: Bool

    /// Nil where it is none.
    package init?(_ url: String) {
        guard let request = try? UpstreamRequest(url: url) else { return nil }
        (host, port, isSecure) = (request.host, request.port, request.isSecure)
    }

    private static let ownNetworks = ["169.254.0.0/16", "fe80::/10", "fd00:ec2::254"].compactMap(AddressRange.init)

    /// Link-local, or where clouds hand out a machine's own credentials.
    package var isMachinesOwn: Bool {
        ["metadata.google.internal", "metadata.goog"].contains(host) || Self.ownNetworks.contains { $0.contains(host) }
    }
}

import HTTPKit
import LLM
import Upstream

/// The origin of a provider's URL. A key is only sent to the origin that it was configured for.
package struct ProviderAddress: Equatable {
    private let host: String
    private let port: Int
    private let isSecure: Bool

    /// Fails if the URL is not valid.
    package init?(_ url: String) {
        guard let request = try? UpstreamRequest(url: url) else { return nil }
        (host, port, isSecure) = (request.host, request.port, request.isSecure)
    }

    private static let ownNetworks = ["169.254.0.0/16", "fe80::/10", "fd00:ec2::254"].compactMap(AddressRange.init)

    /// Whether the address is link-local or a cloud's metadata service, which hands out the machine's credentials.
    package var isMachinesOwn: Bool {
        ["metadata.google.internal", "metadata.goog"].contains(host) || Self.ownNetworks.contains { $0.contains(host) }
    }
}

import LLM

/// A provider of remote models that is in use: its name, address and key.
package struct RemoteProvider: Sendable, Equatable {
    package let name: String
    package let baseURL: String
    package let apiKey: String?

    package init(name: String, baseURL: String, apiKey: String?) {
        self.name = name
        self.baseURL = baseURL
        self.apiKey = apiKey
    }

    /// Whether this is a vendor's own cloud, and not another server with the same API.
    package var isVendorsOwn: Bool { Vendor.isCloud(baseURL) }
}

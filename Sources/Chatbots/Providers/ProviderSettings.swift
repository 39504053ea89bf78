import LLM

/// A way to a remote model: its name, address and key.
package struct ProviderSettings: Sendable, Equatable {
    let name: String
    let baseURL: String
    let apiKey: String?

    /// Whether this is the cloud of one of the vendors, and not a server of somebody's own that speaks like theirs.
    var isVendorsOwn: Bool { Vendor.isCloud(baseURL) }
}

extension Providers {
    /// What the server's settings say of providers and models.
    struct Settings: Sendable {
        var providers: [ProviderSettings]
        let defaultProvider: String
        /// The default provider's model, in place of its usual one.
        let model: String?
        /// Addresses by the name of the provider, where no operator has set another.
        let standardURLs: [String: String]
        let fallbacks: [Gateway.Target]
        /// Tokens that a remote model holds, read and written together.
        let contextTokens: Int
        let timeouts: Timeouts
        let localModelDirectory: String
        let localModelPath: String?
        /// What an operator has said of a provider's model.
        let limits: @Sendable (_ provider: String, _ model: String) -> ModelLimits
        /// Further providers, as tests have them.
        let extraProviders: [any ChatProvider]

        /// A server that has a remote model does not spend memory on one of its own, unless a chatbot may want it.
        var isLocalModelWanted: Bool {
            defaultProvider == "local" || fallbacks.contains { $0.provider == "local" }
        }
    }
}

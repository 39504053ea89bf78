/// A vendor that Mynah knows by name. `all` has everything that follows from the name, also its settings: a new vendor with
/// OpenAI's or Anthropic's API needs one entry there.
package struct Vendor: Sendable {
    /// As `LLM_PROVIDER` and a chatbot's `provider` name it.
    package let name: String
    /// The name that people know.
    package let title: String
    /// Which API it speaks.
    package let format: VendorFormat
    /// Model to use if neither a setting nor a chatbot names one.
    package let usualModel: String
    /// Model of vectors to use if no setting names one; nil if the vendor has none.
    package let usualEmbeddingModel: String?
    /// Address of the vendor's cloud; nil for self-hosted software.
    package let cloudURL: String?
    /// Whether its address is usually given without the `/v1` at its end, as its own clients expect.
    package let omitsVersion: Bool

    package static let all = [
        Vendor(
            name: "openai", title: "OpenAI", format: .openAI, usualModel: "gpt-4o-mini",
            usualEmbeddingModel: "text-embedding-3-small",
            cloudURL: "https://api.openai.com/v1", omitsVersion: false),
        Vendor(
            name: "groq", title: "Groq", format: .openAI, usualModel: "llama-3.3-70b-versatile",
            usualEmbeddingModel: nil,
            cloudURL: "https://api.groq.com/openai/v1", omitsVersion: false),
        Vendor(
            name: "openrouter", title: "OpenRouter", format: .openAI, usualModel: "openrouter/auto",
            usualEmbeddingModel: "openai/text-embedding-3-small",
            cloudURL: "https://openrouter.ai/api/v1", omitsVersion: false),
        Vendor(
            name: "anthropic", title: "Anthropic", format: .anthropic, usualModel: "claude-sonnet-4-5",
            usualEmbeddingModel: nil,
            cloudURL: "https://api.anthropic.com", omitsVersion: true),
        Vendor(
            name: "ollama", title: "Ollama", format: .openAI, usualModel: "llama3.2",
            usualEmbeddingModel: "nomic-embed-text",
            cloudURL: nil, omitsVersion: true),
    ]

    package static let names = all.map(\.name)

    package static func named(_ name: String) -> Vendor? { all.first { $0.name == name } }

    /// Whether the address is in a vendor's own cloud, and not another server with the same API.
    package static func isCloud(_ url: String) -> Bool {
        cloudOrigins.contains { url.hasPrefix($0) }
    }

    /// Scheme and host, with the slash after them.
    private static let cloudOrigins = all.compactMap(\.cloudURL).map { url in
        url.split(separator: "/", omittingEmptySubsequences: false).prefix(3).joined(separator: "/") + "/"
    }

    /// The address with its version at the end.
    package func complete(_ url: String) -> String {
        guard omitsVersion else { return url }
        let url = url.hasSuffix("/") ? String(url.dropLast()) : url
        return url.hasSuffix("/v1") ? url : url + "/v1"
    }
}

extension VendorFormat {
    /// Makes a provider that speaks this API. Throws `ProviderError` if its address is not an HTTP address.
    package func provider(_ setup: ProviderSetup) throws -> any ChatProvider {
        switch self {
        case .openAI: try OpenAIProvider(setup, breaksMarks: !Vendor.isCloud(setup.baseURL))
        case .anthropic: try AnthropicProvider(setup)
        }
    }
}

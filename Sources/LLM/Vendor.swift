/// A vendor that Mynah knows by name. `all` has everything that follows from the name; a new vendor needs one entry there
/// and its settings in `Setting.all`.
package struct Vendor: Sendable {
    /// Which API it speaks.
    package enum Format: Sendable { case openAI, anthropic }

    /// As `LLM_PROVIDER` and a chatbot's `provider` name it.
    package let name: String
    package let format: Format
    /// Model to use if neither a setting nor a chatbot names one.
    package let usualModel: String
    /// Host of the vendor's cloud; nil for self-hosted software.
    package let cloudHost: String?
    /// Whether its address is usually given without the `/v1` at its end, as its own clients expect.
    package let omitsVersion: Bool

    package static let all = [
        Vendor(
            name: "openai", format: .openAI, usualModel: "gpt-4o-mini", cloudHost: "api.openai.com", omitsVersion: false
        ),
        Vendor(
            name: "groq", format: .openAI, usualModel: "llama-3.3-70b-versatile", cloudHost: "api.groq.com",
            omitsVersion: false),
        Vendor(
            name: "openrouter", format: .openAI, usualModel: "openrouter/auto", cloudHost: "openrouter.ai",
            omitsVersion: false),
        Vendor(
            name: "anthropic", format: .anthropic, usualModel: "claude-sonnet-4-5", cloudHost: "api.anthropic.com",
            omitsVersion: true),
        Vendor(name: "ollama", format: .openAI, usualModel: "llama3.2", cloudHost: nil, omitsVersion: true),
    ]

    package static let names = all.map(\.name)

    package static func named(_ name: String) -> Vendor? { all.first { $0.name == name } }

    /// Whether the address is in a vendor's own cloud, and not another server with the same API.
    package static func isCloud(_ url: String) -> Bool {
        all.contains { vendor in vendor.cloudHost.map { url.hasPrefix("https://\($0)/") } == true }
    }

    /// The address with its version at the end.
    package func complete(_ url: String) -> String {
        guard omitsVersion else { return url }
        let url = url.hasSuffix("/") ? String(url.dropLast()) : url
        return url.hasSuffix("/v1") ? url : url + "/v1"
    }
}

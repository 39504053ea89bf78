package import HTTPKit
import JSON
import Upstream

/// A chatbot, which the contract also calls a project: a prompt, a model and how to call it.
package struct Chatbot: JSONOutput {
    package let id: String
    package let workspaceID: String
    /// The user who pays for the workspace. Null if it has no active owner.
    package let ownerID: String?
    package let name: String
    package let slug: String
    package let description: String?
    /// Nil: the server's own choice.
    package let provider: String?
    package let model: String?
    /// Further models that a caller may ask for.
    package let models: [String]
    package let temperature: Double?
    package let maxTokens: Int?
    /// Null for callers who may not change the chatbot: the URL may contain a secret.
    package private(set) var llmEndpointURL: String?
    package let greeting: String?
    package let config: JSONObject
    /// The text shown instead of a failed reply, whatever the reason.
    package let fallbackMessage: String?
    /// Texts for single reasons, which replace `fallbackMessage`.
    package let fallbackMessages: FallbackMessages?
    package let isDefault: Bool
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
    /// Messages to begin with, from the widget's settings.
    package private(set) var starters: [String] = []

    package static let defaultName = "Assistant"
    package static let defaultPrompt = "You are a helpful assistant. Answer clearly and briefly."

    package struct Create: Input, Ruled {
        package let name: String
        package let slug: String?
        package let description: String?
        package let provider: String?
        package let model: String?
        package let models: [String]?
        package let temperature: Double?
        package let maxTokens: Int?
        package let llmEndpointURL: String?
        package let greeting: String?
        package let config: JSONObject?
        package let fallbackMessage: String?
        package let fallbackMessages: FallbackMessages?

        package static var rules: [String: Rule] { Chatbot.rules }
        package func validate() throws(APIError) {
            try Chatbot.check(slug: slug)
            try Chatbot.check(endpoint: llmEndpointURL)
            try Chatbot.check(config: config, models: models)
        }
    }

    package struct Update: Input, Ruled {
        package let name: String?
        package let slug: String?
        package let description: Change<String>
        package let provider: Change<String>
        package let model: Change<String>
        package let models: [String]?
        package let temperature: Change<Double>
        package let maxTokens: Change<Int>
        package let llmEndpointURL: Change<String>
        package let greeting: Change<String>
        package let config: JSONObject?
        package let fallbackMessage: Change<String>
        package let fallbackMessages: Change<FallbackMessages>
        package let isDefault: Bool?

        package static var rules: [String: Rule] { Chatbot.rules }
        package func validate() throws(APIError) {
            try Chatbot.check(slug: slug)
            if case .value(let url) = llmEndpointURL { try Chatbot.check(endpoint: url) }
            try Chatbot.check(config: config, models: models)
        }
    }

    /// Slugs and ids name chatbots in one place (`model` on `/v1`), so that a slug must never be another chatbot's id: ids
    /// are UUIDs, with or without hyphens, and the demonstration's `c1`.
    package static func looksLikeID(_ slug: String) -> Bool {
        if slug.wholeMatch(of: /c[0-9]+/) != nil { return true }
        let digits = slug.replacing("-", with: "")
        return digits.utf8.count == 32 && digits.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    private static func check(slug: String?) throws(APIError) {
        guard let slug, looksLikeID(slug) else { return }
        throw APIError.invalid("slug", "'slug' must not look like an id. Choose another.")
    }

    /// Checks the form of the URL only. Its host is checked at each call, because DNS records change.
    private static func check(endpoint url: String?) throws(APIError) {
        guard let url, (try? UpstreamRequest(url: url)) == nil else { return }
        throw APIError.invalid(
            "llm_endpoint_url", "'llm_endpoint_url' must be an address of http or https, without a user.")
    }

    /// Maximum lengths, in bytes.
    private static let longestConfig = 65_536
    private static let longestModels = 16_384

    private static func check(config: JSONObject?, models: [String]?) throws(APIError) {
        if let config, JSONValue.object(config.members).serialized().count > longestConfig {
            throw .invalid("config", "'config' is limited to 64 KiB.")
        }
        if let models, models.reduce(0, { $0 + $1.utf8.count }) > longestModels {
            throw .invalid("models", "'models' is limited to 16 KiB in all.")
        }
    }

    private static var rules: [String: Rule] {
        [
            "name": .name(1...200), "config": .note("Up to 64 KiB."),
            "slug": .text(
                1...64, pattern: "[a-z0-9]+(?:-[a-z0-9]+)*", note: "lower-case letters and digits, joined by hyphens."),
            "description": .text(0...2000),
            "provider": .text(1...40, note: "One of the server's providers; the default one if omitted."),
            "model": .text(1...200),
            "models": .text(1...200),
            "temperature": .number(0...2),
            "max_tokens": .number(1...1_000_000),
            "llm_endpoint_url": .text(1...2000, format: "uri"),
            "greeting": .text(0...2000),
            "fallback_message": .text(0...2000),
        ]
    }

    /// `My shop's helper!` → `my-shop-s-helper`.
    package static func slug(from name: String) -> String {
        let words = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        let slug = words.joined(separator: "-").prefix(48)
        return slug.isEmpty ? "chatbot" : String(slug).trimmingSuffix("-")
    }

    /// For callers who may not change it.
    package var withoutEndpoint: Chatbot {
        var chatbot = self
        chatbot.llmEndpointURL = nil
        return chatbot
    }

    package func applying(_ change: Update, now: Timestamp) -> Chatbot {
        Chatbot(
            id: id, workspaceID: workspaceID, ownerID: ownerID, name: change.name ?? name, slug: change.slug ?? slug,
            description: change.description.applied(to: description), provider: change.provider.applied(to: provider),
            model: change.model.applied(to: model), models: change.models ?? models,
            temperature: change.temperature.applied(to: temperature),
            maxTokens: change.maxTokens.applied(to: maxTokens),
            llmEndpointURL: change.llmEndpointURL.applied(to: llmEndpointURL),
            greeting: change.greeting.applied(to: greeting), config: change.config ?? config,
            fallbackMessage: change.fallbackMessage.applied(to: fallbackMessage),
            fallbackMessages: change.fallbackMessages.applied(to: fallbackMessages),
            isDefault: change.isDefault == true ? true : isDefault, createdAt: createdAt, updatedAt: now,
            starters: starters)
    }
}

extension String {
    fileprivate func trimmingSuffix(_ character: Character) -> String {
        last == character ? String(dropLast()).trimmingSuffix(character) : self
    }
}

import HTTPKit
import LLM

/// Which providers and models answer for a chatbot, and how much they may read and write.
struct Models: Sendable {
    struct Choice: Sendable, Equatable {
        /// The first answers if it can; the others stand in for it, in this order.
        let targets: [Gateway.Target]
        let maxTokens: Int
        /// Tokens left for what the model reads.
        let promptTokens: Int

        var provider: String { targets[0].provider }
        var model: String { targets[0].model }
    }

    /// The provider that is a chatbot's own endpoint.
    static let webhook = "webhook"
    /// The model of each provider where no setting names one.
    static let usual = [
        "openai": "gpt-4o-mini", "groq": "llama-3.3-70b-versatile", "openrouter": "openrouter/auto",
        "ollama": "llama3.2", "anthropic": "claude-sonnet-4-5",
    ]

    let defaultProvider: String
    /// The model of each provider where the chatbot names none.
    let defaultModels: [String: String]
    /// Tokens of context of each provider, read and written together.
    let contextTokens: [String: Int]
    let localModel: LocalModel?
    /// Asked in turn where the chatbot's own model fails.
    let fallbacks: [Gateway.Target]

    /// The chatbot's own model, and the further ones.
    func offered(by chatbot: Chatbot) -> [String] {
        let own = chatbot.model ?? defaultModels[chatbot.provider ?? defaultProvider] ?? "default"
        return [own] + chatbot.models.filter { $0 != own }
    }

    func choose(for chatbot: Chatbot, asked: String?) throws(APIError) -> Choice {
        let provider = chatbot.provider ?? defaultProvider
        let offered = offered(by: chatbot)
        let model = asked ?? offered[0]
        guard offered.contains(model) else { throw APIError(.modelNotAllowed, param: "model") }
        let first = target(model, provider)
        let context = contextTokens[first.provider] ?? 16_384
        let maxTokens = min(chatbot.maxTokens ?? min(1024, context / 4), context / 2)
        if chatbot.llmEndpointURL != nil {
            return Choice(
                targets: [Gateway.Target(provider: Self.webhook, model: Self.webhook)], maxTokens: maxTokens,
                promptTokens: context - maxTokens)
        }
        return Choice(
            targets: [first] + fallbacks.filter { $0 != first }, maxTokens: maxTokens,
            promptTokens: context - maxTokens)
    }

    /// `groq/llama-3.3-70b` names another provider's model, `openrouter/auto` one of OpenRouter's own.
    private func target(_ model: String, _ provider: String) -> Gateway.Target {
        let parts = model.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2, parts[0] != provider, defaultModels[parts[0]] != nil, contextTokens[parts[0]] != nil
        else {
            return Gateway.Target(provider: provider, model: model)
        }
        return Gateway.Target(provider: parts[0], model: parts[1])
    }

    /// Before anything is stored: a model that is still loading is worth waiting for, and the client is told so.
    func requireReady(_ choice: Choice) throws(APIError) {
        guard let localModel, choice.provider == localModel.name, choice.targets.count == 1 else { return }
        switch localModel.state {
        case .loading: throw APIError(.modelLoading, retryAfter: 2)
        case .notInstalled(let reason), .failed(let reason):
            throw APIError(
                .providerUnavailable,
                "The local model is not available. The server's operator can see why with 'mynah doctor'.",
                cause: ProviderError(.unavailable, detail: reason))
        case .ready: return
        }
    }
}

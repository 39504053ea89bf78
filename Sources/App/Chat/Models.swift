import LLM

/// Which provider and model answer for a chatbot, and how much they may read and write.
struct Models: Sendable {
    struct Choice: Sendable, Equatable {
        let provider: String
        let model: String
        let maxTokens: Int
        /// Tokens left for what the model reads.
        let promptTokens: Int
    }

    let defaultProvider: String
    /// The model of each provider where the chatbot names none.
    let defaultModels: [String: String]
    /// Tokens of context of each provider, read and written together.
    let contextTokens: [String: Int]
    let localModel: LocalModel?

    func choose(for chatbot: Chatbot, asked: String?) throws(APIError) -> Choice {
        let provider = chatbot.provider ?? defaultProvider
        let own = chatbot.model ?? defaultModels[provider] ?? "default"
        let model = asked ?? own
        guard model == own || chatbot.models.contains(model) else { throw APIError(.modelNotAllowed, param: "model") }
        let context = contextTokens[provider] ?? 16_384
        let maxTokens = min(chatbot.maxTokens ?? min(1024, context / 4), context / 2)
        return Choice(provider: provider, model: model, maxTokens: maxTokens, promptTokens: context - maxTokens)
    }

    /// Before anything is stored: a model that is still loading is worth waiting for, and the client is told so.
    func requireReady(_ choice: Choice) throws(APIError) {
        guard let localModel, choice.provider == localModel.name else { return }
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

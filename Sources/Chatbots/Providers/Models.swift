package import HTTPKit
package import LLM
package import Metering

/// Which providers and models answer for a chatbot, and how much they may read and write.
package struct Models: Sendable {
    package let defaultProvider: String
    /// Model of each provider for chatbots that name none.
    package let defaultModels: [String: String]
    /// Context size of each provider in tokens, for prompt and reply together.
    package let contextTokens: [String: Int]
    package let localModel: LocalModel?
    /// Models that are tried in order if the chatbot's own model fails.
    package let fallbacks: [ModelTarget]
    /// The model that makes vectors if a call names none.
    package let embedding: ModelTarget

    /// `groq/llama-3.3-70b` names another provider's model, `openrouter/auto` one of OpenRouter's own.
    package func target(_ model: String, _ provider: String) -> ModelTarget {
        let parts = model.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2, parts[0] != provider, defaultModels[parts[0]] != nil, contextTokens[parts[0]] != nil
        else {
            return ModelTarget(provider: provider, model: model)
        }
        return ModelTarget(provider: parts[0], model: parts[1])
    }

    /// Before anything is stored: a model that is still loading is worth waiting for, and the client is told so.
    package func requireReady(_ choice: ModelChoice) throws(APIError) {
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

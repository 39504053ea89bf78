package import HTTPKit
import LLM
package import Metering

extension Models {
    /// The chatbot's own model, and the further ones.
    package func offered(by chatbot: Chatbot) -> [String] {
        let own = chatbot.model ?? defaultModels[chatbot.provider ?? defaultProvider] ?? "default"
        return [own] + chatbot.models.filter { $0 != own }
    }

    package func choose(for chatbot: Chatbot, asked: String?) throws(APIError) -> ModelChoice {
        let provider = chatbot.provider ?? defaultProvider
        let offered = offered(by: chatbot)
        let model = asked ?? offered[0]
        guard offered.contains(model) else { throw APIError(.modelNotAllowed, param: "model") }
        let first = target(model, provider)
        let context = contextTokens[first.provider] ?? 16_384
        let maxTokens = min(chatbot.maxTokens ?? min(1024, context / 4), context / 2)
        if chatbot.llmEndpointURL != nil {
            return ModelChoice(
                targets: [ModelTarget(provider: WebhookProvider.usualName, model: WebhookProvider.usualName)],
                maxTokens: maxTokens,
                promptTokens: context - maxTokens)
        }
        return ModelChoice(
            targets: [first] + fallbacks.filter { $0 != first }, maxTokens: maxTokens,
            promptTokens: context - maxTokens)
    }
}

package import LLM
package import Metering

extension ChatResult {
    /// What is said without asking a model.
    package static func given(_ text: String, by choice: ModelChoice) -> ChatResult {
        ChatResult(
            content: text, model: choice.model, provider: choice.provider, finishReason: .stop,
            usage: ChatUsage(promptTokens: 0, completionTokens: 0))
    }
}

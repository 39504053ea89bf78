import Spans

/// What a trace says of a call of a model. Source: https://opentelemetry.io/docs/specs/semconv/gen-ai/
extension Span {
    func set(_ operation: String, _ target: ModelTarget) {
        set(.operation, operation)
        set(.provider, target.provider)
        set(.requestModel, target.model)
    }

    func set(_ result: ChatResult) {
        set(.responseModel, result.model)
        set(.finishReasons, .strings([result.finishReason.openAI]))
        guard let usage = result.usage else { return }
        set(.inputTokens, usage.promptTokens)
        set(.outputTokens, usage.completionTokens)
    }

    func set(_ result: EmbeddingResult) {
        if let tokens = result.promptTokens { set(.inputTokens, tokens) }
    }
}

extension ProviderError: TracedError {
    package var errorType: String { kind.rawValue }
}

import Chatbots
import Fairness
package import HTTPKit
package import LLM
import Metering
package import Platform

extension MeteredCalls {
    /// The model of vectors that a client means: the configured one if it names none or that one, `provider/model`, or the
    /// name of a model that has a price. Throws `model_not_found`, `model_not_in_plan` or `model_not_priced`.
    package func embeddingTarget(_ name: String?, _ limits: EffectiveLimits) async throws -> ModelTarget {
        let target = try await embeddingTarget(named: name ?? "")
        guard let known = providers.gateway.embeddingLimits(of: target.provider) else {
            throw APIError(
                .modelNotFound,
                "There is no model of vectors at '\(target.provider)'. The server's operator sets one up.",
                param: "model")
        }
        if let models = known.models, !models.contains(target.model) { throw APIError(.modelNotFound, param: "model") }
        guard limits.include(target) else { throw APIError(.modelNotInPlan, param: "model") }
        _ = try await spending.prices.price(of: target)
        return target
    }

    private func embeddingTarget(named name: String) async throws -> ModelTarget {
        let (usual, gateway) = (providers.models.embedding, providers.gateway)
        if name.isEmpty || name == usual.model || name == "\(usual.provider)/\(usual.model)" { return usual }
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        if parts.count == 2, gateway.embeddingLimits(of: parts[0]) != nil {
            return ModelTarget(provider: parts[0], model: parts[1])
        }
        let likely = [usual.provider, providers.models.defaultProvider]
        let others = providers.names.filter { !likely.contains($0) }
        let candidates = (likely + others).filter { gateway.embeddingLimits(of: $0)?.models == nil }
            .filter { gateway.embeddingLimits(of: $0) != nil }
        guard let target = try await spending.prices.target(named: name, at: candidates) else {
            throw APIError(.modelNotFound, param: "model")
        }
        return target
    }

    /// Throws what a caller can act on if the model cannot take the request, before anything is reserved.
    package func requireTaken(_ request: EmbeddingRequest, by target: ModelTarget) throws(APIError) {
        guard let limits = providers.gateway.embeddingLimits(of: target.provider) else {
            throw APIError(.modelNotFound, param: "model")
        }
        let model = "The model '\(target.model)'"
        if !limits.takesTokens, request.inputs.contains(where: { if case .tokens = $0 { true } else { false } }) {
            throw APIError(
                .unsupportedInput,
                "\(model) takes text, and no tokens: they belong to another model's vocabulary. LangChain sends text with "
                    + "'check_embedding_ctx_length=False'.", param: "input")
        }
        if !limits.takesUse, request.use != nil {
            throw APIError(.unsupportedInput, "\(model) does not take 'input_type'.", param: "input_type")
        }
        if let only = limits.dimensions, let wanted = request.dimensions, wanted != only {
            throw APIError(
                .unsupportedInput, "\(model) makes vectors of \(only) dimensions only.", param: "dimensions")
        }
        guard request.inputs.reduce(0, { $0 + $1.bytes }) <= limits.bytes else {
            throw APIError(
                .messageTooLong, "\(model) takes \(limits.bytes / 1024) KiB of text in one request. Send fewer inputs.",
                param: "input")
        }
    }
}

import Fairness
import HTTPKit
import LLM
import Storage

/// Which models answer, and how much they may read and write.
struct ModelChoice: Sendable, Equatable {
    /// The first answers if it can; the others stand in for it, in this order.
    let targets: [Gateway.Target]
    let maxTokens: Int
    /// Tokens left for what the model reads.
    let promptTokens: Int

    var provider: String { targets[0].provider }
    var model: String { targets[0].model }
}

extension ModelChoice {
    /// Without what the plan does not include. A chatbot's own endpoint is its owner's affair.
    func allowed(by limits: EffectiveLimits) throws(APIError) -> ModelChoice {
        guard let models = limits.models else { return self }
        let allowed = targets.filter { target in
            target.provider == WebhookProvider.usualName || models.contains("\(target.provider)/\(target.model)")
                || models.contains(target.model)
        }
        guard allowed.first == targets.first else { throw APIError(.modelNotInPlan, param: "model") }
        return ModelChoice(targets: allowed, maxTokens: maxTokens, promptTokens: promptTokens)
    }
}

extension Gateway.Caller {
    init(_ speaker: Speaker, in tenant: Tenant) {
        self.init(workspace: tenant.workspaceID, account: speaker.subscriber.userID)
    }
}

import Fairness
package import HTTPKit
package import LLM
package import Platform
import Storage

/// Which models answer, and how much they may read and write.
package struct ModelChoice: Sendable, Equatable {
    /// The first answers if it can; the others stand in for it, in this order.
    package let targets: [ModelTarget]
    package let maxTokens: Int
    /// Tokens left for what the model reads.
    package let promptTokens: Int

    package init(targets: [ModelTarget], maxTokens: Int, promptTokens: Int) {
        self.targets = targets
        self.maxTokens = maxTokens
        self.promptTokens = promptTokens
    }

    package var provider: String { targets[0].provider }
    package var model: String { targets[0].model }
}

extension ModelChoice {
    /// Without what the plan does not include. A chatbot's own endpoint is its owner's affair.
    package func allowed(by limits: EffectiveLimits) throws(APIError) -> ModelChoice {
        guard limits.models != nil else { return self }
        let allowed = targets.filter { $0.provider == WebhookProvider.usualName || limits.include($0) }
        guard allowed.first == targets.first else { throw APIError(.modelNotInPlan, param: "model") }
        return ModelChoice(targets: allowed, maxTokens: maxTokens, promptTokens: promptTokens)
    }
}

extension EffectiveLimits {
    /// Whether the plan includes the model.
    package func include(_ target: ModelTarget) -> Bool {
        guard let models else { return true }
        return models.contains("\(target.provider)/\(target.model)") || models.contains(target.model)
    }
}

extension Gateway.Caller {
    package init(_ requester: TurnRequester, in tenant: Tenant) {
        self.init(workspace: tenant.workspaceID, account: requester.subscriber.userID)
    }
}

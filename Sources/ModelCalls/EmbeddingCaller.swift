import Fairness
import HTTPKit
import LLM
package import Metering
package import Platform

/// On whose behalf, and at whose expense, vectors are made.
package struct EmbeddingCaller: Sendable {
    package let tenant: Tenant
    package let chatbotID: String
    package let asker: MessageLog.Asker
    package let limits: EffectiveLimits
    let payer: Spending.Bill.Payer
    /// A key whose budget pays, too.
    let keyID: String?
    let gatewayCaller: Gateway.Caller
    /// Whose day's messages the call counts among; nil if a turn or a job makes it.
    let requester: TurnRequester?

    /// - Parameter isMessage: whether the call counts among the day's messages, as one of a client's does.
    package init(
        _ requester: TurnRequester, in tenant: Tenant, chatbotID: String, externalID: String? = nil,
        isMessage: Bool = true
    ) {
        self.tenant = tenant
        self.chatbotID = chatbotID
        asker = MessageLog.Asker(requester, in: tenant, externalID: externalID)
        limits = requester.subscriber.limits
        payer = requester.payer(in: tenant)
        keyID = requester.budgetKeyID
        gatewayCaller = Gateway.Caller(requester, in: tenant)
        self.requester = isMessage ? requester : nil
    }

    /// A job of a workspace, for which its owner pays.
    package init(jobOf owner: Subscriber, in tenant: Tenant, chatbotID: String) {
        self.tenant = tenant
        self.chatbotID = chatbotID
        asker = MessageLog.Asker(payerID: owner.userID)
        limits = owner.limits
        payer = .known(owner)
        keyID = nil
        gatewayCaller = Gateway.Caller(workspace: tenant.workspaceID, account: owner.userID)
        requester = nil
    }
}

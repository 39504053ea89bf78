package import Chatbots
import HTTPKit
package import LLM
package import Logging
package import Metering
package import Platform
package import Storage

/// What every call of a model goes through, for conversations, the widget, sockets, completions and chatbots' own endpoints:
/// choose a model, reserve the most that it can cost, call, observe, settle.
package struct MeteredCalls: Sendable {
    package let database: Database
    package let providers: Providers
    package let spending: Spending
    package let logs: MessageLogWriter
    package let metrics: Metrics
    package let logger: Logger

    package init(
        database: Database, providers: Providers, spending: Spending, logs: MessageLogWriter, metrics: Metrics,
        logger: Logger
    ) {
        self.database = database
        self.providers = providers
        self.spending = spending
        self.logs = logs
        self.metrics = metrics
        self.logger = logger
    }

    /// The models to ask in turn: those that the caller's plan includes and that have a price if they need one.
    package func choose(
        for chatbot: Chatbot, asked model: String?, _ limits: EffectiveLimits
    ) async throws -> ModelChoice {
        try await spending.prices.priced(providers.models.choose(for: chatbot, asked: model).allowed(by: limits))
    }

    /// A call that nothing is reserved for yet.
    /// - Parameter id: of what is reserved.
    package func call(
        _ request: ChatRequest, by choice: ModelChoice, prompt: PromptSize, _ requester: TurnRequester,
        in tenant: Tenant,
        id: String
    ) async throws -> MeteredCall {
        MeteredCall(
            calls: self, tenant: tenant, caller: Gateway.Caller(requester, in: tenant), choice: choice,
            request: request,
            prompt: prompt,
            bill: try await spending.bill(
                requester, in: tenant, id: id, choice.targets, prompt: prompt, maxTokens: request.maxTokens,
                cacheUse: request.cacheUse, searches: request.searches))
    }
}

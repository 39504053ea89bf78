package import LLM

extension Providers {
    /// What the server's settings say of providers and models.
    package struct Settings: Sendable {
        package var providers: [RemoteProvider]
        package let defaultProvider: String
        /// The default provider's model, in place of its usual one.
        package let model: String?
        package let fallbacks: [ModelTarget]
        /// The model that makes vectors if a call names none.
        package let embedding: ModelTarget
        /// Tokens that a remote model holds, read and written together.
        package let contextTokens: Int
        package let timeouts: Timeouts
        package let localModelProgram: String
        package let embedderProgram: String
        package let localModelEnvironment: String
        package let localModelPath: String?
        /// What an operator has said of a provider's model.
        package let limits: @Sendable (_ provider: String, _ model: String) -> ModelLimits
        /// Further providers, as tests have them.
        package let extraProviders: [any ChatProvider]
        /// Timeouts by provider, if they differ.
        package let providerTimeouts: [String: Timeouts]
        /// Further fields of requests that a provider gets.
        package let extraFields: [String: Set<String>]

        package init(
            providers: [RemoteProvider], defaultProvider: String, model: String?, fallbacks: [ModelTarget],
            embedding: ModelTarget, contextTokens: Int, timeouts: Timeouts, localModelProgram: String,
            embedderProgram: String, localModelEnvironment: String,
            localModelPath: String?, limits: @escaping @Sendable (_ provider: String, _ model: String) -> ModelLimits,
            extraProviders: [any ChatProvider],
            providerTimeouts: [String: Timeouts] = [:], extraFields: [String: Set<String>] = [:]
        ) {
            self.providers = providers
            self.defaultProvider = defaultProvider
            self.model = model
            self.fallbacks = fallbacks
            self.embedding = embedding
            self.contextTokens = contextTokens
            self.timeouts = timeouts
            self.localModelProgram = localModelProgram
            self.embedderProgram = embedderProgram
            self.localModelEnvironment = localModelEnvironment
            self.localModelPath = localModelPath
            self.limits = limits
            self.extraProviders = extraProviders
            self.providerTimeouts = providerTimeouts
            self.extraFields = extraFields
        }

        package func timeouts(of provider: String) -> Timeouts { providerTimeouts[provider] ?? timeouts }

        /// Whether the local model makes vectors.
        package var isLocalEmbedderWanted: Bool { embedding.provider == "local" }

        /// A server that has a remote model does not spend memory on one of its own, unless a chatbot may want it.
        package var isLocalModelWanted: Bool {
            defaultProvider == "local" || fallbacks.contains { $0.provider == "local" }
        }
    }
}

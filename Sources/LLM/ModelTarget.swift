/// A model that may answer.
package struct ModelTarget: Sendable, Equatable {
    package var provider: String
    package var model: String
    /// Overrides the request's own value.
    package var maxTokens: Int?

    package init(provider: String, model: String, maxTokens: Int? = nil) {
        self.provider = provider
        self.model = model
        self.maxTokens = maxTokens
    }
}

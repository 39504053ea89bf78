package import Upstream

/// What a provider of remote models is made from: where it is, and what the operator has said of it.
package struct ProviderSetup: Sendable {
    package var name: String
    /// All that stands before the path of a call, such as `/chat/completions`.
    package var baseURL: String
    package var apiKey: String?
    package var timeouts = Timeouts()
    package var network = NetworkPolicy.anywhere
    /// Fields of requests that the provider gets besides those of its kind.
    package var extraFields: Set<String> = []
    /// What an operator has said of a model.
    package var modelLimits: @Sendable (_ model: String) -> ModelLimits = { _ in ModelLimits() }
    package var http: UpstreamClient

    package init(name: String, baseURL: String, apiKey: String?, http: UpstreamClient) {
        self.name = name
        self.baseURL = baseURL
        self.apiKey = apiKey
        self.http = http
    }
}

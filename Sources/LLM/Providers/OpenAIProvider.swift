import NIOCore
import NIOHTTP1
package import Upstream

/// Any endpoint that speaks OpenAI's chat completions: the vendors differ by base URL and key alone.
package struct OpenAIProvider: ChatProvider {
    /// OpenAI's newest models refuse `max_tokens`; most other vendors know nothing else.
    package enum TokenLimitField: String, Sendable {
        case maxTokens = "max_tokens"
        case maxCompletionTokens = "max_completion_tokens"
    }

    package let name: String
    private let address: UpstreamRequest
    /// The address of vectors.
    let embeddings: UpstreamRequest
    let call: VendorCall
    private let tokenLimitField: TokenLimitField
    private let breaksMarks: Bool
    let kind: VendorKind
    private let fields: Set<String>
    /// Whether the server knows `prompt_cache_key`: OpenAI does, and others if a setting says so.
    private let namesCache: Bool
    private let modelLimits: @Sendable (_ model: String) -> ModelLimits

    /// `baseURL` is all that stands before `/chat/completions`. Set `breaksMarks` if the
    /// server interprets a chat template's marks anywhere in a text, as most self-hosted ones do. Throws
    /// `ProviderError` if `baseURL` is not an HTTP address.
    package init(
        name: String,
        baseURL: String,
        apiKey: String?,
        timeouts: Timeouts = Timeouts(),
        limits: ReplyLimits = ReplyLimits(),
        tokenLimitField: TokenLimitField = .maxTokens,
        breaksMarks: Bool = false,
        kind: VendorKind = .openAI,
        extraFields: Set<String> = [],
        headers: [(name: String, value: String)] = [],
        network: NetworkPolicy = .anywhere,
        modelLimits: @escaping @Sendable (_ model: String) -> ModelLimits = { _ in ModelLimits() },
        http: UpstreamClient
    ) throws {
        var all: HTTPHeaders = ["Content-Type": "application/json", "Accept": "text/event-stream, application/json"]
        if let apiKey { all.add(name: "Authorization", value: "Bearer \(apiKey)") }
        all.add(contentsOf: headers.map { ($0.name, $0.value) })
        self.name = name
        address = try .vendor(name, baseURL, path: "chat/completions", headers: all, network)
        embeddings = try .vendor(name, baseURL, path: "embeddings", headers: all, network)
        call = VendorCall(http: http, timeouts: timeouts, limits: limits)
        self.tokenLimitField = tokenLimitField
        self.breaksMarks = breaksMarks
        self.kind = kind
        fields = RequestField.names(of: kind).union(extraFields)
        namesCache = kind == .openAI || extraFields.contains("prompt_cache_key")
        self.modelLimits = modelLimits
    }

    /// - Parameter breaksMarks: as above.
    package init(_ setup: ProviderSetup, breaksMarks: Bool) throws {
        try self.init(
            name: setup.name, baseURL: setup.baseURL, apiKey: setup.apiKey, timeouts: setup.timeouts,
            // OpenAI's own newest models refuse the older name, which everyone else expects.
            tokenLimitField: setup.baseURL.hasPrefix("https://api.openai.com/") ? .maxCompletionTokens : .maxTokens,
            breaksMarks: breaksMarks, kind: VendorKind(provider: setup.name, baseURL: setup.baseURL),
            extraFields: setup.extraFields, network: setup.network, modelLimits: setup.modelLimits, http: setup.http)
    }

    package func limits(of model: String) -> ModelLimits {
        var limits = modelLimits(model)
        limits.fields = fields
        limits.takesDocuments = ContentPart.document.treatment(at: kind) != .refused
        if limits.tools == .any { limits.tools = .standard }
        return limits
    }

    package func stream(
        _ request: ChatRequest, onEvent: (ChatEvent) async throws -> Void
    ) async throws -> ChatResult {
        var request = request.adapted(to: kind, namesCache: namesCache)
        // What is left beyond them asks for nothing: all else has been refused.
        if !request.options.isEmpty { request.options = request.options.filter { fields.contains($0.key) } }
        if breaksMarks { request = request.breakingMarks() }
        var address = address
        address.body = ByteBuffer(bytes: OpenAIWire.encode(request, tokenLimitField: tokenLimitField, kind))
        return try await call.run(address, request, by: name, format: OpenAIFormat(), onEvent: onEvent)
    }
}

extension OpenAIProvider: CustomStringConvertible, CustomReflectable {
    package var description: String { "OpenAIProvider(\(name))" }

    /// Without the key that is among the headers.
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

extension UpstreamRequest {
    static func vendor(
        _ name: String, _ baseURL: String, path: String, headers: HTTPHeaders, _ network: NetworkPolicy
    ) throws -> UpstreamRequest {
        let url = baseURL.hasSuffix("/") ? "\(baseURL)\(path)" : "\(baseURL)/\(path)"
        guard let request = try? UpstreamRequest(url: url, method: .POST, headers: headers, network: network) else {
            throw ProviderError(.misconfigured, detail: "the base URL of \(name) is no HTTP address")
        }
        return request
    }
}

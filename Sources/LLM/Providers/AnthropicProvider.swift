import NIOCore
import NIOHTTP1
package import Upstream

/// Calls Anthropic's messages API. Translates OpenAI's request fields if Anthropic has an equivalent; omits the others.
package struct AnthropicProvider: ChatProvider {
    package let name: String
    private let address: UpstreamRequest
    private let call: VendorCall
    private let fields: Set<String>
    private let modelLimits: @Sendable (_ model: String) -> ModelLimits

    /// `baseURL` is all that stands before `/messages`. Throws `ProviderError` if it is not an HTTP address.
    package init(
        name: String = "anthropic",
        baseURL: String = "https://api.anthropic.com/v1",
        apiKey: String,
        timeouts: Timeouts = Timeouts(),
        limits: ReplyLimits = ReplyLimits(),
        network: NetworkPolicy = .anywhere,
        extraFields: Set<String> = [],
        modelLimits: @escaping @Sendable (_ model: String) -> ModelLimits = { _ in ModelLimits() },
        http: UpstreamClient
    ) throws {
        let headers: HTTPHeaders = [
            "Content-Type": "application/json", "Accept": "text/event-stream, application/json",
            "X-API-Key": apiKey, "Anthropic-Version": "2023-06-01",
        ]
        self.name = name
        address = try .vendor(name, baseURL, path: "messages", headers: headers, network)
        call = VendorCall(http: http, timeouts: timeouts, limits: limits)
        self.modelLimits = modelLimits
        fields = RequestField.names(of: .anthropic).union(extraFields)
    }

    package init(_ setup: ProviderSetup) throws {
        try self.init(
            name: setup.name, baseURL: setup.baseURL, apiKey: setup.apiKey ?? "", timeouts: setup.timeouts,
            network: setup.network, extraFields: setup.extraFields, modelLimits: setup.modelLimits, http: setup.http)
    }

    package func limits(of model: String) -> ModelLimits {
        var limits = modelLimits(model)
        limits.fields = fields
        limits.takesDocuments = ContentPart.document.treatment(at: .anthropic) != .refused
        if limits.tools == .any { limits.tools = .anthropic }
        return limits
    }

    /// Features of Anthropic's that change neither the price of a token nor what a call may reach, by the beginnings of
    /// their names: a date follows.
    private static let knownBetas = [
        "claude-code-", "computer-use-", "context-management-", "effort-", "extended-cache-ttl-",
        "fine-grained-tool-streaming-", "interleaved-thinking-", "output-128k-", "prompt-caching-",
        "structured-outputs-",
        "token-efficient-tools-", "tool-examples-",
    ]

    /// The window of models without `context-1m-`. A prompt that is longer costs more for each token, so that feature is
    /// used only if the operator has stated a larger window.
    private static let usualWindow = 200_000

    /// Those of a client's `anthropic-beta` header that may be used; nil if there are none. A field that needs another one
    /// is refused by its own name.
    ///
    /// - Parameter window: tokens that the operator has stated for the model.
    static func betas(asked: String?, window: Int? = nil) -> String? {
        let names = (asked ?? "").split(separator: ",").map { $0.drop { $0 == " " }.prefix { $0 != " " } }
        let usable = knownBetas + ((window ?? 0) > usualWindow ? ["context-1m-"] : [])
        let known = names.filter { name in
            name.utf8.count <= 64 && usable.contains { name.hasPrefix($0) }
        }
        return known.isEmpty ? nil : known.joined(separator: ",")
    }

    package func stream(
        _ request: ChatRequest, onEvent: (ChatEvent) async throws -> Void
    ) async throws -> ChatResult {
        var request = request
        request.wantsPieces = true
        var address = address
        if let asked = request.betas,
            let betas = Self.betas(asked: asked, window: modelLimits(request.model).window)
        {
            address = address.adding(header: "anthropic-beta", betas)
        }
        address.body = ByteBuffer(bytes: try AnthropicWire.encode(request))
        return try await call.run(address, request, by: name, format: AnthropicFormat(), onEvent: onEvent)
    }
}

extension AnthropicProvider: CustomStringConvertible, CustomReflectable {
    package var description: String { "AnthropicProvider(\(name))" }

    /// Without the key that is among the headers.
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

import NIOCore
import NIOHTTP1
package import Upstream

/// Calls Anthropic's messages API. Translates OpenAI's request fields if Anthropic has an equivalent; omits the others.
package struct AnthropicProvider: ChatProvider {
    package let name: String
    private let address: UpstreamRequest
    private let call: VendorCall
    private let modelLimits: @Sendable (_ model: String) -> ModelLimits

    /// `baseURL` is all that stands before `/messages`. Throws `ProviderError` if it is not an HTTP address.
    package init(
        name: String = "anthropic",
        baseURL: String = "https://api.anthropic.com/v1",
        apiKey: String,
        timeouts: Timeouts = Timeouts(),
        limits: ReplyLimits = ReplyLimits(),
        reach: Reach = .anywhere,
        modelLimits: @escaping @Sendable (_ model: String) -> ModelLimits = { _ in ModelLimits() },
        http: UpstreamClient
    ) throws {
        let headers: HTTPHeaders = [
            "Content-Type": "application/json", "Accept": "text/event-stream, application/json",
            "X-API-Key": apiKey, "Anthropic-Version": "2023-06-01",
        ]
        self.name = name
        address = try .vendor(name, baseURL, path: "messages", headers: headers, reach)
        call = VendorCall(http: http, timeouts: timeouts, limits: limits)
        self.modelLimits = modelLimits
    }

    package func limits(of model: String) -> ModelLimits { modelLimits(model) }

    package func stream(
        _ request: ChatRequest, onEvent: (ChatEvent) async throws -> Void
    ) async throws -> ChatResult {
        var request = request
        request.wantsPieces = true
        var address = address
        address.body = ByteBuffer(bytes: try AnthropicWire.encode(request))
        return try await call.run(address, request, by: name, format: AnthropicFormat(), onEvent: onEvent)
    }
}

extension AnthropicProvider: CustomStringConvertible, CustomReflectable {
    package var description: String { "AnthropicProvider(\(name))" }

    /// Without the key that is among the headers.
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

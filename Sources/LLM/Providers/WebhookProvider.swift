import Crypto
package import Fairness
import NIOCore
import NIOHTTP1
package import Upstream

/// A chatbot's own endpoint: it receives a document, signed to prove the sender, and answers with the reply.
package struct WebhookProvider: ChatProvider {
    /// Calls of one workspace that may be under way at once: an endpoint that never answers holds no more connections.
    private static let callsEach = 256

    /// The name of a chatbot's own endpoint among the providers.
    package static let usualName = "webhook"

    package let name: String
    package let share = CallQueue.Share(calls: Self.callsEach)
    package var belongsToWorkspaces: Bool { true }
    private let call: VendorCall
    private let now: @Sendable () -> Int

    /// `now` in seconds since 1970.
    package init(
        name: String = WebhookProvider.usualName,
        timeouts: Timeouts = Timeouts(),
        limits: ReplyLimits = ReplyLimits(),
        http: UpstreamClient,
        now: @escaping @Sendable () -> Int
    ) {
        self.name = name
        call = VendorCall(http: http, timeouts: timeouts, limits: limits)
        self.now = now
    }

    /// The document that an endpoint is sent holds text and nothing else.
    package func limits(of model: String) -> ModelLimits {
        var limits = ModelLimits(takesPictures: false, tools: .none)
        limits.fields = RequestField.names(of: .webhook)
        return limits
    }

    package func stream(
        _ request: ChatRequest, onEvent: (ChatEvent) async throws -> Void
    ) async throws -> ChatResult {
        guard let webhook = request.webhook else {
            throw ProviderError(.misconfigured, detail: "the chatbot has no endpoint of its own")
        }
        var request = request
        request.wantsPieces = true
        return try await call.run(
            try post(webhook, for: request.caller), request, by: name, format: WebhookFormat(), onEvent: onEvent)
    }

    /// Calls an address that a user has named, on the public internet only. No other code calls such addresses.
    private func post(_ webhook: ChatRequest.Webhook, for caller: CallQueue.Caller?) throws -> UpstreamRequest {
        let time = now()
        let headers: HTTPHeaders = [
            "Content-Type": "application/json", "Accept": "text/event-stream, application/json",
            "Idempotency-Key": webhook.id, "Mynah-Timestamp": "\(time)",
            "Mynah-Signature": "v1=\(Self.signature(of: webhook.document, at: time, secret: webhook.secret))",
        ]
        var post: UpstreamRequest
        do {
            post = try UpstreamRequest(url: webhook.url, method: .POST, headers: headers, network: .publicInternet)
        } catch {
            throw ProviderError(error)
        }
        post.body = ByteBuffer(bytes: webhook.document)
        post.caller = caller
        return post
    }

    /// HMAC-SHA256 in hexadecimal; with the time in it, an old call cannot be sent again.
    package static func signature(of document: [UInt8], at time: Int, secret: [UInt8]) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("\(time).".utf8) + document, using: SymmetricKey(data: secret))
        return code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

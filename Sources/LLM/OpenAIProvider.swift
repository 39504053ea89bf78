import NIOCore
import NIOHTTP1

/// Any endpoint that speaks OpenAI's chat completions: the vendors differ by base URL and key alone.
package struct OpenAIProvider: ChatProvider {
    /// OpenAI's newest models refuse `max_tokens`; most other vendors know nothing else.
    package enum TokenLimitField: String, Sendable {
        case maxTokens = "max_tokens"
        case maxCompletionTokens = "max_completion_tokens"
    }

    package struct Limits: Sendable {
        package var replyBytes = 1024 * 1024
        package var eventBytes = 256 * 1024
        package var errorBytes = 8 * 1024

        package init() {}
    }

    package let name: String
    private let http: UpstreamClient
    private let call: UpstreamRequest
    private let timeouts: Timeouts
    private let limits: Limits
    private let tokenLimitField: TokenLimitField

    /// `baseURL` is all that stands before `/chat/completions`. Throws `ProviderError` where it is no HTTP address.
    package init(
        name: String,
        baseURL: String,
        apiKey: String?,
        timeouts: Timeouts = Timeouts(),
        limits: Limits = Limits(),
        tokenLimitField: TokenLimitField = .maxTokens,
        headers: [(name: String, value: String)] = [],
        http: UpstreamClient
    ) throws {
        var all: HTTPHeaders = ["Content-Type": "application/json", "Accept": "text/event-stream"]
        if let apiKey { all.add(name: "Authorization", value: "Bearer \(apiKey)") }
        all.add(contentsOf: headers.map { ($0.name, $0.value) })
        let url = baseURL.hasSuffix("/") ? "\(baseURL)chat/completions" : "\(baseURL)/chat/completions"
        guard let call = try? UpstreamRequest(url: url, method: .POST, headers: all) else {
            throw ProviderError(.misconfigured, detail: "the base URL of \(name) is no HTTP address")
        }
        self.name = name
        self.http = http
        self.call = call
        self.timeouts = timeouts
        self.limits = limits
        self.tokenLimitField = tokenLimitField
    }

    package func stream(
        _ request: ChatRequest, onEvent: (ChatEvent) async throws -> Void
    ) async throws -> ChatResult {
        try Task.checkCancellation()
        var call = call
        call.body = ByteBuffer(bytes: try OpenAIWire.encode(request, tokenLimitField: tokenLimitField))
        let exchange = Exchange(call, by: http)
        return try await withTaskCancellationHandler {
            do {
                let result = try await read(exchange, request, onEvent)
                exchange.release()
                return result
            } catch {
                exchange.cancel()
                throw Task.isCancelled ? CancellationError() : error
            }
        } onCancel: {
            exchange.cancel()
        }
    }

    private func read(
        _ exchange: Exchange, _ request: ChatRequest, _ onEvent: (ChatEvent) async throws -> Void
    ) async throws -> ChatResult {
        let start = NIODeadline.now()
        let total = Exchange.Deadline(at: start + TimeAmount(timeouts.total), name: "total")
        var next = Exchange.Deadline(at: start + TimeAmount(timeouts.firstToken), name: "first token")
        var reply = OpenAIReply(limits: limits)

        while let bytes = try await exchange.next(by: next.at < total.at ? next : total) {
            guard exchange.head?.status == .ok else {
                throw try await refusal(exchange, bytes, by: next.at < total.at ? next : total)
            }
            let progress = reply.take(bytes)
            if !progress.text.isEmpty { try await onEvent(.delta(progress.text)) }
            try reply.check()
            if reply.isComplete { break }
            if progress.sawEvent, reply.sawToken {
                next = Exchange.Deadline(at: .now() + TimeAmount(timeouts.idle), name: "idle")
            }
        }
        guard let head = exchange.head, head.status == .ok else {
            throw ProviderError.http(status: Int(exchange.head?.status.code ?? 0), headers: exchange.head?.headers)
        }
        let last = reply.end()
        if !last.isEmpty { try await onEvent(.delta(last)) }
        try reply.check()
        return try reply.result(for: request, provider: name)
    }

    private func refusal(
        _ exchange: Exchange, _ first: ByteBuffer, by deadline: Exchange.Deadline
    ) async throws -> ProviderError {
        var body = first
        while body.readableBytes < limits.errorBytes, var more = try await exchange.next(by: deadline) {
            body.writeBuffer(&more)
        }
        return .http(
            status: Int(exchange.head?.status.code ?? 0),
            headers: exchange.head?.headers,
            body: Array(body.readableBytesView.prefix(limits.errorBytes))
        )
    }
}

extension OpenAIProvider: CustomStringConvertible, CustomReflectable {
    package var description: String { "OpenAIProvider(\(name))" }

    /// Without the key that is among the headers.
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

import NIOCore
import NIOHTTP1
import Upstream

/// One call over HTTP, the same for every kind of vendor: its deadlines, its bounds and how it ends.
struct VendorCall {
    let http: UpstreamClient
    let timeouts: Timeouts
    let limits: ReplyLimits

    func run(
        _ call: UpstreamRequest,
        _ request: ChatRequest,
        by provider: String,
        format: some ReplyFormat,
        onEvent: (ChatEvent) async throws -> Void
    ) async throws -> ChatResult {
        try Task.checkCancellation()
        let exchange = UpstreamExchange(call, by: http)
        return try await withTaskCancellationHandler {
            do {
                let reply = try await read(exchange, request, VendorReply(format, limits: limits), onEvent)
                let result = try reply.result(for: request, provider: provider)
                exchange.release()
                return result
            } catch {
                exchange.cancel()
                if Task.isCancelled { throw CancellationError() }
                throw (error as? UpstreamError).map { ProviderError($0) } ?? error
            }
        } onCancel: {
            exchange.cancel()
        }
    }

    private func read<Format>(
        _ exchange: UpstreamExchange,
        _ request: ChatRequest,
        _ empty: VendorReply<Format>,
        _ onEvent: (ChatEvent) async throws -> Void
    ) async throws -> VendorReply<Format> {
        let start = NIODeadline.now()
        let limit = request.timeLimit.map { min($0, timeouts.total) } ?? timeouts.total
        let total = UpstreamExchange.Deadline(at: start + TimeAmount(limit), name: "total")
        // A whole answer has its first token at its end.
        var next =
            request.wantsPieces
            ? UpstreamExchange.Deadline(at: start + TimeAmount(timeouts.firstToken), name: "first token") : total
        var reply = empty

        while let bytes = try await bytes(of: exchange, by: next.at < total.at ? next : total, reply) {
            guard let head = exchange.head, head.isSuccess else {
                throw try await refusal(exchange, bytes, by: next.at < total.at ? next : total)
            }
            let progress = reply.take(bytes, contentType: head.headers.first(name: "Content-Type"))
            try await pass(progress, onEvent)
            try reply.check()
            if reply.isComplete { return reply }
            if bytes.readableBytes > 0 {
                let later =
                    NIODeadline.now()
                    + TimeAmount(reply.hasFinishReason ? Self.afterReason(reply.hasUsage) : timeouts.idle)
                if reply.sawToken || reply.hasFinishReason {
                    next = UpstreamExchange.Deadline(at: later, name: "idle")
                } else if later > next.at {
                    next.at = later
                }
            }
        }
        if reply.hasFinishReason {
            try await pass(reply.complete(), onEvent)
            return reply
        }
        guard let head = exchange.head, head.isSuccess else {
            throw ProviderError.http(status: Int(exchange.head?.status.code ?? 0), headers: exchange.head?.headers)
        }
        try await pass(reply.end(), onEvent)
        try reply.check()
        return reply
    }

    /// How long the counts and the end mark are waited for once the reason of the end is known.
    private static func afterReason(_ hasUsage: Bool) -> Duration { hasUsage ? .seconds(1) : .seconds(5) }

    /// Nil at the end of the body, and if the connection fails or stays silent after the vendor has said why the answer
    /// ends.
    private func bytes<Format>(
        of exchange: UpstreamExchange, by deadline: UpstreamExchange.Deadline, _ reply: VendorReply<Format>
    ) async throws -> ByteBuffer? {
        do {
            return try await exchange.next(by: deadline)
        } catch let error as UpstreamError where reply.hasFinishReason {
            _ = error
            exchange.cancel()
            return nil
        }
    }

    private func pass(_ progress: ReplyProgress, _ onEvent: (ChatEvent) async throws -> Void) async throws {
        // A model thinks before it speaks, also if both came at once.
        for event in progress.others where !event.isAnswer { try await onEvent(event) }
        if !progress.text.isEmpty { try await onEvent(.delta(progress.text)) }
        for event in progress.others where event.isAnswer { try await onEvent(event) }
    }

    private func refusal(
        _ exchange: UpstreamExchange, _ first: ByteBuffer, by deadline: UpstreamExchange.Deadline
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

extension HTTPResponseHead {
    fileprivate var isSuccess: Bool { (200..<300).contains(status.code) }
}

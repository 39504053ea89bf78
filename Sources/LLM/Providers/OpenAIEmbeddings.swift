import JSON
import NIOCore
import NIOHTTP1
import Upstream

extension OpenAIProvider: EmbeddingProvider {
    package var embeddingLimits: EmbeddingLimits? { EmbeddingField.limits(of: kind) }

    package func embed(_ request: EmbeddingRequest) async throws -> EmbeddingResult {
        try Task.checkCancellation()
        var post = embeddings
        post.body = ByteBuffer(bytes: EmbeddingWire.encode(request, kind))
        let time = request.timeLimit.map { min($0, call.timeouts.total) } ?? call.timeouts.total
        let answer: (head: HTTPResponseHead, body: ByteBuffer)
        do {
            answer = try await call.http.answer(to: post, upTo: EmbeddingReply.mostBytes(request), within: time)
        } catch let error as UpstreamError {
            try Task.checkCancellation()
            throw ProviderError(error)
        }
        guard answer.head.status.code / 100 == 2 else {
            throw ProviderError.http(
                status: Int(answer.head.status.code), headers: answer.head.headers,
                body: Array(answer.body.readableBytesView.prefix(call.limits.errorBytes)))
        }
        return try answer.body.withUnsafeReadableBytes { try EmbeddingReply.read($0, to: request) }
    }
}

/// OpenAI's request for vectors.
enum EmbeddingWire {
    static func encode(_ request: EmbeddingRequest, _ kind: VendorKind) -> [UInt8] {
        let out = JSONBytes(capacity: 1024 + request.inputs.reduce(0) { $0 + $1.bytes })
        out.append(literal: #"{"model":"#)
        out.append(string: request.model)
        // Not every server knows base64.
        let isCompact = kind == .openAI || kind == .local
        out.append(literal: isCompact ? #","encoding_format":"base64","input":["# : #","input":["#)
        for (index, input) in request.inputs.enumerated() {
            if index > 0 { out.append(literal: ",") }
            switch input {
            case .text(let text): out.append(string: text)
            case .tokens(let tokens): write(tokens, to: out)
            }
        }
        out.append(literal: "]")
        if let dimensions = request.dimensions {
            out.append(literal: #","dimensions":"#)
            out.append(integer: dimensions)
        }
        if let user = request.user, kind != .local {
            out.append(literal: #","user":"#)
            out.append(string: user)
        }
        if let use = request.use {
            out.append(literal: #","input_type":"#)
            out.append(string: use.rawValue)
        }
        out.append(literal: "}")
        return out.assembled()
    }

    private static func write(_ tokens: [Int], to out: JSONBytes) {
        for (index, token) in tokens.enumerated() {
            out.append(literal: index == 0 ? "[" : ",")
            out.append(integer: token)
        }
        out.append(literal: "]")
    }
}

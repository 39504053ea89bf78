import Chatbots
import HTTPKit
import LLM
import ModelCalls

/// Embeds texts by one model, at one caller's expense.
struct Embedder: Sendable {
    let calls: MeteredCalls
    let target: ModelTarget
    let caller: EmbeddingCaller

    /// Requests of this many bytes are well below what any model takes.
    private static let mostBytes = 200 << 10

    func vectors(of texts: [String], use: EmbeddingUse, requestID: String) async throws -> [QuantizedVector] {
        let limits = calls.providers.gateway.embeddingLimits(of: target.provider) ?? EmbeddingLimits()
        var vectors: [QuantizedVector] = []
        for inputs in texts.map({ EmbeddingInput.text($0) }).parts(ofBytes: min(limits.bytes, Self.mostBytes)) {
            let request = EmbeddingRequest(
                model: target.model, inputs: Array(inputs), use: limits.takesUse ? use : nil)
            let id = Identifier.make()
            let result = try await calls.embed(request, by: target, for: caller, id: id, requestID: requestID)
            guard result.vectors.count == inputs.count else { throw APIError(.invalidReply) }
            vectors += (0..<inputs.count).map { QuantizedVector(result.vectors[$0]) }
        }
        return vectors
    }
}

extension APIError.Code {
    /// Whether another attempt at a call of a model may succeed.
    var isTemporary: Bool {
        switch self {
        case .providerUnavailable, .providerTimeout, .providerRateLimited, .modelLoading, .overloaded, .invalidReply,
            .emptyReply, .shuttingDown, .databaseBusy, .databaseUnavailable, .tooMuchAtOnce, .rateLimited:
            true
        default: false
        }
    }
}

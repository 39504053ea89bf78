import JSON

/// What people's own endpoints answer: text, JSON that has it under a usual name, or a stream of either.
struct WebhookFormat: ReplyFormat {
    private static let names = ["response", "content", "message", "reply", "text", "delta"]

    private var isText = false

    let endsWithBody = true

    mutating func isStream(contentType: String?, firstByte: UInt8) -> Bool {
        let type = contentType?.prefix { $0 != ";" && $0 != " " }.lowercased()
        isText = type == "text/plain"
        return type == "text/event-stream"
    }

    func read(_ data: [UInt8], isWhole: Bool) throws(ProviderError) -> ReplyPiece {
        if isWhole {
            var piece = isText ? ReplyPiece(text: String(decoding: data, as: UTF8.self)) : try read(json: data)
            if piece.finishReason == nil { piece.finishReason = .stop }
            return piece
        }
        if data.elementsEqual("[DONE]".utf8) { return ReplyPiece(isEnd: true) }
        switch try? JSONValue(parsing: data) {
        case .object, .string: return try read(json: data)
        default: return ReplyPiece(text: String(decoding: data, as: UTF8.self))
        }
    }

    private func read(json data: [UInt8]) throws(ProviderError) -> ReplyPiece {
        switch try? JSONValue(parsing: data) {
        case .string(let text): return ReplyPiece(text: text)
        case .object(let object):
            if object["choices"] != nil || object["error"]?.isNull == false { return try ReplyPiece(openAI: data) }
            // An event without a text may tell of something else.
            return ReplyPiece(text: Self.names.lazy.compactMap { object[$0]?.string }.first ?? "")
        default: throw ProviderError(.unavailable, detail: "the endpoint's answer has no reply in it")
        }
    }
}

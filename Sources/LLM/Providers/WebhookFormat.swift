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
            var piece: ReplyPiece
            if isText {
                piece = ReplyPiece(text: VendorText(bytes: data))
            } else if let read = try read(json: data) {
                piece = read
            } else {
                throw ProviderError(.unavailable, detail: "the endpoint's answer has no reply in it")
            }
            if piece.finishReason == nil, !piece.text.string.isEmpty { piece.finishReason = .stop }
            return piece
        }
        if data.elementsEqual("[DONE]".utf8) { return ReplyPiece(isEnd: true) }
        return try read(json: data) ?? ReplyPiece(text: VendorText(bytes: data))
    }

    /// Returns nil if the data is neither a string nor an object in JSON.
    private func read(json data: [UInt8]) throws(ProviderError) -> ReplyPiece? {
        var isTorn = false
        switch try? data.withUnsafeBytes({ try JSONValue(repairing: $0, isTorn: &isTorn) }) {
        case .string(let text): return ReplyPiece(text: isTorn ? Self.text(data, []) : VendorText(text))
        case .object(let object):
            if object["choices"] != nil || object["error"]?.isNull == false { return try ReplyPiece(openAI: data) }
            // An event without a text may tell of something else.
            guard let name = Self.names.first(where: { object[$0]?.string != nil }) else { return ReplyPiece() }
            return ReplyPiece(text: isTorn ? Self.text(data, [name]) : VendorText(object[name]?.string ?? ""))
        default: return nil
        }
    }

    /// The text under a name, or that is all of the data, as it came.
    private static func text(_ data: [UInt8], _ path: ArraySlice<String>) -> VendorText {
        data.withUnsafeBytes { data in
            var cursor = JSONCursor(data)
            return (try? cursor.text(at: path)) ?? ""
        }
    }
}

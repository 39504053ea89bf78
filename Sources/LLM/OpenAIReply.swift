import NIOCore

/// A vendor's answer as it comes in: events or, from one that does not stream, a single JSON document.
struct OpenAIReply {
    private enum Form {
        case unknown
        case events(ServerSentEvents)
        case document([UInt8])
    }

    private let limits: OpenAIProvider.Limits
    private var form = Form.unknown
    private var sawEvent = false
    private var sawEnd = false
    private var content = ""
    private var tokenBytes = 0
    private var model: String?
    private var finishReason: FinishReason?
    private var usage: ChatUsage?
    private var failure: ProviderError?

    init(limits: OpenAIProvider.Limits) {
        self.limits = limits
    }

    /// Whether a piece of the answer came; thoughts count, though they are not passed on.
    var sawToken: Bool { tokenBytes > 0 }

    /// Whether the vendor has said that nothing follows.
    var isComplete: Bool { sawEnd }

    /// The text in what came. A failure among it is thrown by `check`, once the text before it was passed on.
    mutating func take(_ bytes: ByteBuffer) -> (text: String, sawEvent: Bool) {
        var bytes = bytes
        if case .unknown = form { decideForm(&bytes) }
        switch form {
        case .unknown:
            return ("", false)
        case .document(var document):
            form = .unknown
            document.append(contentsOf: bytes.readableBytesView)
            if document.count > limits.replyBytes + limits.eventBytes { failure = tooLarge }
            form = .document(document)
            return ("", false)
        case .events(var parser):
            form = .unknown
            defer { form = .events(parser) }
            do {
                let events = try bytes.withUnsafeReadableBytes { bytes in try parser.feed(bytes) }
                return (take(events), !events.isEmpty)
            } catch {
                failure = tooLarge
                return ("", false)
            }
        }
    }

    /// What an answer without a proper end still held.
    mutating func end() -> String {
        guard !sawEnd else { return "" }
        switch form {
        case .unknown: return ""
        case .document(let document): return take(document)
        case .events(var parser): return take((try? parser.end()) ?? [])
        }
    }

    func check() throws(ProviderError) {
        if let failure { throw failure }
    }

    func result(for request: ChatRequest, provider: String) throws(ProviderError) -> ChatResult {
        guard sawEnd || finishReason != nil else {
            if case .unknown = form { throw ProviderError(.emptyReply, detail: "an empty body") }
            throw ProviderError(
                .unavailable, detail: sawEvent ? "the stream broke off" : "the answer is no chat completion")
        }
        guard !content.isEmpty else {
            throw finishReason == .filtered
                ? ProviderError(.refused, detail: "content filter")
                : ProviderError(.emptyReply, detail: "finished without text: \(finishReason?.rawValue ?? "no reason")")
        }
        return ChatResult(
            content: content,
            model: model ?? request.model,
            provider: provider,
            finishReason: finishReason ?? .stop,
            usage: usage
        )
    }

    /// JSON starts with a brace, which no event can; blank lines before either mean nothing.
    private mutating func decideForm(_ bytes: inout ByteBuffer) {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        let blanks = bytes.readableBytesView.prefix(while: isBlank).count
        bytes.moveReaderIndex(forwardBy: blanks)
        guard let first = bytes.readableBytesView.first else { return }
        form =
            first == UInt8(ascii: "{")
            ? .document([]) : .events(ServerSentEvents(maximumEventSize: limits.eventBytes))
    }

    private mutating func take(_ events: [ServerSentEvents.Event]) -> String {
        var text = ""
        for event in events where !sawEnd && failure == nil {
            if event.data.elementsEqual("[DONE]".utf8) {
                sawEnd = true
            } else {
                text += take(event.data)
            }
        }
        return text
    }

    private mutating func take(_ json: [UInt8]) -> String {
        do throws(ProviderError) {
            let chunk = try OpenAIWire.Chunk(json)
            sawEvent = true
            tokenBytes += chunk.text.utf8.count + chunk.thoughtBytes
            guard tokenBytes <= limits.replyBytes else { throw tooLarge }
            content += chunk.text
            if model == nil { model = chunk.model }
            if let reason = chunk.finishReason { finishReason = reason }
            if let count = chunk.usage { usage = count }
            return chunk.text
        } catch {
            failure = error
            return ""
        }
    }

    private var tooLarge: ProviderError {
        ProviderError(.unavailable, retryable: false, detail: "the answer is larger than allowed")
    }
}

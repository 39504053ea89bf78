import JSON
import NIOCore

/// What one event of a stream says, or a whole answer at once.
struct ReplyPiece {
    var text = VendorText()
    var refusal = VendorText()
    var thoughts = ""
    var thoughtDetails: [JSONValue] = []
    /// Text that says the whole answer once more, or for the first time: only what has not come before counts.
    var isWholeMessage = false
    var stopSequence: String?
    var extras: [String: JSONValue] = [:]
    var toolCalls: JSONValue?
    /// The text of arguments that may begin or end within a character, by the place of their call in `toolCalls`.
    var tornArguments: [Int: VendorText] = [:]
    var logprobs: JSONValue?
    var model: String?
    var finishReason: FinishReason?
    var usage: ChatUsage?
    /// The index that OpenAI's like give the choice.
    var choice: Int?
    /// Bytes that count against the bound and are a sign of life, besides those of the text: thoughts, calls, numbers.
    var otherBytes = 0
    /// Whether what follows is another text: a character that is not complete by now will never be.
    var endsText = false
    /// Whether the vendor says that nothing follows.
    var isEnd = false
}

extension ReplyPiece {
    /// Removes from a message that repeats the answer what has come before.
    fileprivate mutating func leaveOut(content: String, refusal said: String, hasCalls: Bool) {
        if !content.isEmpty {
            let whole = text.string
            text = whole.hasPrefix(content) ? VendorText(String(whole.dropFirst(content.count))) : ""
            thoughts = ""
            thoughtDetails = []
        }
        if !said.isEmpty { refusal = "" }
        if hasCalls { toolCalls = nil }
    }
}

/// How one kind of vendor writes its answers.
protocol ReplyFormat {
    mutating func isStream(contentType: String?, firstByte: UInt8) -> Bool

    /// Reads the data of one event, or all of a body that is no stream.
    mutating func read(_ data: [UInt8], isWhole: Bool) throws(ProviderError) -> ReplyPiece

    /// Whether models put their thoughts into the text, between marks.
    static var hasThoughtsInText: Bool { get }

    /// Whether a stream that simply ends, without a word or a reason, is complete.
    var endsWithBody: Bool { get }
}

extension ReplyFormat {
    /// JSON starts with a brace, which no event can.
    func isStream(contentType: String?, firstByte: UInt8) -> Bool { firstByte != UInt8(ascii: "{") }

    var endsWithBody: Bool { false }

    static var hasThoughtsInText: Bool { false }
}

/// How much a vendor may say.
package struct ReplyLimits: Sendable {
    package var replyBytes = 1024 * 1024
    package var eventBytes = 256 * 1024
    package var errorBytes = 8 * 1024

    package init() {}
}

/// What some bytes brought: first the text, then the rest.
struct ReplyProgress {
    var text = ""
    var others: [ChatEvent] = []
    var sawEvent = false
}

/// A vendor's answer as it comes in: events or, from one that does not stream, a single document.
struct VendorReply<Format: ReplyFormat> {
    private enum Form {
        case unknown
        case events(ServerSentEvents)
        case document([UInt8])
    }

    private let limits: ReplyLimits
    private var format: Format
    private var form = Form.unknown
    private var sawEvent = false
    private var content = ""
    private var refusal = ""
    private var contentJoiner = TextJoiner()
    private var refusalJoiner = TextJoiner()
    private var toolCalls = ToolCalls()
    private var splitter: ThoughtSplitter?
    private var thoughts = Thoughts()
    private var stopSequence: String?
    private var extras: [String: JSONValue] = [:]
    private var logprobs: [String: [JSONValue]] = [:]
    private var replyBytes = 0
    private var model: String?
    private var finishReason: FinishReason?
    private var usage: ChatUsage?
    private var failure: ProviderError?
    /// Whether the vendor has said that nothing follows.
    private(set) var isComplete = false

    init(_ format: Format, limits: ReplyLimits) {
        self.format = format
        self.limits = limits
        splitter = Format.hasThoughtsInText ? ThoughtSplitter() : nil
    }

    /// Whether the vendor has said why the answer ends: nothing but counts can follow.
    var hasFinishReason: Bool { finishReason != nil }
    var hasUsage: Bool { usage != nil }

    /// Whether a piece of the answer came; thoughts count, though they are not passed on.
    var sawToken: Bool { replyBytes > 0 }

    /// A failure in what came is thrown by `check`, once what was before it was passed on.
    mutating func take(_ bytes: ByteBuffer, contentType: @autoclosure () -> String?) -> ReplyProgress {
        var bytes = bytes
        var progress = ReplyProgress()
        if case .unknown = form { decideForm(&bytes, contentType()) }
        switch form {
        case .unknown: break
        case .document(var document):
            form = .unknown
            document.append(contentsOf: bytes.readableBytesView)
            if document.count > limits.replyBytes + limits.eventBytes { failure = tooLarge }
            form = .document(document)
        case .events(var parser):
            form = .unknown
            defer { form = .events(parser) }
            do {
                take(try bytes.withUnsafeReadableBytes { bytes in try parser.feed(bytes) }, &progress)
            } catch {
                failure = tooLarge
            }
        }
        return progress
    }

    /// What an answer without a proper end still held.
    mutating func end() -> ReplyProgress {
        var progress = ReplyProgress()
        guard !isComplete else { return progress }
        switch form {
        case .unknown: break
        case .document(let document): take(document, isWhole: true, &progress)
        case .events(var parser):
            take((try? parser.end()) ?? [], &progress)
            if format.endsWithBody || finishReason != nil { isComplete = true }
        }
        if case .document = form, failure == nil,
            format.endsWithBody || finishReason != nil || !content.isEmpty || !toolCalls.isEmpty
        {
            isComplete = true
        }
        endText(&progress)
        return progress
    }

    /// Takes an answer whose reason has come for a whole one: not every vendor says that nothing follows.
    mutating func complete() -> ReplyProgress {
        var progress = ReplyProgress()
        isComplete = true
        endText(&progress)
        return progress
    }

    func check() throws(ProviderError) {
        if let failure { throw failure }
    }

    func result(for request: ChatRequest, provider: String) throws(ProviderError) -> ChatResult {
        guard isComplete || finishReason != nil else {
            if case .unknown = form { throw ProviderError(.emptyReply, detail: "an empty body") }
            throw ProviderError(
                .unavailable, detail: sawEvent ? "the stream broke off" : "the answer is no chat completion")
        }
        let toolCalls = toolCalls.value
        // An answer without text is one if the vendor says why it ends: its thoughts may have used up its length.
        guard !content.isEmpty || !refusal.isEmpty || toolCalls != nil || finishReason != nil else {
            throw ProviderError(.emptyReply, detail: "finished without text or a reason")
        }
        let reason = Self.reason(finishReason ?? .stop, hasCalls: toolCalls != nil)
        guard !request.needsText || !content.isEmpty || !refusal.isEmpty || ![.stop, .other].contains(reason) else {
            throw ProviderError(.emptyReply, detail: "finished without text")
        }
        var result = ChatResult(
            content: content,
            toolCalls: toolCalls,
            refusal: refusal.isEmpty ? nil : refusal,
            logprobs: logprobs.isEmpty ? nil : .object(logprobs.mapValues { .array($0) }),
            model: model ?? request.model,
            provider: provider,
            finishReason: reason,
            usage: usage
        )
        result.thoughts = thoughts.isEmpty ? nil : thoughts
        result.stopSequence = stopSequence
        result.extras = extras
        return result
    }

    /// Not all vendors say that an answer ends with calls of tools, and some say it of one without any.
    private static func reason(_ reason: FinishReason, hasCalls: Bool) -> FinishReason {
        switch reason {
        case .stop, .other, .toolCalls: hasCalls ? .toolCalls : reason == .toolCalls ? .stop : reason
        case .length, .filtered: reason
        }
    }

    /// Blank lines before an answer mean nothing.
    private mutating func decideForm(_ bytes: inout ByteBuffer, _ contentType: String?) {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
        let blanks = bytes.readableBytesView.prefix(while: isBlank).count
        bytes.moveReaderIndex(forwardBy: blanks)
        guard let first = bytes.readableBytesView.first else { return }
        form =
            format.isStream(contentType: contentType, firstByte: first)
            ? .events(ServerSentEvents(maximumEventSize: limits.eventBytes)) : .document([])
    }

    private mutating func take(_ events: [ServerSentEvents.Event], _ progress: inout ReplyProgress) {
        for event in events where !isComplete && failure == nil {
            progress.sawEvent = true
            take(event.data, isWhole: false, isError: event.name == "error", &progress)
        }
    }

    private mutating func take(
        _ data: [UInt8], isWhole: Bool, isError: Bool = false, _ progress: inout ReplyProgress
    ) {
        do throws(ProviderError) {
            if isError { throw ProviderError.event(data) }
            var piece = try format.read(data, isWhole: isWhole)
            if piece.isWholeMessage { piece.leaveOut(content: content, refusal: refusal, hasCalls: !toolCalls.isEmpty) }
            sawEvent = true
            replyBytes += piece.text.string.utf8.count + piece.refusal.string.utf8.count + piece.otherBytes
            guard replyBytes <= limits.replyBytes else { throw tooLarge }
            pass(content: contentJoiner.add(piece.text), &progress)
            if model == nil { model = piece.model }
            if let reason = piece.finishReason { finishReason = reason }
            if let count = piece.usage { usage = count }
            if piece.isEnd { isComplete = true }
            try takeRest(of: piece, &progress)
            if piece.endsText || piece.isEnd { endText(&progress) }
        } catch {
            failure = error
        }
    }

    private mutating func takeRest(of piece: ReplyPiece, _ progress: inout ReplyProgress) throws(ProviderError) {
        think(piece.thoughts, &progress)
        if !piece.thoughtDetails.isEmpty {
            thoughts.add(details: piece.thoughtDetails)
            progress.others.append(.thoughtDetails(piece.thoughtDetails))
        }
        if let stop = piece.stopSequence { stopSequence = stop }
        if !piece.extras.isEmpty { extras.merge(piece.extras) { $1 } }
        pass(refusal: refusalJoiner.add(piece.refusal), &progress)
        if let calls = piece.toolCalls {
            do {
                if let calls = try toolCalls.add(calls, torn: piece.tornArguments) {
                    progress.others.append(.toolCalls(calls))
                }
            } catch {
                throw tooLarge
            }
        }
        if let more = piece.logprobs {
            for case (let key, .array(let items)) in more.object ?? [:] { logprobs[key, default: []] += items }
            progress.others.append(.logprobs(more))
        }
    }

    /// Thoughts that stand in the text are taken out of it.
    private mutating func pass(content text: String, _ progress: inout ReplyProgress) {
        guard !text.isEmpty else { return }
        guard splitter?.isPlain == false, let (thoughts, answer) = splitter?.add(text) else {
            return pass(text, &progress)
        }
        think(thoughts, &progress)
        pass(answer, &progress)
    }

    private mutating func think(_ text: String, _ progress: inout ReplyProgress) {
        guard !text.isEmpty else { return }
        thoughts.text += text
        progress.others.append(.thoughts(text))
    }

    private mutating func pass(_ text: String, _ progress: inout ReplyProgress) {
        content += text
        progress.text += text
    }

    private mutating func pass(refusal text: String, _ progress: inout ReplyProgress) {
        guard !text.isEmpty else { return }
        refusal += text
        progress.others.append(.refusal(text))
    }

    /// Passes on, as U+FFFD, the characters that were begun and will not be completed.
    private mutating func endText(_ progress: inout ReplyProgress) {
        pass(content: contentJoiner.finish(), &progress)
        if isComplete, let (thoughts, answer) = splitter?.finish() {
            think(thoughts, &progress)
            pass(answer, &progress)
        }
        pass(refusal: refusalJoiner.finish(), &progress)
        if isComplete, let calls = toolCalls.finish() { progress.others.append(.toolCalls(calls)) }
    }

    private var tooLarge: ProviderError {
        ProviderError(.unavailable, retryable: false, detail: "the answer is larger than allowed")
    }
}

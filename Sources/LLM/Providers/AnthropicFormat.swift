import JSON

/// The events of Anthropic's streams, with its tools' calls in OpenAI's form.
struct AnthropicFormat: ReplyFormat {
    /// The call that is being told of; calls are counted from 0, blocks of all kinds are not.
    private var call: (index: Int64, hasInput: Bool, input: String)?
    private var thought: [String: JSONValue]?
    private var calls: Int64 = 0
    private var prompt: (all: Int, cached: Int, written: Int)?

    mutating func read(_ data: [UInt8], isWhole: Bool) throws(ProviderError) -> ReplyPiece {
        var isTorn = false
        guard let event = try? data.withUnsafeBytes({ try JSONValue(repairing: $0, isTorn: &isTorn) }),
            case .string(let type)? = event["type"]
        else {
            throw ProviderError(.unavailable, detail: "the answer is no message")
        }
        var piece = ReplyPiece()
        switch type {
        case "message_start":
            piece.model = event["message"]?["model"]?.string
            piece.usage = usage(event["message"]?["usage"])
        case "content_block_start":
            endBlock(&piece)
            let block = event["content_block"]
            if let calls = begin(block) {
                var pieces = piece.toolCalls?.array ?? []
                pieces += calls.array ?? []
                piece.toolCalls = .array(pieces)
            }
            // Gateways put the beginning of a block, or all of it, into its start.
            if block?["type"] == "text" { piece.text = VendorText(block?["text"]?.string ?? "") }
            think(block, into: &piece)
        case "content_block_delta": read(event["delta"], isTorn ? data : nil, into: &piece)
        case "content_block_stop":
            endBlock(&piece)
            piece.endsText = true
        case "message_delta":
            endBlock(&piece)
            piece.finishReason = event["delta"]?["stop_reason"]?.string.map(Self.finishReason)
            piece.stopSequence = event["delta"]?["stop_sequence"]?.string
            piece.usage = usage(event["usage"])
        case "message_stop": piece.isEnd = true
        case "message" where isWhole: read(message: event, into: &piece)
        case "error": throw ProviderError.vendor(event["error"] ?? .null)
        default:
            // Whole messages are never asked for; events of kinds unknown yet are to be passed over.
            if isWhole { throw ProviderError(.unavailable, detail: "the answer is no stream") }
        }
        if piece.toolCalls != nil { piece.otherBytes += data.count }
        return piece
    }

    /// `torn` is the event as it came if a text in it may begin or end within a character.
    private mutating func read(_ delta: JSONValue?, _ torn: [UInt8]?, into piece: inout ReplyPiece) {
        func text(_ name: String) -> VendorText? {
            if let torn { return torn.withUnsafeBytes { data in Self.text(data, "delta", name) } }
            return delta?[name]?.string.map { VendorText($0) }
        }
        switch delta?["type"] {
        case "text_delta": piece.text = text("text") ?? ""
        case "thinking_delta":
            piece.thoughts = delta?["thinking"]?.string ?? ""
            piece.otherBytes = piece.thoughts.utf8.count
            thought?.append(text: piece.thoughts, to: "thinking")
        case "signature_delta":
            let signature = delta?["signature"]?.string ?? ""
            piece.otherBytes = signature.utf8.count
            thought?.append(text: signature, to: "signature")
        case "input_json_delta":
            guard let text = text("partial_json"), !text.string.isEmpty, let index = call?.index else { break }
            call?.hasInput = true
            piece.toolCalls = input(text.string, of: index)
            piece.tornArguments[0] = text
        default: break
        }
    }

    private static func text(_ data: UnsafeRawBufferPointer, _ path: String...) -> VendorText? {
        var cursor = JSONCursor(data)
        return try? cursor.text(at: path[...])
    }

    private mutating func begin(_ block: JSONValue?) -> JSONValue? {
        guard let block, block["type"] == "tool_use" else { return nil }
        var whole = ""
        if let input = block["input"]?.object, !input.isEmpty {
            whole = String(decoding: JSONValue.object(input).serialized(), as: UTF8.self)
        }
        defer {
            call = (calls, false, whole)
            calls += 1
        }
        return [
            [
                "index": .int(calls), "id": block["id"] ?? "", "type": "function",
                "function": ["name": block["name"] ?? "", "arguments": ""],
            ]
        ]
    }

    private mutating func think(_ block: JSONValue?, into piece: inout ReplyPiece) {
        guard let block, case .object(let fields) = block, ["thinking", "redacted_thinking"].contains(block["type"])
        else { return }
        thought = fields
        piece.thoughts = block["thinking"]?.string ?? ""
        piece.otherBytes += piece.thoughts.utf8.count + (block["data"]?.string?.utf8.count ?? 0)
    }

    /// What is known at the end of a block alone: the input of a call that came without pieces of it, and a thought's
    /// signature.
    private mutating func endBlock(_ piece: inout ReplyPiece) {
        if let call, !call.hasInput { piece.toolCalls = input(call.input.isEmpty ? "{}" : call.input, of: call.index) }
        if let thought { piece.thoughtDetails = Thoughts(blocks: [.object(thought)]).details }
        call = nil
        thought = nil
    }

    /// A whole message, from a gateway that does not stream.
    private mutating func read(message: JSONValue, into piece: inout ReplyPiece) {
        piece.model = message["model"]?.string
        piece.usage = usage(message["usage"])
        piece.finishReason = Self.finishReason(message["stop_reason"]?.string ?? "end_turn")
        piece.stopSequence = message["stop_sequence"]?.string
        let blocks = message["content"]?.array ?? []
        piece.text = VendorText(blocks.compactMap { $0["type"] == "text" ? $0["text"]?.string : nil }.joined())
        let thoughts = Thoughts(
            blocks: blocks.filter { ["thinking", "redacted_thinking"].contains($0["type"]) })
        (piece.thoughts, piece.thoughtDetails) = (thoughts.text, thoughts.details)
        var pieces: [JSONValue] = []
        for block in blocks {
            guard let call = begin(block)?.array?.first?.object else { continue }
            var whole = call
            whole["function"] = [
                "name": block["name"] ?? "",
                "arguments": .string(String(decoding: (block["input"] ?? [:]).serialized(), as: UTF8.self)),
            ]
            pieces.append(.object(whole))
        }
        call = nil
        if !pieces.isEmpty { piece.toolCalls = .array(pieces) }
        piece.isEnd = true
    }

    private func input(_ text: String, of index: Int64) -> JSONValue {
        [["index": .int(index), "function": ["arguments": .string(text)]]]
    }

    /// What was written to a cache, or read from one, was read by the model all the same. Each count is of the whole.
    private mutating func usage(_ usage: JSONValue?) -> ChatUsage? {
        guard let usage else { return nil }
        if let fresh = Self.count(usage["input_tokens"]) {
            let written = Self.count(usage["cache_creation_input_tokens"]) ?? 0
            let cached = Self.count(usage["cache_read_input_tokens"]) ?? 0
            prompt = (fresh + written + cached, cached, written)
        }
        guard let prompt else { return nil }
        return ChatUsage(
            promptTokens: prompt.all, completionTokens: Self.count(usage["output_tokens"]) ?? 0,
            cachedTokens: prompt.cached, cacheWriteTokens: prompt.written,
            reasoningTokens: Self.count(usage["output_tokens_details"]?["thinking_tokens"]) ?? 0)
    }

    /// Nil if it is no number, as text or otherwise; cut to what a model could have read.
    private static func count(_ value: JSONValue?) -> Int? {
        let number = value?.double ?? value?.string.flatMap(Double.init)
        guard let number, number.isFinite else { return nil }
        return Int(min(max(number.rounded(.up), 0), Double(ChatUsage.highest)))
    }

    private static func finishReason(_ reason: String) -> FinishReason {
        switch reason {
        case "end_turn", "stop_sequence": .stop
        case "max_tokens", "model_context_window_exceeded": .length
        case "tool_use": .toolCalls
        case "refusal": .filtered
        default: .other
        }
    }
}

extension [String: JSONValue] {
    fileprivate mutating func append(text: String, to name: String) {
        self[name] = .string((self[name]?.string ?? "") + text)
    }
}

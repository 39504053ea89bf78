import JSON

/// The events of Anthropic's streams, with its tools' calls in OpenAI's form.
struct AnthropicFormat: ReplyFormat {
    /// The call that is being told of; calls are counted from 0, blocks of all kinds are not.
    private var call: (index: Int64, hasInput: Bool)?
    private var calls: Int64 = 0
    private var promptTokens: Int?

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
        case "content_block_start": piece.toolCalls = begin(event["content_block"])
        case "content_block_delta": read(event["delta"], isTorn ? data : nil, into: &piece)
        case "content_block_stop":
            // A call without input is told of without a piece of it.
            if let call, !call.hasInput { piece.toolCalls = input("{}", of: call.index) }
            call = nil
            piece.endsText = true
        case "message_delta":
            piece.finishReason = event["delta"]?["stop_reason"]?.string.map(Self.finishReason)
            piece.usage = usage(event["usage"])
        case "message_stop": piece.isEnd = true
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
        defer {
            call = (calls, false)
            calls += 1
        }
        return [
            [
                "index": .int(calls), "id": block["id"] ?? "", "type": "function",
                "function": ["name": block["name"] ?? "", "arguments": ""],
            ]
        ]
    }

    private func input(_ text: String, of index: Int64) -> JSONValue {
        [["index": .int(index), "function": ["arguments": .string(text)]]]
    }

    /// What was written to a cache, or read from one, was read by the model all the same. Each count is of the whole.
    private mutating func usage(_ usage: JSONValue?) -> ChatUsage? {
        guard let usage else { return nil }
        if let fresh = usage["input_tokens"]?.int {
            let cached = ["cache_creation_input_tokens", "cache_read_input_tokens"].compactMap { usage[$0]?.int }
            promptTokens = ([fresh] + cached).reduce(0) { $0 + Int(clamping: min(max($1, 0), 1 << 40)) }
        }
        guard let promptTokens else { return nil }
        return ChatUsage(
            promptTokens: promptTokens, completionTokens: Int(clamping: max(usage["output_tokens"]?.int ?? 0, 0)))
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

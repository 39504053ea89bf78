import JSON

/// OpenAI's chat completions as they travel, with what the vendors make of them.
enum OpenAIWire {
    private static let ours: Set<String> = [
        "model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "temperature", "top_p",
        "stop", "user",
    ]

    /// Written by hand, since it is the largest document of every turn. Options cannot take the place of what the request
    /// itself says.
    static func encode(_ request: ChatRequest, tokenLimitField: OpenAIProvider.TokenLimitField) -> [UInt8] {
        let out = JSONBytes(capacity: 8192)
        out.append(literal: #"{"model":"#)
        out.append(string: request.model)
        out.append(literal: #","messages":["#)
        for (index, message) in request.messages.enumerated() {
            if index > 0 { out.append(literal: ",") }
            message.write(to: out)
        }
        out.append(literal: request.wantsPieces ? #"],"stream":true"# : #"],"stream":false"#)
        if request.wantsPieces { out.append(literal: #","stream_options":{"include_usage":true}"#) }
        out.append(literal: tokenLimitField == .maxTokens ? #","max_tokens":"# : #","max_completion_tokens":"#)
        out.append(integer: request.maxTokens)
        out.append(member: "temperature", request.temperature.map(JSONValue.double))
        out.append(member: "top_p", request.topP.map(JSONValue.double))
        out.append(member: "stop", request.stop.isEmpty ? nil : .array(request.stop.map(JSONValue.string)))
        out.append(member: "user", request.user.map(JSONValue.string))
        for (name, value) in request.options where !ours.contains(name) { out.append(member: name, value) }
        out.append(literal: "}")
        return out.assembled()
    }
}

extension ChatMessage {
    /// As OpenAI writes it.
    fileprivate func write(to out: JSONBytes) {
        out.append(literal: #"{"role":"#)
        out.append(string: role.rawValue)
        out.append(literal: #","content":"#)
        if let parts {
            out.append(parts)
        } else if toolCalls != nil, content.isEmpty {
            out.append(literal: "null")
        } else {
            out.append(string: content)
        }
        out.append(member: "name", name.map(JSONValue.string))
        out.append(member: "tool_calls", toolCalls)
        out.append(member: "tool_call_id", toolCallID.map(JSONValue.string))
        out.append(literal: "}")
    }
}

extension JSONBytes {
    /// Appends a member after another one; nothing if the value is nil.
    fileprivate func append(member name: String, _ value: JSONValue?) {
        guard let value else { return }
        append(literal: ",")
        append(name: name, isData: true)
        append(value)
    }
}

/// Events of a stream and whole answers, which differ in `delta` and `message` alone.
struct OpenAIFormat: ReplyFormat {
    /// The index of the choice that is read: that of the first event that names one.
    private var choice: Int?

    mutating func read(_ data: [UInt8], isWhole: Bool) throws(ProviderError) -> ReplyPiece {
        if data.elementsEqual("[DONE]".utf8) { return ReplyPiece(isEnd: true) }
        let piece = try ReplyPiece(openAI: data)
        choice = choice ?? piece.choice
        return piece.choice == nil || piece.choice == choice
            ? piece : ReplyPiece(model: piece.model, usage: piece.usage)
    }
}

extension ReplyPiece {
    /// Throws if the bytes are no JSON object, or carry the vendor's error.
    init(openAI bytes: [UInt8]) throws(ProviderError) {
        self.init()
        do {
            try bytes.withUnsafeBytes { bytes in
                var cursor = JSONCursor(bytes)
                guard try cursor.enterObject() else { throw JSONCursor.Malformed() }
                try read(&cursor)
            }
        } catch let error as ProviderError {
            throw error
        } catch {
            throw ProviderError(.unavailable, detail: "the answer is no chat completion")
        }
    }

    private mutating func read(_ cursor: inout JSONCursor) throws {
        while let key = try cursor.nextKey() {
            switch key {
            case "choices": try readChoices(&cursor)
            case "model": model = try cursor.string()
            case "usage": usage = try Self.usage(&cursor) ?? usage
            case "error":
                var isTorn = false
                let error = try JSONValue(repairing: .init(rebasing: cursor.rawValue()), isTorn: &isTorn)
                if !error.isNull { throw ProviderError.vendor(error) }
            default: try cursor.skip()
            }
        }
    }

    /// Only the first choice: we never ask for more.
    private mutating func readChoices(_ cursor: inout JSONCursor) throws {
        guard try cursor.enterArray() else { return }
        var isFirst = true
        while try cursor.nextItem() {
            guard isFirst, try cursor.enterObject() else {
                if !isFirst { try cursor.skip() }
                continue
            }
            isFirst = false
            while let key = try cursor.nextKey() {
                switch key {
                case "index": choice = try cursor.integer()
                case "delta": try readMessage(&cursor)
                case "message":
                    try readMessage(&cursor)
                    toolCalls = toolCalls.map(Self.numbered)
                case "finish_reason": finishReason = try cursor.string().flatMap(Self.finishReason)
                case "logprobs":
                    var isTorn = false
                    logprobs = try value(&cursor, isTorn: &isTorn)
                default: try cursor.skip()
                }
            }
        }
    }

    private mutating func readMessage(_ cursor: inout JSONCursor) throws {
        guard try cursor.enterObject() else { return }
        while let key = try cursor.nextKey() {
            switch key {
            case "content": text = try Self.text(&cursor)
            case "refusal": refusal = try cursor.text() ?? ""
            case "tool_calls":
                let start = cursor
                var isTorn = false
                toolCalls = try value(&cursor, isTorn: &isTorn)
                if isTorn { tornArguments = try Self.arguments(start) }
            case "reasoning_content", "reasoning":
                let text = try cursor.string() ?? ""
                otherBytes += text.utf8.count
                // Some vendors send the same text under both names.
                if text.utf8.count > thoughts.utf8.count { thoughts = text }
            default: try cursor.skip()
            }
        }
    }

    /// Returns nil if it is null.
    private mutating func value(_ cursor: inout JSONCursor, isTorn: inout Bool) throws -> JSONValue? {
        guard try !cursor.isNext("n") else {
            try cursor.skip()
            return nil
        }
        let bytes = try cursor.rawValue()
        otherBytes += bytes.count
        return try JSONValue(repairing: .init(rebasing: bytes), isTorn: &isTorn)
    }

    /// The texts of the calls' arguments as they came, by the places of the calls.
    private static func arguments(_ start: JSONCursor) throws -> [Int: VendorText] {
        var (cursor, place) = (start, 0)
        var texts: [Int: VendorText] = [:]
        guard try cursor.enterArray() else { return texts }
        while try cursor.nextItem() {
            for path in [["function", "arguments"], ["custom", "input"]] {
                var ahead = cursor
                if let text = try ahead.text(at: path[...]) { texts[place] = text }
            }
            try cursor.skip()
            place += 1
        }
        return texts
    }

    /// The calls of a whole answer as those of a stream, which have an index.
    private static func numbered(_ calls: JSONValue) -> JSONValue {
        guard case .array(let calls) = calls else { return calls }
        return .array(
            calls.enumerated().map { index, call in
                guard case .object(var fields) = call else { return call }
                fields["index"] = .int(Int64(index))
                return .object(fields)
            })
    }

    /// A string or, from some vendors, an array of parts.
    private static func text(_ cursor: inout JSONCursor) throws -> VendorText {
        guard try cursor.isNext("[") else { return try cursor.text() ?? "" }
        var text = VendorText()
        guard try cursor.enterArray() else { return text }
        while try cursor.nextItem() {
            guard try cursor.enterObject() else { continue }
            while let key = try cursor.nextKey() {
                if case "text" = key { text += try cursor.text() ?? "" } else { try cursor.skip() }
            }
        }
        return text
    }

    private static func usage(_ cursor: inout JSONCursor) throws -> ChatUsage? {
        guard try cursor.enterObject() else { return nil }
        var (prompt, completion): (Int?, Int?)
        while let key = try cursor.nextKey() {
            switch key {
            case "prompt_tokens": prompt = try cursor.integer()
            case "completion_tokens":
                let isNull = try cursor.isNext("n")
                completion = try cursor.integer() ?? (isNull ? 0 : -1)
            default: try cursor.skip()
            }
        }
        // Counts that make no sense count as none, or what they are for would be free.
        guard let prompt, prompt >= 0, completion ?? 0 >= 0 else { return nil }
        return ChatUsage(promptTokens: prompt, completionTokens: completion ?? 0)
    }

    private static func finishReason(_ reason: String) -> FinishReason? {
        switch reason {
        case "": nil
        case "stop", "eos", "end_turn", "stop_sequence": .stop
        case "length", "max_tokens", "model_length": .length
        case "content_filter", "safety": .filtered
        case "tool_calls", "function_call", "tool_use": .toolCalls
        default: .other
        }
    }
}

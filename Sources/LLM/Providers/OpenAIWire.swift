import JSON

/// OpenAI's chat completions as they travel, with what the vendors make of them.
enum OpenAIWire {
    private static let ours: Set<String> = [
        "model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "temperature", "top_p",
        "stop", "user",
    ]

    /// Written by hand, since it is the largest document of every turn. Options cannot take the place of what the request
    /// itself says.
    static func encode(
        _ request: ChatRequest, tokenLimitField: OpenAIProvider.TokenLimitField, _ kind: VendorKind = .openAI
    ) -> [UInt8] {
        let out = JSONBytes(capacity: 8192)
        out.append(literal: #"{"model":"#)
        out.append(string: request.model)
        out.append(literal: #","messages":["#)
        for (index, message) in request.messages.enumerated() {
            if index > 0 { out.append(literal: ",") }
            message.write(to: out, kind)
        }
        out.append(literal: request.wantsPieces ? #"],"stream":true"# : #"],"stream":false"#)
        if request.wantsPieces { out.append(literal: #","stream_options":{"include_usage":true}"#) }
        out.append(literal: tokenLimitField == .maxTokens ? #","max_tokens":"# : #","max_completion_tokens":"#)
        out.append(integer: request.maxTokens)
        out.append(member: "temperature", request.temperature.map(JSONValue.double))
        out.append(member: "top_p", request.topP.map(JSONValue.double))
        out.append(member: "stop", request.stop.isEmpty ? nil : .array(request.stop.map(JSONValue.string)))
        out.append(member: "user", request.user.map(JSONValue.string))
        for (name, value) in request.options where !ours.contains(name) {
            out.append(member: name, value, in: request.keyOrders[name])
        }
        out.append(literal: "}")
        return out.assembled()
    }
}

extension ChatMessage {
    /// As OpenAI writes it.
    fileprivate func write(to out: JSONBytes, _ kind: VendorKind) {
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
        if let thoughts, case let names = kind.thoughtsNames {
            if let name = names.text, !thoughts.text.isEmpty { out.append(member: name, .string(thoughts.text)) }
            if let name = names.details, !thoughts.details.isEmpty {
                out.append(member: name, .array(thoughts.details))
            }
        }
        out.append(literal: "}")
    }
}

extension JSONBytes {
    /// Appends a member after another one; nothing if the value is nil.
    fileprivate func append(member name: String, _ value: JSONValue?, in order: KeyOrder? = nil) {
        guard let value else { return }
        append(literal: ",")
        append(name: name, isData: true)
        append(value, in: order)
    }
}

/// Events of a stream and whole answers, which differ in `delta` and `message` alone.
struct OpenAIFormat: ReplyFormat {
    static let hasThoughtsInText = true

    /// The index of the choice that is read: that of the first event that names one.
    private var choice: Int?
    /// Every event names the model; the first name counts.
    private var knowsModel = false

    mutating func read(_ data: [UInt8], isWhole: Bool) throws(ProviderError) -> ReplyPiece {
        if data.elementsEqual("[DONE]".utf8) { return ReplyPiece(isEnd: true) }
        var piece = try ReplyPiece(openAI: data, knowsModel: knowsModel)
        knowsModel = knowsModel || piece.model != nil
        choice = choice ?? piece.choice
        guard piece.choice == nil || piece.choice == choice else {
            return ReplyPiece(model: piece.model, usage: piece.usage)
        }
        // A message in a stream follows its pieces, or replaces them.
        piece.isWholeMessage = piece.isWholeMessage && !isWhole
        return piece
    }
}

extension ReplyPiece {
    /// Throws if the bytes are no JSON object, or carry the vendor's error.
    /// - Parameter knowsModel: whether the model's name is passed over.
    init(openAI bytes: [UInt8], knowsModel: Bool = false) throws(ProviderError) {
        self.init()
        do {
            try bytes.withUnsafeBytes { bytes in
                var cursor = JSONCursor(bytes)
                guard try cursor.enterObject() else { throw JSONCursor.Malformed() }
                try read(&cursor, knowsModel: knowsModel)
            }
        } catch let error as ProviderError {
            throw error
        } catch {
            throw ProviderError(.unavailable, detail: "the answer is no chat completion")
        }
    }

    private mutating func read(_ cursor: inout JSONCursor, knowsModel: Bool) throws {
        var (isError, isTorn, hasChoices) = (false, false, false)
        var (message, code, type, detail): (JSONValue?, JSONValue?, JSONValue?, JSONValue?)
        while let key = try cursor.nextKey() {
            switch key {
            case "choices":
                hasChoices = true
                try readChoices(&cursor)
            case "model" where !knowsModel: model = try cursor.string()
            case "usage": usage = try Self.usage(&cursor) ?? usage
            case "service_tier", "system_fingerprint":
                if let text = try cursor.string() { extras[key.name] = .string(text) }
            case "error": try Self.failIfError(&cursor)
            case "object":
                // vLLM's older form of an error.
                isError = try cursor.isText("error")
            case "message": message = try JSONValue(repairing: .init(rebasing: cursor.rawValue()), isTorn: &isTorn)
            case "code": code = try JSONValue(repairing: .init(rebasing: cursor.rawValue()), isTorn: &isTorn)
            case "type": type = try cursor.string().map { .string($0) }
            case "detail":
                detail = try JSONValue(repairing: .init(rebasing: cursor.rawValue()), isTorn: &isTorn)
            default: try cursor.skip()
            }
        }
        // An error in place of an answer, in the form of vLLM or of a web framework.
        if isError || !hasChoices && usage == nil && (message?.string != nil && code != nil || detail != nil) {
            let text: JSONValue = message ?? (detail?.string != nil ? detail : nil) ?? ""
            throw ProviderError.vendor(["message": text, "code": code ?? .null, "type": type ?? .null])
        }
    }

    private static func failIfError(_ cursor: inout JSONCursor) throws {
        var isTorn = false
        let error = try JSONValue(repairing: .init(rebasing: cursor.rawValue()), isTorn: &isTorn)
        if ![.null, false, "", .object([:]), .array([])].contains(error) || error == .object([:]) {
            throw ProviderError.vendor(error)
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
                    let delta = (text, toolCalls)
                    try readMessage(&cursor)
                    toolCalls = toolCalls.map(Self.numbered)
                    // A chunk with both says the same twice.
                    if !delta.0.string.isEmpty { text = delta.0 }
                    if let calls = delta.1 { toolCalls = calls }
                    isWholeMessage = delta.0.string.isEmpty && delta.1 == nil
                case "error": try Self.failIfError(&cursor)
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
            case "content": text = try text(&cursor)
            case "refusal": refusal = try cursor.text() ?? ""
            case "tool_calls":
                let start = cursor
                var isTorn = false
                toolCalls = try value(&cursor, isTorn: &isTorn)
                if isTorn { tornArguments = try Self.arguments(start) }
            case "function_call":
                var isTorn = false
                guard let call = try value(&cursor, isTorn: &isTorn), call["name"] != nil || call["arguments"] != nil
                else { break }
                // OpenAI's older form of one call.
                if toolCalls == nil { toolCalls = [["index": 0, "type": "function", "function": call]] }
            case "reasoning_details":
                var isTorn = false
                thoughtDetails = try value(&cursor, isTorn: &isTorn)?.array ?? []
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
    /// Mistral puts thoughts among the parts.
    private mutating func text(_ cursor: inout JSONCursor) throws -> VendorText {
        guard try cursor.isNext("[") else { return try cursor.text() ?? "" }
        var text = VendorText()
        guard try cursor.enterArray() else { return text }
        while try cursor.nextItem() {
            guard try cursor.enterObject() else { continue }
            while let key = try cursor.nextKey() {
                switch key {
                case "text": text += try cursor.text() ?? ""
                case "thinking":
                    var isTorn = false
                    let parts = try value(&cursor, isTorn: &isTorn)
                    thoughts += parts?.string ?? (parts?.array ?? []).compactMap { $0["text"]?.string }.joined()
                default: try cursor.skip()
                }
            }
        }
        return text
    }

    private static func usage(_ cursor: inout JSONCursor) throws -> ChatUsage? {
        guard try cursor.enterObject() else { return nil }
        var counts: [String: Int] = [:]
        while let key = try cursor.nextKey() {
            switch key {
            case "prompt_tokens", "completion_tokens", "input_tokens", "output_tokens", "prompt_cache_hit_tokens",
                "cached_tokens":
                counts[key.name] = try count(&cursor)
            case "prompt_tokens_details", "completion_tokens_details", "input_tokens_details", "output_tokens_details":
                guard try cursor.enterObject() else { continue }
                while let key = try cursor.nextKey() {
                    switch key {
                    case "cached_tokens", "cache_write_tokens", "reasoning_tokens":
                        counts[key.name] = max(try count(&cursor) ?? 0, counts[key.name] ?? 0)
                    default: try cursor.skip()
                    }
                }
            default: try cursor.skip()
            }
        }
        // Counts that make no sense count as none, or what they are for would be free.
        let completion = counts["completion_tokens"] ?? counts["output_tokens"] ?? 0
        guard let prompt = counts["prompt_tokens"] ?? counts["input_tokens"], prompt >= 0, completion >= 0 else {
            return nil
        }
        return ChatUsage(
            promptTokens: prompt, completionTokens: completion,
            cachedTokens: max(counts["cached_tokens"] ?? 0, counts["prompt_cache_hit_tokens"] ?? 0),
            cacheWriteTokens: counts["cache_write_tokens"] ?? 0, reasoningTokens: counts["reasoning_tokens"] ?? 0)
    }

    /// A count however it is written: as a number, a fraction, which is rounded up, or a text. Nil if it is null, and -1 if
    /// it makes no sense.
    private static func count(_ cursor: inout JSONCursor) throws -> Int? {
        if try cursor.isNext("n") {
            try cursor.skip()
            return nil
        }
        let text =
            try cursor.isNext("\"")
            ? cursor.string() ?? "" : String(decoding: try cursor.rawValue(), as: UTF8.self)
        if let whole = Int(text) { return whole }
        guard let number = Double(text), number.isFinite, abs(number) < 1e15 else { return -1 }
        return Int(number.rounded(.up))
    }

    private static func finishReason(_ reason: String) throws -> FinishReason? {
        switch reason.lowercased() {
        case "": nil
        case "stop", "eos", "end_turn", "stop_sequence": .stop
        case "length", "max_tokens", "model_length", "max_output_tokens": .length
        case "content_filter", "safety": .filtered
        case "tool_calls", "function_call", "tool_use": .toolCalls
        case "error": throw ProviderError(.unavailable, detail: "the vendor ended the answer with an error")
        default: .other
        }
    }
}

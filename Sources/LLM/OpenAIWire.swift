import JSON

/// OpenAI's chat completions as they travel, with what the vendors make of them.
enum OpenAIWire {
    private struct Body: Encodable {
        struct StreamOptions: Encodable {
            let includeUsage = true
        }

        let model: String
        let messages: [ChatMessage]
        let stream: Bool
        let streamOptions: StreamOptions?
        var maxTokens: Int?
        var maxCompletionTokens: Int?
        let temperature: Double?
        let topP: Double?
        let stop: [String]?
        let user: String?
    }

    private struct BodyWithOptions: Encodable {
        static let ours: Set<String> = [
            "model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "temperature",
            "top_p", "stop", "user",
        ]

        let body: Body
        let options: [String: JSONValue]

        func encode(to encoder: any Encoder) throws {
            try body.encode(to: encoder)
            try options.filter { !Self.ours.contains($0.key) }.encode(to: encoder)
        }
    }

    /// Options cannot take the place of what the request itself says.
    static func encode(_ request: ChatRequest, tokenLimitField: OpenAIProvider.TokenLimitField) throws -> [UInt8] {
        let body = Body(
            model: request.model,
            messages: request.messages,
            stream: request.wantsPieces,
            streamOptions: request.wantsPieces ? Body.StreamOptions() : nil,
            maxTokens: tokenLimitField == .maxTokens ? request.maxTokens : nil,
            maxCompletionTokens: tokenLimitField == .maxCompletionTokens ? request.maxTokens : nil,
            temperature: request.temperature,
            topP: request.topP,
            stop: request.stop.isEmpty ? nil : request.stop,
            user: request.user
        )
        guard !request.options.isEmpty else { return try JSONWriter.encode(body, nils: .omit) }
        return try JSONWriter.encode(BodyWithOptions(body: body, options: request.options), nils: .omit)
    }
}

/// As OpenAI writes it.
extension ChatMessage: Encodable {
    private enum CodingKeys: String, CodingKey {
        case role, content, name
        case toolCalls = "tool_calls"
        case toolCallID = "tool_call_id"
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(role, forKey: .role)
        if let parts {
            try fields.encode(parts, forKey: .content)
        } else if toolCalls != nil, content.isEmpty {
            try fields.encodeNil(forKey: .content)
        } else {
            try fields.encode(content, forKey: .content)
        }
        try fields.encodeIfPresent(name, forKey: .name)
        try fields.encodeIfPresent(toolCalls, forKey: .toolCalls)
        try fields.encodeIfPresent(toolCallID, forKey: .toolCallID)
    }
}

/// Events of a stream and whole answers, which differ in `delta` and `message` alone.
struct OpenAIFormat: ReplyFormat {
    func read(_ data: [UInt8], isWhole: Bool) throws(ProviderError) -> ReplyPiece {
        data.elementsEqual("[DONE]".utf8) ? ReplyPiece(isEnd: true) : try ReplyPiece(openAI: data)
    }
}

extension ReplyPiece {
    /// Throws where the bytes are no JSON object, or carry the vendor's error.
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
                let error = try JSONValue(parsing: cursor.rawValue())
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
                case "delta": try readMessage(&cursor)
                case "message":
                    try readMessage(&cursor)
                    toolCalls = toolCalls.map(Self.numbered)
                case "finish_reason": finishReason = try cursor.string().flatMap(Self.finishReason)
                case "logprobs": logprobs = try value(&cursor)
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
            case "refusal": refusal = try cursor.string() ?? ""
            case "tool_calls": toolCalls = try value(&cursor)
            case "reasoning_content", "reasoning": otherBytes += try cursor.string()?.utf8.count ?? 0
            default: try cursor.skip()
            }
        }
    }

    /// `nil` where it is null.
    private mutating func value(_ cursor: inout JSONCursor) throws -> JSONValue? {
        guard try !cursor.isNext("n") else {
            try cursor.skip()
            return nil
        }
        let bytes = try cursor.rawValue()
        otherBytes += bytes.count
        return try JSONValue(parsing: bytes)
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
    private static func text(_ cursor: inout JSONCursor) throws -> String {
        guard try cursor.isNext("[") else { return try cursor.string() ?? "" }
        var text = ""
        guard try cursor.enterArray() else { return text }
        while try cursor.nextItem() {
            guard try cursor.enterObject() else { continue }
            while let key = try cursor.nextKey() {
                if case "text" = key { text += try cursor.string() ?? "" } else { try cursor.skip() }
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
            case "completion_tokens": completion = try cursor.integer()
            default: try cursor.skip()
            }
        }
        guard let prompt, prompt >= 0 else { return nil }
        return ChatUsage(promptTokens: prompt, completionTokens: max(completion ?? 0, 0))
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

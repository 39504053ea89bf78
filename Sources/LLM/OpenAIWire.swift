import JSON

/// OpenAI's chat completions as they travel, with what the vendors make of them.
enum OpenAIWire {
    private struct Body: Encodable {
        struct StreamOptions: Encodable {
            let includeUsage = true
        }

        let model: String
        let messages: [ChatMessage]
        let stream = true
        let streamOptions = StreamOptions()
        var maxTokens: Int?
        var maxCompletionTokens: Int?
        let temperature: Double?
        let topP: Double?
        let stop: [String]?
        let user: String?
    }

    static func encode(_ request: ChatRequest, tokenLimitField: OpenAIProvider.TokenLimitField) throws -> [UInt8] {
        let body = Body(
            model: request.model,
            messages: request.messages,
            maxTokens: tokenLimitField == .maxTokens ? request.maxTokens : nil,
            maxCompletionTokens: tokenLimitField == .maxCompletionTokens ? request.maxTokens : nil,
            temperature: request.temperature,
            topP: request.topP,
            stop: request.stop.isEmpty ? nil : request.stop,
            user: request.user
        )
        return try JSONWriter.encode(body, nils: .omit)
    }

    /// One event of a stream, or a whole answer: they differ in `delta` and `message` alone.
    struct Chunk {
        var text = ""
        /// What a reasoning model thought before it spoke: a sign of life, not a part of the answer.
        var thoughtBytes = 0
        var model: String?
        var finishReason: FinishReason?
        var usage: ChatUsage?

        /// Throws where the bytes are no JSON object, or carry the vendor's error.
        init(_ bytes: [UInt8]) throws(ProviderError) {
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
                    case "delta", "message": try readMessage(&cursor)
                    case "finish_reason": finishReason = try cursor.string().flatMap(Self.finishReason)
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
                case "reasoning_content", "reasoning": thoughtBytes = try cursor.string()?.utf8.count ?? 0
                default: try cursor.skip()
                }
            }
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
            default: .other
            }
        }
    }
}

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
            guard let value = try? JSONValue(parsing: bytes), case .object(let chunk) = value else {
                throw ProviderError(.unavailable, detail: "the answer is no chat completion")
            }
            if let error = chunk["error"], error != .null { throw .vendor(error) }
            if case .string(let model)? = chunk["model"], !model.isEmpty { self.model = model }
            usage = Self.usage(chunk["usage"])
            if usage == nil, case .object(let groq)? = chunk["x_groq"] { usage = Self.usage(groq["usage"]) }

            guard case .array(let choices)? = chunk["choices"], case .object(let choice)? = choices.first else { return }
            if case .string(let reason)? = choice["finish_reason"] { finishReason = Self.finishReason(reason) }
            guard case .object(let message)? = choice["delta"] ?? choice["message"] else { return }
            text = Self.text(message["content"])
            thoughtBytes = Self.text(message["reasoning_content"] ?? message["reasoning"]).utf8.count
        }

        private static func text(_ content: JSONValue?) -> String {
            switch content {
            case .string(let text): return text
            case .array(let parts):
                return parts.reduce(into: "") { text, part in
                    if case .object(let part) = part, case .string(let piece)? = part["text"] { text += piece }
                }
            default: return ""
            }
        }

        private static func usage(_ value: JSONValue?) -> ChatUsage? {
            guard case .object(let usage)? = value,
                case .int(let prompt)? = usage["prompt_tokens"], let promptTokens = Int(exactly: prompt),
                promptTokens >= 0
            else { return nil }
            guard case .int(let completion)? = usage["completion_tokens"], completion >= 0 else {
                return ChatUsage(promptTokens: promptTokens, completionTokens: 0)
            }
            return ChatUsage(promptTokens: promptTokens, completionTokens: Int(completion))
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

package import JSON
package import LLM

/// How many tokens a model reads for a request, without a vocabulary: see `TokenFamily`.
package struct PromptSize: Sendable {
    /// What marks the place of a message and what leads to the answer, as OpenAI counts them.
    package static let messageMarks = 4
    package static let answerMarks = 3
    /// Bounds of the same for every model: a template may add a prompt of its own to a request that has none.
    package static let mostMessageMarks = 16
    package static let mostAnswerMarks = 64

    private let messages: [ChatMessage]
    private let options: [String: JSONValue]
    /// No model reads more than this: what is reserved goes by it.
    package let most: Int

    package init(_ messages: [ChatMessage], _ options: [String: JSONValue] = [:]) {
        self.messages = messages
        self.options = options
        most = Self.mostAnswerMarks + Self.total(messages, options, marks: Self.mostMessageMarks, TokenFamily.most)
    }

    /// Estimated tokens for a model of the family, used if the vendor does not count.
    package func estimate(_ family: TokenFamily) -> Int {
        Self.answerMarks + Self.total(messages, options, marks: Self.messageMarks, family.estimate)
    }

    private static func total(
        _ messages: [ChatMessage], _ options: [String: JSONValue], marks: Int, _ count: (String) -> Int
    ) -> Int {
        messages.reduce(0) { $0 + marks + tokens($1, count) }
            + options.values.reduce(0) { $0 + marks + tokens($1, count) }
    }

    private static func tokens(_ message: ChatMessage, _ count: (String) -> Int) -> Int {
        let thoughts = message.thoughts.map { count($0.text) + tokens(.array($0.details), count) } ?? 0
        return max(visible(message, count), message.blocks.map { tokens(blocks: $0, count) } ?? 0) + thoughts
    }

    /// Anthropic's blocks, pictures apart.
    private static func tokens(blocks: JSONValue, _ count: (String) -> Int) -> Int {
        (blocks.array ?? []).reduce(0) { sum, block in
            switch block["type"] {
            case "text": return sum + count(block["text"]?.string ?? "")
            case "image": return sum + picture(block["source"]?["data"]?.string?.utf8.count ?? 0)
            case "tool_result":
                let content = block["content"]
                return sum + 8
                    + (content?.array != nil ? tokens(blocks: content!, count) : tokens(content ?? "", count))
            default: return sum + tokens(block, count)
            }
        }
    }

    private static func visible(_ message: ChatMessage, _ count: (String) -> Int) -> Int {
        let calls =
            (message.toolCalls.map { tokens($0, count) } ?? 0) + count(message.name ?? "")
            + count(message.toolCallID ?? "")
        guard let parts = message.parts?.array else { return count(message.content) + calls }
        return parts.reduce(calls) { $0 + tokens(part: $1, count) }
    }

    /// Estimated from its `type`, whatever else it has.
    private static func tokens(part: JSONValue, _ count: (String) -> Int) -> Int {
        switch part["type"]?.string {
        case "text": return count(part["text"]?.string ?? "")
        case "refusal": return count(part["refusal"]?.string ?? "")
        default:
            let bytes = part["image_url"]?["url"]?.string?.utf8.count ?? 0
            return picture(bytes)
        }
    }

    private static func picture(_ bytes: Int) -> Int {
        min(max(bytes / pictureBytes, pictureTokens.lowerBound), pictureTokens.upperBound)
    }

    /// The least and the most that models take a picture for.
    private static let pictureTokens = 2000...40_000
    /// Bytes of a picture in the request that count as one token.
    private static let pictureBytes = 500

    private static func tokens(_ json: JSONValue, _ count: (String) -> Int) -> Int {
        count(String(decoding: json.serialized(), as: UTF8.self))
    }
}

extension TokenFamily {
    /// What a model of the family wrote.
    package func estimate(_ result: ChatResult) -> Int {
        let calls = result.toolCalls.map { estimate(String(decoding: $0.serialized(), as: UTF8.self)) } ?? 0
        return estimate(result.content) + estimate(result.refusal ?? "") + calls
    }

    /// The same for a piece of an answer, which is at least a token.
    package func estimate(_ event: ChatEvent) -> Int {
        switch event {
        case .delta(let text), .refusal(let text), .thoughts(let text): max(1, estimate(text))
        case .toolCalls(let calls): max(1, calls.serialized().count / 6)
        case .logprobs, .thoughtDetails: 0
        }
    }
}

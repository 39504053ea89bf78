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
    private let inputs: [EmbeddingInput]
    /// Bytes of text that is added later.
    private let added: Int
    /// No model reads more than this: what is reserved goes by it.
    package let most: Int

    /// - Parameter added: the most bytes of text that the messages are given before the call.
    package init(_ messages: [ChatMessage], _ options: [String: JSONValue] = [:], adding added: Int = 0) {
        self.messages = messages
        self.options = options
        inputs = []
        self.added = added
        most =
            Self.mostAnswerMarks + added
            + Self.total(
                messages, options, marks: Self.mostMessageMarks,
                Count(text: TokenFamily.most, document: { _ in Self.documentTokens.upperBound }))
    }

    /// What a model of vectors reads, which has no template but marks the beginning and the end of each input.
    package init(_ inputs: [EmbeddingInput]) {
        messages = []
        options = [:]
        self.inputs = inputs
        added = 0
        most = Self.total(inputs, marks: Self.mostMessageMarks, TokenFamily.most)
    }

    private static func total(_ inputs: [EmbeddingInput], marks: Int, _ count: (String) -> Int) -> Int {
        inputs.reduce(0) { sum, input in
            switch input {
            case .text(let text): sum + marks + count(text)
            case .tokens(let tokens): sum + marks + tokens.count
            }
        }
    }

    /// Estimated tokens for a model of the family, used if the vendor does not count.
    package func estimate(_ family: TokenFamily) -> Int {
        if !inputs.isEmpty { return Self.total(inputs, marks: 0, family.estimate) }
        return Self.answerMarks + added / 4
            + Self.total(
                messages, options, marks: Self.messageMarks,
                Count(text: family.estimate, document: Self.document))
    }

    /// Tokens that the pictures and PDF files of a message probably are. Most models take a picture for the same, whatever
    /// its size.
    package static func files(of message: ChatMessage) -> Int {
        message.parts?.array?.reduce(0) { sum, part in
            switch part["type"] {
            case "image_url": sum + pictureTokens.lowerBound
            case "file": sum + document(part["file"]?["file_data"]?.string?.utf8.count ?? 0)
            default: sum
            }
        } ?? 0
    }

    private struct Count {
        let text: (String) -> Int
        /// Tokens of a PDF file with this many bytes in the request.
        let document: (Int) -> Int
    }

    private static func total(
        _ messages: [ChatMessage], _ options: [String: JSONValue], marks: Int, _ count: Count
    ) -> Int {
        messages.reduce(0) { $0 + marks + tokens($1, count) }
            + options.values.reduce(0) { $0 + marks + tokens($1, count) }
    }

    private static func tokens(_ message: ChatMessage, _ count: Count) -> Int {
        let thoughts = message.thoughts.map { count.text($0.text) + tokens(.array($0.details), count) } ?? 0
        return max(visible(message, count), message.blocks.map { tokens(blocks: $0, count) } ?? 0) + thoughts
    }

    /// Anthropic's blocks, pictures and PDF files apart.
    private static func tokens(blocks: JSONValue, _ count: Count) -> Int {
        (blocks.array ?? []).reduce(0) { sum, block in
            switch block["type"] {
            case "text": return sum + count.text(block["text"]?.string ?? "")
            case "image": return sum + picture(block["source"]?["data"]?.string?.utf8.count ?? 0)
            case "document" where block["source"]?["type"] == "base64":
                return sum + count.document(block["source"]?["data"]?.string?.utf8.count ?? 0)
            case "tool_result":
                let content = block["content"]
                return sum + 8
                    + (content?.array != nil ? tokens(blocks: content!, count) : tokens(content ?? "", count))
            default: return sum + tokens(block, count)
            }
        }
    }

    private static func visible(_ message: ChatMessage, _ count: Count) -> Int {
        let calls =
            (message.toolCalls.map { tokens($0, count) } ?? 0) + count.text(message.name ?? "")
            + count.text(message.toolCallID ?? "")
        guard let parts = message.parts?.array else { return count.text(message.content) + calls }
        return parts.reduce(calls) { $0 + tokens(part: $1, count) }
    }

    /// Estimated from its `type`, whatever else it has.
    private static func tokens(part: JSONValue, _ count: Count) -> Int {
        switch part["type"]?.string {
        case "text": return count.text(part["text"]?.string ?? "")
        case "refusal": return count.text(part["refusal"]?.string ?? "")
        case "file": return count.document(part["file"]?["file_data"]?.string?.utf8.count ?? 0)
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

    private static func document(_ bytes: Int) -> Int {
        min(max(bytes / documentBytes, documentTokens.lowerBound), documentTokens.upperBound)
    }

    /// The least and the most that a PDF file is taken for. Its bytes do not tell how many pages it has, but it has to fit
    /// into the model's window.
    private static let documentTokens = 2000...200_000
    /// Bytes of a PDF file in the request that count as one token.
    private static let documentBytes = 50

    private static func tokens(_ json: JSONValue, _ count: Count) -> Int {
        count.text(String(decoding: json.serialized(), as: UTF8.self))
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
        case .logprobs, .thoughtDetails, .citation: 0
        }
    }
}

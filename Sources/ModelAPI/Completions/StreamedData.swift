import Chat
package import HTTPKit
package import JSON

extension CompletionAnswer {
    package static var streamSchema: Schema? {
        if Body.self == TextCompletion.self { return .of(TextCompletion.self) }
        return Body.self == AnthropicMessage.self ? .of(MessageStreamEvent.self) : .of(ChatCompletionChunk.self)
    }
}

/// The data of one event of OpenAI's streams, for the OpenAPI document. Streams are written piece by piece, without it.
package struct ChatCompletionChunk: Codable {
    package let id: String
    package let object: String
    package let created: Int
    package let model: String
    /// Empty in the last one, which has the usage.
    package let choices: [Choice]
    package let usage: ChatCompletion.Usage?

    package struct Choice: Codable {
        package let index: Int
        package let delta: Delta
        package let logprobs: JSONValue?
        package let finishReason: String?
    }

    package struct Delta: Codable {
        package let role: String?
        package let content: String?
        package let refusal: String?
        package let toolCalls: JSONValue?
    }
}

/// The data of one event of Anthropic's streams, for the OpenAPI document.
package struct MessageStreamEvent: Codable {
    package let type: String
    package let message: JSONValue?
    package let index: Int?
    package let contentBlock: JSONValue?
    package let delta: JSONValue?
    package let usage: JSONValue?
    package let error: JSONValue?
}

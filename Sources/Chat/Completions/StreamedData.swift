import HTTPKit
import JSON

extension CompletionAnswer {
    static var streamSchema: Schema? {
        Body.self == AnthropicMessage.self ? .of(MessageStreamEvent.self) : .of(ChatCompletionChunk.self)
    }
}

/// The data of one event of OpenAI's streams, for the OpenAPI document. Streams are written piece by piece, without it.
struct ChatCompletionChunk: Codable {
    let id: String
    let object: String
    let created: Int
    let model: String
    /// Empty in the last one, which has the usage.
    let choices: [Choice]
    let usage: ChatCompletion.Usage?

    struct Choice: Codable {
        let index: Int
        let delta: Delta
        let logprobs: JSONValue?
        let finishReason: String?
    }

    struct Delta: Codable {
        let role: String?
        let content: String?
        let refusal: String?
        let toolCalls: JSONValue?
    }
}

/// The data of one event of Anthropic's streams, for the OpenAPI document.
struct MessageStreamEvent: Codable {
    let type: String
    let message: JSONValue?
    let index: Int?
    let contentBlock: JSONValue?
    let delta: JSONValue?
    let usage: JSONValue?
    let error: JSONValue?
}

import JSON
import LLM

/// What a client asks a chatbot, in whichever API it speaks.
struct CompletionRequest: Sendable {
    /// The name of a chatbot, or of one of its models; nil where the client leaves it open.
    var model: String?
    var messages: [ChatMessage]
    var maxTokens: Int?
    var temperature: Double?
    var topP: Double?
    var stop: [String] = []
    /// The application's own name for the person who asks.
    var user: String?
    /// Fields of OpenAI's that providers get as they are.
    var options: [String: JSONValue] = [:]
    var streams = false

    /// A cautious guess at what the model will read.
    static func estimate(_ messages: [ChatMessage], _ options: [String: JSONValue]) -> Int {
        messages.reduce(0) { $0 + ContextWindow.estimate($1) }
            + options.values.reduce(0) { $0 + $1.serialized().count / 3 }
    }

    /// The same for a piece of the answer.
    static func estimate(_ event: ChatEvent) -> Int {
        switch event {
        case .delta(let text), .refusal(let text):
            max(1, ContextWindow.estimate(text) - ContextWindow.estimate(""))
        case .toolCalls(let calls): max(1, calls.serialized().count / 6)
        case .logprobs: 0
        }
    }
}

extension ContextWindow {
    /// What most models take a picture for, or less.
    private static let pictureTokens = 2000

    fileprivate static func estimate(_ message: ChatMessage) -> Int {
        let calls = message.toolCalls.map { $0.serialized().count / 3 } ?? 0
        guard let parts = message.parts?.array else { return estimate(message.content) + calls }
        return parts.reduce(calls) { $0 + ($1["text"]?.string.map(estimate) ?? pictureTokens) }
    }
}

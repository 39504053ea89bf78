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
            + options.values.reduce(0) { $0 + ContextWindow.estimate($1) }
    }

    /// The same for a piece of the answer.
    static func estimate(_ event: ChatEvent) -> Int {
        switch event {
        case .delta(let text), .refusal(let text), .thoughts(let text):
            max(1, ContextWindow.estimate(text) - ContextWindow.estimate(""))
        case .toolCalls(let calls): max(1, calls.serialized().count / 6)
        case .logprobs: 0
        }
    }
}

extension ContextWindow {
    /// The least and the most that models take a picture for.
    private static let pictureTokens = 2000...40_000
    /// Of a picture that comes with the request, for a token.
    private static let pictureBytes = 500

    fileprivate static func estimate(_ message: ChatMessage) -> Int {
        let calls = message.toolCalls.map { estimate($0) } ?? 0
        guard let parts = message.parts?.array else { return estimate(message.content) + calls }
        return parts.reduce(calls) { $0 + estimate(part: $1) }
    }

    /// By what its type says that it is, whatever else it has.
    private static func estimate(part: JSONValue) -> Int {
        switch part["type"]?.string {
        case "text": return estimate(part["text"]?.string ?? "")
        case "refusal": return estimate(part["refusal"]?.string ?? "")
        default:
            let bytes = part["image_url"]?["url"]?.string?.utf8.count ?? 0
            return min(max(bytes / pictureBytes, pictureTokens.lowerBound), pictureTokens.upperBound)
        }
    }

    fileprivate static func estimate(_ json: JSONValue) -> Int {
        estimate(String(decoding: json.serialized(), as: UTF8.self))
    }
}

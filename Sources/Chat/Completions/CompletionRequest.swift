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
}

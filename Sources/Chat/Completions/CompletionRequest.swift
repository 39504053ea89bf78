package import JSON
package import LLM

/// What a client asks a chatbot, in whichever API it speaks.
package struct CompletionRequest: Sendable {
    /// The name of a chatbot, or of one of its models; nil where the client leaves it open.
    package var model: String?
    package var messages: [ChatMessage]
    package var maxTokens: Int?
    package var temperature: Double?
    package var topP: Double?
    package var stop: [String] = []
    /// The application's own name for the person who asks.
    package var user: String?
    /// Fields of OpenAI's that providers get as they are.
    package var options: [String: JSONValue] = [:]
    package var streams = false
}

import Chat
package import HTTPKit
package import JSON
package import LLM

/// What a client asks a chatbot, in whichever API it speaks.
package struct CompletionRequest: Sendable {
    /// The name of a chatbot, or of one of its models; nil if the client names none.
    package var model: String?
    package var messages: [ChatMessage]
    /// The client's name of the field that holds the messages' texts.
    package var textField = "messages"
    package var maxTokens: Int?
    package var temperature: Double?
    package var topP: Double?
    package var stop: [String] = []
    /// The application's own name for the person who asks.
    package var user: String?
    /// Fields of OpenAI's that providers get as they are.
    package var options: [String: JSONValue] = [:]
    /// As in `ChatRequest`.
    package var keyOrders: [String: KeyOrder] = [:]
    /// Answers that the client wants, each of them a call of its own.
    package var copies = 1
    package var streams = false
    /// Whether the oldest messages are left out if the model cannot read all of them.
    package var isTruncated = false
    /// Whether the model answers from the chatbot's files. Text of a file must not call the client's tools, and marks of
    /// citations would break an answer that has a form of its own.
    package var takesSources = false
    /// Whether the client wants to see what the model thinks, if it does.
    package var showsThoughts = true

    package init(model: String?, messages: [ChatMessage]) {
        self.model = model
        self.messages = messages
    }

    /// Faster tiers cost more than a model's price says, so none can be asked for.
    package static func check(serviceTier tier: String?) throws(APIError) {
        guard let tier, !["auto", "default", "flex", "standard_only"].contains(tier) else { return }
        throw APIError(
            .unsupportedInput, "This service tier has no price here. Use 'auto', 'default' or 'flex'.",
            param: "service_tier")
    }
}

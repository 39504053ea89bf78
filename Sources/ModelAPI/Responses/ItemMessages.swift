import JSON
import LLM

/// Puts items of responses together as messages: what the model said in a row is one message of a chat completion.
struct ItemMessages {
    private var messages: [ChatMessage] = []
    /// The model's message that may go on.
    private var pending: ChatMessage?

    init() {}

    mutating func add(_ thoughts: Thoughts) {
        if pending.map({ !$0.content.isEmpty || $0.toolCalls != nil }) == true { end() }
        change { message in
            message.thoughts = Thoughts(
                text: (message.thoughts?.text ?? "") + thoughts.text,
                details: (message.thoughts?.details ?? []) + thoughts.details)
        }
    }

    /// What the model answered.
    mutating func add(text: String) {
        if let pending, pending.toolCalls == nil, !pending.content.isEmpty { end() }
        change { $0.content = $0.content.isEmpty ? text : "\($0.content)\n\n\(text)" }
    }

    /// - Parameter call: in the form of chat completions.
    mutating func add(call: JSONValue) {
        change { $0.toolCalls = .array(($0.toolCalls?.array ?? []) + [call]) }
    }

    /// A message that is not the model's.
    mutating func add(_ message: ChatMessage) {
        end()
        messages.append(message)
    }

    mutating func finish() -> [ChatMessage] {
        end()
        return messages
    }

    private mutating func change(_ change: (inout ChatMessage) -> Void) {
        var message = pending ?? ChatMessage(role: .assistant, content: "")
        change(&message)
        pending = message
    }

    /// Thoughts alone are no message.
    private mutating func end() {
        if let pending, !pending.content.isEmpty || pending.toolCalls != nil { messages.append(pending) }
        pending = nil
    }

    /// A call of a tool in the form of chat completions.
    static func call(id: String, custom: Bool, name: String, text: String) -> JSONValue {
        let type = custom ? "custom" : "function"
        return [
            "id": .string(id), "type": .string(type),
            type: ["name": .string(name), custom ? "input" : "arguments": .string(text)],
        ]
    }
}

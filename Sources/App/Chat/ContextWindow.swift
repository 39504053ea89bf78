import LLM

/// Fits a conversation into the tokens that a model can read.
enum ContextWindow {
    /// The system prompt and the last message always go; of the rest, the newest messages that fit.
    static func fit(prompt: String?, _ history: [ChatMessage], tokens budget: Int) -> [ChatMessage] {
        var left = budget - (prompt.map(estimate) ?? 0)
        var first = history.endIndex
        while first > 0 {
            left -= estimate(history[first - 1].content)
            if left < 0, first < history.endIndex { break }
            first -= 1
        }
        // A reply without its question would only confuse.
        while first + 1 < history.endIndex, history[first].role == .assistant { first += 1 }
        var messages: [ChatMessage] = []
        messages.reserveCapacity(history.count - first + 1)
        if let prompt { messages.append(ChatMessage(role: .system, content: prompt)) }
        messages.append(contentsOf: history[first...])
        return messages
    }

    /// A cautious guess without the model's own tokenizer: three letters of ASCII a token, one byte of anything else,
    /// and what marks the message's place.
    static func estimate(_ text: String) -> Int {
        var text = text
        return text.withUTF8 { bytes in
            var other = 0
            for byte in bytes { other &+= Int(byte >> 7) }
            return (bytes.count - other) / 3 + other + 8
        }
    }
}

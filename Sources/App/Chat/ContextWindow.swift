import LLM

/// Fits a conversation into the tokens that a model can read.
enum ContextWindow {
    /// The system prompt and the last message always go; of the rest, the newest messages that fit.
    static func fit(prompt: String?, _ history: [ChatMessage], tokens budget: Int) -> [ChatMessage] {
        var left = budget - (prompt.map(estimate) ?? 0)
        var kept: [ChatMessage] = []
        for message in history.reversed() {
            left -= estimate(message.content)
            if left < 0, !kept.isEmpty { break }
            kept.append(message)
        }
        // A reply without its question would only confuse.
        while kept.count > 1, kept.last?.role == .assistant { kept.removeLast() }
        let system = prompt.map { [ChatMessage(role: .system, content: $0)] } ?? []
        return system + kept.reversed()
    }

    /// A cautious guess without the model's own tokenizer: three letters of ASCII a token, one byte of anything else,
    /// and what marks the message's place.
    static func estimate(_ text: String) -> Int {
        var other = 0
        for byte in text.utf8 { other &+= Int(byte >> 7) }
        return (text.utf8.count - other) / 3 + other + 8
    }
}

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
            // Eight bytes at once: their highest bits, and then the sum of these.
            let (bytes, ones) = (UnsafeRawBufferPointer(bytes), 0x0101_0101_0101_0101 as UInt64)
            var (other, index) = (0, 0)
            while index + 8 <= bytes.count {
                let eight = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                other &+= Int((((eight >> 7) & ones) &* ones) >> 56)
                index += 8
            }
            for byte in bytes[index...] { other &+= Int(byte >> 7) }
            return (bytes.count - other) / 3 + other + 8
        }
    }
}

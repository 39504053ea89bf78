package import LLM
package import Metering

/// Fits a conversation into the tokens that a model can read.
package enum ContextWindow {
    /// What of a conversation a model of the family is sent: all of it if it certainly fits, or else as much as it
    /// probably can read. `shortened` is for the case that the model then refuses it as too long.
    package static func fit(
        prompt: String?, _ history: [ChatMessage], tokens budget: Int, _ family: TokenFamily
    ) -> [ChatMessage] {
        let bound =
            history.reduce(prompt.map(most) ?? 0) { $0 + most($1.content) + PromptSize.files(of: $1) }
            + PromptSize.mostAnswerMarks
        return fit(prompt: prompt, history, tokens: bound <= budget ? .max : budget - PromptSize.answerMarks) {
            family.estimate($0) + PromptSize.messageMarks
        }
    }

    /// What to send after the model has refused these messages as too long: what certainly fits, and after that the
    /// prompt and the last message alone. Nil if no less can be sent.
    package static func shortened(_ messages: [ChatMessage], tokens budget: Int) -> [ChatMessage]? {
        let prompt = messages.first { $0.role == .system }?.content
        let history = messages.filter { $0.role != .system }
        let certain = fit(prompt: prompt, history, tokens: budget - PromptSize.mostAnswerMarks, most)
        if certain.count < messages.count { return certain }
        let last = fit(prompt: prompt, Array(history.suffix(1)), tokens: 0) { _ in 0 }
        return last.count < messages.count ? last : nil
    }

    private static func most(_ text: String) -> Int { TokenFamily.most(text) + PromptSize.mostMessageMarks }

    /// The system prompt and the last message always go; of the rest, the newest messages that fit.
    private static func fit(
        prompt: String?, _ history: [ChatMessage], tokens budget: Int, _ count: (String) -> Int
    ) -> [ChatMessage] {
        var first = budget == .max ? history.startIndex : history.endIndex
        var left = budget == .max ? 0 : budget - (prompt.map(count) ?? 0)
        while first > 0 {
            left -= count(history[first - 1].content) + PromptSize.files(of: history[first - 1])
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
}

import LLM
import Metering

/// Leaves out the oldest messages of a client that wants that, so that the model can read the rest.
enum MessageTruncation {
    /// System messages and what was said last always go. Calls of tools stay together with their results.
    static func fit(_ messages: [ChatMessage], tokens budget: Int, _ family: TokenFamily) -> [ChatMessage] {
        var units: [[Int]] = []
        var left = budget
        for (index, message) in messages.enumerated() {
            guard message.role != .system else {
                left -= size(message, family)
                continue
            }
            if message.role == .tool, !units.isEmpty {
                units[units.count - 1].append(index)
            } else {
                units.append([index])
            }
        }
        var kept: Set<Int> = []
        for (age, unit) in units.reversed().enumerated() {
            left -= unit.reduce(0) { $0 + size(messages[$1], family) }
            if age > 0, left < 0 { break }
            kept.formUnion(unit)
        }
        return messages.indices.filter { kept.contains($0) || messages[$0].role == .system }.map { messages[$0] }
    }

    private static func size(_ message: ChatMessage, _ family: TokenFamily) -> Int {
        PromptSize([message]).estimate(family) - PromptSize.answerMarks
    }
}

import LLM
import Testing

@testable import App

@Suite struct ContextWindowTests {
    private static func conversation(_ count: Int) -> [ChatMessage] {
        (0..<count).map { ChatMessage(role: $0.isMultiple(of: 2) ? .user : .assistant, content: "message \($0)") }
    }

    /// What one of those messages is taken for.
    private static let each = ContextWindow.estimate("message 0")

    @Test("All of a conversation that fits")
    func fits() {
        let history = Self.conversation(5)
        #expect(ContextWindow.fit(prompt: nil, history, tokens: 5 * Self.each) == history)
        let fitted = ContextWindow.fit(prompt: "P", history, tokens: 10_000)
        #expect(fitted == [ChatMessage(role: .system, content: "P")] + history)
    }

    @Test("Of what does not fit the newest, beginning with a question", arguments: 1...8)
    func budget(messages: Int) {
        let history = Self.conversation(9)
        let fitted = ContextWindow.fit(prompt: nil, history, tokens: messages * Self.each)
        #expect(fitted == Array(history.suffix(fitted.count)))
        #expect(fitted.first?.role == .user)
        #expect(fitted.count == (messages.isMultiple(of: 2) ? messages - 1 : messages))
    }

    @Test("The prompt and the last message always", arguments: [0, -5, 1])
    func always(tokens: Int) {
        let fitted = ContextWindow.fit(prompt: "P", Self.conversation(3), tokens: tokens)
        #expect(fitted.map(\.content) == ["P", "message 2"])
        #expect(ContextWindow.fit(prompt: "P", [], tokens: tokens).map(\.content) == ["P"])
        #expect(ContextWindow.fit(prompt: nil, [], tokens: tokens).isEmpty)
    }

    @Test("A longer prompt leaves less for the history")
    func promptCounts() {
        let history = Self.conversation(9)
        let budget = 9 * Self.each
        let prompt = String(repeating: "p", count: 3 * 4 * Self.each)
        let fitted = ContextWindow.fit(prompt: prompt, history, tokens: budget)
        #expect(fitted.first?.content == prompt && fitted.count < 6)
    }

    @Test(
        "The guess is cautious: never below what common tokenizers count",
        arguments: [
            ("", 0), ("Hello, world!", 4), ("The quick brown fox jumps over the lazy dog.", 10), ("হ্যালো বিশ্ব", 12),
            ("🦜🦜🦜", 9), ("東京都", 4),
        ])
    func estimate(text: String, tokens: Int) {
        #expect(ContextWindow.estimate(text) >= tokens)
    }
}

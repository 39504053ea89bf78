import LLM
import Testing
import Texts

@testable import App
@testable import Chat
@testable import Metering

@Suite struct ContextWindowTests {
    private static func conversation(_ count: Int) -> [ChatMessage] {
        (0..<count).map { ChatMessage(role: $0.isMultiple(of: 2) ? .user : .assistant, content: "message \($0)") }
    }

    /// What one of those messages is taken for.
    private static let each = TokenFamily.bytes.estimate("message 0") + PromptSize.messageMarks

    private static func fit(prompt: String?, _ history: [ChatMessage], tokens: Int) -> [ChatMessage] {
        ContextWindow.fit(prompt: prompt, history, tokens: tokens, .bytes)
    }

    @Test("All of a conversation that fits")
    func fits() {
        let history = Self.conversation(5)
        #expect(Self.fit(prompt: nil, history, tokens: 5 * Self.each + PromptSize.answerMarks) == history)
        let fitted = Self.fit(prompt: "P", history, tokens: 10_000)
        #expect(fitted == [ChatMessage(role: .system, content: "P")] + history)
    }

    @Test("Of what does not fit the newest, beginning with a question", arguments: 1...8)
    func budget(messages: Int) {
        let history = Self.conversation(9)
        let fitted = Self.fit(
            prompt: nil, history, tokens: messages * Self.each + PromptSize.answerMarks)
        #expect(fitted == Array(history.suffix(fitted.count)))
        #expect(fitted.first?.role == .user)
        #expect(fitted.count == (messages.isMultiple(of: 2) ? messages - 1 : messages))
    }

    @Test("The prompt and the last message always", arguments: [0, -5, 1])
    func always(tokens: Int) {
        let fitted = Self.fit(prompt: "P", Self.conversation(3), tokens: tokens)
        #expect(fitted.map(\.content) == ["P", "message 2"])
        #expect(Self.fit(prompt: "P", [], tokens: tokens).map(\.content) == ["P"])
        #expect(Self.fit(prompt: nil, [], tokens: tokens).isEmpty)
    }

    @Test("A longer prompt leaves less for the history")
    func promptCounts() {
        let history = Self.conversation(9)
        let budget = 9 * Self.each
        let prompt = String(repeating: "p", count: 3 * 4 * Self.each)
        let fitted = Self.fit(prompt: prompt, history, tokens: budget)
        #expect(fitted.first?.content == prompt && fitted.count < 6)
    }

    @Test("A long conversation is kept in every language alike", arguments: SampleText.natural)
    func everyLanguage(text: SampleText) {
        let history = (0..<9).map { ChatMessage(role: $0.isMultiple(of: 2) ? .user : .assistant, content: text.long) }
        for family in TokenFamily.allCases {
            let real = SampleText.tokens[family.name]![text.name]![1]
            let budget = Int(Double(9 * (real + PromptSize.messageMarks)) * 1.7) + PromptSize.answerMarks
            #expect(ContextWindow.fit(prompt: nil, history, tokens: budget, family) == history, "\(family)")
        }
    }

    @Test("What a model refuses as too long is shortened to what certainly fits, then to the last message")
    func shortened() {
        let prompt = ChatMessage(role: .system, content: "উত্তর দাও")
        let history = (0..<9).map {
            ChatMessage(role: $0.isMultiple(of: 2) ? .user : .assistant, content: SampleText.short($0))
        }
        let bytes = history.suffix(3).reduce(prompt.content.utf8.count) { $0 + $1.content.utf8.count }
        let budget = bytes + 4 * PromptSize.mostMessageMarks + PromptSize.mostAnswerMarks
        #expect(ContextWindow.shortened([prompt] + history, tokens: budget) == [prompt] + history.suffix(3))
        #expect(ContextWindow.shortened([prompt] + history.suffix(3), tokens: budget) == [prompt] + history.suffix(1))
        #expect(ContextWindow.shortened([prompt] + history.suffix(1), tokens: budget) == nil)
        #expect(ContextWindow.shortened(history, tokens: 0) == Array(history.suffix(1)))
        #expect(ContextWindow.shortened([], tokens: 0) == nil)
    }
}

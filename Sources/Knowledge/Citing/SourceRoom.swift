import LLM
package import Metering

/// How much of a prompt sources may take.
package struct SourceRoom: Sendable {
    /// What sources take at most, of any model.
    static let mostTokens = 4000
    /// With less room than for a passage there are none.
    private static let fewestTokens = 700
    /// The most bytes of a token: what is reserved goes by bytes.
    private static let bytesOfToken = 6

    package let tokens: Int
    private let family: TokenFamily

    /// What the prompt and the last message leave, half of which belongs to the conversation; nil if that is too little.
    package init?(_ choice: ModelChoice, besides texts: [String]) {
        let family = TokenFamily(choice.targets[0])
        self.family = family
        let taken = texts.reduce(0) { $0 + family.estimate($1) }
        tokens = min(Self.mostTokens, (choice.promptTokens - taken) / 2)
        if tokens < Self.fewestTokens { return nil }
    }

    /// The most that everything which sources add to a request has, in bytes.
    package var bytes: Int { tokens * Self.bytesOfToken }

    /// Those that have room, in their order, as sources.
    func sources(_ chunks: [ChunkText]) -> [Source] {
        var sources: [Source] = []
        var left = (tokens: tokens, bytes: bytes)
        let frame = [SourcePrompt.rules, SourcePrompt.beginning, SourcePrompt.end].joined(separator: "\n\n\n\n")
        _ = take(frame, of: &left)
        left.bytes -= PromptSize.mostMessageMarks
        for chunk in chunks {
            let source = Source(chunk, number: sources.count + 1)
            if take(SourcePrompt.text(of: source), of: &left) { sources.append(source) }
        }
        return sources
    }

    private func take(_ text: String, of left: inout (tokens: Int, bytes: Int)) -> Bool {
        let (tokens, bytes) = (family.estimate(text) + 1, TokenFamily.most(text) + 1)
        guard tokens <= left.tokens, bytes <= left.bytes else { return false }
        left.tokens -= tokens
        left.bytes -= bytes
        return true
    }
}

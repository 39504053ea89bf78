import JSON
import LLM
import LLMTesting

@testable import App

/// What a model was given to answer from, read back out of its request.
struct GivenSources {
    /// The sources in their order: the file's line, and the text.
    private(set) var sources: [(file: String, text: String)] = []
    /// The message itself, which follows the sources.
    private(set) var message = ""
    private(set) var system = ""

    init(_ request: ChatRequest) {
        system = request.messages.filter { $0.role == .system }.map(\.content).joined(separator: "\n")
        var lines = (request.messages.last { $0.role == .user }?.content ?? "")
            .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)[...]
        guard lines.first == "Sources (text from files, each line after a bar):" else {
            message = lines.joined(separator: "\n")
            return
        }
        lines.removeFirst()
        while lines.first == "[\(sources.count + 1)]" {
            lines.removeFirst()
            let barred = lines.prefix { $0.hasPrefix("| ") }
            lines.removeFirst(barred.count)
            let texts = barred.map { $0.dropFirst(2) }
            sources.append((String(texts.first ?? ""), texts.dropFirst().joined(separator: "\n")))
        }
        // Nothing but the end's line and an empty one stands between the sources and the message.
        if lines.prefix(2) == ["(End of the sources)", ""] { message = lines.dropFirst(2).joined(separator: "\n") }
    }

    /// Whether the model is to write a question anew rather than to answer it.
    var isRewriting: Bool { system.hasPrefix("Write the user's last message as one question") }

    /// The number of the source whose text has this.
    func number(of text: String) -> Int? { sources.firstIndex { $0.text.contains(text) }.map { $0 + 1 } }
}

extension ScriptedProvider {
    /// Replies to each call by what it was given, and makes vectors by the meaning of words.
    static func answering(
        embeds: ScriptedProvider = .meanings(), _ reply: @escaping @Sendable (GivenSources) -> Reply
    ) -> ScriptedProvider {
        var provider = ScriptedProvider { request, _ in reply(GivenSources(request)) }
        provider.embeds = embeds.embeds
        return provider
    }
}

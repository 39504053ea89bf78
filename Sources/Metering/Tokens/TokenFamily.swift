package import LLM

/// The tokenizers that estimates follow.
package enum TokenFamily: Sendable, CaseIterable {
    /// OpenAI's models since GPT-4o.
    case o200k
    /// OpenAI's models before GPT-4o.
    case cl100k
    /// A byte-level vocabulary of mostly English text: the local model, and every model whose tokenizer is not known.
    case bytes

    /// Models by how their names begin; the first entry that fits counts.
    private static let models: [(prefix: String, family: TokenFamily)] = [
        ("gpt-3.5", .cl100k), ("gpt-35", .cl100k),
        ("gpt-4o", .o200k), ("gpt-4.", .o200k), ("gpt-4", .cl100k), ("gpt-", .o200k), ("chatgpt-", .o200k),
        ("o1", .o200k), ("o3", .o200k), ("o4", .o200k), ("codex-", .o200k),
        ("text-embedding-", .cl100k),
    ]

    /// The family of a model as it is asked: `gpt-4o-2024-08-06`, `openai/gpt-4o`, `ft:gpt-4o:shop::1`.
    package init(model: String) {
        var name = model.lowercased()
        if let slash = name.lastIndex(of: "/") { name = String(name[name.index(after: slash)...]) }
        if name.hasPrefix("ft:") { name = String(name.dropFirst(3)) }
        let entry = Self.models.first { entry in
            guard name.hasPrefix(entry.prefix) else { return false }
            // `o1` and `o1-mini`, but not `o1x` or `o12`.
            guard entry.prefix.count == 2 else { return true }
            return name.dropFirst(2).first.map { $0 == "-" || $0 == ":" } ?? true
        }
        self = entry?.family ?? .bytes
    }

    package init(_ target: ModelTarget) {
        self = ["local", WebhookProvider.usualName].contains(target.provider) ? .bytes : Self(model: target.model)
    }
}

/// How many tokens a text takes. No vocabulary is kept here, so there are two numbers: what the text probably takes, for
/// what is shown, charged and fitted; and the most that it can take, for what must not be overshot.
extension TokenFamily {
    /// An estimate: on natural text 1.0–1.7 times what the family's tokenizer gives, and on random text hardly ever less
    /// than that. Never above `most`.
    package func estimate(_ text: String) -> Int {
        var text = text
        let hundredths = text.withUTF8 { bytes in
            var scan = TokenScan(self)
            scan.add(bytes)
            return scan.hundredths
        }
        return min((hundredths + 99) / 100, text.utf8.count)
    }

    /// A bound that holds for every text: all three kinds of tokenizer have a token for each byte, and join them.
    package static func most(_ text: String) -> Int { text.utf8.count }
}

/// Divides a long text at the ends of sentences, or else at spaces, or else between characters.
enum Pieces {
    private static let sentenceEnds: Set<Character> = [
        ".", "!", "?", "…", "।", "॥", "؟", "۔", "。", "！", "？", "．", "｡", "\n",
    ]
    /// Marks after which the next sentence begins without a space.
    private static let wideEnds: Set<Character> = ["。", "！", "？", "．", "｡", "\n"]

    /// Returns the whole text in pieces, each of `mostTokens` at most unless it is one character.
    static func of(_ text: String, mostTokens: Int, _ tokens: (String) -> Int) -> [Substring] {
        if tokens(text) <= mostTokens { return [text[...]] }
        return sentences(text[...]).flatMap { sentence in
            tokens(String(sentence)) <= mostTokens ? [sentence] : divided(sentence, mostTokens, tokens)
        }
    }

    private static func sentences(_ text: Substring) -> [Substring] {
        var found: [Substring] = []
        var (start, index) = (text.startIndex, text.startIndex)
        while index < text.endIndex {
            let character = text[index]
            index = text.index(after: index)
            guard sentenceEnds.contains(character), index < text.endIndex else { continue }
            guard wideEnds.contains(character) || text[index].isWhitespace else { continue }
            while index < text.endIndex, text[index].isWhitespace { index = text.index(after: index) }
            found.append(text[start..<index])
            start = index
        }
        if start < text.endIndex { found.append(text[start...]) }
        return found
    }

    /// Halves the text until each part is short enough, after the space that is nearest to the middle if there is one.
    private static func divided(_ text: Substring, _ mostTokens: Int, _ tokens: (String) -> Int) -> [Substring] {
        let length = text.count
        guard length > 1, tokens(String(text)) > mostTokens else { return [text] }
        let middle = text.index(text.startIndex, offsetBy: length / 2)
        let quarter = text.index(text.startIndex, offsetBy: length / 4)
        var cut = middle
        if let space = text[quarter..<middle].lastIndex(where: \.isWhitespace) { cut = text.index(after: space) }
        return divided(text[..<cut], mostTokens, tokens) + divided(text[cut...], mostTokens, tokens)
    }
}

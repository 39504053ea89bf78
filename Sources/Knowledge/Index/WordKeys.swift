import Crypto

/// The words of one chatbot's knowledge as the index of all tenants keeps them: hashed together with the chatbot's id.
/// What one chatbot looks up is therefore never another's, nor slower for what others have stored.
package struct WordKeys {
    /// How often a chunk has a word is kept as once, twice or more, four times or more.
    package static let levels = [1, 2, 4]
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    private let chatbotID: String

    package init(chatbotID: String) { self.chatbotID = chatbotID }

    package func key(_ word: String, level: Int) -> String {
        var hash = SHA256()
        var text = "\(chatbotID) \(level) \(word)"
        text.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        var bits = hash.finalize().withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        return String(unsafeUninitializedCapacity: 13) { bytes in
            for index in 0..<13 {
                bytes[index] = Self.alphabet[Int(bits & 31)]
                bits >>= 5
            }
            return 13
        }
    }

    /// What the index keeps of a chunk.
    package func keys(of words: [String]) -> String {
        var counts: [String: Int] = [:]
        for word in words { counts[word, default: 0] += 1 }
        return counts.flatMap { word, count in
            Self.levels.prefix { $0 <= count }.map { key(word, level: $0) }
        }.joined(separator: " ")
    }
}

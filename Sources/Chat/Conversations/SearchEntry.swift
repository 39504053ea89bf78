import Crypto
import HTTPKit
import Knowledge
import Platform
import Storage

/// The words of one user in one workspace as the index of all keeps them: each begins with a hash of both ids. What a user
/// looks up is therefore never another's, nor slower for what others have written.
struct SearchOwner: Sendable {
    /// The length of a word, in Unicode scalars; what follows is not looked at.
    private static let longestWord = 40
    /// The length of the words of a message, in bytes. PostgreSQL takes no more than a megabyte.
    private static let mostBytes = 512 << 10
    /// The most words of a query that are looked up.
    private static let mostAsked = 24
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    private let key: String

    init(workspaceID: String, userID: String) {
        var hash = SHA256()
        hash.update(data: Array("\(workspaceID) \(userID)".utf8))
        key = String(decoding: hash.finalize().prefix(10).map { Self.alphabet[Int($0 & 31)] }, as: UTF8.self)
    }

    init(_ tenant: Tenant) { self.init(workspaceID: tenant.workspaceID, userID: tenant.userID) }

    /// What the index keeps of a text; nil if it has no words.
    func words(of text: String) -> String? {
        var seen: Set<String> = []
        var (words, bytes) = ("", 0)
        for word in Words.withBeginnings(text) {
            let word = Self.cut(word)
            guard seen.insert(word).inserted else { continue }
            bytes += key.utf8.count + word.utf8.count + 1
            if bytes > Self.mostBytes { break }
            words += "\(key)\(word) "
        }
        return words.isEmpty ? nil : words
    }

    /// The words that a query asks for.
    static func asked(_ query: String) -> [String] {
        var seen: Set<String> = []
        return Array(Words.asked(query).map(cut).filter { seen.insert($0).inserted }.prefix(mostAsked))
    }

    func beginnings(of asked: [String]) -> [String] { asked.map { key + $0 } }

    private static func cut(_ word: String) -> String {
        word.utf8.count <= longestWord ? word : word.beginning(longestWord)
    }
}

/// A title or a message in the index.
struct SearchEntry: Sendable {
    /// Positions of messages begin at 1.
    static let titlePosition: Int64 = 0
    /// Entries of one millisecond differ by chance.
    private static let chanceBits = 20
    private static let latest = Int64(1) << 42 - 1

    private let position: Int64
    private let time: Timestamp
    private let words: String

    /// - Returns: nil if the text has no words.
    init?(_ text: String, of owner: SearchOwner, position: Int64 = titlePosition, time: Timestamp) {
        guard let words = owner.words(of: text) else { return nil }
        (self.position, self.time, self.words) = (position, time, words)
    }

    /// The least number of an entry of this time: the order of numbers is that of times.
    static func leastNumber(at time: Timestamp) -> Int64 { max(0, min(time.milliseconds, latest)) << chanceBits }

    /// Does nothing if the entry is there already. A number that another entry has is replaced by one of a range that is
    /// twice as long, so that a free one is found however many entries have the same time.
    func insert(
        _ tx: Transaction, in tenant: Tenant, conversationID: String, _ dialect: Dialect,
        choosing chance: (Range<Int64>) -> Int64 = { Int64.random(in: $0) }
    ) throws {
        var bits = Self.chanceBits
        while true {
            let number = Self.leastNumber(at: time) + chance(0..<1 << bits)
            let isNew = try tx.run(
                """
                INSERT INTO search_entries (number, workspace_id, conversation_id, position) VALUES (?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """,
                [number, tenant.workspaceID, conversationID, position])
            if isNew == 1 {
                return try tx.send(
                    "INSERT INTO search_words (number, words) VALUES (?, \(dialect.wordsValue))", [number, words])
            }
            if try isThere(tx, conversationID) { return }
            bits = min(bits + 1, 2 * Self.chanceBits)
        }
    }

    private func isThere(_ tx: Transaction, _ conversationID: String) throws -> Bool {
        try tx.row(
            "SELECT 1 FROM search_entries WHERE conversation_id = ? AND position = ?", [conversationID, position]
        ) { _ in true } ?? false
    }
}

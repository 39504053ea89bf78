import Foundation
import Storage

/// Scores chunks by the words that they share with a question (BM25). Rare words count more, and a word counts less in a
/// long chunk. All numbers are those of one chatbot.
struct WordSearch: Sendable {
    /// The most words of a question that are looked up.
    static let mostWords = 24
    /// The most chunks of one word that are looked at. A word with more says little: it is left out if there are others.
    static let mostChunks = 2000
    private static let (k1, b) = (1.2, 0.75)

    private struct Posting {
        let isCommon: Bool
        /// How often each chunk has the word, as the index keeps it.
        var counts: [Int64: Int]
    }

    private let postings: [Posting]
    /// Every chunk that has one of the words, in order.
    let numbers: [Int64]
    private var lengths: [Int64: Int] = [:]
    private var chunks = 0
    private var totalLength = 0

    init(_ tx: Transaction, _ question: String, chatbotID: String, _ dialect: Dialect) throws {
        let keys = WordKeys(chatbotID: chatbotID)
        var seen: Set<String> = []
        let words = Words.asked(question).filter { seen.insert($0).inserted }.prefix(Self.mostWords)
        let postings = try words.map { try Self.posting(tx, $0, keys, dialect) }
        let rare = postings.filter { !$0.isCommon && !$0.counts.isEmpty }
        self.postings = rare.isEmpty ? postings.filter { !$0.counts.isEmpty } : rare
        numbers = self.postings.reduce(into: Set<Int64>()) { $0.formUnion($1.counts.keys) }.sorted()
    }

    private static func posting(
        _ tx: Transaction, _ word: String, _ keys: WordKeys, _ dialect: Dialect
    ) throws -> Posting {
        let found = dialect.keys(of: "knowledge_chunks", withWordIn: "words", key: "number")
        let parts = WordKeys.levels.map {
            "SELECT CAST(\($0) AS BIGINT) AS count, number FROM (\(found)) AS level_\($0)"
        }
        let args = WordKeys.levels.flatMap { [keys.key(word, level: $0), mostChunks + 1] as [any SQLBindable] }
        var posting: [Int64: Int] = [:]
        _ = try tx.rows(parts.joined(separator: " UNION ALL "), args) { row in
            let (count, number) = (try row.int(0), try row.int64(1))
            posting[number] = max(posting[number] ?? 0, count)
        }
        return Posting(isCommon: posting.count > mostChunks, counts: posting)
    }

    /// Takes note of a file's chunks. What is in no file that was added here is not scored.
    mutating func add(_ segment: Segment) {
        chunks += segment.lengths.count
        totalLength += segment.lengths.reduce(0) { $0 + Int($1) }
        for number in numbers[firstIndex(from: segment.base)...] {
            guard segment.contains(number) else { break }
            lengths[number] = Int(segment.lengths[Int(number - segment.base)])
        }
    }

    /// Index of the first of `numbers` that is not below a number.
    private func firstIndex(from number: Int64) -> Int {
        var (low, high) = (0, numbers.count)
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func ranking(most: Int) -> Ranking {
        let mean = max(1, Double(totalLength) / Double(max(1, chunks)))
        var scores: [Int64: Double] = [:]
        for posting in postings {
            let found = posting.counts.filter { lengths[$0.key] != nil }
            let weight = Self.weight(found.count, of: chunks)
            for (number, count) in found {
                let length = Double(lengths[number] ?? 0)
                let frequency = Double(count)
                scores[number, default: 0] +=
                    weight * frequency * (Self.k1 + 1) / (frequency + Self.k1 * (1 - Self.b + Self.b * length / mean))
            }
        }
        var ranking = Ranking(most: most)
        for (number, score) in scores { ranking.add(number, score) }
        return ranking
    }

    /// The weight of a word that this many chunks have. It is never negative, however common the word is.
    private static func weight(_ found: Int, of all: Int) -> Double {
        log(1 + (Double(max(0, all - found)) + 0.5) / (Double(found) + 0.5))
    }
}

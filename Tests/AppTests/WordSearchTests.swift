import Foundation
import LLMTesting
import Storage
import Testing
import Texts

@testable import App
@testable import HTTPKit
@testable import Knowledge
@testable import Platform

/// The search by words on the engine's index, compared with a plain one over all texts.
@Suite struct WordSearchTests {
    private static let vocabulary = [
        "পাখি", "টাকা", "উত্তর", "নিয়ম", "طائر", "سعر", "باب", "鸟", "价格", "图书馆", "🦜", "👍", "rule", "price", "bird", "ক্ষমা", "42",
    ]

    /// Scores every text by counting its words: BM25 with counts of one, two or four.
    private static func plain(_ query: String, _ texts: [[String]]) -> [Int: Double] {
        let mean = Double(texts.reduce(0) { $0 + $1.count }) / Double(texts.count)
        var scores: [Int: Double] = [:]
        for word in Set(Words.asked(query)) {
            let found = texts.filter { $0.contains(word) }.count
            let weight = log(1 + (Double(texts.count - found) + 0.5) / (Double(found) + 0.5))
            for (index, words) in texts.enumerated() {
                let times = words.filter { $0 == word }.count
                if times == 0 { continue }
                let count: Double = times >= 4 ? 4 : times >= 2 ? 2 : 1
                let length = 1 - 0.75 + 0.75 * Double(words.count) / mean
                scores[index, default: 0] += weight * count * 2.2 / (count + 1.2 * length)
            }
        }
        return scores
    }

    @Test("Scores are those of counting the words of every text, in Bengali, Arabic, Chinese and emoji")
    func oracle() async throws {
        try await TestApp.runKnowledge { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            var random = RandomText(seed: 29)
            func sentence(_ length: ClosedRange<Int>) -> String {
                (0..<Int.random(in: length, using: &random))
                    .map { _ in Self.vocabulary.randomElement(using: &random)! }.joined(separator: " ")
            }
            var all: [(name: String, texts: [String])] = []
            for file in 0..<4 { all.append(("f\(file).md", (0..<25).map { _ in sentence(1...25) })) }
            for (name, texts) in all { try await app.knowledge(texts, name: name, in: bot, as: alice) }
            let texts = all.flatMap { name, texts in texts.map { Words.of("\(name)\n\($0)") } }
            for _ in 0..<25 {
                let query = sentence(1...6)
                let expected = Self.plain(query, texts)
                let ranking = try await Self.ranking(query, bot, app)
                let best = expected.values.sorted(by: >).prefix(ranking.items.count)
                #expect(ranking.items.count == min(1000, expected.count))
                for (item, score) in zip(ranking.items, best) {
                    #expect(abs(item.score - score) < 1e-9, "\(query)")
                }
            }
        }
    }

    /// The scores of all files of a chatbot.
    private static func ranking(_ query: String, _ bot: String, _ app: TestApp) async throws -> Ranking {
        try await app.database.read(.system) { tx in
            var search = try WordSearch(tx, query, chatbotID: bot, app.database.dialect)
            let workspaceID = try #require(
                try tx.row("SELECT workspace_id FROM chatbots WHERE id = ?", [bot]) { try $0.string(0) })
            let tenant = Tenant(jobOf: workspaceID, payerID: "")
            for file in try IndexedFile.list(tx, in: tenant, chatbotID: bot) {
                search.add(try #require(try Segment.read(tx, file, in: tenant)))
            }
            return search.ranking(most: 1000)
        }
    }

    @Test("A word that most chunks have is left out if others are rarer, and used if there are no others")
    func common() async throws {
        try await TestApp.runKnowledge { app in
            let alice = try await app.user("alice")
            let bot = try await app.chatbot(as: alice)
            let id = try await app.knowledge(["seed"], in: bot, as: alice)
            try await Self.fill(app, bot, file: id, chunks: WordSearch.mostChunks + 50) { index in
                index == 700 ? "সাধারণ বিরল" : "সাধারণ"
            }
            let both = try await Self.ranking("সাধারণ বিরল", bot, app)
            #expect(both.items.count == 1)
            let common = try await Self.ranking("সাধারণ", bot, app)
            #expect(common.items.count == 1000)
        }
    }

    /// Gives a file so many chunks, without the model.
    static func fill(
        _ app: TestApp, _ bot: String, file id: String, chunks: Int, _ text: @escaping @Sendable (Int) -> String
    ) async throws {
        let dialect = app.database.dialect
        try await app.database.write(.system) { tx in
            let workspaceID = try #require(
                try tx.row("SELECT workspace_id FROM files WHERE id = ?", [id]) { try $0.string(0) })
            let rows = ChunkRows(workspaceID: workspaceID, fileID: id)
            _ = try rows.deleteChunks(tx, limit: 1000)
            var vector = [Float](repeating: 0, count: 64)
            let all = (0..<chunks).map { Chunk(range: $0..<$0 + 1, text: text($0), page: nil, headings: []) }
            try rows.insert(
                tx, all[...], base: ChunkRows.makeBase(now: .now), title: "t", keys: WordKeys(chatbotID: bot), dialect)
            for position in 0..<chunks {
                vector[position % 64] += 1
                try rows.insert(tx, QuantizedVector(vector), at: position, model: "scripted/vectors", dialect)
            }
            try tx.run("UPDATE files SET chunks = ?, indexed_at = indexed_at + 1 WHERE id = ?", [chunks, id])
        }
    }
}

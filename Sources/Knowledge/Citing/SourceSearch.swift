import HTTPKit
import Platform
import Storage

extension KnowledgeSearch {
    /// As many chunks as are given whole, without a search.
    static let wholeChunks = 8
    /// A file with so many chunks is given whole if one of them is found.
    static let smallFile = 3
    /// Passages that are taken from what is found.
    private static let mostFound = 24

    /// What a reply to a question is to be made from: all that the chatbot knows if that is little, or else what is found.
    /// If the model that finds by meaning cannot be asked or is not paid for, what is found by words.
    /// - Parameter rewriting: nil if the question is to be looked for as it stands.
    package func sources(
        for question: Question, room: SourceRoom, rewriting: Rewriting? = nil
    ) async throws -> [Source] {
        let files = try await files(question)
        if files.isEmpty { return [] }
        if files.reduce(0, { $0.addingSaturated($1.chunks) }) <= Self.wholeChunks {
            let all = try await chunks(ofFiles: files.map(\.id), question)
            let sources = room.sources(all)
            if sources.count == all.count { return sources }
        }
        var question = question
        if let text = await rewriting?.text(by: self, for: question) { question.text = text }
        try Task.checkCancellation()
        let found = try await rank(question, files)
        let numbers = Ranking.fused([found.words] + found.meanings, most: Self.mostFound).items.map(\.number)
        let best = try await database.read(question.scope) { [question] tx in
            try ChunkText.find(tx, numbers, in: question.tenant, chatbotID: question.chatbotID)
        }
        return room.sources(try await withSmallFiles(numbers.compactMap { best[$0] }, files, question))
    }

    private func withSmallFiles(
        _ found: [ChunkText], _ files: [IndexedFile], _ question: Question
    ) async throws -> [ChunkText] {
        let small = Set(files.filter { (2...Self.smallFile).contains($0.chunks) }.map(\.id))
        let ids = Set(found.map(\.fileID)).intersection(small).sorted()
        let whole = Dictionary(grouping: try await chunks(ofFiles: ids, question), by: \.fileID)
        var seen: Set<Int64> = []
        return found.flatMap { whole[$0.fileID] ?? [$0] }.filter { seen.insert($0.number).inserted }
    }

    private func chunks(ofFiles ids: [String], _ question: Question) async throws -> [ChunkText] {
        if ids.isEmpty { return [] }
        return try await database.read(question.scope) { tx in
            try ChunkText.list(tx, ofFiles: ids, in: question.tenant, chatbotID: question.chatbotID)
        }
    }
}

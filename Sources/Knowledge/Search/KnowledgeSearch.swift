import HTTPKit
import LLM
package import ModelCalls
import Platform
package import Storage

/// Finds passages of a chatbot's knowledge: by words and by meaning, fused by rank.
package struct KnowledgeSearch: Sendable {
    /// Passages of each list that are fused, however few are asked for: a larger limit only shows more of the same list.
    static let candidates = 100

    let calls: MeteredCalls
    let cache: SegmentCache
    /// How long a model may take to write a question anew. Then it is looked for as it stands.
    let rewritingPatience: Duration

    package init(calls: MeteredCalls, cache: SegmentCache, rewritingPatience: Duration) {
        self.calls = calls
        self.cache = cache
        self.rewritingPatience = rewritingPatience
    }

    var database: Database { calls.database }

    /// A question to the knowledge of one chatbot.
    package struct Question: Sendable {
        var text: String
        let limit: Int
        let scope: Scope
        let caller: EmbeddingCaller
        let requestID: String
        /// How long the model that finds by meaning may take. Nil: as long as any call, and what keeps the owner from
        /// paying is thrown.
        let patience: Duration?

        package init(
            _ text: String, limit: Int = 1, _ scope: Scope, _ caller: EmbeddingCaller, requestID: String,
            patience: Duration? = nil
        ) {
            self.text = text
            self.limit = limit
            self.scope = scope
            self.caller = caller
            self.requestID = requestID
            self.patience = patience
        }

        var tenant: Tenant { caller.tenant }
        var chatbotID: String { caller.chatbotID }
    }

    /// Calls no model if the chatbot knows nothing. Throws what keeps the owner from paying; a model that fails does not keep
    /// passages from being found by their words.
    package func find(_ question: Question) async throws -> Findings {
        let files = try await files(question)
        if files.isEmpty { return Findings(data: [], errorCode: nil) }
        let found = try await rank(question, files)
        return Findings(
            data: try await passages(found.words, found.meanings, question), errorCode: found.errorCode)
    }

    func files(_ question: Question) async throws -> [IndexedFile] {
        try await database.read(question.scope) { tx in
            try IndexedFile.list(tx, in: question.tenant, chatbotID: question.chatbotID)
        }
    }

    /// What is first by words, and by the meaning that each model finds.
    func rank(
        _ question: Question, _ files: [IndexedFile]
    ) async throws -> (words: Ranking, meanings: [Ranking], errorCode: String?) {
        let (vectors, errorCode) = try await vectors(of: question, models: Set(files.map(\.model)).sorted())
        var words = try await database.read(question.scope) { [dialect = database.dialect] tx in
            try WordSearch(tx, question.text, chatbotID: question.chatbotID, dialect)
        }
        var meanings = vectors.mapValues { _ in Ranking(most: Self.candidates) }
        for file in files {
            try Task.checkCancellation()
            guard let segment = try await segment(of: file, question) else { continue }
            words.add(segment)
            guard let vector = vectors[file.model] else { continue }
            Self.score(segment, vector, &meanings[file.model]!)
            await Task.yield()
        }
        return (words.ranking(most: Self.candidates), Array(meanings.values), errorCode)
    }

    private static func score(_ segment: Segment, _ vector: QuantizedVector, _ ranking: inout Ranking) {
        var best = ranking
        segment.vectors.score(vector) { index, cosine in
            let score = Double(cosine)
            if score >= best.threshold { best.add(segment.base + Int64(index), score) }
        }
        ranking = best
    }

    /// The question as each model that made vectors sees it: there are two while files are indexed anew.
    private func vectors(
        of question: Question, models: [String]
    ) async throws -> (vectors: [String: QuantizedVector], errorCode: String?) {
        var vectors: [String: QuantizedVector] = [:]
        var errorCode: String?
        for model in models {
            do {
                let target = try await calls.embeddingTarget(model, question.caller.limits)
                let embedder = Embedder(calls: calls, target: target, caller: question.caller)
                vectors[model] = try await within(question.patience) {
                    try await embedder.vectors(of: [question.text], use: .query, requestID: question.requestID)
                }.first
            } catch {
                let error = APIError(any: error)
                guard question.patience != nil || error.code.isTemporary || error.code.isOfModel else { throw error }
                try Task.checkCancellation()
                errorCode = error.code.rawValue
            }
        }
        return (vectors, errorCode)
    }

    private func segment(of file: IndexedFile, _ question: Question) async throws -> Segment? {
        let key = Segment.Key(fileID: file.id, model: file.model, indexedAt: file.indexedAt)
        if let known = cache.find(key) { return known }
        let segment = try await database.read(question.scope) { tx in
            try Segment.read(tx, file, in: question.tenant)
        }
        if let segment { cache.insert(segment) }
        return segment
    }

    private func passages(_ words: Ranking, _ meanings: [Ranking], _ question: Question) async throws -> [Passage] {
        let best = Ranking.fused([words] + meanings, most: 2 * Self.candidates).items
        let shown = best.prefix(question.limit)
        let numbers = shown.flatMap { [$0.number - 1, $0.number, $0.number + 1] }
        let texts = try await database.read(question.scope) { tx in
            try ChunkText.find(
                tx, Array(Set(numbers)).sorted(), in: question.tenant, chatbotID: question.chatbotID)
        }
        func rank(_ number: Int64, _ rankings: [Ranking]) -> Int? {
            rankings.compactMap { $0.items.firstIndex { $0.number == number } }.min().map { $0 + 1 }
        }
        return shown.compactMap { item in
            guard let chunk = texts[item.number] else { return nil }
            func neighbour(_ offset: Int64) -> String? {
                texts[item.number + offset].flatMap { $0.fileID == chunk.fileID ? $0.text : nil }
            }
            return Passage(
                fileID: chunk.fileID, name: chunk.name, page: chunk.page, heading: chunk.heading,
                start: chunk.range.lowerBound, end: chunk.range.upperBound, text: chunk.text, before: neighbour(-1),
                after: neighbour(1), score: item.score, wordRank: rank(item.number, [words]),
                meaningRank: rank(item.number, meanings))
        }
    }
}

/// Ends the work after a time, as a vendor's timeout.
package func within<Result: Sendable>(
    _ time: Duration?, _ work: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    guard let time else { return try await work() }
    return try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await Task.sleep(for: time)
            throw ProviderError(.timeout, detail: "a question took too long")
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw CancellationError() }
        return first
    }
}

extension APIError.Code {
    /// Whether the model itself is missing, refuses, or is not the plan's: the words of a question can still be looked up.
    var isOfModel: Bool {
        switch self {
        case .modelNotFound, .modelNotInPlan, .modelNotPriced, .providerRefused, .messageTooLong, .unsupportedInput:
            true
        default: false
        }
    }
}

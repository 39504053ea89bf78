import Chatbots
import HTTPKit
import LLM
import Logging
package import ModelCalls
package import Platform
import Reading
import Storage

/// Makes files searchable that have been read: cuts them into chunks and has each embedded. What was done stays: a run that
/// was interrupted goes on at the chunk that has no vector yet. If EMBEDDING_MODEL changes, the files are embedded anew, one
/// after the other, and the old vectors answer until the new ones are complete.
package struct Indexing: Sendable {
    /// How long one workspace is worked for before the next has its turn.
    private static let turn = Duration.seconds(5)
    /// How many workspaces are worked for at once.
    private static let atOnce = 4
    /// Chunks of one request to the model, and of one transaction.
    private static let batch = 32
    /// Failed attempts after which a file is given up.
    static let attempts = 8

    let calls: MeteredCalls

    package init(calls: MeteredCalls) { self.calls = calls }

    private var database: Database { calls.database }
    private var dialect: Dialect { database.dialect }

    package var job: Job {
        Job(kind: KnowledgeTexts.indexing, interval: .seconds(10), timeLimit: .seconds(6 * 3600)) { _ in try await run()
        }
    }

    /// Works until no file is due.
    package func run() async throws {
        let turns = WorkspaceTurns()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.atOnce {
                group.addTask {
                    while let file = try await next(turns) {
                        defer { turns.end(file.workspaceID) }
                        try await work(at: file)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func next(_ turns: WorkspaceTurns) async throws -> UnindexedFile? {
        try Task.checkCancellation()
        let model = model
        let workspaces = try await database.read(.system) { tx in
            try UnindexedFile.workspaces(tx, model: model, now: .now, limit: 1000)
        }
        while let id = turns.begin(among: workspaces) {
            let file = try await database.read(.system, for: .workspace(id)) { tx in
                try UnindexedFile.first(tx, inWorkspace: id, model: model, now: .now)
            }
            if let file { return file }
            // Another task has just finished it.
            turns.end(id)
            return nil
        }
        return nil
    }

    /// `provider/model` of the vectors that new files get.
    private var model: String {
        let target = calls.providers.models.embedding
        return "\(target.provider)/\(target.model)"
    }

    private func write<Value: Sendable>(
        _ file: UnindexedFile, _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await database.write(.system, for: .workspace(file.workspaceID), body)
    }

    /// One turn's work. What the file itself or its model is to blame for is stored with it.
    private func work(at file: UnindexedFile) async throws {
        do {
            try await index(file)
        } catch is CancellationError {
            throw CancellationError()
        } catch let error as StorageError {
            throw error
        } catch {
            try Task.checkCancellation()
            try await record(error, of: file)
        }
    }

    /// What the file is to blame for.
    private struct Unusable: Error {
        let code: String
    }

    private func record(_ failure: any Error, of file: UnindexedFile) async throws {
        let attempt = file.attempts + 1
        let error = APIError(any: failure)
        let code = (failure as? Unusable)?.code ?? error.code.rawValue
        let isOver = failure is Unusable || attempt >= Self.attempts || !error.code.isTemporary
        calls.logger.warning(
            "a file is not indexed",
            metadata: [
                "file": .string(file.id), "code": .string(code), "attempt": .stringConvertible(attempt),
                "cause": .string(error.cause.map { String(describing: $0) } ?? error.message),
            ])
        let pause = Duration.seconds(5 << min(attempt, 10)) * Double.random(in: 0.5...1)
        try await write(file) { tx in
            if isOver { try file.fail(tx, code) }
            try file.postpone(tx, until: Timestamp.now.adding(pause))
        }
    }

    private func index(_ file: UnindexedFile) async throws {
        let rows = ChunkRows(workspaceID: file.workspaceID, fileID: file.id)
        let chunks = file.chunks > 0 ? file.chunks : try await cut(file, rows)
        let payer = try await database.read(.system, for: .workspace(file.workspaceID)) { tx in
            try Subscriber.payer(tx, workspaceID: file.workspaceID)
        }
        guard let payer else { throw APIError(.insufficientCredits) }
        let tenant = Tenant(jobOf: file.workspaceID, payerID: payer.userID)
        let caller = EmbeddingCaller(jobOf: payer, in: tenant, chatbotID: file.chatbotID)
        let model = model
        let embedder = Embedder(
            calls: calls, target: try await calls.embeddingTarget(model, payer.limits), caller: caller)
        let end = ContinuousClock.now + Self.turn
        var position = 0
        while ContinuousClock.now < end {
            let (from, limit) = (position, Self.batch)
            let pending = try await database.read(.system, for: .workspace(file.workspaceID)) { tx in
                try rows.pending(tx, model: model, from: from, limit: limit)
            }
            guard let last = pending.last else { return try await finish(file, rows, model) }
            try await embed(pending, of: file, chunks, rows, embedder, model)
            position = last.position + 1
        }
    }

    private func embed(
        _ pending: [ChunkRows.Pending], of file: UnindexedFile, _ chunks: Int, _ rows: ChunkRows, _ embedder: Embedder,
        _ model: String
    ) async throws {
        let title = file.title ?? file.name
        let texts = pending.map { Chunk.embedded($0.text, title: title, heading: $0.heading) }
        let vectors = try await embedder.vectors(of: texts, use: .passage, requestID: Identifier.make())
        try await write(file) { [dialect] tx in
            for (chunk, vector) in zip(pending, vectors) {
                try rows.insert(tx, vector, at: chunk.position, model: model, dialect)
            }
            try file.record(tx, indexed: min(chunks, pending.last!.position + 1))
        }
    }

    /// Stores the chunks, after those of an attempt that was interrupted are gone. Returns how many there are.
    private func cut(_ file: UnindexedFile, _ rows: ChunkRows) async throws -> Int {
        let document = try await database.read(.system, for: .workspace(file.workspaceID)) { tx in
            try KnowledgeTexts.document(tx, of: file.id, in: file.workspaceID)
        }
        guard let document else { return 0 }
        let chunks = Chunker.chunks(of: document)
        guard !chunks.isEmpty else { throw Unusable(code: "no_text") }
        guard chunks.count <= ChunkRows.mostChunks else { throw Unusable(code: APIError.Code.tooLarge.rawValue) }
        while try await write(file, { tx in try rows.deleteChunks(tx, limit: Self.batch) }) == Self.batch {
            try Task.checkCancellation()
        }
        let (base, title, keys) = (
            ChunkRows.makeBase(now: .now), file.title ?? file.name, WordKeys(chatbotID: file.chatbotID)
        )
        for start in stride(from: 0, to: chunks.count, by: Self.batch) {
            try Task.checkCancellation()
            let portion = chunks[start..<min(start + Self.batch, chunks.count)]
            try await write(file) { [dialect] tx in
                try rows.insert(tx, portion, base: base, title: title, keys: keys, dialect)
                if portion.endIndex == chunks.count { try file.finishCutting(tx, chunks: chunks.count) }
            }
        }
        return chunks.count
    }

    private func finish(_ file: UnindexedFile, _ rows: ChunkRows, _ model: String) async throws {
        let isReady = try await write(file) { tx in
            let isReady = try file.finish(tx, model: model, now: .now)
            // It has been removed, or is read anew.
            if !isReady { try file.postpone(tx, until: Timestamp.now.adding(.seconds(5))) }
            return isReady
        }
        guard isReady else { return }
        while try await write(file, { tx in try rows.deleteVectors(tx, except: model, limit: 500) }) == 500 {
            try Task.checkCancellation()
        }
    }
}

import HTTPKit
import Platform
import Storage

/// The rows of a file's chunks and vectors.
struct ChunkRows: Sendable {
    let workspaceID: String
    let fileID: String

    /// The most chunks of one file.
    static let mostChunks = 1 << 17
    /// Start of the numbers: milliseconds since 1970 at a day before the first of them.
    private static let epoch: Int64 = 1_700_000_000_000

    /// A number for a file's first chunk, from which the others count up. Two files hardly ever get the same, and if they
    /// do, the database refuses the second.
    static func makeBase(now: Timestamp) -> Int64 {
        let slot = Int64.random(in: 0..<32) * Int64(mostChunks)
        return max(0, now.milliseconds - epoch) << 22 + slot
    }

    private var key: [any SQLBindable] { [workspaceID, fileID] }

    /// - Parameter base: the number of the file's first chunk.
    func insert(
        _ tx: Transaction, _ chunks: ArraySlice<Chunk>, base: Int64, title: String, keys: WordKeys, _ dialect: Dialect
    ) throws {
        for (position, chunk) in zip(chunks.indices, chunks) {
            let words = Words.of(Chunk.embedded(chunk.text, title: title, heading: chunk.heading))
            try tx.run(
                """
                INSERT INTO knowledge_chunks (number, workspace_id, file_id, position, start_at, end_at, page, heading,
                    text, length, words)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, \(dialect.wordsValue))
                """,
                [
                    base + Int64(position), workspaceID, fileID, position, chunk.range.lowerBound,
                    chunk.range.upperBound, chunk.page, chunk.heading, chunk.text, min(words.count, Int(UInt16.max)),
                    keys.keys(of: words),
                ])
        }
    }

    /// Deletes chunks with their vectors. Returns how many.
    func deleteChunks(_ tx: Transaction, limit: Int) throws -> Int {
        try tx.run(
            """
            DELETE FROM knowledge_chunks WHERE number IN (SELECT number FROM knowledge_chunks
                WHERE workspace_id = ? AND file_id = ? LIMIT ?)
            """,
            key + [limit])
    }

    /// Deletes vectors of other models. Returns how many.
    func deleteVectors(_ tx: Transaction, except model: String, limit: Int) throws -> Int {
        try tx.run(
            """
            DELETE FROM knowledge_vectors WHERE workspace_id = ? AND file_id = ? AND model <> ? AND position IN
                (SELECT position FROM knowledge_vectors WHERE workspace_id = ? AND file_id = ? AND model <> ? LIMIT ?)
            """,
            key + [model] + key + [model, limit])
    }

    /// A chunk that is to be embedded.
    struct Pending: Sendable {
        let position: Int
        let text: String
        let heading: String?
    }

    /// Chunks without a vector of the model, in their order.
    func pending(_ tx: Transaction, model: String, from position: Int, limit: Int) throws -> [Pending] {
        try tx.rows(
            """
            SELECT c.position, c.text, c.heading FROM knowledge_chunks c
            WHERE c.workspace_id = ? AND c.file_id = ? AND c.position >= ? AND NOT EXISTS (
                SELECT 1 FROM knowledge_vectors v WHERE v.workspace_id = c.workspace_id AND v.file_id = c.file_id
                    AND v.position = c.position AND v.model = ?)
            ORDER BY c.position LIMIT ?
            """,
            key + [position, model, limit]
        ) { row in
            Pending(
                position: try row.int("position"), text: try row.string("text"),
                heading: try row.stringIfPresent("heading"))
        }
    }

    /// Stores a vector if its chunk is still there and has none of this model.
    func insert(
        _ tx: Transaction, _ vector: QuantizedVector, at position: Int, model: String, _ dialect: Dialect
    ) throws {
        try tx.run(
            """
            INSERT INTO knowledge_vectors (workspace_id, file_id, position, model, vector)
            SELECT workspace_id, file_id, position, CAST(? AS TEXT), CAST(? AS \(dialect.blobType))
            FROM knowledge_chunks WHERE workspace_id = ? AND file_id = ? AND position = ?
            ON CONFLICT (workspace_id, file_id, position, model) DO NOTHING
            """,
            [model, vector.stored] + key + [position])
    }
}

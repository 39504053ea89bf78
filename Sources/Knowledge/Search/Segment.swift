import Platform
import Storage

/// What scoring needs of one file: the length of each chunk, and its vector.
final class Segment: Sendable {
    struct Key: Hashable, Sendable {
        let fileID: String
        let model: String
        let indexedAt: Int64
    }

    let key: Key
    /// The number of the first chunk; those of the others follow it.
    let base: Int64
    let lengths: [UInt16]
    let vectors: QuantizedVectors

    private init(key: Key, base: Int64, lengths: [UInt16], vectors: QuantizedVectors) {
        self.key = key
        self.base = base
        self.lengths = lengths
        self.vectors = vectors
    }

    /// Memory that it takes.
    var size: Int { vectors.size + lengths.count * MemoryLayout<UInt16>.size + 200 }

    func contains(_ number: Int64) -> Bool { number >= base && number - base < Int64(lengths.count) }

    /// Returns nil if the file has been removed, or indexed anew, in the meantime.
    static func read(_ tx: Transaction, _ file: IndexedFile, in tenant: Tenant) throws -> Segment? {
        var base: Int64?
        var lengths: [UInt16] = []
        var vectors: QuantizedVectors?
        lengths.reserveCapacity(file.chunks)
        var isWhole = true
        _ = try tx.rows(
            """
            SELECT c.number, c.length, v.vector FROM knowledge_chunks c
            JOIN knowledge_vectors v ON v.workspace_id = c.workspace_id AND v.file_id = c.file_id
                AND v.position = c.position AND v.model = ?
            WHERE c.workspace_id = ? AND c.file_id = ? ORDER BY c.position
            """,
            [file.model, tenant.workspaceID, file.id]
        ) { row in
            let (number, vector) = (try row.int64(0), try row.bytes(2))
            let first = base ?? number
            base = first
            if vectors == nil {
                let dimensions = max(0, vector.count - QuantizedVector.scaleBytes)
                vectors = QuantizedVectors(dimensions: dimensions, capacity: file.chunks)
            }
            isWhole = isWhole && number == first + Int64(lengths.count)
            isWhole = vectors?.append(stored: vector) == true && isWhole
            lengths.append(UInt16(clamping: try row.int(1)))
        }
        guard isWhole, let base, let vectors, lengths.count == file.chunks else { return nil }
        let key = Key(fileID: file.id, model: file.model, indexedAt: file.indexedAt)
        return Segment(key: key, base: base, lengths: lengths, vectors: vectors)
    }
}

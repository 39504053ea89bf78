import HTTPKit
import Platform
import Storage

/// A file that can be searched: every chunk has its vector, all made by one model.
struct IndexedFile: Sendable {
    let id: String
    let name: String
    let model: String
    let indexedAt: Int64
    let chunks: Int

    static func list(_ tx: Transaction, in tenant: Tenant, chatbotID: String) throws -> [IndexedFile] {
        try tx.rows(
            """
            SELECT id, name, vectors_model, indexed_at, chunks FROM files WHERE workspace_id = ? AND chatbot_id = ?
                AND kind = 'knowledge' AND state = 'ready' AND vectors_model IS NOT NULL AND chunks > 0 ORDER BY id
            """,
            [tenant.workspaceID, chatbotID]
        ) { row in
            IndexedFile(
                id: try row.string("id"), name: try row.string("name"), model: try row.string("vectors_model"),
                indexedAt: try row.int64("indexed_at"), chunks: try row.int("chunks"))
        }
    }
}

/// A file that is to be indexed, or indexed anew because another model makes the vectors now.
struct UnindexedFile: Sendable {
    enum State: String { case embedding, ready }

    let id: String
    let workspaceID: String
    let chatbotID: String
    let name: String
    let title: String?
    let state: State
    let chunks: Int
    let attempts: Int

    private static let isUnindexed = """
        f.kind = 'knowledge' AND (f.state = 'embedding'
            OR f.state = 'ready' AND (f.vectors_model < ? OR f.vectors_model > ?))
            AND (f.index_due IS NULL OR f.index_due <= ?)
        """

    /// The workspaces that have some, at most `limit`.
    static func workspaces(_ tx: Transaction, model: String, now: Timestamp, limit: Int) throws -> [String] {
        try tx.rows(
            "SELECT DISTINCT f.workspace_id FROM files f WHERE \(isUnindexed) ORDER BY f.workspace_id LIMIT ?",
            [model, model, now, limit]
        ) { try $0.string("workspace_id") }
    }

    /// The oldest of a workspace.
    static func first(
        _ tx: Transaction, inWorkspace id: String, model: String, now: Timestamp
    ) throws -> UnindexedFile? {
        try tx.row(
            """
            SELECT f.id, f.workspace_id, f.chatbot_id, f.name, f.title, f.state, f.chunks, f.index_attempts FROM files f
            WHERE f.workspace_id = ? AND \(isUnindexed) ORDER BY f.id LIMIT 1
            """,
            [id, model, model, now]
        ) { row in
            UnindexedFile(
                id: try row.string("id"), workspaceID: try row.string("workspace_id"),
                chatbotID: try row.string("chatbot_id"), name: try row.string("name"),
                title: try row.stringIfPresent("title"), state: State(rawValue: try row.string("state")) ?? .embedding,
                chunks: try row.int("chunks"), attempts: try row.int("index_attempts"))
        }
    }

    private var key: [any SQLBindable] { [workspaceID, id] }
    private static let isThis = "workspace_id = ? AND id = ? AND state IN ('embedding', 'ready')"

    /// Records that all chunks are stored.
    func finishCutting(_ tx: Transaction, chunks: Int) throws {
        try tx.run("UPDATE files SET chunks = ?, indexed_chunks = 0 WHERE \(Self.isThis)", [chunks] + key)
    }

    /// Records how many chunks have their vector, which also ends a series of failed attempts.
    func record(_ tx: Transaction, indexed: Int) throws {
        try tx.run("UPDATE files SET indexed_chunks = ?, index_attempts = 0 WHERE \(Self.isThis)", [indexed] + key)
    }

    /// Makes the file searchable by the new vectors. Returns false unless every chunk has one.
    func finish(_ tx: Transaction, model: String, now: Timestamp) throws -> Bool {
        try tx.run(
            """
            UPDATE files SET state = 'ready', error_code = NULL, vectors_model = ?, indexed_at = ?, indexed_chunks = chunks,
                index_due = NULL, index_attempts = 0
            WHERE \(Self.isThis) AND chunks > 0 AND chunks = (SELECT COUNT(*) FROM knowledge_vectors v
                WHERE v.workspace_id = files.workspace_id AND v.file_id = files.id AND v.model = ?)
            """,
            [model, now] + key + [model]) == 1
    }

    /// Ends the work at the file. A file that could be searched before can still be.
    func fail(_ tx: Transaction, _ code: String) throws {
        try tx.run(
            "UPDATE files SET state = 'failed', error_code = ? WHERE workspace_id = ? AND id = ? AND state = 'embedding'",
            [code] + key)
    }

    /// Has the file wait for its next attempt.
    func postpone(_ tx: Transaction, until time: Timestamp) throws {
        try tx.run(
            "UPDATE files SET index_due = ?, index_attempts = index_attempts + 1 WHERE \(Self.isThis)", [time] + key)
    }
}

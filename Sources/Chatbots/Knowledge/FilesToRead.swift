import Accounts
import HTTPKit
import Platform
import Reading
import Storage

/// A knowledge file that is to be read, or is being read by one run of the job.
struct FileToRead: Sendable {
    let file: StoredFile
    /// How many readings of it have begun, with this one.
    let reads: Int
    /// The run that reads it. Another run, or a file that was deleted, makes it worthless.
    let run: String

    /// The file is no longer this run's: it was deleted, or another instance reads it.
    struct Lost: Error {}

    /// Gives back what a run that ended early was reading.
    static func releaseAll(_ tx: Transaction) throws {
        try tx.run("UPDATE files SET state = 'queued', read_by = NULL WHERE kind = 'knowledge' AND state = 'reading'")
    }

    /// Has files read again that failed for want of a program or of the sandbox.
    static func requeueUnreadable(_ tx: Transaction) throws {
        try tx.run(
            """
            UPDATE files SET state = 'queued', error_code = NULL, reads = 0
            WHERE kind = 'knowledge' AND state = 'failed' AND error_code IN (?, ?)
            """,
            [ReadingFailure.readerMissing.rawValue, ReadingFailure.readingOff.rawValue])
    }

    /// The oldest queued file of each workspace that has one.
    static func oldest(_ tx: Transaction) throws -> [(workspaceID: String, id: String)] {
        try tx.rows(
            """
            SELECT workspace_id, MIN(id) AS id FROM files WHERE kind = 'knowledge' AND state = 'queued'
            GROUP BY workspace_id
            """
        ) { (try $0.string("workspace_id"), try $0.string("id")) }
    }

    /// Returns nil if the file is no longer queued.
    static func begin(_ tx: Transaction, id: String, run: String) throws -> FileToRead? {
        let reads = try tx.row(
            """
            UPDATE files SET state = 'reading', read_by = ?, reads = reads + 1, title = NULL, error_code = NULL
            WHERE id = ? AND state = 'queued' RETURNING reads
            """,
            [run, id]
        ) { try $0.int("reads") }
        guard let reads else { return nil }
        try tx.run("DELETE FROM file_texts WHERE file_id = ?", [id])
        return try tx.row("SELECT \(StoredFile.columns) FROM files f WHERE f.id = ?", [id], StoredFile.init)
            .map { FileToRead(file: $0, reads: reads, run: run) }
    }

    /// Throws `ReadingFailure.planLimitReached` if the workspace has no room, and `Lost`.
    func add(_ tx: Transaction, _ blocks: String, position: Int) throws {
        try hold(tx)
        guard try WorkspaceLimits.hasRoom(tx, for: blocks.utf8.count, workspaceID: file.workspaceID) else {
            throw ReadingFailure.planLimitReached
        }
        try tx.run(
            "INSERT INTO file_texts (workspace_id, file_id, position, blocks) VALUES (?, ?, ?, ?)",
            [file.workspaceID, file.id, position, blocks])
    }

    func end(_ tx: Transaction, title: String?) throws {
        try hold(tx)
        try set(tx, .embedding, title: title)
        try JobQueue.hasten(tx, recurring: KnowledgeTexts.indexing, now: .now)
    }

    func fail(_ tx: Transaction, _ failure: ReadingFailure) throws {
        try hold(tx)
        try tx.run("DELETE FROM file_texts WHERE workspace_id = ? AND file_id = ?", [file.workspaceID, file.id])
        try set(tx, .failed, error: failure)
    }

    /// Puts the file back for a later run.
    /// - Parameter counts: whether this reading is one of those after which the file fails.
    func release(_ tx: Transaction, counts: Bool) throws {
        try tx.run(
            """
            UPDATE files SET state = 'queued', read_by = NULL, reads = reads - ?
            WHERE id = ? AND state = 'reading' AND read_by = ?
            """,
            [counts ? 0 : 1, file.id, run])
    }

    /// Locks the row.
    private func hold(_ tx: Transaction) throws {
        let held = try tx.run(
            "UPDATE files SET read_by = read_by WHERE id = ? AND state = 'reading' AND read_by = ?", [file.id, run])
        guard held == 1 else { throw Lost() }
    }

    private func set(
        _ tx: Transaction, _ state: StoredFile.State, title: String? = nil, error: ReadingFailure? = nil
    ) throws {
        try tx.run(
            "UPDATE files SET state = ?, read_by = NULL, title = ?, error_code = ? WHERE id = ?",
            [state.rawValue, title, error?.rawValue, file.id])
    }
}

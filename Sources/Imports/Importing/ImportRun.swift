import Accounts
import Chatbots
import HTTPKit
import Platform
import Storage

/// An import that one run of the job works at.
struct ImportRun: Sendable {
    let id: String
    let workspaceID: String
    let userID: String
    let chatbotID: String
    let uploadID: String?
    let wanted: ImportFormat?
    let run: String
    /// How often it has been begun without getting any further.
    let attempts: Int
    var format: ImportFormat?
    /// Entries of the file that are done.
    var position: Int
    var counts: ImportCounts

    /// The import is no longer this run's: it was cancelled or deleted.
    struct Lost: Error {}

    private init(_ row: Row, run: String) throws {
        id = try row.string("id")
        workspaceID = try row.string("workspace_id")
        userID = try row.string("user_id")
        chatbotID = try row.string("chatbot_id")
        uploadID = try row.stringIfPresent("upload_id")
        wanted = try row.stringIfPresent("wanted_format").flatMap(ImportFormat.init(rawValue:))
        self.run = run
        attempts = try row.int("attempts")
        format = try row.stringIfPresent("format").flatMap(ImportFormat.init(rawValue:))
        position = try row.int("position")
        counts = ImportCounts(
            imported: try row.int("imported"), skipped: ImportCounts.counts(try row.string("skipped")),
            failed: ImportCounts.counts(try row.string("failed")))
    }

    /// Gives back what a run that ended early worked at.
    static func releaseAll(_ tx: Transaction) throws {
        try tx.run("UPDATE imports SET state = 'queued', run_by = NULL WHERE state = 'running'")
    }

    /// The oldest queued import of each workspace that has one.
    static func oldest(_ tx: Transaction) throws -> [(workspaceID: String, id: String)] {
        try tx.rows(
            "SELECT workspace_id, MIN(id) AS id FROM imports WHERE state = 'queued' GROUP BY workspace_id ORDER BY id"
        ) { (try $0.string("workspace_id"), try $0.string("id")) }
    }

    /// Returns nil if the import is no longer queued.
    static func begin(_ tx: Transaction, id: String, run: String) throws -> ImportRun? {
        try tx.row(
            """
            UPDATE imports SET state = 'running', run_by = ?, attempts = attempts + 1 WHERE id = ? AND state = 'queued'
            RETURNING id, workspace_id, user_id, chatbot_id, upload_id, wanted_format, format, position, imported, skipped,
                failed, attempts
            """,
            [run, id]
        ) { try ImportRun($0, run: run) }
    }

    /// The user as a member of the workspace. Locks the import's row. Throws `Lost` if the user, the workspace or the
    /// chatbot has been deleted, or the user may no longer be there.
    func tenant(_ tx: Transaction) throws -> Tenant {
        let held = try tx.run(
            "UPDATE imports SET run_by = run_by WHERE id = ? AND state = 'running' AND run_by = ?", [id, run])
        guard held == 1 else { throw Lost() }
        let tenant = try tx.row(
            """
            SELECT m.workspace_id, \(Tenant.roleColumn) FROM members m
            JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL AND u.disabled_at IS NULL
            JOIN workspaces w ON w.id = m.workspace_id AND w.deleted_at IS NULL
            JOIN chatbots b ON b.workspace_id = w.id AND b.id = ? AND b.deleted_at IS NULL
            WHERE m.workspace_id = ? AND m.user_id = ?
            """,
            [chatbotID, workspaceID, userID]
        ) { try Tenant($0, userID: userID) }
        guard let tenant else { throw ImportFailure.notAllowed }
        // A member who is being removed leaves nothing behind.
        return try tenant.held(tx)
    }

    /// Stores how far it is.
    func record(_ tx: Transaction, progress: Double) throws {
        let changed = try tx.run(
            """
            UPDATE imports SET format = ?, position = ?, imported = ?, skipped = ?, failed = ?, progress = ?, attempts = 0
            WHERE id = ? AND state = 'running' AND run_by = ?
            """,
            [
                format?.rawValue, position, counts.imported, try ImportCounts.text(counts.skipped),
                try ImportCounts.text(counts.failed), max(0, min(100, Int(progress * 100))), id, run,
            ])
        guard changed == 1 else { throw Lost() }
    }

    /// - Parameter failure: nil if the file was read to its end.
    func end(_ tx: Transaction, failure: ImportFailure?, progress: Double, now: Timestamp) throws {
        try record(tx, progress: failure == nil ? 1 : progress)
        try tx.run(
            "UPDATE imports SET state = ?, error_code = ?, run_by = NULL, ended_at = ? WHERE id = ?",
            [failure == nil ? "done" : "failed", failure?.code, now, id])
        if let uploadID { try UploadContent.delete(tx, id: uploadID) }
    }

    /// Puts the import back for a later run.
    /// - Parameter counts: whether this attempt is one of those after which the import fails.
    func release(_ tx: Transaction, counts: Bool) throws {
        try tx.run(
            """
            UPDATE imports SET state = 'queued', run_by = NULL, attempts = CASE WHEN attempts > 0 THEN attempts - ? ELSE 0 END
            WHERE id = ? AND state = 'running' AND run_by = ?
            """,
            [counts ? 0 : 1, id, run])
    }
}

/// Why an import ends before the end of its file.
enum ImportFailure: Error, Sendable {
    case file(FileFailure)
    case planLimit
    /// The user may no longer add conversations there.
    case notAllowed
    /// The uploaded bytes are gone.
    case fileMissing
    case tooManyAttempts

    var code: String {
        switch self {
        case .file(let failure): failure.rawValue
        case .planLimit: "plan_limit_reached"
        case .notAllowed: "forbidden"
        case .fileMissing: "file_missing"
        case .tooManyAttempts: "import_failed"
        }
    }
}

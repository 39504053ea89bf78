import Accounts
import Files
package import HTTPKit
import NIOCore
package import Platform
package import Storage

/// The bytes of a complete upload that work in the background has taken over: no call finds the upload any more, and it
/// does not expire while the work may last. Its bytes count in the workspace until it is deleted.
package struct UploadContent: Sendable {
    package let id: String
    package let bytes: Int
    private let parts: [FilePart]

    /// How long the work may last.
    private static let lifetime = Duration.seconds(30 * 86_400)

    /// Takes an upload over, into this workspace. Throws `not_found` unless it is the owner's, and `plan_limit_reached` if it
    /// comes from another workspace and this one has no room for it.
    /// - Returns: its new id, and its name.
    package static func take(
        _ tx: Transaction, in tenant: Tenant, id: String, of owner: FileOwner, for worker: String, now: Timestamp
    ) throws -> (id: String, name: String) {
        let upload = try Upload.lock(tx, id: id, of: owner, now: now)
        guard upload.isComplete else { throw APIError(.uploadIncomplete) }
        if upload.workspaceID != tenant.workspaceID {
            try WorkspaceLimits.require(.upload(bytes: upload.bytes), tx, in: tenant)
        }
        let taken = Identifier.make()
        try tx.run(
            """
            INSERT INTO uploads (id, workspace_id, owner, user_id, name, bytes, content_type, sha256, created_at, expires_at)
            SELECT ?, ?, ?, user_id, name, bytes, content_type, sha256, created_at, ? FROM uploads WHERE id = ?
            """,
            [taken, tenant.workspaceID, worker, now.adding(lifetime), id])
        try tx.run(
            "UPDATE file_parts SET upload_id = ?, workspace_id = ? WHERE upload_id = ?",
            [taken, tenant.workspaceID, id])
        try Upload.delete(tx, id: id, of: owner)
        return (taken, upload.name)
    }

    /// Returns nil if the upload has been deleted.
    package static func find(_ tx: Transaction, id: String) throws -> UploadContent? {
        let bytes = try tx.row("SELECT bytes FROM uploads WHERE id = ?", [id]) { try $0.int("bytes") }
        return try bytes.map { UploadContent(id: id, bytes: $0, parts: try FilePart.list(tx, ofUpload: id)) }
    }

    /// `FileSweep` removes the bytes later.
    package static func delete(_ tx: Transaction, id: String) throws {
        try tx.run("DELETE FROM uploads WHERE id = ?", [id])
    }

    /// Throws `StoreError` if a part is not as it was stored.
    package func read(_ range: Range<Int>, from objects: FileObjects) async throws -> [UInt8] {
        var found: [UInt8] = []
        found.reserveCapacity(range.count)
        for piece in FileObjects.pieces(of: parts, in: range) {
            found += try await objects.read(piece).readableBytesView
        }
        return found
    }
}

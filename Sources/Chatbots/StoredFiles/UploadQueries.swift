import Files
import HTTPKit
import Platform
import Storage

extension Upload {
    /// The row of an upload, with its parts.
    package struct Stored: Sendable, Equatable {
        package let id: String
        let workspaceID: String
        let name: String
        let bytes: Int
        let contentType: String?
        let sha256: [UInt8]?
        let createdAt: Timestamp
        let expiresAt: Timestamp
        var parts: [FilePart] = []

        fileprivate init(_ row: Row) throws {
            id = try row.string("id")
            workspaceID = try row.string("workspace_id")
            name = try row.string("name")
            bytes = try row.int("bytes")
            contentType = try row.stringIfPresent("content_type")
            sha256 = try row.bytesIfPresent("sha256")
            createdAt = Timestamp(milliseconds: try row.int64("created_at"))
            expiresAt = Timestamp(milliseconds: try row.int64("expires_at"))
        }

        var isComplete: Bool { sha256 != nil }

        /// The first part that has not arrived; nil if all have.
        var missingPart: Int? {
            let known = Set(parts.map(\.position))
            return bytes == 0 ? nil : (1...Upload.partCount(bytes: bytes)).first { !known.contains($0) }
        }
    }

    init(_ stored: Stored) {
        self.init(
            id: stored.id, name: stored.name, bytes: stored.bytes, partBytes: ObjectLimits.maxObject,
            contentType: stored.contentType, sha256: stored.sha256?.hexadecimal, isComplete: stored.isComplete,
            parts: stored.parts.map(\.position), createdAt: stored.createdAt, expiresAt: stored.expiresAt)
    }

    private static let columns =
        "u.id, u.workspace_id, u.name, u.bytes, u.content_type, u.sha256, u.created_at, u.expires_at"

    static func create(
        _ tx: Transaction, in tenant: Tenant, _ owner: FileOwner, name: String, bytes: Int, now: Timestamp
    ) throws -> Stored {
        let id = Identifier.make()
        try tx.run(
            """
            INSERT INTO uploads (id, workspace_id, owner, user_id, name, bytes, created_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [id, tenant.workspaceID, owner.principal, owner.userID, name, bytes, now, now.adding(lifetime)])
        return try find(tx, id: id, of: owner, now: now)
    }

    /// An upload that the owner began, in a workspace to which a user still belongs. Throws `not_found`.
    static func find(_ tx: Transaction, id: String, of owner: FileOwner, now: Timestamp = .now) throws -> Stored {
        let found = try tx.row(
            """
            SELECT \(columns) FROM uploads u WHERE u.id = ? AND u.owner = ? AND u.expires_at > ?
            AND (u.user_id IS NULL OR EXISTS (SELECT 1 FROM members m
                WHERE m.workspace_id = u.workspace_id AND m.user_id = u.user_id))
            """,
            [id, owner.principal, now], Stored.init)
        guard var found else { throw APIError(.notFound) }
        found.parts = try FilePart.list(tx, ofUpload: id)
        return found
    }

    /// The same; also locks the row until the end of the transaction.
    static func lock(_ tx: Transaction, id: String, of owner: FileOwner, now: Timestamp = .now) throws -> Stored {
        try tx.run("UPDATE uploads SET name = name WHERE id = ? AND owner = ?", [id, owner.principal])
        return try find(tx, id: id, of: owner, now: now)
    }

    /// Adds to the size of an upload whose length is not known before it has arrived.
    static func grow(_ tx: Transaction, id: String, by bytes: Int) throws {
        try tx.run("UPDATE uploads SET bytes = bytes + ? WHERE id = ?", [bytes, id])
    }

    static func complete(_ tx: Transaction, id: String, sha256: [UInt8], contentType: String) throws {
        try tx.run("UPDATE uploads SET sha256 = ?, content_type = ? WHERE id = ?", [sha256, contentType, id])
    }

    /// Deletes the rows. `FileSweep` removes the bytes later.
    static func delete(_ tx: Transaction, id: String, of owner: FileOwner) throws {
        try tx.run("DELETE FROM uploads WHERE id = ? AND owner = ?", [id, owner.principal])
    }

    /// Deletes expired uploads. Returns the number of deleted rows.
    static func purge(_ tx: Transaction, now: Timestamp, limit: Int) throws -> Int {
        try tx.run(
            "DELETE FROM uploads WHERE id IN (SELECT id FROM uploads WHERE expires_at <= ? LIMIT ?)", [now, limit])
    }
}

package import HTTPKit
package import Storage

/// Keeps the objects of deleted files for a while: a backup copies objects that its snapshot of the database names,
/// also those of files that are deleted meanwhile. A lease that is not renewed ends by itself.
///
/// Whatever the store may remove had lost its rows when no lease was seen. A snapshot that is taken after its lease was
/// committed does not have those rows either.
package struct ObjectLease: Sendable {
    package static let lifetime = Duration.seconds(300)

    private let id: String

    /// Ends leases that are over, and begins one.
    package static func begin(_ tx: Transaction, now: Timestamp) throws -> ObjectLease {
        try tx.run("DELETE FROM object_leases WHERE expires_at <= ?", [now])
        let id = Identifier.make()
        try tx.run(
            "INSERT INTO object_leases (id, expires_at) VALUES (?, ?)", [id, now.adding(lifetime)])
        return ObjectLease(id: id)
    }

    /// Returns false if the lease had ended: objects may have been removed.
    package func renew(_ tx: Transaction, now: Timestamp) throws -> Bool {
        try tx.run(
            "UPDATE object_leases SET expires_at = ? WHERE id = ? AND expires_at > ?",
            [now.adding(Self.lifetime), id, now]) == 1
    }

    package func end(_ tx: Transaction) throws {
        try tx.run("DELETE FROM object_leases WHERE id = ?", [id])
    }

    /// Whether objects must be kept now.
    static func holds(_ tx: Transaction, now: Timestamp) throws -> Bool {
        try tx.row("SELECT 1 AS one FROM object_leases WHERE expires_at > ? LIMIT 1", [now]) { _ in true } ?? false
    }
}

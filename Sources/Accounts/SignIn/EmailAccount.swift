package import HTTPKit
import Platform
package import Storage

/// What mail needs to know of a user who may act: neither disabled nor deleted.
package struct EmailAccount: Sendable {
    package let id: String
    package let email: String?
    package let isVerified: Bool
    /// Encrypted.
    package let details: String?

    package static func find(_ tx: Transaction, id: String) throws -> EmailAccount? { try find(tx, "id", id) }

    package static func find(_ tx: Transaction, email: String) throws -> EmailAccount? {
        try find(tx, "email_key", Lookalike.key(of: email))
    }

    private static func find(_ tx: Transaction, _ column: String, _ value: String) throws -> EmailAccount? {
        try tx.row("\(columns) WHERE u.\(column) = ? AND \(mayAct)", [value], EmailAccount.init)
    }

    /// The accepted owners of a workspace who may act; of many, the first hundred.
    package static func owners(_ tx: Transaction, of workspaceID: String) throws -> [EmailAccount] {
        try tx.rows(
            """
            \(columns) JOIN members m ON m.user_id = u.id
            WHERE m.workspace_id = ? AND m.role = 'owner' AND m.accepted_at IS NOT NULL AND \(mayAct)
            ORDER BY u.id LIMIT 100
            """,
            [workspaceID], EmailAccount.init)
    }

    private static let columns = "SELECT u.id, u.email, u.email_verified_at, u.details FROM users u"
    private static let mayAct = "u.disabled_at IS NULL AND u.deleted_at IS NULL"

    private init(_ row: Row) throws {
        id = try row.string("id")
        email = try row.stringIfPresent("email")
        isVerified = try row.int64IfPresent("email_verified_at") != nil
        details = try row.stringIfPresent("details")
    }

    /// Whether any account has this address, including disabled and deleted ones.
    package static func isTaken(_ tx: Transaction, email: String) throws -> Bool {
        try tx.row("SELECT 1 AS one FROM users WHERE email_key = ?", [Lookalike.key(of: email)]) { _ in true } ?? false
    }

    package func hasAddress(_ other: String) -> Bool { email.map(Lookalike.key) == Lookalike.key(of: other) }

    package func confirm(_ tx: Transaction, now: Timestamp) throws {
        try tx.run(
            "UPDATE users SET email_verified_at = ?, updated_at = ? WHERE id = ? AND email_verified_at IS NULL",
            [now, now, id])
    }

    /// Links that went to the old address, or to another one that was wanted, are void.
    package func change(_ tx: Transaction, to email: String, isVerified: Bool, now: Timestamp) throws {
        try tx.run(
            "UPDATE users SET email = ?, email_key = ?, email_verified_at = ?, updated_at = ? WHERE id = ?",
            [email, Lookalike.key(of: email), isVerified ? now : nil, now, id])
        try OneTimeToken.revokeAll(tx, userID: id)
    }
}

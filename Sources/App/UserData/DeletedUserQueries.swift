import Accounts
import HTTPKit
import Storage

extension DeletedUser {
    /// Those who were deleted last come first.
    static func list(
        _ tx: Transaction, _ dialect: Dialect, search: String?, keptFor: Duration, after: Cursor, limit: Int
    ) throws -> [DeletedUser] {
        var (filter, args): (String, [any SQLBindable]) = ("", [])
        if let search, !search.isEmpty {
            let (first, last) = ManagedUser.range(of: search)
            let names = ["username_key", "email_key"].map { key in
                "(u.\(key) \(dialect.byteOrder) >= ? AND u.\(key) \(dialect.byteOrder) < ?)"
            }
            (filter, args) = ("AND (\(names.joined(separator: " OR ")))", [first, last, first, last])
        }
        return try tx.rows(
            """
            SELECT u.id, u.username, u.email, d.deleted_by, d.reason, d.deleted_at, d.wants_export
            FROM deleted_users d JOIN users u ON u.id = d.user_id
            WHERE (d.deleted_at, d.user_id) < (?, ?) \(filter) ORDER BY d.deleted_at DESC, d.user_id DESC LIMIT ?
            """,
            [after.key, after.id] + args + [limit + 1]
        ) { row in
            let deletedAt = Timestamp(milliseconds: try row.int64("deleted_at"))
            return DeletedUser(
                id: try row.string("id"), username: try row.stringIfPresent("username"),
                email: try row.stringIfPresent("email"), deletedBy: try row.string("deleted_by"),
                reason: try row.string("reason"), deletedAt: deletedAt, purgeAt: deletedAt.adding(keptFor),
                wantsExport: try row.bool("wants_export"))
        }
    }

    /// Everything is as it was, keys too; who was signed in has to sign in again.
    static func restore(_ tx: Transaction, id: String, now: Timestamp) throws {
        let restored = try tx.run("DELETE FROM deleted_users WHERE user_id = ? AND purging_at IS NULL", [id])
        guard restored == 1 else {
            let isPurged = try tx.row("SELECT 1 AS found FROM deleted_users WHERE user_id = ?", [id]) { _ in true }
            guard isPurged == true else { throw APIError(.notFound) }
            throw APIError(.conflict, "This user is being purged and cannot be restored any more.")
        }
        try tx.run("UPDATE users SET deleted_at = NULL, updated_at = ? WHERE id = ?", [now, id])
    }

    /// The id of the deleted user with this name or address.
    static func id(_ tx: Transaction, named name: String) throws -> String? {
        let column = name.contains("@") ? "email_key" : "username_key"
        return try tx.row(
            "SELECT id FROM users WHERE \(column) = ? AND deleted_at IS NOT NULL", [Lookalike.key(of: name)]
        ) { try $0.string("id") }
    }
}

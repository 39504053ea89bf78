import Foundation
package import HTTPKit
package import Platform
package import Storage

extension User {
    package static func isTaken(_ tx: Transaction, username: String) throws -> Bool {
        try tx.row(
            "SELECT 1 AS one FROM users WHERE username_key = ? OR username_skeleton = ?",
            [Lookalike.key(of: username), Lookalike.skeleton(of: username)]
        ) { _ in true } ?? false
    }

    /// A new user with a personal workspace and its first contents.
    package static func create(
        _ tx: Transaction, _ input: Create, id: String = Identifier.make(), passwordHash: String, details: String?,
        contents: WorkspaceContents, now: Timestamp
    ) throws -> String {
        try tx.run(
            """
            INSERT INTO users (id, username, username_key, username_skeleton, email, email_key, password_hash, details,
                plan_id, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT id FROM plans WHERE is_default = 1), ?, ?)
            """,
            [
                id, input.username, input.username.map(Lookalike.key), input.username.map(Lookalike.skeleton),
                input.email,
                input.email.map(Lookalike.key), passwordHash, details,
                now, now,
            ])
        try tx.run("INSERT INTO credits (user_id, balance, month) VALUES (?, 0, 0)", [id])
        let tenant = try Workspace.create(
            tx, name: input.username ?? input.email ?? "Personal", ownerID: id, isPersonal: true, now: now)
        try contents.create(tx, tenant, now)
        return id
    }

    package static func find(
        _ tx: Transaction, id: String, evenDeleted: Bool = false
    ) throws -> (user: User, encryptedDetails: String?)? {
        try tx.row("\(columns) WHERE u.id = ? \(evenDeleted ? "" : "AND u.deleted_at IS NULL")", [id], read)
    }

    /// All users, newest first.
    package static func list(
        _ tx: Transaction, after: Cursor, limit: Int
    ) throws -> [(user: User, encryptedDetails: String?)] {
        try tx.rows(
            "\(columns) WHERE u.id < ? AND u.deleted_at IS NULL ORDER BY u.id DESC LIMIT ?", [after.id, limit + 1], read
        )
    }

    private static let columns = """
        SELECT u.id, u.username, u.email, u.email_verified_at, u.details, u.created_at, u.updated_at,
            w.id AS workspace_id
        FROM users u JOIN workspaces w ON w.personal_user_id = u.id
        """

    private static func read(_ row: Row) throws -> (user: User, encryptedDetails: String?) {
        (
            User(
                id: try row.string("id"), username: try row.stringIfPresent("username"),
                email: try row.stringIfPresent("email"),
                emailVerified: try row.int64IfPresent("email_verified_at") != nil, firstName: nil, lastName: nil,
                workspaceID: try row.string("workspace_id"),
                createdAt: Timestamp(milliseconds: try row.int64("created_at")),
                updatedAt: Timestamp(milliseconds: try row.int64("updated_at"))),
            try row.stringIfPresent("details")
        )
    }

    package func with(_ details: UserDetails) -> User {
        User(
            id: id, username: username, email: email, emailVerified: emailVerified, firstName: details.firstName,
            lastName: details.lastName, workspaceID: workspaceID, createdAt: createdAt, updatedAt: updatedAt)
    }

    /// Holds the user's row and makes of its details and name what `change` says: changes that come at once are made one
    /// after another.
    package static func change(
        _ tx: Transaction, id: String, _ secrets: Secrets, now: Timestamp,
        _ change: (_ user: User, _ details: inout UserDetails) throws -> String?
    ) throws -> (user: User, details: UserDetails) {
        try tx.run("UPDATE users SET updated_at = ? WHERE id = ? AND deleted_at IS NULL", [now, id])
        guard let found = try find(tx, id: id) else { throw APIError(.notFound) }
        var details = try UserDetails(encrypted: found.encryptedDetails, secrets)
        let username = try change(found.user, &details)
        try tx.run("UPDATE users SET details = ? WHERE id = ?", [try details.encrypted(secrets), id])
        if username != found.user.username {
            try tx.run(
                "UPDATE users SET username = ?, username_key = ?, username_skeleton = ? WHERE id = ?",
                [username, username.map(Lookalike.key), username.map(Lookalike.skeleton), id])
        }
        return (found.user, details)
    }

    /// Adds what a call tells of the account; its e-mail address is not among it.
    package static func updateDetails(
        _ tx: Transaction, id: String, _ input: UserDetails.Update, _ secrets: Secrets, now: Timestamp
    ) throws -> UserDetails {
        try change(tx, id: id, secrets, now: now) { user, details in
            details = details.applying(input)
            details.email = nil
            return user.username
        }.details
    }

    /// Soft-deletes a user. The row stays, with the actor, time and reason, and its names stay taken, but all access
    /// ends.
    package static func delete(
        _ tx: Transaction, id: String, by actor: String, reason: String, wantsExport: Bool = false, now: Timestamp
    ) throws {
        let changed = try tx.run(
            "UPDATE users SET deleted_at = ?, updated_at = ? WHERE id = ? AND deleted_at IS NULL", [now, now, id])
        guard changed == 1 else { throw APIError(.notFound) }
        // Held, so that two owners who go at once are counted one after the other.
        try tx.run(
            """
            UPDATE workspaces SET updated_at = updated_at
            WHERE id IN (SELECT workspace_id FROM members WHERE user_id = ? AND role = 'owner')
            """,
            [id])
        let others = """
            SELECT 1 FROM members o JOIN users u ON u.id = o.user_id AND u.deleted_at IS NULL
            WHERE o.workspace_id = m.workspace_id AND o.user_id <> m.user_id
            """
        let orphaned = try tx.row(
            """
            SELECT w.name FROM members m JOIN workspaces w ON w.id = m.workspace_id AND w.personal_user_id IS NULL
            WHERE m.user_id = ? AND m.role = 'owner' AND m.accepted_at IS NOT NULL AND EXISTS (\(others))
            AND NOT EXISTS (\(others) AND o.role = 'owner' AND o.accepted_at IS NOT NULL)
            """,
            [id]
        ) { try $0.string("name") }
        if let orphaned {
            throw APIError(
                .lastOwner,
                "The workspace '\(orphaned)' would have no owner. Another member has to become its owner, and accept it."
            )
        }
        try tx.run(
            """
            INSERT INTO deleted_users (user_id, deleted_by, reason, deleted_at, wants_export) VALUES (?, ?, ?, ?, ?)
            """,
            [id, actor, reason, now, wantsExport])
        try Session.endAll(tx, userID: id)
    }
}

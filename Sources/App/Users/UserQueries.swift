import Foundation
import Storage

/// What signing in needs to know of a user, and nothing that an answer shows.
struct Account: Sendable {
    let id: String
    let passwordHash: String
    /// Neither disabled nor deleted.
    let mayAct: Bool

    static func named(_ tx: Transaction, _ name: String) throws -> Account? {
        let column = name.contains("@") ? "email_key" : "username_key"
        return try tx.row(
            "SELECT id, password_hash, disabled_at, deleted_at FROM users WHERE \(column) = ?", [User.key(name)]
        ) { row in
            Account(
                id: try row.string("id"), passwordHash: try row.string("password_hash"),
                mayAct: try row.int64IfPresent("disabled_at") == nil && row.int64IfPresent("deleted_at") == nil)
        }
    }

    static func passwordHash(_ tx: Transaction, userID: String) throws -> String? {
        try tx.row("SELECT password_hash FROM users WHERE id = ?", [userID]) { try $0.string("password_hash") }
    }

    static func setPassword(_ tx: Transaction, hash: String, userID: String, now: Timestamp) throws {
        try tx.run("UPDATE users SET password_hash = ?, updated_at = ? WHERE id = ?", [hash, now, userID])
    }
}

extension User {
    /// Names that differ only in case, or in how their characters are composed, are one.
    static func key(_ name: String) -> String { name.lowercased().precomposedStringWithCompatibilityMapping }

    /// A new user with a personal workspace and its default chatbot.
    static func create(
        _ tx: Transaction, _ input: Create, id: String = Identifier.make(), passwordHash: String, details: String?,
        now: Timestamp
    ) throws -> String {
        try tx.run(
            """
            INSERT INTO users (id, username, username_key, email, email_key, password_hash, details, plan_id, created_at,
                updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT id FROM plans WHERE is_default = 1), ?, ?)
            """,
            [
                id, input.username, input.username.map(key), input.email, input.email.map(key), passwordHash, details,
                now, now,
            ])
        try tx.run("INSERT INTO credits (user_id, balance, month) VALUES (?, 0, 0)", [id])
        let tenant = try Workspace.create(
            tx, name: input.username ?? input.email ?? "Personal", ownerID: id, isPersonal: true, now: now)
        try Chatbot.createDefault(tx, in: tenant, now: now)
        return id
    }

    static func find(_ tx: Transaction, id: String) throws -> (user: User, encryptedDetails: String?)? {
        try tx.row(
            """
            SELECT u.id, u.username, u.email, u.email_verified_at, u.details, u.created_at, u.updated_at,
                w.id AS workspace_id
            FROM users u JOIN workspaces w ON w.personal_user_id = u.id
            WHERE u.id = ? AND u.deleted_at IS NULL
            """,
            [id]
        ) { row in
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
    }

    func with(_ details: UserDetails) -> User {
        User(
            id: id, username: username, email: email, emailVerified: emailVerified, firstName: details.firstName,
            lastName: details.lastName, workspaceID: workspaceID, createdAt: createdAt, updatedAt: updatedAt)
    }

    /// Holds the user's row and makes of its details and name what `change` says: changes that come at once are made one
    /// after another.
    static func change(
        _ tx: Transaction, id: String, _ secrets: Secrets, now: Timestamp,
        _ change: (_ user: User, _ details: inout UserDetails) throws -> String?
    ) throws -> (user: User, details: UserDetails) {
        try tx.run("UPDATE users SET updated_at = ? WHERE id = ? AND deleted_at IS NULL", [now, id])
        guard let found = try find(tx, id: id) else { throw APIError(.notFound) }
        var details = try UserDetails(encrypted: found.encryptedDetails, secrets)
        let username = try change(found.user, &details)
        try tx.run(
            "UPDATE users SET username = ?, username_key = ?, details = ? WHERE id = ?",
            [username, username.map(key), try details.encrypted(secrets), id])
        return (found.user, details)
    }

    /// Adds what a call tells of the account; its e-mail address is not among it.
    static func tell(
        _ tx: Transaction, id: String, _ input: UserDetails.Update, _ secrets: Secrets, now: Timestamp
    ) throws -> UserDetails {
        try change(tx, id: id, secrets, now: now) { user, details in
            details = details.applying(input)
            details.email = nil
            return user.username
        }.details
    }

    /// Soft: the row stays, with who, when and why; its names stay taken, and nobody can act as it any more.
    static func delete(_ tx: Transaction, id: String, by actor: String, reason: String, now: Timestamp) throws {
        let changed = try tx.run(
            "UPDATE users SET deleted_at = ?, updated_at = ? WHERE id = ? AND deleted_at IS NULL", [now, now, id])
        guard changed == 1 else { throw APIError(.notFound) }
        let orphaned = try tx.row(
            """
            SELECT w.name FROM members m JOIN workspaces w ON w.id = m.workspace_id AND w.personal_user_id IS NULL
            WHERE m.user_id = ? AND m.role = 'owner'
            AND EXISTS (SELECT 1 FROM members o WHERE o.workspace_id = m.workspace_id AND o.user_id <> m.user_id)
            AND NOT EXISTS (SELECT 1 FROM members o
                WHERE o.workspace_id = m.workspace_id AND o.user_id <> m.user_id AND o.role = 'owner')
            """,
            [id]
        ) { try $0.string("name") }
        if let orphaned {
            throw APIError(
                .lastOwner, "The workspace '\(orphaned)' would have no owner. Make another member its owner first.")
        }
        try tx.run(
            "INSERT INTO deleted_users (user_id, deleted_by, reason, deleted_at) VALUES (?, ?, ?, ?)",
            [id, actor, reason, now])
        try Session.endAll(tx, userID: id)
    }
}

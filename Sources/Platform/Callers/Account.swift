package import HTTPKit
package import Storage

/// What signing in needs to know of a user or an operator, and nothing that an answer shows.
package struct Account: Sendable {
    package let id: String
    /// The one that the password was checked against, or that has taken its place since.
    package var passwordHash: String
    /// Neither disabled nor deleted, and of this realm.
    package let mayAct: Bool
    /// Whether it has an e-mail address that has not been confirmed.
    package let isUnverified: Bool
    /// Nil if the password is enough.
    package let factorID: String?

    package static func named(_ tx: Transaction, _ name: String, in realm: Realm) throws -> Account? {
        let column = realm == .users && name.contains("@") ? "email_key" : "username_key"
        return try tx.row(
            """
            SELECT a.id, a.password_hash, CASE WHEN \(realm.mayAct) THEN 1 ELSE 0 END AS may_act,
                CASE WHEN \(realm.isUnverified) THEN 1 ELSE 0 END AS is_unverified, f.id AS factor_id
            FROM \(realm.accounts) a
            LEFT JOIN second_factors f ON f.\(realm.accountColumn) = a.id AND f.confirmed_at IS NOT NULL
            WHERE a.\(column) = ?
            """,
            [Lookalike.key(of: name)]
        ) { row in
            Account(
                id: try row.string("id"), passwordHash: try row.string("password_hash"),
                mayAct: try row.int("may_act") == 1,
                isUnverified: try row.int("is_unverified") == 1, factorID: try row.stringIfPresent("factor_id"))
        }
    }

    package static func passwordHash(_ tx: Transaction, of id: String, in realm: Realm = .users) throws -> String? {
        try tx.row("SELECT password_hash FROM \(realm.accounts) WHERE id = ?", [id]) { try $0.string("password_hash") }
    }

    /// Whether the password is still the one whose hash this is; until the transaction is over, it stays so.
    package static func hasPassword(_ tx: Transaction, hash: String, id: String, in realm: Realm = .users) throws
        -> Bool
    {
        try tx.run(
            "UPDATE \(realm.accounts) SET updated_at = updated_at WHERE id = ? AND password_hash = ?", [id, hash]) == 1
    }

    /// Also revokes links sent earlier: the password may have been changed because another person has them.
    package static func setPassword(
        _ tx: Transaction, hash: String, of id: String, in realm: Realm = .users, now: Timestamp
    ) throws {
        try tx.run(
            "UPDATE \(realm.accounts) SET password_hash = ?, updated_at = ? WHERE id = ?", [hash, now, id])
        if realm == .users { try OneTimeToken.revokeAll(tx, userID: id) }
    }
}

extension Account {
    /// Returns the username, or else the e-mail address; nil if the account has neither.
    package static func name(_ tx: Transaction, in realm: Realm, id: String) throws -> String? {
        try tx.row(
            "SELECT COALESCE(username, email) AS name FROM \(realm.accounts) WHERE id = ?", [id]
        ) { try $0.stringIfPresent("name") } ?? nil
    }
}

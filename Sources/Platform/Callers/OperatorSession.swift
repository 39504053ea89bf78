package import HTTPKit
package import Storage

/// An operator's session. It is shorter than a user's, and expires when idle.
package enum OperatorSession {
    /// Absolute: never prolonged beyond it.
    package static let lifetime = Duration.seconds(12 * 3600)
    package static let idle = Duration.seconds(30 * 60)
    /// A use within this time of the last one that was noted need not be noted.
    private static let noteEvery = Duration.seconds(60)

    package static func begin(
        _ tx: Transaction, _ account: Account, in realm: Realm, address: String, userAgent: String?, now: Timestamp
    ) throws -> NewSession {
        // Who was disabled since the password was checked, or got another one, does not get in.
        let mayEnter = try tx.run(
            "UPDATE operators AS a SET name = name WHERE a.id = ? AND a.password_hash = ? AND \(realm.mayAct)",
            [account.id, account.passwordHash])
        guard mayEnter == 1 else { throw APIError(.invalidCredentials) }
        let new = NewSession(
            id: Identifier.make(), realm: realm, accountID: account.id, secret: RandomText.make(bytes: 32))
        try tx.run(
            """
            INSERT INTO operator_sessions (id, operator_id, address, user_agent, created_at, last_used_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [new.id, account.id, address, userAgent, now, now, now.adding(lifetime)])
        try tx.run(
            "INSERT INTO operator_refresh_tokens (hash, session_id) VALUES (?, ?)", [Secrets.hash(new.secret), new.id])
        return new
    }

    package struct Live: Sendable {
        package let caller: OperatorCaller
        /// Whether this use of it should be noted.
        package let isDue: Bool
    }

    /// The session if it still stands and its operator may still act.
    package static func live(_ tx: Transaction, id: String, now: Timestamp) throws -> Live? {
        try tx.row(
            """
            SELECT o.id, o.username, o.name, o.role, o.level, o.permissions, s.created_at, s.last_used_at
            FROM operator_sessions s JOIN operators o ON o.id = s.operator_id AND o.disabled_at IS NULL
            WHERE s.id = ? AND s.expires_at > ? AND s.last_used_at > ?
            """,
            [id, now, now.adding(.zero - idle)]
        ) { row in
            let account = try OperatorAccount.Rights(row)
            return Live(
                caller: OperatorCaller(
                    id: try row.string("id"), username: try row.string("username"), name: try row.string("name"),
                    role: account.role, permissions: account.granted, sessionID: id,
                    signedInAt: Timestamp(milliseconds: try row.int64("created_at"))),
                isDue: Timestamp(milliseconds: try row.int64("last_used_at")).adding(noteEvery) < now)
        }
    }

    /// Throws `invalidToken` if the session has ended since it was checked, here or on another instance. It cannot end
    /// before the transaction does.
    package static func requireStill(_ tx: Transaction, id: String, operatorID: String) throws {
        try tx.run("UPDATE operators SET name = name WHERE id = ?", [operatorID])
        let found = try tx.run(
            "UPDATE operator_sessions SET last_used_at = last_used_at WHERE id = ? AND operator_id = ?",
            [id, operatorID])
        guard found == 1 else { throw APIError(.invalidToken) }
    }

    package static func touch(_ tx: Transaction, id: String, now: Timestamp) throws {
        try tx.run("UPDATE operator_sessions SET last_used_at = ? WHERE id = ?", [now, id])
    }

    /// Ends one session. Returns false if it has already ended.
    package static func end(_ tx: Transaction, id: String) throws -> Bool {
        try tx.run("DELETE FROM operator_sessions WHERE id = ?", [id]) == 1
    }

    package static func endAll(_ tx: Transaction, operatorID: String, except kept: String? = nil) throws {
        try tx.run("DELETE FROM operator_sessions WHERE operator_id = ? AND id <> ?", [operatorID, kept ?? ""])
    }

    /// Returns the number of deleted rows.
    package static func purge(_ tx: Transaction, before: Timestamp, limit: Int) throws -> Int {
        try tx.run(
            "DELETE FROM operator_sessions WHERE id IN (SELECT id FROM operator_sessions WHERE expires_at < ? LIMIT ?)",
            [before, limit])
    }
}

package import HTTPKit
package import Storage

/// A session that has just begun, with what its holder needs to prove it later. Never stored as it is.
package struct NewSession: Sendable {
    package let id: String
    package let realm: Realm
    package let accountID: String
    package let secret: String
}

extension Session {
    package static func begin(
        _ tx: Transaction, _ account: Account, kind: Kind, address: String, userAgent: String?, now: Timestamp
    ) throws -> NewSession {
        // Who was disabled since the password was checked, or got another one, does not get in.
        let isSignedIn = try tx.run(
            """
            UPDATE users AS a SET last_sign_in_at = ? WHERE a.id = ? AND a.password_hash = ? AND \(Realm.users.mayAct)
            """,
            [now, account.id, account.passwordHash])
        guard isSignedIn == 1 else { throw APIError(.invalidCredentials) }
        let new = NewSession(
            id: Identifier.make(), realm: .users, accountID: account.id, secret: RandomText.make(bytes: 32))
        try tx.run(
            """
            INSERT INTO sessions (id, user_id, kind, secret_hash, address, user_agent, created_at, last_used_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                new.id, account.id, kind.rawValue, kind == .cookie ? Secrets.hash(new.secret) : nil as [UInt8]?,
                address,
                userAgent, now, now, now.adding(lifetime),
            ])
        if kind == .token {
            try tx.run(
                "INSERT INTO refresh_tokens (hash, session_id) VALUES (?, ?)", [Secrets.hash(new.secret), new.id])
        }
        return new
    }

    /// Throws `invalidToken` if the session has ended since it was checked, here or on another instance. It cannot end
    /// before the transaction does. Every change that outlives its session asks this first.
    package static func requireStill(_ tx: Transaction, id: String, userID: String, now: Timestamp = .now) throws {
        // First the account's row, as a change of the password does: neither waits for the other for ever.
        try tx.run("UPDATE users SET updated_at = updated_at WHERE id = ?", [userID])
        let found = try tx.run(
            "UPDATE sessions SET last_used_at = last_used_at WHERE id = ? AND user_id = ? AND expires_at > ?",
            [id, userID, now])
        guard found == 1 else { throw APIError(.invalidToken) }
    }

    package enum Rotation: Sendable {
        case rotated(NewSession)
        case reused(accountID: String)
        case unknown

        package var accountID: String? {
            switch self {
            case .rotated(let session): session.accountID
            case .reused(let id): id
            case .unknown: nil
            }
        }
    }

    /// Exchanges a refresh token for its successor. One that was exchanged before ends its whole session, unless the
    /// exchange was so recent that its answer may have been lost.
    package static func rotate(
        _ tx: Transaction, in realm: Realm, token: String, successor: String, now: Timestamp
    ) throws -> Rotation {
        let hash = Secrets.hash(token)
        let (tokens, sessions) = (realm.refreshTokens, realm.sessions)
        let found = try tx.row(
            """
            SELECT t.used_at, s.id, a.id AS account_id FROM \(tokens) t
            JOIN \(sessions) s ON s.id = t.session_id
            JOIN \(realm.accounts) a ON a.id = s.\(realm.accountColumn)
            WHERE t.hash = ? AND s.expires_at > ? AND s.last_used_at > ? AND \(realm.mayAct)
            """,
            [hash, now, realm.idle.map { now.adding(.zero - $0) } ?? Timestamp(milliseconds: 0)]
        ) { row in
            (
                usedAt: try row.int64IfPresent("used_at"), id: try row.string("id"),
                accountID: try row.string("account_id")
            )
        }
        guard let found else { return .unknown }
        let new = NewSession(id: found.id, realm: realm, accountID: found.accountID, secret: successor)
        let claimed = try tx.run(
            "UPDATE \(tokens) SET used_at = ? WHERE hash = ? AND used_at IS NULL", [now, hash])
        if claimed == 1 {
            try tx.run(
                "INSERT INTO \(tokens) (hash, session_id) VALUES (?, ?)", [Secrets.hash(successor), found.id])
            try tx.run("UPDATE \(sessions) SET last_used_at = ? WHERE id = ?", [now, found.id])
            return .rotated(new)
        }
        let isRetry = found.usedAt.map { Timestamp(milliseconds: $0).adding(rotationGrace) > now } ?? true
        let successorUnused = try tx.row(
            "SELECT 1 AS one FROM \(tokens) WHERE hash = ? AND used_at IS NULL", [Secrets.hash(successor)]
        ) { _ in true }
        if isRetry, successorUnused != nil { return .rotated(new) }
        try tx.run("DELETE FROM \(sessions) WHERE id = ?", [found.id])
        return .reused(accountID: found.accountID)
    }

    package struct Live: Sendable {
        package let sessionID: String
        package let userID: String
        package let personalWorkspaceID: String
        package let signedInAt: Timestamp
        package let lastUsedAt: Timestamp
        package let limits: EffectiveLimits

        package func caller(_ kind: Kind) -> Caller {
            Caller(
                userID: userID, personalWorkspaceID: personalWorkspaceID, limits: limits,
                credential: .session(id: sessionID, kind: kind, signedInAt: signedInAt))
        }
    }

    private static let liveColumns = """
        SELECT s.id, s.user_id, s.created_at, s.last_used_at, w.id AS workspace_id,
            \(EffectiveLimits.columns) FROM sessions s
        JOIN users u ON u.id = s.user_id AND u.disabled_at IS NULL AND u.deleted_at IS NULL
        JOIN workspaces w ON w.personal_user_id = u.id
        JOIN plans p ON p.id = u.plan_id
        """

    /// The session if it still stands and its user may still act.
    package static func live(_ tx: Transaction, id: String, now: Timestamp) throws -> Live? {
        try tx.row("\(liveColumns) WHERE s.id = ? AND s.expires_at > ?", [id, now], Live.init)
    }

    package static func live(_ tx: Transaction, cookie: String, now: Timestamp) throws -> Live? {
        try tx.row(
            "\(liveColumns) WHERE s.secret_hash = ? AND s.expires_at > ?", [Secrets.hash(cookie), now], Live.init)
    }

    package static func touch(_ tx: Transaction, id: String, now: Timestamp) throws {
        try tx.run("UPDATE sessions SET last_used_at = ? WHERE id = ?", [now, id])
    }

    package static func list(
        _ tx: Transaction, ofUser userID: String, current currentID: String, now: Timestamp, after: Cursor, limit: Int
    ) throws -> [Session] {
        try tx.rows(
            """
            SELECT id, kind, address, user_agent, created_at, last_used_at, expires_at FROM sessions
            WHERE user_id = ? AND expires_at > ? AND id < ? ORDER BY id DESC LIMIT ?
            """,
            [userID, now, after.id, limit + 1]
        ) { row in
            Session(
                id: try row.string("id"), kind: Kind(rawValue: try row.string("kind")) ?? .token,
                address: try row.stringIfPresent("address"), userAgent: try row.stringIfPresent("user_agent"),
                createdAt: Timestamp(milliseconds: try row.int64("created_at")),
                lastUsedAt: Timestamp(milliseconds: try row.int64("last_used_at")),
                expiresAt: Timestamp(milliseconds: try row.int64("expires_at")),
                isCurrent: try row.string("id") == currentID)
        }
    }

    /// Ends one session of this user; returns false if there is none.
    package static func end(_ tx: Transaction, id: String, userID: String) throws -> Bool {
        try tx.run("DELETE FROM sessions WHERE id = ? AND user_id = ?", [id, userID]) == 1
    }

    package static func endAll(_ tx: Transaction, userID: String, except kept: String? = nil) throws {
        try tx.run("DELETE FROM sessions WHERE user_id = ? AND id <> ?", [userID, kept ?? ""])
    }

    /// Returns the number of deleted rows.
    package static func purge(_ tx: Transaction, before: Timestamp, limit: Int) throws -> Int {
        try tx.run(
            "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < ? LIMIT ?)", [before, limit])
    }
}

extension Session.Live {
    package init(_ row: Row) throws {
        sessionID = try row.string("id")
        userID = try row.string("user_id")
        personalWorkspaceID = try row.string("workspace_id")
        signedInAt = Timestamp(milliseconds: try row.int64("created_at"))
        lastUsedAt = Timestamp(milliseconds: try row.int64("last_used_at"))
        limits = try EffectiveLimits(row)
    }
}

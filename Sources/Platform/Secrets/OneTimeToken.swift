package import HTTPKit
package import Storage

/// A token that does one thing, once: it travels in a link, and only its hash is kept.
package struct OneTimeToken: Sendable {
    package enum Purpose: String, Sendable {
        /// Makes the first operator.
        case setup
        case verifyEmail = "verify_email"
        case resetPassword = "reset_password"

        package var lifetime: Duration { self == .resetPassword ? .seconds(3600) : .seconds(86_400) }
    }

    /// Maximum number of tokens of one purpose for one user in an hour, so that no mailbox is flooded.
    package static let mostInAnHour = 5

    /// Nil if the purpose belongs to no user.
    package let userID: String?
    /// The address that it was sent to.
    package let email: String?

    /// - Returns: the token; nil if the user has had too many of them lately.
    package static func issue(
        _ tx: Transaction, _ purpose: Purpose, userID: String? = nil, email: String? = nil, now: Timestamp
    ) throws -> String? {
        if let userID {
            let lately = try tx.row(
                "SELECT count(*) AS count FROM one_time_tokens WHERE user_id = ? AND purpose = ? AND created_at > ?",
                [userID, purpose.rawValue, now.adding(.seconds(-3600))]
            ) { try $0.int("count") }
            guard lately ?? 0 < mostInAnHour else { return nil }
        }
        let token = RandomText.make(bytes: 32)
        try tx.run(
            """
            INSERT INTO one_time_tokens (hash, purpose, user_id, email, expires_at, created_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [Secrets.hash(token), purpose.rawValue, userID, email, now.adding(purpose.lifetime), now])
        return token
    }

    package static func exists(_ tx: Transaction, _ purpose: Purpose, _ token: String, now: Timestamp) throws -> Bool {
        try tx.row(
            "SELECT 1 AS one FROM one_time_tokens WHERE hash = ? AND purpose = ? AND expires_at > ?",
            [Secrets.hash(token), purpose.rawValue, now]
        ) { _ in true } ?? false
    }

    /// Consumes the token; only one of several concurrent callers succeeds.
    package static func take(_ tx: Transaction, _ purpose: Purpose, _ token: String, now: Timestamp) throws
        -> OneTimeToken?
    {
        try tx.row(
            """
            DELETE FROM one_time_tokens WHERE hash = ? AND purpose = ? AND expires_at > ? RETURNING user_id, email
            """,
            [Secrets.hash(token), purpose.rawValue, now]
        ) { row in
            OneTimeToken(userID: try row.stringIfPresent("user_id"), email: try row.stringIfPresent("email"))
        }
    }

    package static func revokeAll(_ tx: Transaction, userID: String) throws {
        try tx.run("DELETE FROM one_time_tokens WHERE user_id = ?", [userID])
    }

    /// Returns the number of deleted rows.
    package static func purge(_ tx: Transaction, before: Timestamp, limit: Int) throws -> Int {
        try tx.run(
            """
            DELETE FROM one_time_tokens
            WHERE hash IN (SELECT hash FROM one_time_tokens WHERE expires_at < ? LIMIT ?)
            """,
            [before, limit])
    }
}

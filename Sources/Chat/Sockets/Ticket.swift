package import HTTPKit
package import Platform
package import Storage

/// Opens one WebSocket, in place of a token in its address: for a minute, and only once.
package struct Ticket: JSONOutput {
    package let ticket: String
    /// Lifetime, in seconds.
    package let expiresIn: Int

    package static let lifetime = Duration.seconds(60)

    package static func issue(_ tx: Transaction, sessionID: String, now: Timestamp) throws -> Ticket {
        let text = RandomText.make(bytes: 32)
        try tx.run(
            "INSERT INTO tickets (hash, session_id, expires_at) VALUES (?, ?, ?)",
            [Secrets.hash(text), sessionID, now.adding(lifetime)])
        return Ticket(ticket: text, expiresIn: Int(lifetime.components.seconds))
    }

    /// Uses the ticket up: of any number of attempts, one gets the session.
    package static func redeem(_ tx: Transaction, _ text: String, now: Timestamp) throws -> Session.Live? {
        let sessionID = try tx.row(
            "DELETE FROM tickets WHERE hash = ? AND expires_at > ? RETURNING session_id", [Secrets.hash(text), now]
        ) { try $0.string("session_id") }
        return try sessionID.flatMap { try Session.live(tx, id: $0, now: now) }
    }

    /// Returns the number of deleted rows.
    package static func purge(_ tx: Transaction, before now: Timestamp, limit: Int) throws -> Int {
        try tx.run(
            "DELETE FROM tickets WHERE hash IN (SELECT hash FROM tickets WHERE expires_at < ? LIMIT ?)", [now, limit])
    }
}

import HTTPKit
package import Storage

// A credential is believed for some seconds, and what is checked before a transaction may have ended when it begins. A
// change that outlives the credential (a key, a second factor, an invitation, a role, a secret, an address) therefore
// holds the credential's row in the transaction that writes it.

extension SessionCaller {
    /// Throws `invalidToken` unless the session still stands, on every instance; until the transaction is over, it does.
    package func holdCredential(_ tx: Transaction) throws {
        try Session.requireStill(tx, id: sessionID, userID: caller.userID)
    }
}

extension UserCaller {
    /// Throws unless the session, or the user's own key, still stands; until the transaction is over, it does.
    package func holdCredential(_ tx: Transaction) throws {
        switch caller.credential {
        case .session(let id, _, _): try Session.requireStill(tx, id: id, userID: caller.userID)
        case .key(let key): try APIKey.requireStill(tx, id: key.id, userID: caller.userID, now: .now)
        }
    }
}

extension OperatorCaller {
    /// Throws `invalidToken` unless the session still stands; until the transaction is over, it does.
    package func holdSession(_ tx: Transaction) throws {
        try OperatorSession.requireStill(tx, id: sessionID, operatorID: id)
    }
}

extension APIKey {
    /// Throws unless the user's own key can still be used, and its user may still act.
    fileprivate static func requireStill(_ tx: Transaction, id: String, userID: String, now: Timestamp) throws {
        let mayAct = try tx.run(
            """
            UPDATE users SET updated_at = updated_at WHERE id = ? AND disabled_at IS NULL AND deleted_at IS NULL
            """,
            [userID])
        guard mayAct == 1 else { throw APIError(.invalidAPIKey) }
        let found = try tx.run(
            """
            UPDATE api_keys SET name = name WHERE id = ? AND user_id = ? AND revoked_at IS NULL
            AND (expires_at IS NULL OR expires_at > ?)
            """,
            [id, userID, now])
        guard found == 1 else { throw APIError(.keyRevoked) }
    }
}

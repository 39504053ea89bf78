package import HTTPKit
package import Platform
package import Storage

extension SecondFactor {
    /// A factor as it is set up; it asks nothing of anybody before it is confirmed.
    package struct Stored: Sendable {
        package let id: String
        package let secret: String
        package let isConfirmed: Bool
    }

    /// Stores a new secret, replacing one that was never confirmed. Returns false if there is a confirmed one.
    package static func offer(
        _ tx: Transaction, realm: Realm, accountID: String, secret: String, now: Timestamp
    ) throws -> Bool {
        let column = realm.accountColumn
        return try tx.run(
            """
            INSERT INTO second_factors (id, \(column), secret, created_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (\(column)) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at
            WHERE second_factors.confirmed_at IS NULL
            """,
            [Identifier.make(), accountID, secret, now]) == 1
    }

    package static func state(_ tx: Transaction, realm: Realm, accountID: String) throws -> State {
        try tx.row(
            """
            SELECT f.confirmed_at, (SELECT COUNT(*) FROM recovery_codes r WHERE r.factor_id = f.id) AS codes
            FROM second_factors f WHERE f.\(realm.accountColumn) = ? AND f.confirmed_at IS NOT NULL
            """,
            [accountID]
        ) { row in
            State(
                enabled: true, since: Timestamp(milliseconds: try row.int64("confirmed_at")),
                recoveryCodesLeft: try row.int("codes"))
        } ?? State(enabled: false, since: nil, recoveryCodesLeft: 0)
    }

    package static func find(_ tx: Transaction, realm: Realm, accountID: String) throws -> Stored? {
        try tx.row(
            "SELECT id, secret, confirmed_at FROM second_factors WHERE \(realm.accountColumn) = ?", [accountID],
            Stored.init)
    }

    package static func find(_ tx: Transaction, id: String) throws -> Stored? {
        try tx.row("SELECT id, secret, confirmed_at FROM second_factors WHERE id = ?", [id], Stored.init)
    }

    /// Activates the factor. Returns false if it has been confirmed or replaced meanwhile.
    package static func confirm(
        _ tx: Transaction, _ factor: Stored, step: Int64, recoveryCodes: [String], now: Timestamp
    ) throws -> Bool {
        let confirmed = try tx.run(
            """
            UPDATE second_factors SET confirmed_at = ?, last_step = ? WHERE id = ? AND secret = ? AND confirmed_at IS NULL
            """,
            [now, step, factor.id, factor.secret])
        guard confirmed == 1 else { return false }
        for code in recoveryCodes {
            try tx.run(
                "INSERT INTO recovery_codes (hash, factor_id) VALUES (?, ?)", [hash(recoveryCode: code), factor.id])
        }
        return true
    }

    /// Consumes the code of a time step; only one of several concurrent callers succeeds. The codes of this and of
    /// earlier steps are refused from then on.
    package static func claim(_ tx: Transaction, id: String, step: Int64) throws -> Bool {
        try tx.run(
            """
            UPDATE second_factors SET last_step = ? WHERE id = ? AND last_step < ? AND confirmed_at IS NOT NULL
            """,
            [step, id, step]) == 1
    }

    package static func spend(_ tx: Transaction, id: String, recoveryCode: String) throws -> Bool {
        try tx.run(
            "DELETE FROM recovery_codes WHERE hash = ? AND factor_id = ?", [hash(recoveryCode: recoveryCode), id]) == 1
    }

    /// Removes the factor with its recovery codes; returns false if there is none.
    package static func remove(_ tx: Transaction, realm: Realm, accountID: String) throws -> Bool {
        try tx.run("DELETE FROM second_factors WHERE \(realm.accountColumn) = ?", [accountID]) == 1
    }
}

extension SecondFactor.Stored {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.string("id"), secret: try row.string("secret"),
            isConfirmed: try row.int64IfPresent("confirmed_at") != nil)
    }
}

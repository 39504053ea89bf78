package import HTTPKit
package import Storage

/// An address from which someone has signed in to an account. Only its fingerprint is kept.
package struct KnownAddress: Sendable {
    /// After so long without a sign-in, the address is a stranger's again.
    private static let lifetime = Duration.seconds(90 * 86_400)

    private let hash: [UInt8]

    package init(_ address: String, _ secrets: Secrets) {
        hash = secrets.fingerprint(Array("address \(IPAddress.subscriber(address))".utf8))
    }

    package func isKnown(_ tx: Transaction, to accountID: String, now: Timestamp) throws -> Bool {
        try tx.row(
            "SELECT 1 AS one FROM known_addresses WHERE account_id = ? AND address = ? AND used_at > ?",
            [accountID, hash, now.adding(.zero - Self.lifetime)]
        ) { _ in true } ?? false
    }

    package func remember(_ tx: Transaction, of accountID: String, now: Timestamp) throws {
        try tx.run(
            """
            INSERT INTO known_addresses (account_id, address, used_at) VALUES (?, ?, ?)
            ON CONFLICT (account_id, address) DO UPDATE SET used_at = excluded.used_at
            """,
            [accountID, hash, now])
    }

    package static func forgetAll(_ tx: Transaction, of accountID: String) throws {
        try tx.run("DELETE FROM known_addresses WHERE account_id = ?", [accountID])
    }

    package static func purge(_ tx: Transaction, now: Timestamp, limit: Int) throws -> Int {
        try tx.run(
            """
            DELETE FROM known_addresses WHERE (account_id, address) IN
                (SELECT account_id, address FROM known_addresses WHERE used_at < ? ORDER BY used_at LIMIT ?)
            """,
            [now.adding(.zero - lifetime), limit])
    }
}

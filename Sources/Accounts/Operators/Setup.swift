package import HTTPKit
import JSON
package import Platform
package import Storage

/// Creates the first admin: by a command on the server itself, or by a link that works once and only while there is no
/// operator. There is no default account and no default password.
package struct Setup: Sendable {
    package let database: Database

    package init(_ database: Database) { self.database = database }

    /// Returns a new link to the page that creates the first admin, and revokes the link of an earlier start. Returns
    /// nil if there is an operator.
    package func link(at address: String) async throws -> String? {
        let token = try await database.write(.system) { tx -> String? in
            _ = try Self.takeTokens(tx)
            guard try tx.row("SELECT 1 AS one FROM operators", [], { _ in true }) == nil else { return nil }
            return try OneTimeToken.issue(tx, .setup, now: .now)
        }
        return token.map { "\(address)/setup?token=\($0)" }
    }

    /// Consumes the setup tokens and returns the hashes of those that have not expired. Only one of several concurrent
    /// callers gets them.
    package static func takeTokens(_ tx: Transaction) throws -> [[UInt8]] {
        try tx.rows(
            "DELETE FROM one_time_tokens WHERE purpose = 'setup' RETURNING hash, expires_at"
        ) { row in
            (hash: try row.bytes("hash"), expiresAt: Timestamp(milliseconds: try row.int64("expires_at")))
        }.filter { $0.expiresAt > .now }.map(\.hash)
    }

    package struct FirstAdmin: Input, Ruled {
        package let token: String
        package let username: String
        package let name: String?
        package let password: String

        package static var rules: [String: Rule] {
            [
                "token": .text(1...100, note: "From the link that the server showed at its start."),
                "username": User.usernameRule, "name": .name(1...100), "password": .text(8...256),
            ]
        }

        package func validate() throws(APIError) { try User.check(username: username) }
    }

    package func isOpen(_ token: String) async throws -> Bool {
        try await database.read(.system) { tx in try OneTimeToken.exists(tx, .setup, token, now: .now) }
    }

    package func create(_ input: FirstAdmin, passwordHash: String, for call: Call) async throws -> OperatorAccount {
        try await database.write(.system) { tx in
            guard try Self.takeTokens(tx).contains(Secrets.hash(input.token)),
                try tx.row("SELECT 1 AS one FROM operators", [], { _ in true }) == nil
            else { throw SetupRoutes.closed }
            let made = try OperatorAccount.create(
                tx, username: input.username, name: input.name ?? input.username, .all, passwordHash: passwordHash,
                now: .now)
            call.audit(actor: Realm.admins.actor(made.id), target: Realm.admins.actor(made.id))
            return made
        }
    }
}

package import HTTPKit
import JSON
package import Platform
package import Storage

/// How the first admin comes to be: by a command on the server itself, or by a link that works once, and only as long as
/// there is no operator. No account and no password is there by default.
package struct Setup: Sendable {
    package let database: Database

    package init(_ database: Database) { self.database = database }

    /// Where the first admin is made, in place of what an earlier start offered; nil where there is an operator.
    package func link(at address: String) async throws -> String? {
        let token = try await database.write(.system) { tx -> String? in
            _ = try Self.takeTokens(tx)
            guard try tx.row("SELECT 1 AS one FROM operators", [], { _ in true }) == nil else { return nil }
            return try OneTimeToken.issue(tx, .setup, now: .now)
        }
        return token.map { "\(address)/setup?token=\($0)" }
    }

    /// The hashes of those that still count. Whoever takes them is alone: there are none for a second one.
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

import Accounts
import HTTPKit
import JSON
import Platform
import Storage

extension Setup {
    /// Creates an admin with all permissions. It needs no sign-in, because a person with the server's files could do it anyway.
    package func createAdmin(
        username: String, name: String?, password: String, _ configuration: ServerConfiguration
    ) async throws {
        let username = username.trimmingBlanks
        do {
            try Schema.of(FirstAdmin.self).check(
                .object([
                    "token": "none", "username": .string(username), "name": .string(name ?? username),
                    "password": .string(password),
                ]))
            try User.check(username: username)
            let common = try CommonPasswords(contentsOf: configuration.resources.commonPasswords)
            guard !common.contains(password) else { throw APIError(.passwordTooCommon) }
            let hash = try await PasswordHasher(scheme: configuration.passwordScheme).hash(password)
            try await naming {
                try await database.write(.system) { tx in
                    _ = try Self.takeTokens(tx)
                    let made = try OperatorAccount.create(
                        tx, username: username, name: name ?? username, .all, passwordHash: hash, now: .now)
                    try AuditEntry.insert(
                        tx, actor: AuditEntry.system, action: "mynah admin create", target: "operator:\(made.id)")
                }
            }
        } catch let error as APIError {
            throw StartError(error.message)
        }
    }
}

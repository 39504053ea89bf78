import Accounts
import Chatbots
import HTTPKit
import JSON
import Platform
package import Storage

/// Demo data: one user, one chatbot and a publicly known key. Created only on request, and only in development, because
/// the key would give strangers access.
package enum DemoData {
    package static let userID = "u1"
    package static let username = "testuser"
    package static let email = "test@example.com"
    package static let chatbotID = "c1"
    package static let key = "sample_api_key_123"
    private static let keyID = "demo-key"

    package struct Made: Sendable {
        package var user = false
        package var chatbot = false
        package var key = false
    }

    package static func requireDevelopment(_ configuration: ServerConfiguration) throws {
        guard configuration.environment != .production else {
            throw StartError(
                "Demo data has a key that everybody knows, so it is not made if ENVIRONMENT is production.")
        }
    }

    package static func randomPassword() -> String { RandomText.makeHex(bytes: 8) }

    /// Creates the parts that do not exist yet.
    ///
    /// - Parameter password: password of the user, if it is created.
    package static func make(
        in database: Database, _ configuration: ServerConfiguration, password: String
    ) async throws -> Made {
        try requireDevelopment(configuration)
        let secrets = try KeyFiles.secrets(configuration)
        let hash = try await PasswordHasher(scheme: configuration.passwordScheme).hash(password)
        return try await database.write(.system) { tx in
            var made = Made()
            let now = Timestamp.now
            made.user = !(try has(tx, "users", userID))
            if made.user { try makeUser(tx, passwordHash: hash, secrets, now: now) }
            guard let user = try User.find(tx, id: userID)?.user else {
                throw StartError("The demo user was deleted, and its id is not given again.")
            }
            let tenant = Tenant(creatorOf: user.workspaceID, userID: userID)
            if !(try has(tx, "chatbots", chatbotID)) {
                made.chatbot = true
                try makeChatbot(tx, in: tenant, now: now)
            }
            if !(try has(tx, "api_keys", keyID)) {
                made.key = true
                _ = try APIKey.create(
                    tx, for: .chatbot(chatbotID, tenant), by: userID, .secret, name: "Demo key",
                    .init(scopes: KeyScope.allCases), .init(id: keyID, text: key), now: now)
            }
            return made
        }
    }

    /// Throws if a server in production has the demo key in its database, so that it does not start.
    package static func refuse(in database: Database, _ configuration: ServerConfiguration) async throws {
        guard configuration.environment == .production else { return }
        let isUsable = try await database.read(.system) { tx in
            try tx.row("SELECT 1 AS found FROM api_keys WHERE id = ? AND revoked_at IS NULL", [keyID]) { _ in true }
        }
        guard isUsable != true else {
            throw StartError(
                "The database holds the demo data's key, which everybody knows. Revoke it, or use another database.")
        }
    }

    private static func has(_ tx: Transaction, _ table: String, _ id: String) throws -> Bool {
        try tx.row("SELECT 1 AS found FROM \(table) WHERE id = ?", [id]) { _ in true } ?? false
    }

    private static func makeUser(_ tx: Transaction, passwordHash: String, _ secrets: Secrets, now: Timestamp) throws {
        var details = UserDetails(firstName: "John", lastName: "Doe")
        details.company = "Tech Corp"
        details.role = "Software Engineer"
        details.preferences = JSONObject(["language": "en"])
        details.profileData = "Builds web applications and likes short answers."
        let input = User.Create(
            username: username, email: email, password: "", firstName: nil, lastName: nil)
        do {
            _ = try User.create(
                tx, input, id: userID, passwordHash: passwordHash, details: try details.encrypted(secrets),
                contents: .defaultChatbot, now: now)
        } catch let error as StorageError {
            guard case .unique = error.kind else { throw error }
            throw StartError("Another account has the name '\(username)' or the address \(email).")
        }
    }

    private static func makeChatbot(_ tx: Transaction, in tenant: Tenant, now: Timestamp) throws {
        _ = try Chatbot.create(tx, in: tenant, .init(name: "My First Chatbot"), id: chatbotID, now: now)
        _ = try Prompt.create(
            tx, in: tenant, chatbotID: chatbotID,
            .init(
                content: """
                    You are a helpful assistant. You talk to {{user.first_name}}, {{user.role}} at {{user.company}}. \
                    Answer clearly and briefly.
                    """, activate: true), now: now)
    }
}

package import Chatbots
package import HTTPKit
import JSON
package import LLM
package import Platform
package import Storage

/// The one a chatbot talks to, as the database has it: an account, or an end user that an application named.
package struct Person: Sendable {
    /// As the one who asks knows it: an end user goes by the application's own id.
    package let id: String
    package let email: String?
    package let encryptedDetails: String?

    /// For a key that names no end user, the owner of its workspace.
    package static func find(
        _ tx: Transaction, _ requester: TurnRequester, in tenant: Tenant, endUserID known: String?
    ) throws -> Person {
        try find(tx, in: tenant, endUserID: requester.endUserID ?? known)
    }

    /// The end user, or, if none is named, the user that the tenant stands for.
    package static func find(_ tx: Transaction, in tenant: Tenant, endUserID: String?) throws -> Person {
        if let endUserID {
            let person = try tx.row(
                "SELECT external_id, profile FROM end_users WHERE workspace_id = ? AND id = ? AND deleted_at IS NULL",
                [tenant.workspaceID, endUserID]
            ) {
                Person(
                    id: try $0.string("external_id"), email: nil, encryptedDetails: try $0.stringIfPresent("profile"))
            }
            guard let person else { throw APIError(.notFound) }
            return person
        }
        let person = try tx.row("SELECT id, email, details FROM users WHERE id = ?", [tenant.userID]) {
            Person(
                id: try $0.string("id"), email: try $0.stringIfPresent("email"),
                encryptedDetails: try $0.stringIfPresent("details"))
        }
        guard let person else { throw APIError(.notFound) }
        return person
    }
}

extension UserContext {
    /// Maximum length of the context, in characters: the conversation's last turns.
    private static let longestContext = 8000

    package init(
        _ person: Person, sessionData: JSONObject, history: [ChatMessage], _ secrets: Secrets, now: Timestamp
    ) throws {
        let details = try UserDetails(encrypted: person.encryptedDetails, secrets)
        let turns = history.map { "\($0.role == .user ? "User" : "Assistant"): \(Self.indented($0.content))" }
        self.init(
            userID: person.id, userProfile: Profile(details, email: person.email), sessionData: sessionData,
            conversationContext: String(turns.joined(separator: "\n").suffix(Self.longestContext)), timestamp: now)
    }

    /// A message's further lines stand back, so that none looks like another requester's turn.
    private static func indented(_ content: String) -> String {
        content.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).joined(separator: "\n  ")
    }

    /// The prompt with its variables filled.
    /// Throws `message_too_long` if it is longer than any model reads.
    package func filling(_ prompt: String, of chatbot: Chatbot) throws(APIError) -> String {
        let filled = PromptTemplate.fill(prompt) { value(of: $0, chatbot: chatbot) }
        guard filled.utf8.count <= PromptTemplate.longest else { throw APIError(.messageTooLong) }
        return filled
    }

    /// The value of a prompt's variable.
    private func value(of variable: String, chatbot: Chatbot) -> String? {
        let parts = variable.split(separator: ".", maxSplits: 2).map(String.init)
        switch (parts.first, parts.count > 1 ? parts[1] : nil) {
        case ("user", "id"): return userID
        case ("user", "email"): return userProfile.email
        case ("user", "first_name"): return userProfile.firstName
        case ("user", "last_name"): return userProfile.lastName
        case ("user", "company"): return userProfile.company
        case ("user", "role"): return userProfile.role
        case ("user", "profile_data"): return userProfile.profileData
        case ("user", "preferences"): return parts.count > 2 ? userProfile.preferences.text(parts[2]) : nil
        case ("session", let name?): return sessionData.text(name)
        case ("chatbot", "name"): return chatbot.name
        case ("date", nil): return String(timestamp.iso8601.prefix(10))
        default: return nil
        }
    }
}

extension JSONObject {
    /// A member as text.
    fileprivate func text(_ name: String) -> String? {
        switch members[name] {
        case nil, .null: nil
        case .string(let text): text
        case let value?: String(decoding: value.serialized(), as: UTF8.self)
        }
    }
}

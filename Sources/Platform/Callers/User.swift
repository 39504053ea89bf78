import HTTPKit
import Storage

/// A person with an account.
struct User: JSONOutput {
    let id: String
    let username: String?
    let email: String?
    let emailVerified: Bool
    let firstName: String?
    let lastName: String?
    /// The personal workspace.
    let workspaceID: String
    let createdAt: Timestamp
    let updatedAt: Timestamp

    struct Create: Input, Ruled {
        let username: String?
        let email: String?
        let password: String
        let firstName: String?
        let lastName: String?
        /// The token of an invitation, which registration may need.
        var invitation: String?

        static var rules: [String: Rule] {
            User.nameRules.merging([
                "password": .text(8...256),
                "invitation": .text(
                    1...256, note: "An invitation's token; needed where registration is by invitation only."),
            ]) { $1 }
        }

        func validate() throws(APIError) {
            try User.check(username: username)
            guard username != nil || email != nil else {
                throw APIError(.missingField, "Give a 'username', an 'email' or both.", param: "username")
            }
        }
    }

    struct Update: Input, Ruled {
        let username: Change<String>
        let firstName: Change<String>
        let lastName: Change<String>

        static var rules: [String: Rule] { User.nameRules.filter { $0.key != "email" } }

        func validate() throws(APIError) {
            if case .value(let name) = username { try User.check(username: name) }
        }
    }

    /// What no pattern says: a name must not look like nothing, or like another one.
    static func check(username: String?) throws(APIError) {
        guard let username, let problem = Lookalike.problem(username) else { return }
        throw APIError.invalid("username", "'username' \(problem).")
    }

    static let usernameRule = Rule.text(
        2...64, pattern: "[\\p{L}\\p{M}\\p{N}._\\-]+", note: "letters, digits, dots, hyphens and underscores."
    ).documented(as: "(?:[A-Za-z0-9._\\-]|[^\\x00-\\x7F])+").trimmed

    private static var nameRules: [String: Rule] {
        [
            "username": usernameRule,
            "email": .email,
            "first_name": .text(0...100),
            "last_name": .text(0...100),
        ]
    }
}

extension User {
    /// The error for a name or address that another account has.
    static func taken(_ error: StorageError) -> any Error {
        guard case .unique(let columns) = error.kind else { return error }
        if columns.contains("username_key") || columns.contains("username_skeleton") {
            return APIError(.usernameTaken, param: "username")
        }
        if columns.contains("email_key") { return APIError(.emailTaken, param: "email") }
        return error
    }
}

package import HTTPKit
package import Storage

/// A person with an account.
package struct User: JSONOutput {
    package let id: String
    package let username: String?
    package let email: String?
    package let emailVerified: Bool
    package let firstName: String?
    package let lastName: String?
    /// The personal workspace.
    package let workspaceID: String
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    package init(
        id: String, username: String?, email: String?, emailVerified: Bool, firstName: String?, lastName: String?,
        workspaceID: String, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.username = username
        self.email = email
        self.emailVerified = emailVerified
        self.firstName = firstName
        self.lastName = lastName
        self.workspaceID = workspaceID
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    package struct Create: Input, Ruled {
        package let username: String?
        package let email: String?
        package let password: String
        package let firstName: String?
        package let lastName: String?
        /// The token of an invitation, which registration may need.
        package var invitation: String?

        package init(
            username: String?, email: String?, password: String, firstName: String?, lastName: String?,
            invitation: String? = nil
        ) {
            self.username = username
            self.email = email
            self.password = password
            self.firstName = firstName
            self.lastName = lastName
            self.invitation = invitation
        }

        package static var rules: [String: Rule] {
            User.nameRules.merging([
                "password": .text(8...256),
                "invitation": .text(
                    1...256, note: "An invitation's token; needed if registration is by invitation only."),
            ]) { $1 }
        }

        package func validate() throws(APIError) {
            try User.check(username: username)
            guard username != nil || email != nil else {
                throw APIError(.missingField, "Give a 'username', an 'email' or both.", param: "username")
            }
        }
    }

    package struct Update: Input, Ruled {
        package let username: Change<String>
        package let firstName: Change<String>
        package let lastName: Change<String>

        package static var rules: [String: Rule] { User.nameRules.filter { $0.key != "email" } }

        package func validate() throws(APIError) {
            if case .value(let name) = username { try User.check(username: name) }
        }
    }

    /// What no pattern says: a name must not look like nothing, or like another one.
    package static func check(username: String?) throws(APIError) {
        guard let username, let problem = Lookalike.problem(username) else { return }
        throw APIError.invalid("username", "'username' \(problem).")
    }

    package static let usernameRule = Rule.text(
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
    package static func taken(_ error: StorageError) -> any Error {
        guard case .unique(let columns) = error.kind else { return error }
        if columns.contains("username_key") || columns.contains("username_skeleton") {
            return APIError(.usernameTaken, param: "username")
        }
        if columns.contains("email_key") { return APIError(.emailTaken, param: "email") }
        return error
    }
}

package import HTTPKit

/// A letter to a user, before its words are chosen.
package struct MailJob: Codable, Sendable {
    package enum Kind: String, Codable, Sendable {
        case verifyEmail = "verify_email"
        case changeEmail = "change_email"
        case emailChanged = "email_changed"
        case resetPassword = "reset_password"
        case alreadyRegistered = "already_registered"
        case secondFactorRemoved = "second_factor_removed"
        case invitation
        case keysToCheck = "keys_to_check"
    }

    package typealias Language = UserLanguage

    /// What a letter tells of others.
    package struct About: Codable, Sendable {
        /// The name of an account: who invites, or who chose a new password.
        package let person: String
        package let workspace: String
        package var role: Role?
        package var keys: [String]?
        /// The API calls by which to act.
        package var calls: [String]?

        package init(
            person: String, workspace: String, role: Role? = nil, keys: [String]? = nil, calls: [String]? = nil
        ) {
            self.person = person
            self.workspace = workspace
            self.role = role
            self.keys = keys
            self.calls = calls
        }
    }

    package let kind: Kind
    package let userID: String
    package let recipient: String
    package let language: Language
    /// What the link proves.
    package var token: String?
    package var about: About?
    /// The same for each attempt, so that a mail that comes twice can be known.
    package var id: String

    package init(
        kind: Kind, userID: String, recipient: String, language: Language, token: String? = nil, about: About? = nil,
        id: String = Identifier.make()
    ) {
        self.kind = kind
        self.userID = userID
        self.recipient = recipient
        self.language = language
        self.token = token
        self.about = about
        self.id = id
    }
}

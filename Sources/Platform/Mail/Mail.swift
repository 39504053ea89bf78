import HTTPKit

/// A letter to a user, before its words are chosen.
struct Mail: Codable, Sendable {
    enum Kind: String, Codable, Sendable {
        case verifyEmail = "verify_email"
        case changeEmail = "change_email"
        case emailChanged = "email_changed"
        case resetPassword = "reset_password"
        case alreadyRegistered = "already_registered"
        case secondFactorRemoved = "second_factor_removed"
        case invitation
        case keysToCheck = "keys_to_check"
    }

    typealias Language = UserLanguage

    /// What a letter tells of others.
    struct About: Codable, Sendable {
        /// The name of an account: who invites, or who chose a new password.
        let person: String
        let workspace: String
        var role: Role?
        var keys: [String]?
        /// The API calls by which to act.
        var calls: [String]?
    }

    let kind: Kind
    let userID: String
    let recipient: String
    let language: Language
    /// What the link proves.
    var token: String?
    var about: About?
    /// The same for each attempt, so that a mail that comes twice can be known.
    var id = Identifier.make()
}

import HTTPKit
import Storage

/// Mail that proves whose an address is.
struct EmailVerification: Sendable {
    let database: Database
    let secrets: Secrets
    let mailer: Mailer
    /// Whether nobody signs in by password who has an unconfirmed address: `EMAIL_VERIFICATION`.
    let isRequired: Bool

    /// Sends the user a link, unless there is nothing to confirm, or several have been sent lately.
    func send(userID: String, or language: Mail.Language = .english) async throws {
        try await database.write(.system) { tx in
            guard let account = try EmailAccount.find(tx, id: userID), !account.isVerified, account.email != nil else {
                return
            }
            try queue(tx, .verifyEmail, account, language, now: .now)
        }
    }

    /// - Parameter recipient: the account's own address where it is left out.
    /// - Returns: false where the user has had enough of them lately.
    @discardableResult
    func queue(
        _ tx: Transaction, _ kind: Mail.Kind, _ account: EmailAccount, to recipient: String? = nil,
        _ language: Mail.Language, now: Timestamp
    ) throws -> Bool {
        guard let recipient = recipient ?? account.email else { return false }
        let purpose: OneTimeToken.Purpose = [.verifyEmail, .changeEmail].contains(kind) ? .verifyEmail : .resetPassword
        guard let token = try OneTimeToken.issue(tx, purpose, userID: account.id, email: recipient, now: now) else {
            return false
        }
        try mailer.queue(tx, try mail(kind, account, to: recipient, language, token: token), now: now)
        return true
    }

    func mail(
        _ kind: Mail.Kind, _ account: EmailAccount, to recipient: String, _ language: Mail.Language,
        token: String? = nil
    ) throws -> Mail {
        Mail(
            kind: kind, userID: account.id, recipient: recipient,
            language: Mail.Language(try UserDetails(encrypted: account.details, secrets), or: language), token: token)
    }
}

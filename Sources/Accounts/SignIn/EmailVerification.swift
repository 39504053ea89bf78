package import HTTPKit
package import Platform
package import Storage

/// Mail that proves whose an address is.
package struct EmailVerification: Sendable {
    package let database: Database
    package let secrets: Secrets
    package let mailer: Mailer
    /// Whether users with an unconfirmed address are refused when they sign in by password: `EMAIL_VERIFICATION`.
    package let isRequired: Bool

    package init(database: Database, secrets: Secrets, mailer: Mailer, isRequired: Bool) {
        self.database = database
        self.secrets = secrets
        self.mailer = mailer
        self.isRequired = isRequired
    }

    /// Sends the user a link, unless there is nothing to confirm, or several have been sent lately.
    package func send(userID: String, or language: MailJob.Language = .english) async throws {
        try await database.write(.system) { tx in
            guard let account = try EmailAccount.find(tx, id: userID), !account.isVerified, account.email != nil else {
                return
            }
            try queue(tx, .verifyEmail, account, language, now: .now)
        }
    }

    /// - Parameter recipient: the account's own address if nil.
    /// - Returns: false if there is no recipient, or the user has been sent too many links lately.
    @discardableResult
    package func queue(
        _ tx: Transaction, _ kind: MailJob.Kind, _ account: EmailAccount, to recipient: String? = nil,
        _ language: MailJob.Language, now: Timestamp
    ) throws -> Bool {
        guard let recipient = recipient ?? account.email else { return false }
        let purpose: OneTimeToken.Purpose = [.verifyEmail, .changeEmail].contains(kind) ? .verifyEmail : .resetPassword
        guard let token = try OneTimeToken.issue(tx, purpose, userID: account.id, email: recipient, now: now) else {
            return false
        }
        try mailer.queue(tx, try mail(kind, account, to: recipient, language, token: token), now: now)
        return true
    }

    package func mail(
        _ kind: MailJob.Kind, _ account: EmailAccount, to recipient: String, _ language: MailJob.Language,
        token: String? = nil
    ) throws -> MailJob {
        MailJob(
            kind: kind, userID: account.id, recipient: recipient,
            language: MailJob.Language(try UserDetails(encrypted: account.details, secrets), or: language), token: token
        )
    }
}

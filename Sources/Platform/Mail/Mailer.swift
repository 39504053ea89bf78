package import HTTPKit
import JSON
package import Logging
package import SMTP
package import Storage

/// Sends mail beside the requests that cause it: what is to be sent is committed with what caused it, encrypted, for it
/// holds tokens.
package struct Mailer: Sendable {
    package static let kind = "mail"

    private let route: (client: SMTPClient, sender: Mailbox)?
    /// URL at which browsers reach this server, for links.
    package let server: String
    private let secrets: Secrets
    private let logger: Logger

    /// - Parameter smtp: how mail is sent; nil if it is not.
    /// - Parameter server: URL at which browsers reach this server, for links.
    package init(
        smtp: SMTPSettings?, sender: Mailbox?, server: String, secrets: Secrets, logger: Logger
    ) throws {
        if let settings = smtp, let sender {
            do {
                route = (try SMTPClient(settings, name: sender.domain), sender)
            } catch {
                throw StartError("SMTP_URL: TLS cannot be set up: \(error)")
            }
        } else {
            route = nil
        }
        self.server = server
        self.secrets = secrets
        self.logger = logger
    }

    package var isOn: Bool { route != nil }

    /// To be sent once the transaction is committed.
    package func queue(_ tx: Transaction, _ mail: MailJob, now: Timestamp) throws {
        guard isOn else {
            return logger.warning(
                "mail not sent: SMTP_URL is not set",
                metadata: ["kind": .string(mail.kind.rawValue), "user": .string(mail.userID)])
        }
        try JobQueue.insert(
            tx, Self.kind, payload: try secrets.encrypt(JSONWriter.encode(mail, nils: .omit)), at: now)
    }

    package func send(payload: String) async throws {
        guard let (client, sender) = route else { return }
        let mail = try secrets.decryptJSON(MailJob.self, payload)
        let letter = MailContent(mail, server: server)
        let message = try MIMEMessage(
            from: sender, to: mail.recipient, subject: letter.subject, text: letter.text, html: letter.html,
            id: mail.id, date: .now)
        try await client.send(message)
    }
}

import HTTPTypes
import JSON
import Storage
import Testing

@testable import Accounts
@testable import App
@testable import Platform
@testable import SMTP

extension ServerConfiguration {
    /// Configures a mail server that does not exist, so that mails stay in the queue.
    mutating func sendsMail(verifying: Bool = false) {
        smtp = try! SMTPSettings("smtp://127.0.0.1:1")
        mailFrom = Mailbox("Mynah <no-reply@example.com>")
        publicURL = "https://chat.example.com"
        requiresEmailVerification = verifying
    }
}

extension TestApp {
    /// The mail that has been queued since the last look, the oldest first; what waits for its own job is done before.
    func mails() async throws -> [MailJob] {
        for payload in try await takeJobs(ResetRequest.kind) {
            try await app.email.send(try app.email.secrets.decryptJSON(ResetRequest.self, payload))
        }
        return try await takeJobs(Mailer.kind).map { try app.email.secrets.decryptJSON(MailJob.self, $0) }
    }

    private func takeJobs(_ kind: String) async throws -> [String] {
        try await database.write(.system) { tx in
            let jobs = try tx.rows("SELECT id, payload FROM jobs WHERE kind = ? ORDER BY id", [kind]) { row in
                (id: try row.string("id"), payload: try row.string("payload"))
            }
            for job in jobs { try tx.run("DELETE FROM jobs WHERE id = ?", [job.id]) }
            return jobs.map(\.payload)
        }
    }

    /// The one mail that has been queued, with its token.
    func token(_ kind: MailJob.Kind, to recipient: String) async throws -> String {
        let mails = try await mails()
        try #require(mails.count == 1, "\(mails.map(\.kind))")
        #expect(mails[0].kind == kind && mails[0].recipient == recipient)
        return try #require(mails[0].token)
    }

    func signIn(_ name: String, _ password: String = TestApp.password) async throws -> Answer {
        try await call(.post, "/auth/token", ["username": .string(name), "password": .string(password)])
    }

    func register(email: String, password: String = TestApp.password, username: String? = nil) async throws -> Answer {
        var body: [String: JSONValue] = ["email": .string(email), "password": .string(password)]
        if let username { body["username"] = .string(username) }
        return try await call(.post, "/auth/register", .object(body))
    }
}

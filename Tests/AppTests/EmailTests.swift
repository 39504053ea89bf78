import HTTPTypes
import JSON
import Storage
import Testing

@testable import Accounts
@testable import App
@testable import HTTPKit
@testable import Platform

/// Forgotten passwords, and addresses that are confirmed and changed.
@Suite struct EmailTests {
    private static func mailing(
        verifying: Bool = false, _ test: @Sendable (TestApp) async throws -> Void
    ) async throws {
        try await TestApp.run(configure: { $0.sendsMail(verifying: verifying) }, test)
    }

    @Test("A password reset link works once and signs out everywhere")
    func reset() async throws {
        try await Self.mailing { app in
            #expect(try await app.register(email: "alice@example.com").status == 201)
            let grant = try await app.signIn("alice@example.com")
            let session: HTTPFields = [.authorization: "Bearer \(try grant.string("access_token"))"]
            let key = try await app.call(.post, "/users/me/api-keys", [:], headers: session).string("key")
            #expect(try await app.call(.get, "/users/me", headers: [.apiKey: key]).status == 200)
            _ = try await app.mails()

            let asked = try await app.call(.post, "/auth/password/forgot", ["email": "ALICE@example.com"])
            #expect(asked.status == 202 && asked.text == "{}")
            let first = try await app.token(.resetPassword, to: "alice@example.com")
            try await app.call(.post, "/auth/password/forgot", ["email": "alice@example.com"])
            let second = try await app.token(.resetPassword, to: "alice@example.com")

            for password in ["password1", "short"] {
                let refused = try await app.reset(first, password)
                #expect(refused.status == 422 && refused["error"]?["param"] == "password")
            }
            #expect(try await app.reset(first, "a new song to sing").status == 204)
            #expect(try await app.call(.get, "/users/me", headers: session).status == 401)
            #expect(try await app.call(.get, "/users/me", headers: [.apiKey: key]).errorCode == "key_revoked")
            let known = try await app.database.read(.system) { tx in
                try tx.row("SELECT count(*) AS count FROM known_addresses") { try $0.int("count") }
            }
            #expect(known == 0)
            #expect(try await app.signIn("alice@example.com").status == 401)
            let again = try await app.signIn("alice@example.com", "a new song to sing")
            let renewed: HTTPFields = [.authorization: "Bearer \(try again.string("access_token"))"]
            #expect(try await app.call(.get, "/users/me", headers: renewed)["email_verified"] == true)
            for token in [first, second, "made-up", String(repeating: "x", count: 256)] {
                let again = try await app.reset(token, "yet another song")
                #expect(again.status == 422 && again.errorCode == "invalid_link")
            }
        }
    }

    @Test("Whether there is such an account, the answer to a forgotten password does not tell")
    func forgotUnknown() async throws {
        try await Self.mailing { app in
            for name in ["gone", "barred", "fine"] { _ = try await app.register(email: "\(name)@example.com") }
            _ = try await app.mails()
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE users SET deleted_at = 1 WHERE email = 'gone@example.com'")
                try tx.run("UPDATE users SET disabled_at = 1 WHERE email = 'barred@example.com'")
            }
            var answers: Set<String> = []
            for name in ["gone", "barred", "nobody", "fine"] {
                let before = try await app.database.read(.system) { tx in try Self.jobs(tx) }
                let answer = try await app.call(
                    .post, "/auth/password/forgot", ["email": .string("\(name)@example.com")])
                let after = try await app.database.read(.system) { tx in try Self.jobs(tx) }
                answers.insert("\(answer.status) \(answer.text) \(after - before)")
            }
            #expect(answers == ["202 {} 1"])
            #expect(try await app.mails().map(\.recipient) == ["fine@example.com"])
        }
    }

    private static func jobs(_ tx: Transaction) throws -> Int {
        try tx.row("SELECT count(*) AS count FROM jobs WHERE kind = ?", [ResetRequest.kind]) { try $0.int("count") }!
    }

    @Test("Of ten who come with one link at once, one gets through")
    func race() async throws {
        try await Self.mailing { app in
            _ = try await app.register(email: "alice@example.com")
            _ = try await app.mails()
            try await app.call(.post, "/auth/password/forgot", ["email": "alice@example.com"])
            let token = try await app.token(.resetPassword, to: "alice@example.com")
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<10 {
                    group.addTask { try await app.reset(token, "a song for number \(number)").status }
                }
                return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses == [204: 1, 422: 9])
        }
    }

    @Test("A link is void after its time, after another password was chosen, and for a user who is gone")
    func voidLinks() async throws {
        try await Self.mailing { app in
            for spoil in [
                "UPDATE one_time_tokens SET expires_at = 1", "UPDATE users SET disabled_at = 1",
                "UPDATE users SET disabled_at = NULL, deleted_at = 1",
            ] {
                let email = "user\(spoil.utf8.count)@example.com"
                _ = try await app.register(email: email)
                let confirmation = try await app.token(.verifyEmail, to: email)
                try await app.call(.post, "/auth/password/forgot", ["email": .string(email)])
                let token = try await app.token(.resetPassword, to: email)
                try await app.database.write(.system) { tx in try tx.run(spoil) }
                #expect(try await app.reset(token, "a new song to sing").errorCode == "invalid_link")
                #expect(try await app.verify(confirmation).errorCode == "invalid_link")
            }
            try await app.sweep()
            let left = try await app.database.read(.system) { tx in
                try tx.row("SELECT count(*) AS count FROM one_time_tokens WHERE expires_at = 1") { try $0.int("count") }
            }
            #expect(left == 0)
        }
    }

    @Test("A password that was changed makes links void that were sent before")
    func changedPassword() async throws {
        try await Self.mailing { app in
            let alice = try await app.user("alice")
            let key = try await app.call(.post, "/users/me/api-keys", as: alice).string("key")
            let changing = try await app.call(
                .post, "/auth/email", ["email": "mallory@example.com", "password": .string(TestApp.password)], as: alice
            )
            #expect(changing.status == 202)
            let token = try await app.token(.changeEmail, to: "mallory@example.com")
            let changed = try await app.call(
                .post, "/auth/password",
                ["current_password": .string(TestApp.password), "new_password": "a new song to sing"], as: alice)
            #expect(changed.status == 204)
            #expect(try await app.verify(token).errorCode == "invalid_link")
            #expect(try await app.call(.get, "/users/me", as: alice)["email"] == .null)
            // Its owner has changed it, and keeps what is the owner's.
            #expect(try await app.call(.get, "/users/me", headers: [.apiKey: key]).status == 200)
        }
    }

    @Test("An address is confirmed by its link, once; another link can be asked for, but not without end")
    func confirm() async throws {
        try await Self.mailing { app in
            _ = try await app.register(email: "alice@example.com", username: "alice")
            let token = try await app.token(.verifyEmail, to: "alice@example.com")
            let grant = try await app.signIn("alice")
            let session: HTTPFields = [.authorization: "Bearer \(try grant.string("access_token"))"]
            #expect(try await app.call(.get, "/users/me", headers: session)["email_verified"] == false)
            for _ in 0..<9 {
                let again = try await app.call(.post, "/auth/email/verification", headers: session)
                #expect(again.status == 202 && again.text == "{}")
            }
            #expect(try await app.mails().count == OneTimeToken.mostInAnHour - 1)
            #expect(try await app.verify(token).status == 204)
            #expect(try await app.verify(token).errorCode == "invalid_link")
            #expect(try await app.call(.get, "/users/me", headers: session)["email_verified"] == true)
            #expect(try await app.call(.post, "/auth/email/verification", headers: session).status == 202)
            #expect(try await app.mails().isEmpty)
        }
    }

    @Test("An address changes when the new one is confirmed, and the old one is told")
    func change() async throws {
        try await Self.mailing { app in
            _ = try await app.register(email: "old@example.com", username: "alice")
            let unused = try await app.token(.verifyEmail, to: "old@example.com")
            _ = try await app.register(email: "taken@example.com")
            _ = try await app.mails()
            let session: HTTPFields = [
                .authorization: "Bearer \(try await app.signIn("alice").string("access_token"))"
            ]
            func ask(_ email: String, _ password: String = TestApp.password) async throws -> TestApp.Answer {
                try await app.call(
                    .post, "/auth/email", ["email": .string(email), "password": .string(password)], headers: session)
            }
            #expect(try await ask("new@example.com", "not it").errorCode == "wrong_password")
            #expect(try await ask("Taken@example.com").errorCode == "email_taken")
            #expect(try await ask("new@example.com").status == 202)
            #expect(try await app.call(.get, "/users/me", headers: session)["email"] == "old@example.com")
            let token = try await app.token(.changeEmail, to: "new@example.com")
            try await app.call(.post, "/auth/password/forgot", ["email": "old@example.com"])
            let reset = try await app.token(.resetPassword, to: "old@example.com")
            #expect(try await app.verify(token).status == 204)
            let told = try await app.mails()
            #expect(told.map(\.kind) == [.emailChanged] && told[0].recipient == "old@example.com")
            let me = try await app.call(.get, "/users/me", headers: session)
            #expect(me["email"] == "new@example.com" && me["email_verified"] == true)
            #expect(try await app.reset(reset, "a new song to sing").errorCode == "invalid_link")
            #expect(try await app.verify(unused).errorCode == "invalid_link")
            #expect(try await app.signIn("old@example.com").status == 401)
            #expect(try await app.signIn("NEW@example.com").status == 200)

            #expect(try await ask("late@example.com").status == 202)
            let late = try await app.token(.changeEmail, to: "late@example.com")
            _ = try await app.register(email: "late@example.com")
            #expect(try await app.verify(late).errorCode == "email_taken")
        }
    }

    @Test("With confirmation required, registering does not reveal which addresses are taken")
    func registerVerifying() async throws {
        try await Self.mailing(verifying: true) { app in
            let new = try await app.register(email: "alice@example.com")
            let token = try await app.token(.verifyEmail, to: "alice@example.com")
            let taken = try await app.register(email: "Alice@example.com", password: "a stranger's guess")
            #expect(new.status == 202 && taken.status == 202 && new.text == "{}" && taken.text == "{}")
            #expect(try await app.mails().map(\.kind) == [.alreadyRegistered])
            let entries = try await [app.entries(of: new), app.entries(of: taken)]
            #expect(entries.map(\.count) == [1, 1])
            #expect(entries.map { $0.first?.outcome } == [AuditEntry.success, "email_taken"])

            #expect(try await app.signIn("alice@example.com", "a stranger's guess").errorCode == "invalid_credentials")
            let early = try await app.signIn("alice@example.com")
            #expect(early.status == 401 && early.errorCode == "invalid_credentials")
            #expect(try await app.mails().map(\.kind) == [.verifyEmail])
            #expect(try await app.verify(token).status == 204)
            #expect(try await app.signIn("alice@example.com").status == 200)

            #expect(try await app.register(email: "bob@example.com", username: "bob").status == 202)
            _ = try await app.mails()
            for email in ["bob@example.com", "free@example.com"] {
                let refused = try await app.register(email: email, username: "BOB")
                #expect(refused.status == 409 && refused.errorCode == "username_taken")
            }
            #expect(try await app.mails().isEmpty)

            let carol = try await app.user("carol")
            for email in ["alice@example.com", "carol@example.com"] {
                let asked = try await app.call(
                    .post, "/auth/email", ["email": .string(email), "password": .string(TestApp.password)], as: carol)
                #expect(asked.status == 202 && asked.text == "{}")
            }
            #expect(try await app.mails().map(\.kind) == [.alreadyRegistered, .changeEmail])
        }
    }

    @Test("A link that chooses a new password confirms the address, too")
    func resetConfirms() async throws {
        try await Self.mailing(verifying: true) { app in
            _ = try await app.register(email: "alice@example.com")
            _ = try await app.mails()
            try await app.call(.post, "/auth/password/forgot", ["email": "alice@example.com"])
            let token = try await app.token(.resetPassword, to: "alice@example.com")
            #expect(try await app.reset(token, "a new song to sing").status == 204)
            #expect(try await app.signIn("alice@example.com", "a new song to sing").status == 200)
        }
    }

    @Test("Without a mail server nothing is queued, addresses change at once, and the log tells no token")
    func withoutMail() async throws {
        try await TestApp.run { app in
            _ = try await app.register(email: "alice@example.com", username: "alice")
            let alice = try await app.signIn("alice")
            let session: HTTPFields = [.authorization: "Bearer \(try alice.string("access_token"))"]
            try await app.call(.post, "/auth/password/forgot", ["email": "alice@example.com"])
            #expect(try await app.mails().isEmpty)
            #expect(app.log.lines.count { $0.contains("mail not sent: SMTP_URL is not set") } == 1)
            #expect(!app.log.lines.contains { $0.contains("alice@example.com") })
            let changed = try await app.call(
                .post, "/auth/email", ["email": "b@example.com", "password": .string(TestApp.password)],
                headers: session)
            #expect(changed.status == 202)
            let me = try await app.call(.get, "/users/me", headers: session)
            #expect(me["email"] == "b@example.com" && me["email_verified"] == false)
        }
    }

    @Test("Mail is in the user's language, or else in the one that was asked for")
    func language() async throws {
        try await Self.mailing { app in
            _ = try await app.register(email: "alice@example.com", username: "alice")
            _ = try await app.mails()
            func asked(_ header: String) async throws -> MailJob.Language {
                try await app.call(
                    .post, "/auth/password/forgot", ["email": "alice@example.com"], headers: [.acceptLanguage: header])
                return try #require(try await app.mails().first).language
            }
            #expect(try await asked("bn-BD,en;q=0.8") == .bengali)
            #expect(try await asked("fr") == .english)
            let session: HTTPFields = [
                .authorization: "Bearer \(try await app.signIn("alice").string("access_token"))"
            ]
            try await app.call(
                .post, "/users/me/details", ["preferences": ["language": "bn"]], headers: session)
            #expect(try await asked("en") == .bengali)
        }
    }

    @Test("The database holds no mail token in plain text")
    func canary() async throws {
        try await Self.mailing { app in
            _ = try await app.register(email: "alice@example.com")
            try await app.call(.post, "/auth/password/forgot", ["email": "alice@example.com"])
            for payload in try await app.database.read(
                .system,
                { tx in
                    try tx.rows("SELECT payload FROM jobs WHERE kind = ?", [ResetRequest.kind]) {
                        try $0.string("payload")
                    }
                })
            {
                try await app.app.email.send(try app.app.email.secrets.decryptJSON(ResetRequest.self, payload))
            }
            let bytes = try await app.databaseBytes()
            let mails = try await app.mails()
            // The job that was done by hand is done once more by `mails`.
            #expect(mails.count == 3)
            for mail in mails { #expect(try !bytes.contains(#require(mail.token))) }
            #expect(app.log.lines.allSatisfy { line in mails.allSatisfy { !line.contains($0.token!) } })
        }
    }
}

extension TestApp {
    fileprivate func reset(_ token: String, _ password: String) async throws -> Answer {
        try await call(
            .post, "/auth/password/reset", ["token": .string(token), "password": .string(password)])
    }

    fileprivate func verify(_ token: String) async throws -> Answer {
        try await call(.post, "/auth/email/verify", ["token": .string(token)])
    }
}

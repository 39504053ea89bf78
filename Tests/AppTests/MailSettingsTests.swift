import Foundation
import Testing

@testable import App
@testable import Platform
@testable import SMTP

@Suite struct MailSettingsTests {
    @Test("SMTP_URL says where, how safely and as whom")
    func urls() throws {
        let plain = try SMTPSettings("smtp://me%40example.com:p%3A%2F%40@mail.example.com")
        #expect(plain.host == "mail.example.com" && plain.port == 587 && plain.security == .startTLS)
        #expect(plain.credentials?.user == "me@example.com" && plain.credentials?.password == "p:/@")
        #expect(plain.timeout == .seconds(30))
        let tls = try SMTPSettings("smtps://mail.example.com/?timeout=5")
        #expect(tls.port == 465 && tls.security == .tls && tls.credentials == nil && tls.timeout == .seconds(5))
        for (url, security) in [
            ("smtp://localhost:25", .none), ("smtp://127.0.0.1", .none), ("smtp://[::1]:25", .none),
            ("smtp://localhost?starttls=on", .startTLS), ("smtp://mail.example.com:25?starttls=off", .none),
            ("smtp://a:b@localhost", .none),
        ] as [(String, SMTPSettings.Security)] {
            #expect(try SMTPSettings(url).security == security, "\(url)")
        }
        #expect(try SMTPSettings("smtp://[::1]:2525").host == "::1")
    }

    @Test(
        "A wrong SMTP_URL is refused without being shown",
        arguments: [
            "mail.example.com", "http://mail.example.com", "smtp://", "smtp://user:canary@", "smtp://h/inbox",
            "smtp://u:canary@mail.example.com?starttls=off", "smtp://h?starttls=maybe", "smtps://h?starttls=off",
            "smtp://h?timeout=0", "smtp://h?ca=/nowhere", "smtp://h?other=1",
        ])
    func wrong(url: String) async throws {
        let error = await #expect(throws: ServerConfiguration.Problems.self) {
            try await ServerConfiguration.read(
                arguments: [], environment: ["SMTP_URL": url, "MAIL_FROM": "a@example.com"], dotEnvPath: "/nowhere")
        }
        #expect(error?.lines.count == 1 && error?.lines[0].hasPrefix("SMTP_URL: ") == true)
        #expect(error?.description.contains("canary") == false)
    }

    @Test("What mail needs is demanded at the start")
    func needed() async throws {
        for (environment, setting) in [
            (["SMTP_URL": "smtp://localhost"], "MAIL_FROM"), (["EMAIL_VERIFICATION": "on"], "EMAIL_VERIFICATION"),
            (["SMTP_URL": "smtp://localhost", "MAIL_FROM": "nobody"], "MAIL_FROM"),
        ] {
            let error = await #expect(throws: ServerConfiguration.Problems.self) {
                try await ServerConfiguration.read(
                    arguments: [], environment: environment, dotEnvPath: "/nowhere")
            }
            #expect(error?.lines.count == 1 && error?.lines[0].hasPrefix("\(setting): ") == true)
        }
    }
}

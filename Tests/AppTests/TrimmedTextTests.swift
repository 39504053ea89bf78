import HTTPTypes
import JSON
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

@Suite struct TrimmedTextTests {
    /// What keyboards and copies put around a name: spaces of several scripts, line ends, marks that show nothing.
    static let blanks = [" ", "\t", "\r\n", "\u{A0}", "\u{3000}", "\u{200B}", "\u{FEFF}", "\u{2003} \u{200F}"]

    @Test("Blanks around a name or an address mean nothing, at sign-in, registration and recovery", arguments: blanks)
    func names(blank: String) async throws {
        try await TestApp.run(configure: { $0.sendsMail() }) { app in
            func around(_ text: String) -> [JSONValue] {
                [.string(blank + text), .string(text + blank), .string(blank + text + blank)]
            }
            let password = JSONValue.string(TestApp.password)
            let made = try await app.call(
                .post, "/auth/register",
                ["username": around("রহিম")[2], "email": around("Rahim@example.org")[1], "password": password])
            #expect(made.status == 201 && made["username"] == "রহিম" && made["email"] == "Rahim@example.org")
            for name in around("রহিম") + around("rahim@Example.org") {
                for path in ["/auth/login", "/auth/token"] {
                    let grant = try await app.call(.post, path, ["username": name, "password": password])
                    #expect(grant.status == 200, "\(name): \(grant.text)")
                }
            }
            _ = try await app.mails()
            let asked = try await app.call(.post, "/auth/password/forgot", ["email": around("rahim@example.org")[1]])
            #expect(asked.status == 202)
            #expect(try await app.mails().map(\.recipient) == ["Rahim@example.org"])
            // The same name with blanks is the same name.
            let again = try await app.call(
                .post, "/auth/register", ["username": around("রহিম")[0], "password": password])
            #expect(again.status == 409)
        }
    }

    @Test("A form is trimmed like JSON; a password is not; within a name a blank is none of its characters")
    func others() async throws {
        try await TestApp.run { app in
            _ = try await app.user("alice")
            #expect(
                try await app.form("/auth/token", "username=+alice%0D%0A&password=\(TestApp.password)").status == 200)
            let spaced = try await app.call(
                .post, "/auth/token", ["username": "alice", "password": .string(TestApp.password + " ")])
            #expect(spaced.status == 401)
            for name in ["al ice", "al\u{A0}ice", " ", "\u{200B}\u{200B}\u{200B}"] {
                let made = try await app.call(
                    .post, "/auth/register", ["username": .string(name), "password": .string(TestApp.password)])
                #expect(made.status == 422 && made["error"]?["param"] == "username", "\(name)")
            }
            _ = try await app.admin("root")
            let admin = try await app.call(
                .post, "/admin/login", ["username": "root\u{3000}", "password": .string(TestApp.password)])
            #expect(admin.status == 200)
        }
    }

    @Test("What is cut off is only at the ends")
    func trimming() {
        #expect("".trimmingBlanks == "" && " \u{FEFF}\n".trimmingBlanks == "")
        #expect("\u{FEFF} না, \u{200B}হ্যাঁ\u{200C} ".trimmingBlanks == "না, \u{200B}হ্যাঁ\u{200C}")
        #expect("🦜\u{A0}".trimmingBlanks == "🦜" && "e\u{301} ".trimmingBlanks == "e\u{301}")
    }
}

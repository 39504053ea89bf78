import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// What applications say of their users: encrypted in the database, and no part of it in any log.
@Suite struct QuerySecretsTests {
    private static let person: JSONValue = [
        "id": "canary-id", "email": "canary-mail@example.com", "first_name": "canary-first", "last_name": "canary-last",
        "company": "canary-company", "role": "canary-role", "profile_data": ["canary-profile": "canary-about"],
        "preferences": ["canary-preference": "canary-choice"],
    ]
    private static let details = [
        "canary-mail", "canary-first", "canary-last", "canary-company", "canary-role", "canary-profile", "canary-about",
        "canary-preference", "canary-choice",
    ]
    private static let said = ["canary-prompt", "canary-message", "canary-reply", "canary-id"]

    /// Every call that carries something of it, with success and with failure; returns the keys and tokens it used.
    private static func walk(_ app: TestApp) async throws -> [String] {
        let user = try await app.user("alice")
        let chatbotID = try await app.chatbot(
            prompt: "canary-prompt {{user.company}} {{session.canary-page}}", as: user)
        let key = try await TestApplication.make(app, chatbotID: chatbotID, as: user)
        let fields: [String: JSONValue] = ["user": person, "session_data": ["canary-page": "canary-session"]]
        for headers in [[:], [.idempotencyKey: "canary-once"], [.idempotencyKey: "canary-once"]] as [HTTPFields] {
            #expect(try await key.query("canary-message", fields, headers: headers).status == 200)
        }
        _ = try await key.query("canary-message", fields.merging(["stream": true]) { $1 })
        _ = try await key.query("canary-message", fields.merging(["context_only": true]) { $1 })
        #expect(try await key.query("canary-message fail", fields)["status"] == "failed")
        _ = try await key.query("canary-message", fields.merging(["model": "canary-message"]) { $1 })
        _ = try await key.query("canary-message", ["user": ["id": "canary-id", "email": "canary-mail"]])
        _ = try await key.call(.post, "/users/canary-id/details", person)
        _ = try await app.call(.post, "/users/me/details", person, as: user)
        for path in [
            "/users", "/users/canary-id", "/users/canary-id/details", "/users/canary-id/context",
            "/users/canary-mail%40example.com", "/users?after=canary-first",
        ] { _ = try await key.call(.get, path) }
        for path in ["users", "conversations", "users?q=canary-id", "conversations?user=canary-id"] {
            #expect(try await app.call(.get, "/chatbots/\(chatbotID)/\(path)", as: user).status == 200)
        }
        let wrong = String(key.key.dropLast()) + "x"
        _ = try await app.call(.get, "/users", headers: [.apiKey: wrong])
        _ = try await app.call(.get, "/chatbots/canary-id", headers: [.apiKey: key.key])
        let own = try await app.call(.post, "/users/me/api-keys", as: user).string("key")
        _ = try await app.call(.get, "/users/me/details", headers: [.authorization: "Bearer \(own)"])
        // A failure inside.
        try await app.database.write(.system) { tx in try tx.script("ALTER TABLE end_users RENAME TO gone") }
        #expect(try await key.query("canary-message", fields).status == 500)
        try await app.database.write(.system) { tx in try tx.script("ALTER TABLE gone RENAME TO end_users") }
        return [key.key, wrong, own, user.token, user.refreshToken, TestApp.password]
    }

    private static var provider: ScriptedProvider {
        ScriptedProvider { request, _ in
            request.messages.last?.content.hasSuffix("fail") == true
                ? .failure(ProviderError(.refused, detail: "status 400")) : .text("canary-reply")
        }
    }

    @Test("Security 13, 15: no dump holds a key, a token, a password or a detail, and no log any of what was said")
    func dumpAndLogs() async throws {
        try await TestApp.run(provider: Self.provider) { app in
            let credentials = try await Self.walk(app)
            let bytes = try await app.databaseBytes()
            // The search finds what is there: messages are stored as they are.
            #expect(bytes.contains("canary-message") && bytes.contains("canary-id") && bytes.contains("canary-prompt"))
            for secret in Self.details + credentials + ["canary-session", "canary-page\""] {
                #expect(!bytes.contains(secret), "\(secret) is in the database")
            }
            let lines = app.log.lines
            #expect(lines.contains { $0.hasPrefix("error") } && lines.contains { $0.contains("model call failed") })
            for secret in Self.details + Self.said + credentials + ["canary-session", "canary-page", "canary-once"] {
                for line in lines { #expect(!line.contains(secret), "\(secret) in the log: \(line)") }
            }
        }
    }
}

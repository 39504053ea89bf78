import Foundation
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import App
@testable import HTTPKit

/// What must not be seen: in no log line at any level, in no error, and, of some of it, not in the database's files.
@Suite struct SecretsTests {
    private static let password = "canary-password-7461"
    private static let wrong = "canary-wrong-password-1183"
    private static let firstName = "CanaryFirstName"
    private static let lastName = "CanaryLastName"
    private static let prompt = "canary-prompt: be brief"
    private static let message = "canary-message: hello"
    private static let reply = "canary-reply: hello yourself"
    private static let detail = "canary-detail"

    /// Every kind of call that carries something secret; returns what was secret and the bodies of all errors.
    private static func walk(_ app: TestApp) async throws -> (secrets: [String], errors: [String]) {
        var secrets = [password, wrong, firstName, lastName, prompt, message, reply, "canary-greeting", "canary-title"]
        var errors: [String] = []
        func call(
            _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil, _ headers: HTTPFields = [:]
        ) async throws -> TestApp.Answer {
            let answer = try await app.call(method, path, body, headers: headers)
            if answer.status >= 400 { errors.append(answer.text) }
            return answer
        }
        let account: JSONValue = [
            "username": "alice", "password": .string(password), "first_name": .string(firstName),
            "last_name": .string(lastName),
        ]
        #expect(try await call(.post, "/auth/register", account).status == 201)
        #expect(try await call(.post, "/auth/register", account).status == 409)
        let credentials: JSONValue = ["username": "alice", "password": .string(password)]
        let first = try await call(.post, "/auth/login", credentials, [.idempotencyKey: "canary-key"])
        let second = try await call(
            .post, "/auth/refresh", ["refresh_token": .string(try first.string("refresh_token"))])
        for grant in [first, second] {
            for name in ["access_token", "refresh_token"] { secrets.append(try grant.string(name)) }
        }
        let session = try await call(.post, "/auth/session", credentials, [.secFetchSite: "same-origin"])
        let cookie = try #require(session.headers[.setCookie]?.split(separator: ";").first.map(String.init))
        secrets.append(String(cookie.split(separator: "=", maxSplits: 1)[1]))
        _ = try await call(.get, "/users/me", nil, [.cookie: cookie])
        let bearer: HTTPFields = [.authorization: "Bearer \(try second.string("access_token"))"]
        _ = try await call(.get, "/users/me", nil, [.authorization: "Bearer \(try first.string("access_token"))x"])
        _ = try await call(.post, "/auth/login", ["username": "alice", "password": .string(wrong)])
        _ = try await call(
            .post, "/auth/password", ["current_password": .string(wrong), "new_password": .string(wrong + "!")], bearer)
        _ = try await call(.post, "/auth/refresh", ["refresh_token": .string(wrong)])

        let chatbot = try await call(
            .post, "/chatbots", ["name": "Bot", "greeting": "canary-greeting"], bearer
        ).string("id")
        _ = try await call(.post, "/chatbots/\(chatbot)/prompts", ["content": .string(prompt)], bearer)
        let chat: [String: JSONValue] = ["chatbot_id": .string(chatbot), "message": .string(message)]
        let turn = try await call(.post, "/chat", .object(chat), bearer)
        #expect(turn["message"]?["content"]?.string == reply)
        let id = try turn.string("conversation_id")
        _ = try await call(.patch, "/conversations/\(id)", ["title": "canary-title"], bearer)
        _ = try await call(.post, "/chat", .object(chat.merging(["stream": true]) { $1 }), bearer)
        _ = try await call(.post, "/conversations/\(id)/regenerate", [:], bearer)
        // Refusals of what is secret.
        _ = try await call(.post, "/chat", .object(chat.merging(["model": .string(message)]) { $1 }), bearer)
        _ = try await call(.post, "/chat", .object(chat.merging(["chatbot_id": .string(message)]) { $1 }), bearer)
        _ = try await call(.post, "/auth/login", ["username": "alice", "password": .string(password + "\0")])
        _ = try await call(.get, "/conversations/\(password)/messages?after=\(password)", nil, bearer)
        // A failure inside.
        try await app.database.write(.system) { tx in try tx.script("ALTER TABLE messages RENAME TO gone") }
        #expect(try await call(.post, "/chat", .object(chat), bearer).status == 500)
        try await app.database.write(.system) { tx in try tx.script("ALTER TABLE gone RENAME TO messages") }
        return (secrets, errors)
    }

    private static var provider: ScriptedProvider {
        ScriptedProvider { request, number in
            number < 2 ? .text(reply) : .failure(ProviderError(.refused, detail: "status 400"))
        }
    }

    @Test("No log line and no error holds a password, token, cookie, prompt, message, reply or name")
    func logsAndErrors() async throws {
        try await TestApp.run(provider: Self.provider) { app in
            let (secrets, errors) = try await Self.walk(app)
            #expect(errors.count >= 8)
            let lines = app.log.lines
            #expect(lines.contains { $0.contains("model call failed") } && lines.contains { $0.hasPrefix("error") })
            for secret in secrets {
                for line in lines { #expect(!line.contains(secret), "\(secret) in the log: \(line)") }
                for error in errors { #expect(!error.contains(secret), "\(secret) in an error: \(error)") }
            }
        }
    }

    @Test("The database holds names encrypted, and no password, token or cookie")
    func database() async throws {
        try await TestApp.run(provider: Self.provider) { app in
            let (secrets, _) = try await Self.walk(app)
            let file = try await app.databaseBytes()
            // The search finds what is there: prompts and messages are stored in plain text.
            #expect(file.contains(Self.prompt) && file.contains(Self.message) && file.contains("alice"))
            let plain = [Self.prompt, Self.message, Self.reply, "canary-greeting", "canary-title"]
            for secret in secrets where !plain.contains(secret) {
                #expect(!file.contains(secret), "\(secret) is in the database")
            }
        }
    }

    @Test("Keys that nobody set can be read by their owner only")
    func keyFiles() async throws {
        try await TestApp.run { app in
            // Elsewhere the server does not start without them.
            guard app.database.dialect == .sqlite else { return }
            let file = URL(filePath: String(app.app.configuration.databaseURL.dropFirst("sqlite://".count)))
            for name in ["secret.key", "encryption.key"] {
                let path = file.deletingLastPathComponent().appending(path: name).path()
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                #expect(mode == 0o600, "\(name)")
            }
        }
    }

    @Test("A provider's own words about a failure are for the log alone")
    func providerDetail() async throws {
        let provider = ScriptedProvider(.failure(ProviderError(.unavailable, detail: Self.detail)))
        try await TestApp.run(provider: provider) { app in
            let user = try await app.user("alice")
            for stream in [true, false] {
                let answer = try await app.call(
                    .post, "/chat", ["message": "hi", "stream": .bool(stream)], as: user)
                #expect(!answer.text.contains(Self.detail))
            }
            #expect(app.log.lines.contains { $0.contains(Self.detail) })
        }
    }
}

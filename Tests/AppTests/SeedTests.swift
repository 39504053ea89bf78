import HTTPTypes
import JSON
import LLM
import LLMTesting
import Storage
import Testing

@testable import Accounts
@testable import App
@testable import HTTPKit
@testable import Platform

/// The demo data of `mynah seed --demo`.
@Suite struct SeedTests {
    private static let password = "a calm bird sings"

    @Test("The demo's user, chatbot and key are created once and work")
    func made() async throws {
        try await TestApp.run { app in
            let configuration = app.app.configuration
            let first = try await DemoData.make(in: app.database, configuration, password: Self.password)
            #expect(first.user && first.chatbot && first.key)
            let again = try await DemoData.make(in: app.database, configuration, password: "another password")
            #expect(!again.user && !again.chatbot && !again.key)

            let byKey: HTTPFields = [.apiKey: "sample_api_key_123"]
            let user = try await app.call(.get, "/users/u1", headers: byKey)
            #expect(user["email"] == "test@example.com" && user["username"] == "testuser")
            let details = try await app.call(.get, "/users/u1/details", headers: byKey)
            #expect(details["first_name"] == "John" && details["last_name"] == "Doe")
            #expect(details["company"] == "Tech Corp" && details["role"] == "Software Engineer")
            let chatbots = try await app.call(.get, "/chatbots", headers: byKey)
            #expect(chatbots["data"]?[0]?["id"] == "c1" && chatbots["data"]?[0]?["name"] == "My First Chatbot")
            let asked = try await app.call(.post, "/chatbot/c1/query", ["message": "Hello"], headers: byKey)
            #expect(asked.status == 200 && asked["user_context"]?["user_id"] == "u1")
            #expect(app.provider.calls.requests[0].messages[0].content.contains("John, Software Engineer at Tech Corp"))
            for name in ["testuser", "test@example.com"] {
                let signedIn = try await app.call(
                    .post, "/auth/token", ["username": .string(name), "password": .string(Self.password)])
                #expect(signedIn.status == 200)
            }
            let bytes = try await app.databaseBytes()
            for secret in ["sample_api_key_123", Self.password, "Tech Corp", "Software Engineer at"] {
                #expect(!bytes.contains(secret) || secret == "Software Engineer at", "\(secret)")
            }
        }
    }

    @Test("Seeding again restores only what is missing, and a revoked key stays revoked")
    func again() async throws {
        try await TestApp.run { app in
            let configuration = app.app.configuration
            _ = try await DemoData.make(in: app.database, configuration, password: Self.password)
            try await app.database.write(.system) { tx in try tx.run("DELETE FROM chatbots WHERE id = 'c1'") }
            let second = try await DemoData.make(in: app.database, configuration, password: Self.password)
            #expect(!second.user && second.chatbot && second.key)
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE api_keys SET revoked_at = 1 WHERE id = 'demo-key'")
            }
            let third = try await DemoData.make(in: app.database, configuration, password: Self.password)
            #expect(!third.user && !third.chatbot && !third.key)
            let refused = try await app.call(.get, "/users", headers: [.apiKey: DemoData.key])
            #expect(refused.errorCode == "key_revoked")
        }
    }

    @Test("Demo data exists only on request, and is neither created nor accepted in production")
    func production() async throws {
        try await TestApp.run { app in
            var configuration = app.app.configuration
            configuration.environment = .production
            #expect(try await app.call(.get, "/users", headers: [.apiKey: DemoData.key]).status == 401)
            await #expect(throws: StartError.self) {
                try await DemoData.make(in: app.database, configuration, password: Self.password)
            }
            let users = try await app.database.read(.system) { tx in
                try tx.row("SELECT COUNT(*) AS n FROM users") { try $0.int("n") }
            }
            #expect(users == 0)
            try await DemoData.refuse(in: app.database, configuration)
            _ = try await DemoData.make(in: app.database, app.app.configuration, password: Self.password)
            try await DemoData.refuse(in: app.database, app.app.configuration)
            await #expect(throws: StartError.self) {
                try await DemoData.refuse(in: app.database, configuration)
            }
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE api_keys SET revoked_at = 1 WHERE id = 'demo-key'")
            }
            try await DemoData.refuse(in: app.database, configuration)
        }
    }

    @Test("Someone else's name or address is not taken, and a deleted demo user does not come back")
    func conflicts() async throws {
        try await TestApp.run { app in
            let configuration = app.app.configuration
            _ = try await app.user("TestUser")
            await #expect(throws: StartError.self) {
                try await DemoData.make(in: app.database, configuration, password: Self.password)
            }
        }
        try await TestApp.run { app in
            let configuration = app.app.configuration
            _ = try await DemoData.make(in: app.database, configuration, password: Self.password)
            try await app.database.write(.system) { tx in
                try User.delete(tx, id: "u1", by: "test", reason: "test", now: .now)
            }
            await #expect(throws: StartError.self) {
                try await DemoData.make(in: app.database, configuration, password: Self.password)
            }
        }
    }
}

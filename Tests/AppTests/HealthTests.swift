import HTTPTypes
import JSON
import Storage
import Testing

@testable import App

@Suite struct HealthTests {
    @Test("A2, E7: health names the service, and the database's state comes with a count of each table")
    func healthy() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            _ = try await app.user("bob")
            try await app.send("hi", in: app.conversation(as: user), as: user)
            let health = try await app.call(.get, "/health")
            #expect(health.status == 200 && health["status"] == "ok" && health["service"] == "mynah")
            #expect(health["version"]?.string == Version.current && health["database"] == "ok")
            #expect(Timestamp(iso8601: try health.string("started_at")) != nil)
            let state = try await app.call(.get, "/db-status")
            #expect(state.status == 200 && state["status"] == "ok" && state["engine"]?.string != nil)
            let expected: [String: JSONValue] = [
                "users": 2, "workspaces": 2, "members": 2, "chatbots": 2, "prompts": 2, "conversations": 1,
                "messages": 2, "sessions": 2, "deleted_users": 0,
            ]
            for (table, count) in expected { #expect(state["tables"]?[table] == count, "\(table)") }
            for path in ["/health/live", "/health/ready"] { #expect(try await app.call(.get, path).status == 200) }
        }
    }

    @Test("In production a stranger does not learn how much there is")
    func production() async throws {
        try await TestApp.run(configure: { $0.environment = .production }) { app in
            let state = try await app.call(.get, "/db-status")
            #expect(state.status == 200 && state["status"] == "ok" && (state["tables"] ?? .null) == .null)
        }
    }

    @Test("Without its database the server says so, lives on, and answers 503")
    func withoutDatabase() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            await app.database.close()
            let health = try await app.call(.get, "/health")
            #expect(health.status == 503 && health["status"] == "unavailable" && health["database"] == "unavailable")
            #expect(try await app.call(.get, "/db-status")["status"] == "unavailable")
            #expect(try await app.call(.get, "/health/live").status == 200)
            for path in ["/health/ready", "/chatbots"] {
                let answer = try await app.call(.get, path, as: user)
                #expect(answer.status == 503 && answer.errorCode == "database_unavailable", "\(path): \(answer.text)")
                #expect(answer.headers[.retryAfter] != nil)
            }
        }
    }
}

import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

@Suite struct HealthTests {
    @Test("Health names the service, and the database status counts the rows of each table")
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

    @Test(
        "In production only operators see the row counts and the database's latency")
    func operators() async throws {
        try await TestApp.run(configure: { $0.environment = .production }) { app in
            let user = try await app.user("alice")
            let key = try await app.call(.post, "/users/me/api-keys", as: user).string("key")
            for headers in [
                [:], [.authorization: "Bearer \(user.token)"], [.apiKey: key], [.authorization: "Bearer made-up"],
            ] as [HTTPFields] {
                let state = try await app.call(.get, "/db-status", headers: headers)
                #expect(state.status == 200 && (state["tables"] ?? .null) == .null)
                let health = try await app.call(.get, "/health", headers: headers)
                #expect(health.status == 200 && (health["database_milliseconds"] ?? .null) == .null)
            }
            for who in [try await app.admin(), try await app.staff(level: 1)] {
                let state = try await app.call(.get, "/db-status", as: who)
                let tables = try #require(state["tables"]?.object, "\(state.text)")
                #expect(tables["users"] == 1 && tables["operators"] == 2 && tables["sessions"] == 1)
                let names = try await app.database.read(.system) { tx in
                    try tx.rows(app.database.dialect.tableNames) { try $0.string("name") }
                }
                #expect(Set(tables.keys) == Set(names) && names.count > 20)
                for name in ["message_logs", "api_keys", "jobs"] { #expect(tables[name] != nil, "\(name)") }
                let latency = try await app.call(.get, "/health", as: who)["database_milliseconds"]
                guard case .double(let milliseconds)? = latency else {
                    Issue.record("\(String(describing: latency))")
                    continue
                }
                #expect(milliseconds > 0 && milliseconds < 60_000)
            }
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

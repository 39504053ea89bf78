import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Metering
@testable import Platform

/// Each change writes one audit entry, checked over the route table so that new routes are covered.
@Suite struct AuditRuleTests {
    /// Changes that need what this test cannot have, such as a link from a mail. Their own tests make them.
    private static let elsewhere: Set<String> = [
        "POST /setup", "POST /auth/password/reset", "POST /auth/email/verify", "POST /auth/mfa/totp/confirm",
        "DELETE /auth/mfa/totp", "POST /admin/mfa/totp/confirm", "DELETE /admin/mfa/totp",
        "POST /staff/mfa/totp/confirm", "DELETE /staff/mfa/totp", "DELETE /admin/ip-rules/{ip_rule_id}",
        "PATCH /admin/plans/{plan_id}", "DELETE /admin/plans/{plan_id}", "POST /admin/deleted-users/{id}/restore",
        "GET /admin/deleted-users/{id}/export", "GET /staff/conversations/{conversation_id}/messages",
        "DELETE /admin/users/{id}/mfa", "DELETE /admin/operators/{operator_id}/mfa",
        "POST /staff/users/{id}/resend-verification", "PUT /admin/providers/{provider_name}",
        "POST /invitations/accept", "POST /v1/files", "POST /widget/conversations",
        "POST /widget/conversations/{conversation_id}/files",
        "DELETE /widget/conversations/{conversation_id}/files/{conversation_file_id}",
    ]

    private static let password = JSONValue.string(TestApp.password)

    /// What goes beyond the fields that a route's schema requires.
    private static func body(_ route: Route, _ owned: Owned, _ caller: TestUser) -> JSONValue? {
        let credentials: JSONValue = ["username": .string(caller.name), "password": password]
        switch route.name {
        case "POST /users", "POST /auth/register", "POST /admin/users":
            return ["username": .string("new-\(caller.name)"), "password": password]
        case "POST /auth/login", "POST /auth/token", "POST /auth/session", "POST /admin/login", "POST /staff/login":
            return credentials
        case "POST /auth/revoke": return ["token": .string(caller.refreshToken)]
        case "POST /auth/refresh", "POST /admin/refresh", "POST /staff/refresh":
            return ["refresh_token": .string(caller.refreshToken)]
        case "POST /auth/password", "POST /admin/password", "POST /staff/password":
            return ["current_password": password, "new_password": "quite another password"]
        case "POST /auth/email": return ["email": "new@example.com", "password": password]
        case "POST /admin/users/{id}/credits": return ["delta": 5, "reason": "a gift"]
        case "POST /admin/operators":
            return ["username": .string("new-\(caller.name)"), "name": "Second", "password": password, "role": "admin"]
        case "POST /admin/ip-rules": return ["cidr": "192.0.2.0/24", "action": "deny"]
        case "POST /auth/grants/revoke": return ["password": password]
        case let name where name.hasSuffix("/mfa/totp") || name == "DELETE /users/me" || name == "DELETE /users/{id}":
            return ["password": password]
        default: return owned.sampleBody(of: route)
        }
    }

    @Test("Every changing route writes exactly one entry; reading routes write none")
    func oneEntry() async throws {
        // One model gets a price on the way; the others keep answering.
        try await TestApp.run(configure: { $0.defaultPrice = .free }) { app in
            let member = try await app.user("member")
            _ = try await app.auditor()
            _ = try await app.user("somebody")
            var reached = 0
            for (index, route) in app.app.routes.enumerated() where route.name == route.action {
                guard route.isAudited || route.method == .get else { continue }
                let owned = try await Owned.make(app, app.user("alice\(index)"), member: member)
                let caller = try await Self.caller(route, app, owned, index)
                var parameters = owned.parameters
                // A price's name, not a chatbot's.
                parameters["model"] = nil
                parameters["operator_id"] = try await app.staff("other\(index)", level: 1).id
                try await Self.prepare(route, app, owned)
                let headers = TenancyTests.headers(owned) + [.secFetchSite: "same-origin"]
                let answer = try await app.call(
                    route.method, route.path(parameters), Self.body(route, owned, caller),
                    as: route.access == .anyone ? nil : caller, headers: headers)
                let entries = try await app.entries(of: answer)
                guard route.isAudited else {
                    #expect(entries.isEmpty, "\(route.name) only reads")
                    continue
                }
                guard (200..<300).contains(answer.status) else {
                    #expect(Self.elsewhere.contains(route.name), "\(route.name): \(answer.status) \(answer.text)")
                    continue
                }
                reached += 1
                // There is no session in this call, so nothing is changed.
                if route.name == "DELETE /auth/session" {
                    #expect(entries.isEmpty)
                    continue
                }
                #expect(entries.count == 1, "\(route.name) leaves \(entries.count) entries")
                let entry = try #require(entries.first)
                #expect(entry.action == route.action && entry.outcome == AuditEntry.success, "\(route.name)")
                #expect(
                    entry.actor == "user:\(caller.id)" || entry.actor == "operator:\(caller.id)"
                        || route.access == .anyone, "\(route.name): \(entry.actor)")
                #expect(entry.target != nil || route.parameters.isEmpty, "\(route.name)")
                let text = String(describing: entry)
                #expect(!text.contains(TestApp.password) && !text.contains(caller.refreshToken), "\(route.name)")
            }
            #expect(reached > 40)
        }
    }

    private static func caller(
        _ route: Route, _ app: TestApp, _ owned: Owned, _ index: Int
    ) async throws -> TestUser {
        let who: TestOperator
        if route.path.hasPrefix("/admin") {
            who = try await app.admin("admin\(index)")
        } else if route.path.hasPrefix("/staff") {
            who = try await app.staff("staff\(index)", level: 3)
        } else {
            return owned.user
        }
        return TestUser(
            id: who.id, name: who.name, workspaceID: "", token: who.token, refreshToken: who.refreshToken)
    }

    /// What has to be there before, or not.
    private static func prepare(_ route: Route, _ app: TestApp, _ owned: Owned) async throws {
        switch route.name {
        case "POST /admin/jobs/{job_id}/retry":
            try await app.database.write(.system) { tx in
                try tx.run(
                    """
                    INSERT INTO jobs (id, kind, state, attempts, run_at, created_at, updated_at)
                    VALUES (?, 'x', 'dead', 1, 0, 0, 0)
                    """,
                    [owned.parameters["job_id"] ?? "job_id"])
            }
        case "POST /chatbots/{chatbot_id}/files/{file_id}/retry":
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE files SET state = 'failed' WHERE id = ?", [owned.parameters["file_id"] ?? ""])
            }
        case "DELETE /users/me", "DELETE /users/{id}", "DELETE /admin/users/{id}":
            // A team's last owner cannot be deleted.
            try await app.call(.delete, "/workspaces/\(owned.parameters["workspace_id"]!)", as: owned.user)
        default: break
        }
    }

    @Test("Every changing route except chat is audited, under the first name in the table")
    func names() async throws {
        try await TestApp.run { app in
            let silent = app.app.routes.filter { $0.method != .get && !$0.isAudited && $0.name == $0.action }
            #expect(
                Set(silent.map(\.name)) == [
                    "POST /chat", "POST /chat/ws-ticket", "POST /chatbots/{chatbot_id}/knowledge/search",
                    "POST /chatbots/{chatbot_id}/query", "POST /conversations/{conversation_id}/messages",
                    "POST /conversations/{conversation_id}/regenerate", "POST /conversations/{conversation_id}/stop",
                    "POST /conversations/{conversation_id}/messages/{message_id}/edit",
                    "POST /conversations/{conversation_id}/messages/{message_id}/regenerate",
                    "POST /v1/chat/completions", "POST /v1/messages", "POST /v1/messages/count_tokens",
                    "POST /v1/completions", "POST /v1/embeddings", "POST /v1/responses",
                    "POST /v1/responses/input_tokens",
                    "POST /widget/chat",
                    "POST /widget/conversations/{conversation_id}/stop",
                    "POST /widget/conversations/{conversation_id}/feedback", "POST /invitations/read",
                    "PUT /uploads/{upload_id}/{part}",
                ])
            let actions = Set(app.app.routes.map(\.action))
            #expect(!actions.contains { $0.contains("/projects") || $0.contains("/openai") })
            let signIns = app.app.routes.filter(\.isSignIn).map(\.name)
            #expect(
                Set(signIns) == [
                    "POST /auth/login", "POST /auth/token", "POST /auth/refresh", "POST /auth/session",
                    "POST /admin/login", "POST /admin/refresh", "POST /staff/login", "POST /staff/refresh",
                ])
        }
    }

    @Test("A failed change of another tenant's or a missing object writes no success entry")
    func foreign() async throws {
        try await TestApp.run { app in
            let owned = try await Owned.make(app, app.user("alice"), member: app.user("member"))
            let bob = try await app.user("bob")
            let routes = app.app.routes.filter {
                $0.isAudited && $0.name == $0.action && !$0.parameters.isEmpty
                    && [.user, .session, .userOrKey, .client].contains($0.access)
            }
            #expect(routes.count > 15)
            for route in routes {
                for path in [route.path(owned.parameters), route.path(with: "nowhere")] {
                    let answer = try await app.call(route.method, path, route.sampleBody, as: bob)
                    let entries = try await app.entries(of: answer)
                    #expect(answer.status >= 400, "\(route.name)")
                    #expect(!entries.contains { $0.outcome == AuditEntry.success }, "\(route.name): \(answer.text)")
                    #expect(entries.isEmpty || answer.status == 403, "\(route.name): \(answer.text)")
                }
            }
        }
    }
}

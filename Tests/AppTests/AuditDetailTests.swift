import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import Platform

/// Audit details: the granted values, not only the names of fields.
@Suite struct AuditDetailTests {
    @Test("Entries about operators show name, role and permissions before and after, and no password")
    func operators() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            let made = try await app.call(
                .post, "/admin/operators",
                [
                    "username": "eve", "name": "Eve", "password": .string(TestApp.password), "role": "staff",
                    "level": 1,
                ], as: admin)
            let id = try made.string("id")
            let created = try #require(try await app.entry(of: made))
            #expect(created.target == "operator:\(id)" && created.detail?["username"] == "eve")
            #expect(created.detail?["role"] == "staff" && created.detail?["level"] == 1)
            let changed = try await app.call(
                .patch, "/admin/operators/\(id)",
                ["role": "admin", "permissions": ["users.read"], "disabled": true, "password": "a long new password"],
                as: admin)
            let entry = try #require(try await app.entry(of: changed))
            #expect(entry.detail?["role"] == ["from": "staff", "to": "admin"])
            #expect(entry.detail?["permissions"] == ["from": .null, "to": ["users.read"]])
            #expect(entry.detail?["disabled"] == ["from": false, "to": true])
            #expect(entry.detail?["username"] == nil && entry.detail?["password"] == nil)
            #expect(!String(describing: entry).contains("new password"))
            let deleted = try await app.call(.delete, "/admin/operators/\(id)", as: admin)
            #expect(try await app.entry(of: deleted)?.detail?["username"] == "eve")
        }
    }

    @Test("Entries about plans, prices and address rules show the old and the new values")
    func settings() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            let plan = try await app.call(
                .post, "/admin/plans", ["name": "Team", "credits_per_month": 5], as: admin)
            let id = try plan.string("id")
            let created = try #require(try await app.entry(of: plan))
            #expect(created.target == "plan:\(id)" && created.detail?["credits_per_month"] == 5)
            let models = (0..<60).map { JSONValue.string("some-model-\($0)") }
            let changed = try await app.call(
                .patch, "/admin/plans/\(id)", ["credits_per_month": 9, "models": .array(models)], as: admin)
            let entry = try #require(try await app.entry(of: changed))
            #expect(entry.detail?["credits_per_month"] == ["from": 5, "to": 9])
            #expect(entry.detail?["models"] == ["from": .null, "to": ["count": 60]])
            for (price, detail) in [(1, 1), (2, ["from": 1, "to": 2])] as [(Int64, JSONValue)] {
                let set = try await app.call(
                    .put, "/admin/prices/m", ["input_per_million": .int(price), "output_per_million": 0], as: admin)
                #expect(try await app.entry(of: set)?.detail?["input_per_million"] == detail)
            }
            let removed = try await app.call(.delete, "/admin/prices/m", as: admin)
            #expect(try await app.entry(of: removed)?.detail?["input_per_million"] == 2)
            let rule = try await app.call(
                .post, "/admin/ip-rules", ["cidr": "203.0.113.0/24", "action": "deny"], as: admin)
            let made = try #require(try await app.entry(of: rule))
            #expect(try made.target == "ip_rule:\(rule.string("id"))")
            #expect(made.detail?["cidr"] == "203.0.113.0/24" && made.detail?["action"] == "deny")
            let gone = try await app.call(.delete, "/admin/ip-rules/\(rule.string("id"))", as: admin)
            #expect(try await app.entry(of: gone)?.detail?["cidr"] == "203.0.113.0/24")
        }
    }

    @Test("Entries about teams, chatbots and keys show what was created, for whom, and its rights")
    func users() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: alice)
            let id = try team.string("id")
            #expect(try await app.entry(of: team)?.target == "workspace:\(id)")
            let added = try await app.call(
                .post, "/workspaces/\(id)/members", ["username": "bob", "role": "viewer"], as: alice)
            let invited = try #require(try await app.entry(of: added))
            #expect(invited.detail?["role"] == "viewer" && invited.target == "workspace:\(id)")
            #expect(try invited.detail?["invitation"]?.string == added.string("id"))
            let accepted = try await app.call(
                .post, "/invitations/accept", ["id": .string(try added.string("id"))], as: bob)
            let acceptance = try #require(try await app.entry(of: accepted))
            #expect(acceptance.actor == "user:\(bob.id)" && acceptance.target == "workspace:\(id)")
            #expect(acceptance.detail?["role"] == "viewer")
            let path = "/workspaces/\(id)/members/\(bob.id)"
            let changed = try await app.call(.patch, path, ["role": "editor"], as: alice)
            let entry = try #require(try await app.entry(of: changed))
            #expect(entry.target == "user:\(bob.id)" && entry.detail?["workspace"]?.string == id)
            #expect(entry.detail?["role"] == ["from": "viewer", "to": "editor"])
            let removed = try await app.call(.delete, path, as: alice)
            #expect(try await app.entry(of: removed)?.detail?["role"] == "editor")

            let bot = try await app.call(.post, "/chatbots", ["name": "Bot"], as: alice)
            #expect(try await app.entry(of: bot)?.target == "chatbot:\(bot.string("id"))")
            let key = try await app.call(
                .post, "/chatbots/\(bot.string("id"))/api-keys", ["scopes": ["read"], "budget": 7], as: alice)
            let granted = try #require(try await app.entry(of: key))
            #expect(try granted.detail?["key"]?.string == key.string("id"))
            #expect(granted.detail?["scopes"] == ["read"] && granted.detail?["budget"] == 7)
            #expect(try !String(describing: granted).contains(key.string("key")))
        }
    }
}

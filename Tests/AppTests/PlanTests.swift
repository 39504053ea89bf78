import Foundation
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

/// Plans, users' own limits, and prices of models.
@Suite struct PlanTests {
    private func admin(_ app: TestApp) async throws -> HTTPFields {
        try await Setup(app.database).createAdmin(
            username: "root", name: nil, password: TestApp.password, app.app.configuration)
        let grant = try await app.call(
            .post, "/admin/login", ["username": "root", "password": .string(TestApp.password)])
        return [.authorization: "Bearer \(try grant.string("access_token"))"]
    }

    @Test("A user sees the plan, its limits, the usage and the renewal date")
    func usage() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            try await app.limit(user, OwnLimits(messagesPerDay: 7))
            _ = try await app.call(.post, "/chat", ["message": "Hi"], as: user)
            _ = try await app.call(.post, "/users/me/api-keys", as: user)
            let usage = try await app.call(.get, "/users/me/usage", as: user)
            #expect(usage.status == 200, "\(usage.text)")
            #expect(usage["plan"] == ["id": "free", "name": "Free"])
            #expect(usage["limits"]?["messages_per_day"] == 7)
            #expect(usage["limits"]?["conversations_per_day"] == 100)
            #expect(usage["limits"]?["models"] == .null)
            #expect(usage["used"] == ["messages_today": 1, "conversations_today": 1, "keys": 1, "files": 0])
            #expect(usage["credits"]?["balance"] == 5_000_000 && usage["credits"]?["per_month"] == 5_000_000)
            #expect(usage["credits"]?["reserved"] == 0)
            #expect(usage["resets_at"]?.string == Timestamp.now.nextDay.iso8601)
            #expect(usage["credits"]?["renews_at"]?.string == Timestamp.now.nextMonth.iso8601)
        }
    }

    @Test("A plan's models are the only ones: others are refused before anything is stored, and stand in for none")
    func models() async throws {
        try await TestApp.runWithSpare { app, _, other in
            let user = try await app.user("alice")
            let chatbot = try await app.chatbot(["name": "Bot", "model": "small", "models": ["large"]], as: user)
            func ask(_ model: String?) async throws -> TestApp.Answer {
                var body: [String: JSONValue] = ["chatbot_id": .string(chatbot), "message": "Hi"]
                body["model"] = model.map { .string($0) }
                return try await app.call(.post, "/chat", .object(body), as: user)
            }
            #expect(try await ask(nil)["message"]?["content"] == "from the other")
            #expect(try await app.listedModels(as: user).contains("bot/large"))
            for models in [["small"], ["scripted/small", "large-2"]] {
                try await app.limit(user, OwnLimits(models: models))
                let listed = try await app.listedModels(as: user)
                #expect(listed.contains("bot/small") && !listed.contains("bot/large"), "\(listed)")
                let before = try await app.count("messages")
                let refused = try await ask("large")
                #expect(refused.status == 403 && refused.errorCode == "model_not_in_plan", "\(refused.text)")
                #expect(refused["error"]?["param"] == "model")
                let completion = try await app.call(
                    .post, "/v1/chat/completions",
                    ["model": .string("\(chatbot)/large"), "messages": [["role": "user", "content": "Hi"]]], as: user)
                #expect(completion.errorCode == "model_not_in_plan", "\(completion.text)")
                #expect(try await app.count("messages") == before)
                // Its own model fails, and the one that would stand in for it is not in the plan.
                #expect(try await ask(nil)["message"]?["error_code"] == "provider_unavailable")
            }
            #expect(other.calls.requests.count == 1)
            try await app.limit(user, OwnLimits(models: []))
            #expect(try await ask(nil).errorCode == "model_not_in_plan")
        }
    }

    @Test("Keys: of many made at once as many as the plan has room for; a revoked one makes room, an expired one not")
    func keys() async throws {
        try await TestApp.run { app in
            let (owner, editor) = (try await app.user("alice"), try await app.user("bob"))
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: owner).string("id")
            try await app.add(editor, to: team, as: "editor", by: owner)
            let chatbot = try await app.chatbot(as: owner, headers: [.workspaceID: team])
            try await app.limit(owner, OwnLimits(keys: 4))
            let paths = ["/users/me/api-keys", "/chatbots/\(chatbot)/api-keys"]
            let made = try await app.parallel(20) { number in
                try await app.call(.post, paths[number % 2], as: owner)
            }
            let keys = made.filter { $0.status == 201 }
            #expect(keys.count == 4)
            #expect(made.filter { $0.status == 402 && $0.errorCode == "plan_limit_reached" }.count == 16)
            // The team's keys count against its owner's limit, also keys that other members make.
            let refused = try await app.call(.post, paths[1], as: editor)
            #expect(refused.errorCode == "plan_limit_reached", "\(refused.text)")
            #expect(try await app.call(.post, paths[0], as: editor).status == 201)
            let id = try keys[0].string("id")
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE api_keys SET expires_at = 1 WHERE id = ?", [id])
            }
            #expect(try await app.call(.post, paths[0], as: owner).status == 402)
            let path = keys[0]["chatbot_id"]?.string == nil ? paths[0] : paths[1]
            #expect(try await app.call(.delete, "\(path)/\(id)", as: owner).status == 204)
            #expect(try await app.call(.post, paths[1], as: editor).status == 201)
            #expect(try await app.call(.get, "/users/me/usage", as: owner)["used"]?["keys"] == 4)
        }
    }

    @Test("Operators create, change and delete plans; a plan in use, or the default, cannot be deleted")
    func plans() async throws {
        try await TestApp.run { app in
            let admin = try await admin(app)
            let user = try await app.user("alice")
            let listed = try await app.call(.get, "/admin/plans", headers: admin)
            #expect(listed["data"]?.array?.compactMap { $0["id"]?.string } == ["pro", "free", "enterprise"])
            let made = try await app.call(
                .post, "/admin/plans", ["name": "Team", "messages_per_day": 3, "models": ["small"]], headers: admin)
            #expect(made.status == 201 && made["messages_per_day"] == 3 && made["keys"] == .null, "\(made.text)")
            #expect(made["is_default"] == false && made["models"] == ["small"])
            let path = "/admin/plans/\(try made.string("id"))"
            #expect(try await app.call(.get, path, headers: admin).json == made.json)
            let taken = try await app.call(.post, "/admin/plans", ["name": "tEAM"], headers: admin)
            #expect(taken.status == 409 && taken["error"]?["param"] == "name", "\(taken.text)")
            for refused: JSONValue in [
                ["name": "x", "messages_per_day": -1], ["name": "x", "requests_per_minute": 0], ["name": " "], [:],
                ["name": "x", "credits_per_month": 9_000_000_000_000_001], ["name": "x", "models": [""]],
            ] {
                #expect(try await app.call(.post, "/admin/plans", refused, headers: admin).status == 422)
            }
            try await app.setPlan(user, "team")
            #expect(try await app.call(.delete, path, headers: admin).status == 409)
            let changed = try await app.call(
                .patch, path, ["messages_per_day": 1, "models": .null, "name": "Teams", "is_default": true],
                headers: admin)
            #expect(
                changed.status == 200 && changed["models"] == .null && changed["name"] == "Teams", "\(changed.text)")
            #expect(try await app.call(.get, "/admin/plans/free", headers: admin)["is_default"] == false)
            #expect(try await app.call(.patch, path, ["is_default": false], headers: admin).status == 422)
            app.app.authenticator.forget(userID: user.id)
            #expect(try await app.call(.post, "/chat", ["message": "Hi"], as: user).status == 200)
            #expect(try await app.call(.post, "/chat", ["message": "Hi"], as: user).status == 429)
            let newcomer = try await app.user("bob")
            #expect(try await app.call(.get, "/users/me/usage", as: newcomer)["plan"]?["name"] == "Teams")
            #expect(try await app.call(.delete, path, headers: admin).status == 409)
            #expect(try await app.call(.delete, "/admin/plans/pro", headers: admin).status == 204)
            #expect(try await app.call(.get, "/admin/plans/pro", headers: admin).status == 404)
            #expect(try await app.call(.get, "/admin/plans", as: user).status == 401)
        }
    }

    @Test("Operators set prices, which apply at once; negative and huge prices are refused")
    func prices() async throws {
        try await TestApp.run(
            provider: ScriptedProvider(.text("ok", usage: .init(promptTokens: 0, completionTokens: 5)))
        ) { app in
            let admin = try await admin(app)
            let user = try await app.user("alice")
            func cost() async throws -> Int {
                let before = try await app.credits(user).balance
                #expect(try await app.call(.post, "/chat", ["message": "Hi"], as: user).status == 200)
                return before - (try await app.credits(user).balance)
            }
            #expect(try await cost() == 0)
            for (path, output, expected) in [("default", 2, 10), ("scripted%2Fdefault", 3, 15)] {
                let set = try await app.call(
                    .put, "/admin/prices/\(path)",
                    ["input_per_million": 0, "output_per_million": .int(Int64(output) * 1_000_000)], headers: admin)
                #expect(set.status == 200 && set["model"]?.string == path.removingPercentEncoding, "\(set.text)")
                #expect(try await cost() == expected)
            }
            for refused: JSONValue in [
                ["input_per_million": -1, "output_per_million": 0], ["input_per_million": 0],
                ["input_per_million": 0, "output_per_million": 1_000_000_000_001],
                ["input_per_million": 0.5, "output_per_million": 0],
            ] {
                #expect(try await app.call(.put, "/admin/prices/x", refused, headers: admin).status == 422)
            }
            for unnamed in ["%20", "%00", "a%0Ab", "%FF", String(repeating: "x", count: 201)] {
                let answer = try await app.call(
                    .put, "/admin/prices/\(unnamed)", ["input_per_million": 0, "output_per_million": 0], headers: admin)
                #expect(answer.status == 404, "\(unnamed): \(answer.text)")
            }
            let first = try await app.call(.get, "/admin/prices?limit=1", headers: admin)
            #expect(first["data"]?.array?.compactMap { $0["model"]?.string } == ["default"])
            let rest = try await app.call(.get, "/admin/prices?after=\(first.string("next"))", headers: admin)
            #expect(rest["data"]?.array?.compactMap { $0["model"]?.string } == ["scripted/default"])
            #expect(rest["next"] == .null)
            #expect(try await app.call(.get, "/admin/prices?after=*", headers: admin).errorCode == "invalid_cursor")
            #expect(try await app.call(.delete, "/admin/prices/scripted%2Fdefault", headers: admin).status == 204)
            #expect(try await app.call(.delete, "/admin/prices/scripted%2Fdefault", headers: admin).status == 404)
            #expect(try await cost() == 10)
        }
    }
}

import Foundation
import HTTPTypes
import JSON
import Storage
import Testing

@testable import Accounts
@testable import App
@testable import HTTPKit
@testable import Platform

/// How operators find and change users.
@Suite struct AdminUserTests {
    @Test("Users are found by a prefix of name or address, newest first, page by page")
    func search() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            for (name, email) in [
                ("anna", "first@example.com"), ("Annabel", nil), ("an_na", nil), ("hanna", nil), ("a%b", nil),
                (nil, "ANNA@example.com"), ("ÄNNA", nil),
            ] as [(String?, String?)] where name != "a%b" {
                let made = try await app.call(.post, "/admin/users", Self.account(name, email), as: admin)
                try #require(made.status == 201, "\(made.text)")
            }
            func names(_ query: String) async throws -> [String] {
                let found = try await app.call(.get, "/admin/users?\(query)", as: admin)
                try #require(found.status == 200, "\(found.text)")
                return (found["data"]?.array ?? []).map { $0["username"]?.string ?? $0["email"]?.string ?? "" }
            }
            #expect(try await names("q=anna") == ["ANNA@example.com", "Annabel", "anna"])
            #expect(try await names("q=ANNA") == ["ANNA@example.com", "Annabel", "anna"])
            #expect(try await names("q=first") == ["anna"])
            #expect(try await names("q=%C3%A4nn") == ["ÄNNA"])
            #expect(try await names("q=") == ["ÄNNA", "ANNA@example.com", "hanna", "an_na", "Annabel", "anna"])
            for nothing in ["q=%25", "q=an%25", "q=a_na", "q=%25nna", "q=*", "q=nna", "q=%5C", "q='", "q=%20"] {
                #expect(try await names(nothing).isEmpty, "\(nothing)")
            }
            #expect(try await names("q=an_") == ["an_na"])
            #expect(try await names("plan=free&q=ann").count == 3)
            #expect(try await names("plan=pro").isEmpty)
            #expect(try await names("disabled=true").isEmpty)
            #expect(try await names("disabled=false&q=ann").count == 3)

            var seen: [String] = []
            var after = ""
            repeat {
                let page = try await app.call(.get, "/admin/users?q=an&limit=1\(after)", as: admin)
                seen += (page["data"]?.array ?? []).compactMap { $0["id"]?.string }
                after = page["next"]?.string.map { "&after=\($0)" } ?? ""
            } while !after.isEmpty && seen.count < 20
            #expect(seen.count == 4 && seen == seen.sorted(by: >))

            for wrong in ["q=\(String(repeating: "a", count: 300))", "q=%00", "disabled=maybe", "limit=0", "after=x"] {
                #expect(try await app.call(.get, "/admin/users?\(wrong)", as: admin).status == 422, "\(wrong)")
            }
        }
    }

    private static func account(_ name: String?, _ email: String?) -> JSONValue {
        var body: [String: JSONValue] = ["password": .string(TestApp.password)]
        if let name { body["username"] = .string(name) }
        if let email { body["email"] = .string(email) }
        return .object(body)
    }

    @Test("An admin creates users while registration is closed, and they can sign in")
    func create() async throws {
        try await TestApp.run {
            $0.registration = .closed
        } _: { app in
            let admin = try await app.admin()
            let made = try await app.call(.post, "/admin/users", Self.account("carla", nil), as: admin)
            #expect(made.status == 201 && made["plan"] == "free" && made["effective_limits"]?["keys"] != nil)
            #expect(made["credits"] == 5_000_000 && made["disabled_at"] == .null)
            #expect(made["counts"] == ["chatbots": 1, "conversations": 0, "keys": 0])
            #expect(try await app.call(.post, "/auth/register", Self.account("dora", nil)).status == 403)
            let signedIn = try await app.call(
                .post, "/auth/token", ["username": "carla", "password": .string(TestApp.password)])
            #expect(signedIn.status == 200)
            let id = try made.string("id")
            let read = try await app.call(.get, "/admin/users/\(id)", as: admin)
            #expect(read["last_sign_in_at"]?.string != nil)
            let again = try await app.call(.post, "/admin/users", Self.account("Carla", nil), as: admin)
            #expect(again.status == 409 && again.errorCode == "username_taken")
            let common = try await app.call(
                .post, "/admin/users", ["username": "eve", "password": "password1"], as: admin)
            #expect(common.errorCode == "password_too_common")
        }
    }

    @Test("Each of these routes needs an operator with its permission")
    func permissions() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let reader = try await app.admin("reader", permissions: [.usersRead])
            let writer = try await app.admin("writer", permissions: [.usersWrite])
            let payer = try await app.admin("payer", permissions: [.creditsWrite])
            let staff = try await app.staff(level: 3)
            let path = "/admin/users/\(user.id)"
            for (method, path, body, allowed) in [
                (.get, "/admin/users", nil, reader), (.get, path, nil, reader),
                (.post, "/admin/users", Self.account("made", nil), writer), (.patch, path, [:], writer),
                (.put, path, [:], writer), (.post, "\(path)/credits", ["delta": 1, "reason": "a gift"], payer),
                (.get, "/admin/deleted-users", nil, reader), (.delete, path, ["reason": "asked for"], writer),
                (.post, "/admin/deleted-users/\(user.id)/restore", nil, writer),
            ] as [(HTTPRequest.Method, String, JSONValue?, TestOperator)] {
                for who in [reader, writer, payer, staff] where who.id != allowed.id {
                    let refused = try await app.call(method, path, body, as: who)
                    #expect(refused.status == 403 && refused.errorCode == "forbidden", "\(method) \(path): \(who.name)")
                }
                #expect(try await app.call(method, path, body, as: user).status == 401, "\(method) \(path)")
                #expect(try await app.call(method, path, body).status == 401, "\(method) \(path)")
                let answer = try await app.call(method, path, body, as: allowed)
                #expect((200..<300).contains(answer.status), "\(method) \(path): \(answer.text)")
            }
            #expect(try await app.call(.get, "/users/me", as: user).status == 401)
        }
    }

    @Test("An unknown id of any form is 404, and so is a deleted user's")
    func unknown() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            let user = try await app.user("alice")
            #expect(try await app.call(.delete, "/admin/users/\(user.id)", ["reason": "x"], as: admin).status == 204)
            for id in TenancyTests.madeUpIDs + [user.id] {
                for (method, path, body) in [
                    (.get, "", nil), (.patch, "", ["disabled": true]), (.delete, "", ["reason": "x"]),
                    (.post, "/credits", ["delta": 1, "reason": "x"]),
                ] as [(HTTPRequest.Method, String, JSONValue?)] {
                    let answer = try await app.call(method, "/admin/users/\(id)\(path)", body, as: admin)
                    #expect(answer.status == 404, "\(method) \(id)\(path): \(answer.text)")
                }
                guard id != user.id else { continue }
                #expect(try await app.call(.post, "/admin/deleted-users/\(id)/restore", as: admin).status == 404)
                #expect(try await app.call(.get, "/admin/deleted-users/\(id)/export", as: admin).status == 404)
            }
        }
    }

    @Test("Limits merge field by field, null restores the plan's value, and changes apply at once")
    func limits() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            let user = try await app.user("alice")
            let path = "/admin/users/\(user.id)"
            var changed = try await app.call(
                .patch, path, ["limits": ["messages_per_day": 1, "keys": 3, "models": ["a", "b"]]], as: admin)
            #expect(changed.status == 200, "\(changed.text)")
            #expect(changed["effective_limits"]?["messages_per_day"] == 1)
            #expect(changed["effective_limits"]?["models"] == ["a", "b"])
            #expect(changed["effective_limits"]?["conversations_per_day"] == 100)
            changed = try await app.call(.patch, path, ["limits": ["models": .null, "keys": 4]], as: admin)
            #expect(changed["limits"]?["messages_per_day"] == 1 && changed["limits"]?["keys"] == 4)
            #expect(changed["limits"]?["models"] == .null && changed["effective_limits"]?["models"] == .null)

            let conversation = try await app.conversation(as: user)
            #expect(try await app.send("one", in: conversation, as: user).status == 200)
            #expect(try await app.send("two", in: conversation, as: user).errorCode == "daily_limit_reached")
            changed = try await app.call(.patch, path, ["limits": .null], as: admin)
            #expect(changed["effective_limits"]?["messages_per_day"] == 500)
            #expect(try await app.send("two", in: conversation, as: user).status == 200)

            for wrong in [
                ["messages_per_day": -1], ["keys": 1.5], ["models": "a"], ["requests_per_minute": 0],
            ] as [JSONValue] {
                let refused = try await app.call(.patch, path, ["limits": wrong], as: admin)
                #expect(refused.status == 422, "\(wrong): \(refused.text)")
            }
            #expect(try await app.call(.patch, path, ["plan": "nope"], as: admin)["error"]?["param"] == "plan")
            #expect(try await app.call(.patch, path, ["plan": .null], as: admin)["plan"] == "free")
        }
    }

    @Test("Changing to a larger plan grants the difference in credits once a month, also when switched back and forth")
    func plan() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            let user = try await app.user("alice")
            let path = "/admin/users/\(user.id)"
            let spent = try await app.call(.post, "\(path)/credits", ["balance": 7, "reason": "test"], as: admin)
            #expect(spent["credits"] == 7)
            let changed = try await app.call(.patch, path, ["plan": "pro"], as: admin)
            #expect(changed["plan"] == "pro" && changed["credits"] == 95_000_007)
            #expect(changed["effective_limits"]?["keys"] == 100)
            #expect(try await app.call(.get, "/admin/users?plan=pro", as: admin)["data"]?.array?.count == 1)
            // To the same plan again is no change.
            _ = try await app.call(.post, "\(path)/credits", ["balance": 7, "reason": "test"], as: admin)
            #expect(try await app.call(.patch, path, ["plan": "pro"], as: admin)["credits"] == 7)
            for plan in ["free", "pro", "enterprise", "pro", "free", "enterprise", "free", "pro"] {
                let changed = try await app.call(.patch, path, ["plan": .string(plan)], as: admin)
                #expect(changed["plan"]?.string == plan && changed["credits"] == 7, "\(changed.text)")
            }
        }
    }

    @Test("A plan with more credits also needs credits.write, and the audit trail shows what changed")
    func planNeedsCredits() async throws {
        try await TestApp.run { app in
            let lesser = try await app.admin("lesser", permissions: [.usersRead, .usersWrite])
            let both = try await app.admin("both", permissions: [.usersRead, .usersWrite, .creditsWrite])
            let path = "/admin/users/\(try await app.user("alice").id)"
            for plan in ["pro", "enterprise"] {
                let refused = try await app.call(
                    .patch, path, ["plan": .string(plan), "disabled": true], as: lesser)
                #expect(refused.status == 403 && refused.errorCode == "forbidden", "\(refused.text)")
            }
            let unchanged = try await app.call(.get, path, as: lesser)
            #expect(unchanged["plan"] == "free" && unchanged["disabled_at"] == .null)
            #expect(try await app.call(.patch, path, ["plan": "free", "disabled": false], as: lesser).status == 200)
            let raised = try await app.call(
                .patch, path, ["plan": "pro", "limits": ["keys": 3, "files": .null]], as: both)
            #expect(raised.status == 200 && raised["credits"] == 100_000_000, "\(raised.text)")
            let entry = try #require(try await app.entry(of: raised))
            #expect(entry.detail?["plan"] == ["from": "free", "to": "pro"])
            #expect(entry.detail?["limits"] == ["keys": ["from": .null, "to": 3]])
            let lowered = try await app.call(.patch, path, ["plan": "free"], as: lesser)
            #expect(lowered.status == 200 && lowered["credits"] == 100_000_000)
            #expect(try await app.call(.patch, path, ["plan": "pro"], as: lesser).status == 403)
        }
    }

    @Test("Credits are added and set, never go below zero, and 100 concurrent additions add up")
    func credits() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            let user = try await app.user("alice")
            let path = "/admin/users/\(user.id)/credits"
            // The month's own credits are there before what is added.
            let added = try await app.call(.post, path, ["delta": 1, "reason": "a gift"], as: admin)
            #expect(added.status == 200 && added["credits"] == 5_000_001)
            _ = try await app.call(.post, path, ["balance": 0, "reason": "again"], as: admin)
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        try await app.call(
                            .post, path, ["delta": .int(Int64(number)), "reason": "a part"], as: admin
                        ).status
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
            #expect(try await app.call(.get, "/admin/users/\(user.id)", as: admin)["credits"] == 4950)
            // Only one of ten concurrent deductions of most of the balance succeeds.
            let taken = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        try await app.call(.post, path, ["delta": -4000, "reason": "a part"], as: admin).status
                    }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(taken.count { $0 == 200 } == 1 && taken.count { $0 == 422 } == 9, "\(taken)")
            #expect(try await app.call(.get, "/admin/users/\(user.id)", as: admin)["credits"] == 950)

            let once: HTTPFields = [.idempotencyKey: "gift-1"]
            for _ in 0..<3 {
                let answer = try await app.call(
                    .post, path, ["delta": 50, "reason": "once"], as: admin, headers: once)
                #expect(answer.status == 200 && answer["credits"] == 1000)
            }
            for wrong in [
                [:], ["delta": 1], ["reason": "x"], ["delta": 1, "balance": 1, "reason": "x"],
                ["balance": -1, "reason": "x"], ["delta": 1.5, "reason": "x"], ["delta": 1, "reason": " "],
                ["delta": 9_000_000_000_000_001, "reason": "x"], ["delta": .int(.max), "reason": "x"],
                ["delta": 9_000_000_000_000_000, "reason": "x"],
            ] as [JSONValue] {
                #expect(try await app.call(.post, path, wrong, as: admin).status == 422, "\(wrong)")
            }
            #expect(try await app.call(.get, "/admin/users/\(user.id)", as: admin)["credits"] == 1000)
            let entries = try await app.rows(
                "SELECT detail FROM audit_entries WHERE action = 'POST /admin/users/{id}/credits' AND detail LIKE ?",
                ["%once%"])
            #expect(entries.count == 1 && entries[0].contains("1000") && entries[0].contains("50"))
        }
    }

    @Test("A disabled user is signed out, has dead keys and cannot sign in; enabling restores the keys only")
    func disable() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            let user = try await app.user("alice")
            let own = try await app.call(.post, "/users/me/api-keys", as: user)
            let application = try await TestApplication.make(
                app, chatbotID: try await app.chatbot(as: user), as: user)
            let ownKey: HTTPFields = [.apiKey: try own.string("key")]
            #expect(try await app.call(.get, "/users/me", headers: ownKey).status == 200)
            #expect(try await application.query("hi").status == 200)

            let path = "/admin/users/\(user.id)"
            let disabled = try await app.call(.patch, path, ["disabled": true], as: admin)
            #expect(disabled.status == 200 && disabled["disabled_at"]?.string != nil)
            #expect(try await app.call(.get, "/users/me", as: user).errorCode == "invalid_token")
            #expect(try await app.call(.get, "/users/me", headers: ownKey).errorCode == "invalid_api_key")
            #expect(try await application.query("hi").errorCode == "invalid_api_key")
            let refreshed = try await app.call(
                .post, "/auth/refresh", ["refresh_token": .string(user.refreshToken)])
            #expect(refreshed.status == 401)
            func signIn(_ password: String) async throws -> TestApp.Answer {
                try await app.call(.post, "/auth/token", ["username": "alice", "password": .string(password)])
            }
            let (right, wrong) = (try await signIn(TestApp.password), try await signIn("wrong password"))
            #expect(right.status == 401 && right.errorCode == wrong.errorCode)
            #expect(right["error"]?["message"] == wrong["error"]?["message"])
            #expect(try await app.call(.get, "/admin/users?disabled=true", as: admin)["data"]?.array?.count == 1)
            // A second time changes nothing.
            let again = try await app.call(.patch, path, ["disabled": true], as: admin)
            #expect(again["disabled_at"] == disabled["disabled_at"])

            #expect(try await app.call(.patch, path, ["disabled": false], as: admin)["disabled_at"] == .null)
            #expect(try await app.call(.get, "/users/me", headers: ownKey).status == 200)
            #expect(try await application.query("hi").status == 200)
            #expect(try await app.call(.get, "/users/me", as: user).status == 401)
            #expect(try await signIn(TestApp.password).status == 200)
        }
    }

    @Test("A key works on where another owner of its workspace may act")
    func otherOwner() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: alice).string("id")
            try await app.add(bob, to: team, as: "owner", by: alice)
            let chatbot = try await app.chatbot(as: alice, headers: [.workspaceID: team])
            let application = try await TestApplication.make(app, chatbotID: chatbot, as: alice)
            _ = try await app.call(.patch, "/admin/users/\(alice.id)", ["disabled": true], as: admin)
            #expect(try await application.query("hi").status == 200)
            _ = try await app.call(.patch, "/admin/users/\(bob.id)", ["disabled": true], as: admin)
            #expect(try await application.query("hi").errorCode == "invalid_api_key")
        }
    }

    @Test("Another instance learns of it within the authenticator's trust")
    func elsewhere() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            let user = try await app.user("alice")
            try await app.another { other in
                #expect(try await other.call(.get, "/users/me", as: user).status == 200)
                _ = try await app.call(.patch, "/admin/users/\(user.id)", ["disabled": true], as: admin)
                try await other.eventually("the other instance refuses") {
                    try await other.call(.get, "/users/me", as: user).status == 401
                }
            }
        }
    }
}

extension TestApp {
    /// A query's one column, as text.
    func rows(_ sql: String, _ args: [any SQLBindable & Sendable] = []) async throws -> [String] {
        try await database.read(.system) { tx in
            let name = sql.split(separator: " ")[1]
            return try tx.rows(sql, args) { try $0.stringIfPresent(String(name)) ?? "" }
        }
    }

    func count(_ table: String, where filter: String = "1 = 1") async throws -> Int {
        try await database.read(.system) { tx in
            try tx.row("SELECT COUNT(*) AS rows FROM \(table) WHERE \(filter)") { try $0.int("rows") } ?? 0
        }
    }
}

import Foundation
import HTTPTypes
import JSON
import Storage
import Synchronization
import Testing

@testable import App
@testable import Chat
@testable import HTTPKit
@testable import Platform

/// Deleting, restoring and purging users.
@Suite struct DeletedUserTests {
    private static func delete(
        _ app: TestApp, _ user: TestUser, as admin: TestOperator, export: Bool = false
    ) async throws {
        let deleted = try await app.call(
            .delete, "/admin/users/\(user.id)", ["reason": "it was asked for", "export": .bool(export)], as: admin)
        try #require(deleted.status == 204, "\(deleted.text)")
    }

    private static func purge(_ app: TestApp, inDays days: Int = 31, batch: Int = 500) async throws {
        var purge = app.app.deletedUsers.purge(app.app.logger)
        purge.batch = batch
        try await purge.run(now: Timestamp.now.adding(.seconds(86_400 * days)))
    }

    @Test("Deleting ends sessions, keys and sockets; restoring brings back all but the sessions")
    func deletedAndRestored() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            let user = try await app.user("alice")
            let own: HTTPFields = [
                .apiKey: try await app.call(.post, "/users/me/api-keys", as: user).string("key")
            ]
            let chatbot = try await app.chatbot(as: user)
            let application = try await TestApplication.make(app, chatbotID: chatbot, as: user)
            let conversation = try await app.conversation(with: chatbot, as: user)
            try await app.send("hello", in: conversation, as: user)
            #expect(try await app.call(.get, "/users/me", headers: own).status == 200)
            #expect(try await application.query("hi").status == 200)
            let before = try await app.call(.get, "/admin/users/\(user.id)", as: admin)

            let sessionID = try #require(
                try await app.call(.get, "/auth/sessions", as: user)["data"]?[0]?["id"]?.string)
            let sockets = app.app.sockets.sockets
            let socket = sockets.add(sessionID: sessionID)
            let isClosed = Mutex(false)
            let listener = Task {
                for await _ in socket.sessionEnded {
                    isClosed.withLock { $0 = true }
                    return
                }
            }

            try await Self.delete(app, user, as: admin)
            #expect(try await app.call(.get, "/users/me", as: user).status == 401)
            #expect(try await app.call(.get, "/users/me", headers: own).errorCode == "invalid_api_key")
            #expect(try await application.query("hi").errorCode == "invalid_api_key")
            let grant: JSONValue = ["username": "alice", "password": .string(TestApp.password)]
            #expect(try await app.call(.post, "/auth/token", grant).errorCode == "invalid_credentials")
            #expect(
                try await app.call(.post, "/auth/refresh", ["refresh_token": .string(user.refreshToken)]).status == 401)
            try await sockets.endThoseOfEndedSessions()
            try await app.eventually("the socket is closed") { isClosed.withLock { $0 } }
            sockets.remove(socket.number)
            listener.cancel()
            #expect(try await app.call(.get, "/admin/users/\(user.id)", as: admin).status == 404)
            #expect(try await app.call(.get, "/admin/users?q=alice", as: admin)["data"] == [])
            // The name stays taken.
            let taken = try await app.call(
                .post, "/auth/register", ["username": "ALICE", "password": .string(TestApp.password)])
            #expect(taken.errorCode == "username_taken")

            let listed = try await app.call(.get, "/admin/deleted-users?q=ALI", as: admin)
            let entry = listed["data"]?[0]
            #expect(entry?["id"]?.string == user.id && entry?["username"] == "alice")
            #expect(entry?["deleted_by"]?.string == "operator:\(admin.id)" && entry?["reason"] == "it was asked for")
            #expect(entry?["wants_export"] == false && entry?["purge_at"]?.string != nil)
            for nobody in ["q=bob", "q=%25", "q=lice"] {
                #expect(try await app.call(.get, "/admin/deleted-users?\(nobody)", as: admin)["data"] == [])
            }

            let restored = try await app.call(.post, "/admin/deleted-users/\(user.id)/restore", as: admin)
            #expect(restored.status == 200 && restored["counts"] == before["counts"], "\(restored.text)")
            #expect(try await app.call(.post, "/admin/deleted-users/\(user.id)/restore", as: admin).status == 404)
            #expect(try await app.call(.get, "/users/me", headers: own).status == 200)
            #expect(try await application.query("hi").status == 200)
            #expect(try await app.call(.get, "/users/me", as: user).status == 401)
            #expect(try await app.call(.post, "/auth/token", grant).status == 200)
            #expect(try await app.call(.get, "/admin/deleted-users", as: admin)["data"] == [])
            let entries = try await app.rows(
                "SELECT detail FROM audit_entries WHERE action = 'DELETE /admin/users/{id}' AND target = ?",
                ["user:\(user.id)"])
            #expect(entries.count == 1 && entries[0].contains("it was asked for"))
        }
    }

    @Test("The list of deleted users is paged, newest deletion first")
    func list() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            var ids: [String] = []
            for number in 0..<5 {
                let user = try await app.user("user\(number)")
                try await Self.delete(app, user, as: admin)
                ids.insert(user.id, at: 0)
            }
            var seen: [String] = []
            var after = ""
            repeat {
                let page = try await app.call(.get, "/admin/deleted-users?limit=2\(after)", as: admin)
                seen += (page["data"]?.array ?? []).compactMap { $0["id"]?.string }
                after = page["next"]?.string.map { "&after=\($0)" } ?? ""
            } while !after.isEmpty && seen.count < 20
            #expect(Set(seen) == Set(ids) && seen.count == 5)
        }
    }

    @Test("A purge leaves only its own record, and the names are free again")
    func purged() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            let member = try await app.user("member")
            let owned = try await Owned.make(app, try await app.user("alice"), member: member)
            let other = try await Owned.make(app, try await app.user("bob"), member: app.user("second"))
            let before = try await other.snapshot(app)
            let team = owned.parameters["workspace_id"]!
            // A team's only owner cannot be deleted, not by an operator either.
            let refused = try await app.call(
                .delete, "/admin/users/\(owned.user.id)", ["reason": "x"], as: admin)
            #expect(refused.status == 409 && refused.errorCode == "last_owner")
            #expect(refused["error"]?["message"]?.string?.contains("'Team'") == true)
            #expect(try await app.call(.get, "/users/me", as: owned.user).status == 200)
            let left = try await app.call(.delete, "/workspaces/\(team)/members/\(member.id)", as: member)
            try #require(left.status == 204)

            try await Self.delete(app, owned.user, as: admin)
            try await Self.purge(app, inDays: 29)
            #expect(try await app.count("deleted_users") == 1)
            try await Self.purge(app)
            for (table, column) in [
                ("users", "id"), ("deleted_users", "user_id"), ("members", "user_id"), ("conversations", "user_id"),
                ("api_keys", "user_id"), ("credits", "user_id"), ("daily_usage", "user_id"), ("sessions", "user_id"),
                ("message_logs", "user_id"), ("message_logs", "payer_id"),
            ] {
                #expect(try await app.count(table, where: "\(column) = '\(owned.user.id)'") == 0, "\(table)")
            }
            for table in ["chatbots", "prompts", "conversations", "messages", "api_keys", "end_users"] {
                #expect(try await app.count(table, where: "workspace_id = '\(team)'") == 0, "\(table)")
            }
            #expect(try await app.count("workspaces", where: "id = '\(team)'") == 0)
            #expect(try await other.snapshot(app) == before)
            let entries = try await app.rows(
                "SELECT detail FROM audit_entries WHERE action = 'purge user' AND target = ?",
                ["user:\(owned.user.id)"])
            #expect(entries.count == 1 && entries[0].contains("it was asked for") && entries[0].contains(admin.id))
            #expect(try await app.call(.post, "/admin/deleted-users/\(owned.user.id)/restore", as: admin).status == 404)
            _ = try await app.user("alice")
        }
    }

    @Test("A workspace with other members outlives a deleted owner")
    func team() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: alice).string("id")
            try await app.add(bob, to: team, as: "owner", by: alice)
            let chatbot = try await app.chatbot(as: alice, headers: [.workspaceID: team])
            for user in [alice, bob] {
                try await app.send("hi", in: try await app.conversation(with: chatbot, as: user), as: user)
            }
            try await Self.delete(app, alice, as: admin)
            // The last owner must not leave the workspace to a deleted one.
            let leaving = try await app.call(.delete, "/workspaces/\(team)/members/\(bob.id)", as: bob)
            #expect(leaving.errorCode == "last_owner")
            try await Self.purge(app)
            #expect(try await app.call(.get, "/chatbots/\(chatbot)", as: bob).status == 200)
            #expect(try await app.count("conversations", where: "workspace_id = '\(team)'") == 1)
            #expect(try await app.count("messages", where: "workspace_id = '\(team)'") == 2)
        }
    }

    private struct Interruption: Error {}

    @Test("An interrupted purge resumes, and a user who is partly purged cannot be restored")
    func resumed() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            let user = try await app.user("alice")
            let chatbot = try await app.chatbot(as: user)
            for _ in 0..<3 {
                let conversation = try await app.conversation(with: chatbot, as: user)
                for number in 0..<4 { try await app.send("message \(number)", in: conversation, as: user) }
            }
            try await Self.delete(app, user, as: admin, export: true)
            // A batch of two rows; the purge is cancelled after a few more of them each time.
            var rounds = 0
            while try await app.count("users", where: "id = '\(user.id)'") == 1 {
                rounds += 1
                try #require(rounds < 200, "the purge does not end")
                let left = try await app.count("messages")
                let purge = Task { try await Self.purge(app, batch: 2) }
                try await app.eventually("some went") {
                    if try await app.count("users", where: "id = '\(user.id)'") == 0 { return true }
                    if try await app.count("messages") < left { return true }
                    return try await app.count("conversations", where: "user_id = '\(user.id)'") == 0
                }
                // On a busy machine nothing may come of such short times.
                if rounds < 100 { purge.cancel() }
                _ = await purge.result
                if try await app.count("deleted_users") == 1 {
                    let restored = try await app.call(
                        .post, "/admin/deleted-users/\(user.id)/restore", as: admin)
                    #expect(restored.status == 409 && restored.errorCode == "conflict")
                }
            }
            #expect(try await app.count("messages") == 0)
            #expect(try await app.count("audit_entries", where: "action = 'purge user'") == 1)
            // The export was made before the first row went: three messages, and the scripted replies that repeat them.
            let export = try await app.call(.get, "/admin/deleted-users/\(user.id)/export", as: admin)
            #expect(export.text.components(separatedBy: "\"content\":\"message 3\"").count - 1 == 6)
        }
    }

    @Test("A requested export is available, encrypted, from the purge until 30 days later")
    func export() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            let reader = try await app.admin("reader", permissions: [.usersRead])
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            let conversation = try await app.conversation(as: alice)
            for number in 0..<30 {
                try await app.send(
                    "number \(number) " + String(repeating: "long ", count: 2000), in: conversation, as: alice)
            }
            try await Self.delete(app, alice, as: admin, export: true)
            try await Self.delete(app, bob, as: admin)
            let path = "/admin/deleted-users/\(alice.id)/export"
            #expect(try await app.call(.get, path, as: reader).status == 403)
            #expect(try await app.call(.get, "/admin/deleted-users/\(bob.id)/export", as: admin).status == 404)
            // The data of a user who can still be restored cannot be exported.
            let early = try await app.call(.get, path, as: admin)
            #expect(early.status == 409 && early.errorCode == "conflict", "\(early.text)")
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE deleted_users SET purging_at = 1 WHERE user_id = ?", [alice.id])
            }
            let restored = try await app.call(.post, "/admin/deleted-users/\(alice.id)/restore", as: admin)
            #expect(restored.status == 409)
            let begun = try await app.call(.get, path, as: admin)
            #expect(begun.status == 200 && begun["account"]?["username"] == "alice")
            try await Self.purge(app)
            let kept = try await app.call(.get, path, as: admin)
            #expect(kept.status == 200 && kept["account"] == begun["account"])
            #expect(kept["workspaces"] == begun["workspaces"])
            #expect(kept.headers[.contentDisposition]?.hasPrefix("attachment") == true)
            #expect(try await app.count("user_exports") > 1)
            let parts = try await app.rows("SELECT content FROM user_exports")
            #expect(!parts.contains { $0.contains("number 29") } && parts.allSatisfy { $0.hasPrefix("gAAAA") })
            #expect(
                try await app.count(
                    "audit_entries", where: "action = 'GET /admin/deleted-users/{id}/export' AND outcome = 'success'")
                    == 2)
            try await Self.purge(app, inDays: 60)
            #expect(try await app.call(.get, path, as: admin).status == 200)
            try await Self.purge(app, inDays: 62)
            #expect(try await app.call(.get, path, as: admin).status == 404)
            #expect(try await app.count("user_exports") == 0)
        }
    }

    @Test("Of two owners who are deleted at once, one stays")
    func race() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin()
            for round in 0..<5 {
                let people = try await [app.user("a\(round)"), app.user("b\(round)"), app.user("c\(round)")]
                let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: people[0]).string("id")
                for (person, role) in [(people[1], "owner"), (people[2], "viewer")] {
                    try await app.add(person, to: team, as: role, by: people[0])
                }
                async let first = app.call(.delete, "/admin/users/\(people[0].id)", ["reason": "x"], as: admin)
                async let second = app.call(
                    .delete, "/users/me", ["password": .string(TestApp.password)], as: people[1])
                let statuses = try await [first.status, second.status].sorted()
                #expect(statuses == [204, 409])
            }
        }
    }
}

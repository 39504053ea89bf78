import HTTPTypes
import JSON
import Storage
import Testing

@testable import Accounts
@testable import App
@testable import HTTPKit
@testable import Platform

/// What the audit trail records: who changed what, and who was refused.
@Suite struct AuditTests {
    @Test("An entry names actor, target, address and changed fields, without their values")
    func entry() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let id = try await app.chatbot(["name": "Bot"], as: alice)
            let answer = try await app.call(
                .put, "/projects/\(id)", ["name": "Secret name", "temperature": 0.25, "unknown": "x"], as: alice)
            #expect(answer.status == 200, "\(answer.text)")
            let entry = try #require(try await app.entry(of: answer))
            #expect(entry.actor == "user:\(alice.id)" && entry.target == "chatbot:\(id)")
            #expect(entry.action == "PATCH /chatbots/{chatbot_id}" && entry.outcome == "success")
            #expect(entry.detail == ["fields": ["name", "temperature"]])
            #expect(entry.requestID == answer.headers[.requestID] && entry.address != nil)
        }
    }

    @Test("A change and its entry are committed together or not at all")
    func failsClosed() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let id = try await app.chatbot(["name": "Bot"], as: alice)
            try await app.database.write(.system) { tx in
                try tx.script("ALTER TABLE audit_entries RENAME TO audit_entries_gone")
            }
            let change = try await app.call(.patch, "/chatbots/\(id)", ["name": "New"], as: alice)
            #expect(change.status == 500)
            let signIn = try await app.call(
                .post, "/auth/token", ["username": "alice", "password": .string(TestApp.password)])
            #expect(signIn.status == 500 && signIn["access_token"] == nil)
            let wrong = try await app.call(.post, "/auth/token", ["username": "alice", "password": "wrong"])
            #expect(wrong.status == 500)
            try await app.database.write(.system) { tx in
                try tx.script("ALTER TABLE audit_entries_gone RENAME TO audit_entries")
            }
            #expect(try await app.call(.get, "/chatbots/\(id)", as: alice)["name"] == "Bot")
            #expect(try await app.call(.patch, "/chatbots/\(id)", ["name": "New"], as: alice).status == 200)
        }
    }

    @Test("A refusal for missing rights writes an entry; an invalid or unknown target writes none")
    func refusals() async throws {
        try await TestApp.run { app in
            let (alice, viewer) = (try await app.user("alice"), try await app.user("viewer"))
            let owned = try await Owned.make(app, alice, member: viewer)
            let workspace = "/workspaces/\(owned.parameters["workspace_id"]!)"
            let forbidden = try await app.call(.patch, workspace, ["name": "Mine"], as: viewer)
            #expect(forbidden.status == 403)
            let entry = try #require(try await app.entry(of: forbidden))
            #expect(entry.actor == "user:\(viewer.id)" && entry.outcome == "forbidden")
            #expect(entry.target == "workspace:\(owned.parameters["workspace_id"]!)")

            let key = try await app.call(
                .post, "/chatbots/\(owned.parameters["chatbot_id"]!)/api-keys", ["scopes": ["read"]], as: alice)
            let byKey = try await app.call(
                .post, "/users/customer/details", ["first_name": "X"], headers: [.apiKey: try key.string("key")])
            #expect(byKey.status == 403 && byKey.errorCode == "key_not_allowed")
            let refused = try #require(try await app.entry(of: byKey))
            #expect(refused.actor == "key:\(try key.string("id"))" && refused.outcome == "key_not_allowed")

            let wrongPassword = try await app.call(
                .post, "/auth/password", ["current_password": "wrong", "new_password": "another long one"], as: viewer)
            #expect(try await app.entry(of: wrongPassword)?.outcome == "wrong_password")

            for answer in [
                try await app.call(.patch, workspace, ["name": "Mine"]),
                try await app.call(.patch, workspace, ["name": ""], as: alice),
                try await app.call(.patch, "/workspaces/nowhere", ["name": "x"], as: alice),
                try await app.call(.get, workspace, as: viewer),
                try await app.raw(.patch, workspace, "{".utf8, as: alice),
            ] {
                #expect(try await app.entries(of: answer).isEmpty, "\(answer.status) \(answer.text)")
            }
        }
    }

    @Test("A retry with the same Idempotency-Key writes no second entry")
    func replays() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let headers: HTTPFields = [.idempotencyKey: "once"]
            let first = try await app.call(.post, "/workspaces", ["name": "Team"], as: alice, headers: headers)
            let second = try await app.call(.post, "/workspaces", ["name": "Team"], as: alice, headers: headers)
            #expect(first.status == 201 && second.text == first.text)
            #expect(try await app.entries(of: first).count == 1)
            #expect(try await app.entries(of: second).isEmpty)
        }
    }

    @Test("Turns of a chat leave message logs and no entries")
    func turns() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let id = try await app.conversation(as: alice)
            for answer in [
                try await app.send("Hello", in: id, as: alice),
                try await app.call(.post, "/conversations/\(id)/regenerate", as: alice),
                try await app.call(.post, "/conversations/\(id)/stop", as: alice),
                try await app.call(.post, "/chat", ["message": "Hello"], as: alice),
                try await app.call(.post, "/chat/ws-ticket", as: alice),
            ] {
                #expect((200..<300).contains(answer.status), "\(answer.text)")
                #expect(try await app.entries(of: answer).isEmpty)
            }
        }
    }

    // MARK: Sign-in

    @Test("Each sign-in attempt writes one entry, without the name or password that was typed")
    func signIns() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            for path in ["/auth/token", "/auth/login"] {
                for (name, password, status, actor, outcome) in [
                    ("alice", TestApp.password, 200, "user:\(alice.id)", "success"),
                    ("alice", "wrong-password", 401, "user:\(alice.id)", "invalid_credentials"),
                    ("typed-by-mistake", "wrong-password", 401, "anonymous", "invalid_credentials"),
                ] {
                    let answer = try await app.call(
                        .post, path, ["username": .string(name), "password": .string(password)])
                    #expect(answer.status == status)
                    let entries = try await app.entries(of: answer)
                    #expect(entries.count == 1, "\(path) \(name)")
                    #expect(entries.first?.actor == actor && entries.first?.outcome == outcome)
                    #expect(entries.first?.action == "POST \(path)")
                }
            }
            let dump = try await app.entries().map { String(describing: $0) }.joined()
            #expect(!dump.contains("typed-by-mistake") && !dump.contains("wrong-password"))
            #expect(!dump.contains(TestApp.password))
        }
    }

    @Test("A refresh writes an entry; reuse of an old refresh token is recorded as such")
    func refreshes() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            func refresh(_ token: String) async throws -> TestApp.Answer {
                try await app.call(.post, "/auth/refresh", ["refresh_token": .string(token)])
            }
            let first = try await refresh(alice.refreshToken)
            let next = try await refresh(try first.string("refresh_token"))
            let reused = try await refresh(alice.refreshToken)
            let unknown = try await refresh("made-up")
            for (answer, actor, outcome) in [
                (first, "user:\(alice.id)", "success"), (next, "user:\(alice.id)", "success"),
                (reused, "user:\(alice.id)", "token_reused"), (unknown, "anonymous", "invalid_token"),
            ] {
                let entries = try await app.entries(of: answer)
                #expect(entries.count == 1 && entries.first?.actor == actor && entries.first?.outcome == outcome)
            }
            #expect(reused.errorCode == "token_reused")
            #expect(try await app.call(.get, "/users/me", as: alice).status == 401)
        }
    }

    @Test("Throttled sign-ins write at most one entry a minute for each address")
    func throttled() async throws {
        try await TestApp.run { app in
            _ = try await app.user("alice")
            var refused = 0
            var entries = 0
            for _ in 0..<40 {
                let answer = try await app.call(.post, "/auth/token", ["username": "alice", "password": "wrong"])
                let written = try await app.entries(of: answer)
                if answer.status == 429 {
                    refused += 1
                    entries += written.count
                } else {
                    #expect(answer.status == 401 && written.count == 1)
                }
            }
            #expect(refused > 5)
            #expect(entries == 1)
        }
    }

    @Test("Refusals write at most one entry a minute for each actor, action and code")
    func refusedOften() async throws {
        try await TestApp.run { app in
            let site = try await TestSite.make(app, as: app.user("alice"))
            var entries = 0
            for _ in 0..<20 {
                let answer = try await site.call(.post, "/chatbots", ["name": "Mine"])
                #expect(answer.status == 403)
                entries += try await app.entries(of: answer).count
            }
            #expect(entries == 1)
            let other = try await site.call(.post, "/workspaces", ["name": "Mine"])
            #expect(try await app.entry(of: other)?.outcome == "key_not_allowed")
        }
    }

    @Test("Signing out of the console writes an entry if a session was open, and none otherwise")
    func consoleSignOut() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let site: HTTPFields = [.secFetchSite: "same-origin"]
            let signedIn = try await app.call(
                .post, "/auth/session", ["username": "alice", "password": .string(TestApp.password)], headers: site)
            let cookie = try #require(signedIn.headers[.setCookie]?.split(separator: ";").first)
            let headers = site + [.cookie: String(cookie)]
            let left = try await app.call(.delete, "/auth/session", headers: headers)
            #expect(try await app.entry(of: left)?.actor == "user:\(alice.id)")
            for again in [headers, site, [:]] {
                let answer = try await app.call(.delete, "/auth/session", headers: again)
                #expect(answer.status < 300)
                #expect(try await app.entries(of: answer).isEmpty)
            }
        }
    }

    // MARK: The table

    @Test(
        "The database refuses to change or delete an entry",
        arguments: ["UPDATE audit_entries SET actor = 'system'", "DELETE FROM audit_entries"])
    func appendOnly(sql: String) async throws {
        try await TestApp.run { app in
            _ = try await app.user("alice")
            let before = try await app.entries()
            #expect(!before.isEmpty)
            await #expect(throws: StorageError.self) { try await app.database.write(.system) { try $0.run(sql) } }
            #expect(try await app.entries() == before)
        }
    }

    @Test("A detail that is too long is left out, and an entry is written once")
    func insert() async throws {
        try await TestApp.run { app in
            try await app.database.write(.system) { tx in
                for _ in 0..<2 {
                    try AuditEntry.insert(
                        tx, id: "same", actor: AuditEntry.system, action: "test",
                        detail: ["long": .string(String(repeating: "x", count: AuditEntry.maxDetail))])
                }
            }
            let entries = try await app.entries().filter { $0.action == "test" }
            #expect(entries.count == 1 && entries.first?.detail == ["left_out": true])
        }
    }
}

extension TestApp {
    /// Newest first.
    func entries() async throws -> [AuditEntry] {
        let all = AuditEntry.Filter(
            actor: nil, action: nil, target: nil, outcome: nil, from: nil, to: nil, format: nil, limit: nil, after: nil)
        return try await database.read(.system) { tx in
            var entries: [AuditEntry] = []
            var after: Cursor? = .newest
            while let cursor = after {
                let page = try AuditEntry.list(tx, all, after: cursor, limit: 1_000_000)
                entries += page.items
                after = page.hasMore ? page.items.last.map { Cursor(id: $0.id) } : nil
            }
            return entries
        }
    }

    func entries(of answer: Answer) async throws -> [AuditEntry] {
        let id = try #require(answer.headers[.requestID])
        return try await entries().filter { $0.requestID == id }
    }

    func entry(of answer: Answer) async throws -> AuditEntry? {
        let entries = try await entries(of: answer)
        #expect(entries.count <= 1)
        return entries.first
    }
}

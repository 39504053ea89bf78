import DatabaseMigrations
import HTTPTypes
import JSON
import LLM
import LLMTesting
import Logging
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// Users become the owner of a workspace, and pay for it, only if they have agreed.
@Suite struct MembershipTests {
    private struct Trap: Sendable {
        let attacker: TestUser
        let victim: TestUser
        let workspaceID: String
        let application: TestApplication

        var path: String { "/workspaces/\(workspaceID)" }
        var attackers: String { "\(path)/members/\(attacker.id)" }
        var victims: String { "\(path)/members/\(victim.id)" }

        static func make(_ app: TestApp, role: String) async throws -> Trap {
            let (attacker, victim) = (try await app.user("attacker"), try await app.user("victim"))
            let workspaceID = try await app.call(.post, "/workspaces", ["name": "Trap"], as: attacker).string("id")
            try await app.add(victim, to: workspaceID, as: "viewer", by: attacker)
            if role != "viewer" {
                let promoted = try await app.call(
                    .patch, "/workspaces/\(workspaceID)/members/\(victim.id)", ["role": .string(role)], as: attacker)
                try #require(promoted.status == 200 && promoted["accepted_at"] == .null, "\(promoted.text)")
            }
            let chatbotID = try await app.chatbot(as: attacker, headers: [.workspaceID: workspaceID])
            return Trap(
                attacker: attacker, victim: victim, workspaceID: workspaceID,
                application: try await TestApplication.make(app, chatbotID: chatbotID, as: attacker))
        }

        /// The attacker tries to get out, and pays on.
        func holdsAttacker(_ app: TestApp) async throws {
            for (method, path, body) in [
                (.patch, attackers, ["role": "viewer"]), (.delete, attackers, nil),
                (.delete, "/users/me", ["password": .string(TestApp.password)]),
            ] as [(HTTPRequest.Method, String, JSONValue?)] {
                let answer = try await app.call(method, path, body, as: attacker)
                #expect(answer.status == 409 && answer.errorCode == "last_owner", "\(path): \(answer.text)")
            }
            try await chargesAttacker(app)
        }

        func chargesAttacker(_ app: TestApp) async throws {
            let before = (try await app.credits(attacker).balance, try await app.usedToday(attacker).messages)
            let query = try await application.query("Hi")
            #expect(query.status == 200, "\(query.text)")
            #expect(try await app.credits(attacker).balance == before.0 - 5)
            #expect(try await app.usedToday(attacker).messages == before.1 + 1)
        }
    }

    private static let five = ChatUsage(promptTokens: 3, completionTokens: 5)

    private static func run(_ test: @Sendable (TestApp) async throws -> Void) async throws {
        try await TestApp.run(provider: ScriptedProvider(.text("ok", usage: five))) { app in
            try await app.setPrice(output: 1)
            try await test(app)
        }
    }

    @Test(
        "Whoever is made an owner without having agreed pays nothing, loses no key and can go; the other goes on paying"
    )
    func unasked() async throws {
        try await Self.run { app in
            let trap = try await Trap.make(app, role: "owner")
            let usage = try await app.call(.get, "/users/me/usage", as: trap.victim)
            try await trap.holdsAttacker(app)
            // No key is counted, no message, and no credit is gone.
            #expect(try await app.call(.get, "/users/me/usage", as: trap.victim).json == usage.json)
            try await app.limit(trap.victim, OwnLimits(keys: 1))
            #expect(try await app.call(.post, "/users/me/api-keys", as: trap.victim).status == 201)
            let deleted = try await app.call(
                .delete, "/users/me", ["password": .string(TestApp.password)], as: trap.victim)
            #expect(deleted.status == 204, "\(deleted.text)")
            try await trap.chargesAttacker(app)
        }
    }

    @Test("Until an owner accepts, it is an editor, and may leave")
    func editor() async throws {
        try await Self.run { app in
            let trap = try await Trap.make(app, role: "owner")
            let workspace = try await app.call(.get, trap.path, as: trap.victim)
            #expect(workspace["role"] == "owner" && workspace["accepted_at"] == .null)
            let chatbot = "/chatbots/\(trap.application.chatbotID)"
            #expect(try await app.call(.patch, chatbot, ["name": "Mine"], as: trap.victim).status == 200)
            for (method, path, body) in [
                (.patch, trap.path, ["name": "Mine"]), (.delete, trap.path, nil), (.delete, trap.attackers, nil),
                (.patch, trap.victims, ["role": "owner"]),
            ] as [(HTTPRequest.Method, String, JSONValue?)] {
                let answer = try await app.call(method, path, body, as: trap.victim)
                #expect(answer.status == 403 && answer.errorCode == "forbidden", "\(path): \(answer.text)")
            }
            let export = try await app.call(.get, "/users/me/export", as: trap.victim)
            #expect(export.status == 200 && !export.text.contains(trap.application.keyID))
            #expect(try await app.call(.delete, trap.victims, as: trap.victim).status == 204)
            #expect(try await app.call(.get, trap.path, as: trap.victim).status == 404)
        }
    }

    @Test("Who has accepted a lesser role has not accepted to be an owner; who has accepted that one pays")
    func promotion() async throws {
        try await Self.run { app in
            let trap = try await Trap.make(app, role: "viewer")
            let promoted = try await app.call(.patch, trap.victims, ["role": "owner"], as: trap.attacker)
            #expect(promoted["role"] == "owner" && promoted["accepted_at"] == .null, "\(promoted.text)")
            // Meant for the role before, and sent too late.
            let late = try await app.call(.post, "\(trap.path)/accept", ["role": "viewer"], as: trap.victim)
            #expect(late.status == 409 && late.errorCode == "conflict", "\(late.text)")
            try await trap.holdsAttacker(app)

            try await app.accept(trap.workspaceID, "owner", as: trap.victim)
            let accepted = try await app.call(.get, trap.path, as: trap.victim)["accepted_at"]
            try await app.accept(trap.workspaceID, "owner", as: trap.victim)
            #expect(try await app.call(.get, trap.path, as: trap.victim)["accepted_at"] == accepted)
            // To be made an owner by another one changes nothing for who is one.
            let again = try await app.call(.patch, trap.victims, ["role": "owner"], as: trap.attacker)
            #expect(again["accepted_at"] == accepted)
            #expect(try await app.call(.delete, trap.attackers, as: trap.attacker).status == 204)
            app.app.authenticator.forget(userID: trap.attacker.id)
            let (attackers, own) = (try await app.credits(trap.attacker), try await app.credits(trap.victim))
            #expect(try await trap.application.query("Hi").status == 200)
            #expect(try await app.credits(trap.attacker) == attackers)
            #expect(try await app.credits(trap.victim).balance == own.balance - 5)
            #expect(
                try await app.call(.delete, trap.victims, as: trap.victim).errorCode == "last_owner")
        }
    }

    @Test("A role is accepted by who has it, in person")
    func refused() async throws {
        try await Self.run { app in
            let trap = try await Trap.make(app, role: "owner")
            let body: JSONValue = ["role": "owner"]
            let stranger = try await app.user("stranger")
            #expect(try await app.call(.post, "\(trap.path)/accept", body, as: stranger).status == 404)
            let key = try await app.call(.post, "/users/me/api-keys", as: trap.victim).string("key")
            let byKey = try await app.call(.post, "\(trap.path)/accept", body, headers: [.apiKey: key])
            #expect(byKey.status == 403 && byKey.errorCode == "key_not_allowed", "\(byKey.text)")
            #expect(try await app.call(.post, "\(trap.path)/accept", [:], as: trap.victim).status == 422)
            #expect(try await app.call(.get, trap.path, as: trap.victim)["accepted_at"] == .null)
        }
    }

    @Test("Inviting tells no e-mail address; a member who has accepted shows it to the others")
    func addresses() async throws {
        try await TestApp.run { app in
            let owner = try await app.user("owner")
            let team = try await app.call(.post, "/workspaces", ["name": "Team"], as: owner).string("id")
            let path = "/workspaces/\(team)"
            let address = "carol@example.com"
            _ = try await app.register(email: address, username: "carol")
            let headers: HTTPFields = [
                .authorization: "Bearer \(try await app.signIn("carol").string("access_token"))"
            ]
            let id = try await app.call(.get, "/users/me", headers: headers).string("id")
            for who in [["username": "carol"], ["user_id": .string(id)]] as [[String: JSONValue]] {
                let body = JSONValue.object(who.merging(["role": "editor"]) { $1 })
                let invited = try await app.call(.post, "\(path)/members", body, as: owner)
                #expect(invited.status == 202 && !invited.text.contains(address), "\(invited.text)")
            }
            for list in ["members", "invitations"] {
                #expect(try await !app.call(.get, "\(path)/\(list)", as: owner).text.contains(address))
            }
            let mine = try await app.call(.get, "/invitations", headers: headers)
            let accepted = try await app.call(
                .post, "/invitations/accept", ["id": mine["data"]?[0]?["id"] ?? .null], headers: headers)
            #expect(accepted.status == 200, "\(accepted.text)")
            #expect(try await app.call(.get, "\(path)/members", as: owner).text.contains(address))
        }
    }

    @Test("Those who were members before memberships were accepted have accepted theirs")
    func migration() async throws {
        let testDatabase = try await TestDatabase.make(isMigrated: false)
        let database = try Database(url: testDatabase.url, logger: Logger(label: "test"))
        do {
            let migrator = Migrator(database, Migrations.all)
            try await migrator.migrate(to: 2)
            try await database.write(.system) { tx in
                try tx.run(
                    """
                    INSERT INTO users (id, username, username_key, password_hash, created_at, updated_at)
                    VALUES ('u', 'u', 'u', 'x', 1, 1)
                    """)
                try tx.run("INSERT INTO workspaces (id, name, created_at, updated_at) VALUES ('w', 'Team', 1, 1)")
                try tx.run(
                    "INSERT INTO members (workspace_id, user_id, role, created_at) VALUES ('w', 'u', 'owner', 7)")
            }
            // There and back again.
            for _ in 0..<2 {
                try await migrator.migrate()
                let accepted = try await database.read(.system) { tx in
                    try tx.rows("SELECT accepted_at FROM members") { try $0.int("accepted_at") }
                }
                #expect(accepted == [7])
                try await migrator.migrate(to: 2, force: true)
                #expect(
                    try await database.read(.system) { tx in try tx.rows("SELECT role FROM members") { _ in 1 } } == [1]
                )
            }
        } catch {
            await database.close()
            try? await testDatabase.remove()
            throw error
        }
        await database.close()
        try await testDatabase.remove()
    }
}

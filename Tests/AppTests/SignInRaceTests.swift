import HTTPTypes
import JSON
import Storage
import Testing

@testable import Accounts
@testable import App
@testable import HTTPKit
@testable import Platform

/// What may happen between the check of a password and the beginning of the session.
@Suite struct SignInRaceTests {
    private static func begin(_ app: TestApp, _ account: Account, in realm: Realm) async throws -> NewSession {
        try await app.database.write(.system) { tx in
            if realm == .users {
                try Session.begin(tx, account, kind: .token, address: "192.0.2.1", userAgent: nil, now: .now)
            } else {
                try OperatorSession.begin(tx, account, in: realm, address: "192.0.2.1", userAgent: nil, now: .now)
            }
        }
    }

    private static func someone(_ app: TestApp, in realm: Realm) async throws -> Account {
        switch realm {
        case .users: _ = try await app.user("someone")
        case .admins: _ = try await app.admin("someone")
        case .staff: _ = try await app.staff("someone", level: 1)
        }
        return try await app.database.read(.system) { tx in
            try #require(try Account.named(tx, "someone", in: realm))
        }
    }

    private static func sessions(_ app: TestApp, in realm: Realm) async throws -> Int? {
        try await app.database.read(.system) { tx in
            try tx.row("SELECT count(*) AS n FROM \(realm.sessions)") { try $0.int("n") }
        }
    }

    @Test(
        "A password changed, or an account disabled, during the check refuses the sign-in",
        arguments: [Realm.users, .admins, .staff])
    func overtaken(realm: Realm) async throws {
        try await TestApp.run { app in
            let checked = try await Self.someone(app, in: realm)
            _ = try await Self.begin(app, checked, in: realm)
            let hash = try await app.app.access.signIn.hash("a new song to sing")
            try await app.database.write(.system) { tx in
                try Account.setPassword(tx, hash: hash, of: checked.id, in: realm, now: .now)
                try tx.run("DELETE FROM \(realm.sessions)")
            }
            func expectRefusal(_ account: Account) async throws {
                do {
                    _ = try await Self.begin(app, account, in: realm)
                    Issue.record("a session has begun")
                } catch let error as APIError {
                    #expect(error.code == .invalidCredentials)
                }
                #expect(try await Self.sessions(app, in: realm) == 0)
            }
            try await expectRefusal(checked)
            if realm == .users {
                // Nor does a change that asked for the old password go through.
                let (isNew, isOld) = try await app.database.write(.system) { tx in
                    (
                        try Account.hasPassword(tx, hash: hash, id: checked.id),
                        try Account.hasPassword(tx, hash: checked.passwordHash, id: checked.id)
                    )
                }
                #expect(isNew && !isOld)
            }
            var current = checked
            current.passwordHash = hash
            try await app.database.write(.system) { tx in try tx.run("UPDATE \(realm.accounts) SET disabled_at = 1") }
            try await expectRefusal(current)
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE \(realm.accounts) SET disabled_at = NULL")
            }
            _ = try await Self.begin(app, current, in: realm)
            #expect(try await Self.sessions(app, in: realm) == 1)
        }
    }

    @Test("One of several concurrent password changes succeeds; the others fail with the old password")
    func changedOnce() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let answers = try await app.parallel(4) { number in
                try await app.call(
                    .post, "/auth/password",
                    [
                        "current_password": .string(TestApp.password),
                        "new_password": .string("a new song no. \(number)"),
                    ],
                    as: user)
            }
            #expect(answers.map(\.status).sorted() == [204, 403, 403, 403])
            #expect(answers.allSatisfy { $0.status == 204 || $0.errorCode == "wrong_password" })
            var accepted = 0
            for number in 0..<4 {
                let signedIn = try await app.call(
                    .post, "/auth/login", ["username": "alice", "password": .string("a new song no. \(number)")])
                if signedIn.status == 200 { accepted += 1 }
            }
            #expect(accepted == 1)
        }
    }

    @Test("Of sign-ins at once with a password whose hash is renewed, none is refused", arguments: 0..<5)
    func rehashing(round: Int) async throws {
        try await TestApp.run { app in
            _ = try await app.user("alice")
            let old = try await PasswordHasher(scheme: .bcrypt(rounds: 5)).hash(TestApp.password)
            try await app.database.write(.system) { tx in try tx.run("UPDATE users SET password_hash = ?", [old]) }
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<5 { group.addTask { try await app.signIn("alice").status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == [200, 200, 200, 200, 200])
            let hash = try await app.database.read(.system) { tx in
                try tx.row("SELECT password_hash FROM users") { try $0.string("password_hash") }
            }
            #expect(hash != old)
        }
    }
}

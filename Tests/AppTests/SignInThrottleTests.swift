import HTTPTypes
import JSON
import Logging
import Storage
import Testing

@testable import Accounts
@testable import App
@testable import HTTPKit
@testable import Platform

@Suite struct SignInThrottleTests {
    private static let secrets = try! Secrets(
        encryptionKeys: ["w4cT0VYJx4CkYxZyTTxDQvMTZT4vT2hZsbP4tVfpX0M="],
        secretKey: "only-these-tests-know-it-but-it-has-0123456789-signs")

    private static func throttle() -> SignInThrottle {
        SignInThrottle(
            limiter: SharedRateLimiter(
                secrets: secrets, logger: Logger(label: "test") { _ in RecordedLog().handler }),
            secrets: secrets)
    }

    @Test("From one address a name has ten tries, however it is written, and another name or address has its own")
    func here() async throws {
        let throttle = Self.throttle()
        func isAllowed(_ name: String, _ address: String, _ realm: Realm = .users) async -> Bool {
            await throttle.attempt(name, in: realm, from: address, isKnown: false).isAllowed
        }
        for number in 0..<10 {
            #expect(await isAllowed(["alice", "Alice", "ALICE", "ａlice"][number % 4], "2001:db8:1:2::\(number)"))
        }
        #expect(await !isAllowed("alice", "2001:db8:1:2:ffff::1"))
        let refused = await throttle.attempt("alice", in: .users, from: "2001:db8:1:2::1", isKnown: true)
        #expect(!refused.isAllowed && (1...360).contains(refused.retrySeconds))
        #expect(await isAllowed("alice", "2001:db8:1:3::1"))
        #expect(await isAllowed("alicia", "2001:db8:1:2::1"))
        #expect(await isAllowed("alice", "2001:db8:1:2::1", .admins), "an operator is someone else")
        await throttle.succeeded("aLICE", in: .users, from: "2001:db8:1:2::77")
        #expect(await isAllowed("alice", "2001:db8:1:2::1"))
    }

    @Test("Admins and staff are tried at one account, whichever door is used")
    func doors() async throws {
        let throttle = Self.throttle()
        for number in 0..<10 {
            let realm: Realm = number.isMultiple(of: 2) ? .admins : .staff
            #expect(await throttle.attempt("root", in: realm, from: "10.0.0.1", isKnown: false).isAllowed)
        }
        #expect(await !throttle.attempt("root", in: .staff, from: "10.0.0.1", isKnown: false).isAllowed)
        #expect(await !throttle.attempt("root", in: .admins, from: "10.0.0.1", isKnown: false).isAllowed)
    }

    @Test("Many addresses guess a name a hundred times a day in all, and do not lock out who has signed in before")
    func strangers() async throws {
        let throttle = Self.throttle()
        var passed = 0
        for number in 0..<500 {
            let address = "10.1.\(number / 250).\(number % 250)"
            if await throttle.attempt("victim", in: .users, from: address, isKnown: false).isAllowed { passed += 1 }
        }
        #expect(passed == 100)
        #expect(await !throttle.attempt("victim", in: .users, from: "192.0.2.1", isKnown: false).isAllowed)
        #expect(await throttle.attempt("victim", in: .users, from: "192.0.2.2", isKnown: true).isAllowed)
        #expect(await throttle.attempt("other", in: .users, from: "10.1.0.1", isKnown: false).isAllowed)
        await throttle.succeeded("victim", in: .users, from: "192.0.2.2")
        #expect(
            await !throttle.attempt("victim", in: .users, from: "192.0.2.3", isKnown: false).isAllowed,
            "the victim's own sign-in gives strangers no new tries")
    }

    private static func tries(_ app: TestApp, _ name: String, _ password: String) async throws -> TestApp.Answer {
        try await app.call(.post, "/auth/login", ["username": .string(name), "password": .string(password)])
    }

    @Test("Throttled answers are the same for a right password, a wrong one and a name that nobody has")
    func sameAnswers() async throws {
        try await TestApp.run { app in
            _ = try await app.user("alice")
            let disabled = try await app.user("disabled")
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE users SET disabled_at = 1 WHERE id = ?", [disabled.id])
            }
            var texts: Set<String> = []
            for name in ["alice", "nobody", "disabled"] {
                for _ in 0..<10 {
                    let answer = try await Self.tries(app, name, "wrong password")
                    #expect(answer.status == 401 && answer.errorCode == "invalid_credentials", "\(name)")
                }
                for password in ["wrong password", TestApp.password] {
                    let answer = try await Self.tries(app, name, password)
                    #expect(answer.status == 429 && answer.errorCode == "rate_limited", "\(name) \(answer.text)")
                    #expect((300...360).contains(Int(answer.headers[.retryAfter] ?? "") ?? 0))
                    texts.insert(
                        answer.text.replacing(answer.json["error"]?["request_id"]?.string ?? "", with: ""))
                }
            }
            #expect(texts.count == 1)
            let other = try await app.user("bob")
            #expect(try await Self.tries(app, other.name, TestApp.password).status == 200)
        }
    }

    @Test("A hundred tries at once are no more than ten, and signing in forgets the wrong ones")
    func atOnce() async throws {
        try await TestApp.run { app in
            _ = try await app.user("alice")
            for _ in 0..<9 { _ = try await Self.tries(app, "alice", "wrong") }
            #expect(try await Self.tries(app, "alice", TestApp.password).status == 200)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<100 { group.addTask { try await Self.tries(app, "alice", "wrong").status } }
                return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            // A full queue of passwords to check is told as such, whether or not the try was one too many.
            #expect(statuses[401, default: 0] <= 10, "\(statuses)")
            #expect([401, 429, 503].reduce(0) { $0 + statuses[$1, default: 0] } == 100, "\(statuses)")
        }
    }

    @Test("An address is known where someone has signed in from it, and only its fingerprint is kept")
    func known() async throws {
        try await TestApp.run { app in
            let alice = try await app.user("alice")
            let rows = try await app.database.read(.system) { tx in
                try tx.rows("SELECT account_id, address FROM known_addresses") {
                    (try $0.string("account_id"), try $0.bytes("address"))
                }
            }
            #expect(rows.count == 1 && rows[0].0 == alice.id && rows[0].1.count == 32)
            #expect(!String(decoding: rows[0].1, as: UTF8.self).contains("unknown"))
            let (here, there) = (KnownAddress("10.0.0.1", Self.secrets), KnownAddress("10.0.0.2", Self.secrets))
            let now = Timestamp.now
            try await app.database.write(.system) { tx in
                for _ in 0..<2 { try here.remember(tx, of: alice.id, now: now) }
                #expect(try here.isKnown(tx, to: alice.id, now: now))
                #expect(try !there.isKnown(tx, to: alice.id, now: now) && !here.isKnown(tx, to: "", now: now))
                let later = now.adding(.seconds(91 * 86_400))
                #expect(try !here.isKnown(tx, to: alice.id, now: later))
                #expect(try KnownAddress.purge(tx, now: later, limit: 500) == 2)
            }
        }
    }

    @Test("Within a session, a password that is asked for again can be tried ten times")
    func again() async throws {
        try await TestApp.run { app in
            let (alice, bob) = (try await app.user("alice"), try await app.user("bob"))
            func change(_ user: TestUser, from old: String) async throws -> Int {
                try await app.call(
                    .post, "/auth/password",
                    ["current_password": .string(old), "new_password": "another calm bird"], as: user
                ).status
            }
            for _ in 0..<10 { #expect(try await change(alice, from: "wrong") == 403) }
            #expect(try await change(alice, from: TestApp.password) == 429)
            #expect(try await change(bob, from: TestApp.password) == 204)
            #expect(try await Self.tries(app, "alice", TestApp.password).status == 200, "signing in is not hindered")
        }
    }
}

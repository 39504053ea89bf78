import Foundation
import HTTPTypes
import JSON
import Storage
import Testing

@testable import Accounts
@testable import App
@testable import HTTPKit

/// TOTP as a second factor, with recovery codes, for users and for operators.
@Suite struct SecondFactorTests {
    @Test(
        "RFC 6238's vectors, whose last six digits are what six-digit codes are",
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
            (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ])
    func vectors(seconds: Int, code: String) {
        let totp = TOTP(secret: Array("12345678901234567890".utf8))
        let time = Timestamp(milliseconds: Int64(seconds) * 1000)
        #expect(totp.code(step: TOTP.step(at: time)) == code)
        let step = TOTP.step(at: time)
        for (drift, expected) in [(-2, nil), (-1, step), (0, step), (1, step), (2, nil)] as [(Int64, Int64?)]
        where step + drift >= 0 {
            let then = Timestamp(milliseconds: time.milliseconds + drift * 30_000)
            #expect(totp.step(of: code, now: then) == expected, "\(drift)")
        }
    }

    @Test(
        "RFC 4648's vectors, without padding",
        arguments: [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"), ("12345678901234567890", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
        ])
    func base32(text: String, encoded: String) { #expect(Base32.encode(Array(text.utf8)) == encoded) }

    /// A user or an operator, with the routes to set up a second factor and to sign in.
    struct Someone: Sendable {
        let kind: Kind
        let token: String

        enum Kind: String, Sendable, CaseIterable { case user, admin, staff }

        var folder: String { kind == .user ? "/auth" : "/\(kind.rawValue)" }
        var name: String { "someone" }
        var me: String { kind == .user ? "/users/me" : "\(folder)/me" }

        static func make(_ app: TestApp, _ kind: Kind) async throws -> Someone {
            switch kind {
            case .user: Someone(kind: kind, token: try await app.user("someone").token)
            case .admin: Someone(kind: kind, token: try await app.admin("someone").token)
            case .staff: Someone(kind: kind, token: try await app.staff("someone", level: 1).token)
            }
        }

        func call(
            _ app: TestApp, _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil
        ) async throws -> TestApp.Answer {
            try await app.call(method, path, body, headers: [.authorization: "Bearer \(token)"])
        }

        func signIn(_ app: TestApp, code: String?, password: String = TestApp.password) async throws -> TestApp.Answer {
            var body: [String: JSONValue] = ["username": .string(name), "password": .string(password)]
            if let code { body["code"] = .string(code) }
            return try await app.call(.post, "\(folder)/login", .object(body))
        }

        /// Sets a factor up and confirms it.
        func setUp(_ app: TestApp) async throws -> (totp: TOTP, recoveryCodes: [String], used: String) {
            let offer = try await call(app, .post, "\(folder)/mfa/totp")
            try #require(offer.status == 201, "\(offer.text)")
            let totp = TOTP(secret: try decode(offer.string("secret")))
            let code = totp.code(step: SecondFactorTests.step)
            let confirmed = try await call(app, .post, "\(folder)/mfa/totp/confirm", ["code": .string(code)])
            try #require(confirmed.status == 200, "\(confirmed.text)")
            return (totp, try #require(confirmed["recovery_codes"]?.array).compactMap(\.string), code)
        }

        private func decode(_ text: String) throws -> [UInt8] {
            var (bytes, buffer, bits) = ([UInt8](), UInt32(0), 0)
            for character in text.utf8 {
                buffer = buffer << 5 | UInt32(try #require(Base32.alphabet.firstIndex(of: character)))
                bits += 5
                guard bits >= 8 else { continue }
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
                buffer &= 0xFF
            }
            return bytes
        }
    }

    static var step: Int64 { TOTP.step(at: .now) }

    /// As if the codes of now had not been used.
    private static func forgetSteps(_ app: TestApp) async throws {
        try await app.database.write(.system) { tx in try tx.run("UPDATE second_factors SET last_step = 0") }
    }

    @Test("A factor is asked for once it is confirmed, each code counts once", arguments: Someone.Kind.allCases)
    func life(kind: Someone.Kind) async throws {
        try await TestApp.run { app in
            let who = try await Someone.make(app, kind)
            let path = "\(who.folder)/mfa/totp"
            let early = try await who.call(app, .post, "\(path)/confirm", ["code": "123456"])
            #expect(early.status == 409 && early.errorCode == "conflict")
            let first = try await who.call(app, .post, path)
            #expect(first.status == 201, "\(first.text)")
            let uri = try first.string("otpauth_uri")
            #expect(uri.hasPrefix("otpauth://totp/Mynah:someone?secret=\(try first.string("secret"))&issuer=Mynah"))
            // Not confirmed: the password is enough as before.
            #expect(try await who.signIn(app, code: nil).status == 200)
            let state = try await who.call(app, .get, path)
            #expect(state.json == ["enabled": false, "since": .null, "recovery_codes_left": 0])

            let (totp, codes, used) = try await who.setUp(app)
            #expect(Base32.encode(totp.secret) != (try first.string("secret")))
            #expect(Set(codes).count == 10)
            #expect(codes.allSatisfy { $0.wholeMatch(of: /([A-Z2-7]{4}-){3}[A-Z2-7]{4}/) != nil })
            #expect(try await who.call(app, .post, path).errorCode == "conflict")
            #expect(try await who.call(app, .post, "\(path)/confirm", ["code": "123456"]).errorCode == "conflict")

            let asked = try await who.signIn(app, code: nil)
            #expect(asked.status == 401 && asked.errorCode == "mfa_required")
            let wrongPassword = try await who.signIn(app, code: nil, password: "wrong")
            #expect(wrongPassword.errorCode == "invalid_credentials")
            // The code that confirmed it has been used.
            #expect(try await who.signIn(app, code: used).errorCode == "invalid_code")
            try await Self.forgetSteps(app)
            let code = totp.code(step: Self.step)
            #expect(try await who.signIn(app, code: code, password: "wrong").errorCode == "invalid_credentials")
            #expect(try await who.signIn(app, code: code).status == 200)
            #expect(try await who.signIn(app, code: code).errorCode == "invalid_code")
            // Nor one that is older than it.
            #expect(try await who.signIn(app, code: totp.code(step: Self.step - 1)).errorCode == "invalid_code")

            let typed = " " + codes[0].lowercased().replacing("-", with: " ")
            #expect(try await who.signIn(app, code: typed).status == 200)
            #expect(try await who.signIn(app, code: codes[0]).errorCode == "invalid_code")
            #expect(try await who.signIn(app, code: codes[1]).status == 200)
            let confirmed = try await who.call(app, .get, path)
            #expect(confirmed["enabled"] == true && confirmed["since"]?.string != nil)
            #expect(confirmed["recovery_codes_left"] == 8)

            let stored = try await app.databaseBytes()
            for secret in codes + [Base32.encode(totp.secret)] { #expect(!stored.contains(secret)) }

            #expect(try await who.call(app, .delete, path, [:]).status == 422)
            #expect(try await who.call(app, .delete, path, ["password": "wrong"]).errorCode == "wrong_password")
            let removed = try await who.call(app, .delete, path, ["password": .string(TestApp.password)])
            #expect(removed.status == 204)
            #expect(try await who.signIn(app, code: nil).status == 200)
            #expect(try await who.call(app, .delete, path, ["password": .string(TestApp.password)]).status == 404)
        }
    }

    @Test("Every door of users takes the code")
    func doors() async throws {
        try await TestApp.run { app in
            let who = try await Someone.make(app, .user)
            let totp = try await who.setUp(app).totp
            for path in ["/auth/login", "/auth/token", "/auth/session"] {
                let body: [String: JSONValue] = ["username": "someone", "password": .string(TestApp.password)]
                let headers: HTTPFields = [.secFetchSite: "same-origin"]
                let asked = try await app.call(.post, path, .object(body), headers: headers)
                #expect(asked.errorCode == "mfa_required", "\(path): \(asked.text)")
                #expect(asked.headers[.setCookie] == nil)
                try await Self.forgetSteps(app)
                let code = JSONValue.string(totp.code(step: Self.step))
                let passed = try await app.call(
                    .post, path, .object(body.merging(["code": code]) { $1 }), headers: headers)
                #expect(passed.status == 200, "\(path): \(passed.text)")
            }
            try await Self.forgetSteps(app)
            let form = try await app.form(
                "/auth/token",
                "grant_type=password&username=someone&password=\(TestApp.password.replacing(" ", with: "+"))"
                    + "&code=\(totp.code(step: Self.step))")
            #expect(form.status == 200, "\(form.text)")
        }
    }

    @Test("Of several who bring the same code at once, one passes", arguments: 0..<5, [true, false])
    func race(round: Int, ofRecovery: Bool) async throws {
        try await TestApp.run { app in
            let who = try await Someone.make(app, .user)
            let (totp, codes, _) = try await who.setUp(app)
            try await Self.forgetSteps(app)
            let code = ofRecovery ? codes[0] : totp.code(step: Self.step)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<5 { group.addTask { try await who.signIn(app, code: code).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 200 } == 1, "\(statuses)")
            #expect(statuses.count { $0 == 401 } == 4, "\(statuses)")
        }
    }

    @Test(
        "Five wrong codes force a wait; the current session continues", arguments: [false, true])
    func guessing(atOnce: Bool) async throws {
        try await TestApp.run { app in
            let who = try await Someone.make(app, .user)
            let (totp, codes, _) = try await who.setUp(app)
            try await Self.forgetSteps(app)
            let right = Set((Self.step - 1...Self.step + 3).map { totp.code(step: $0) })
            let wrong = (0..<20).map { String(100_000 + $0) }.filter { !right.contains($0) }
            var answers: [TestApp.Answer] = []
            if atOnce {
                answers = try await withThrowingTaskGroup(of: TestApp.Answer.self) { group in
                    for code in wrong { group.addTask { try await who.signIn(app, code: code) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            } else {
                for code in wrong { answers.append(try await who.signIn(app, code: code)) }
            }
            #expect(answers.count { $0.errorCode == "invalid_code" } <= CodeGuesses.most)
            #expect(answers.count { $0.errorCode == "rate_limited" } >= wrong.count - CodeGuesses.most)
            for code in [totp.code(step: Self.step), codes[0]] {
                let blocked = try await who.signIn(app, code: code)
                #expect(blocked.status == 429, "\(blocked.text)")
                #expect((1...900).contains(Int(blocked.headers[.retryAfter] ?? "") ?? 0))
            }
            #expect(try await who.call(app, .get, who.me).status == 200)
        }
    }

    @Test("Guesses are counted for each account, for a quarter of an hour, and right ones are not")
    func counting() throws {
        let guesses = CodeGuesses()
        let start = ContinuousClock.now
        for _ in 0..<CodeGuesses.most { try guesses.take("a", now: start) }
        #expect(throws: APIError.self) { try guesses.take("a", now: start + .seconds(899)) }
        try guesses.take("b", now: start)
        try guesses.take("a", now: start + .seconds(900))
        for _ in 0..<50 {
            try guesses.take("c", now: start)
            guesses.refund("c")
        }
    }

    @Test("Setting up a factor needs a recent sign-in or the password", arguments: Someone.Kind.allCases)
    func freshness(kind: Someone.Kind) async throws {
        try await TestApp.run { app in
            let who = try await Someone.make(app, kind)
            let table = kind == .user ? "sessions" : "operator_sessions"
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE \(table) SET created_at = created_at - 3700000")
            }
            try await app.another { other in
                let path = "\(who.folder)/mfa/totp"
                #expect(try await who.call(other, .post, path).errorCode == "reauthentication_required")
                let wrong = try await who.call(other, .post, path, ["password": "wrong"])
                #expect(wrong.errorCode == "wrong_password")
                let right = try await who.call(other, .post, path, ["password": .string(TestApp.password)])
                #expect(right.status == 201)
            }
        }
    }
}

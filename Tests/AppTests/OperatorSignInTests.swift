import Crypto
import Foundation
import HTTPTypes
import JSON
import JWTKit
import Storage
import Testing

@testable import Accounts
@testable import App
@testable import HTTPKit
@testable import Platform

/// Operators' sign-in, which is separate from the users'.
@Suite struct OperatorSignInTests {
    private func login(
        _ app: TestApp, _ role: String, _ name: String, _ password: String = TestApp.password
    ) async throws -> TestApp.Answer {
        try await app.call(
            .post, "/\(role)/login", ["username": .string(name), "password": .string(password)])
    }

    @Test("Admins sign in at /admin only, staff at /staff only, users at neither; all refusals look the same")
    func doors() async throws {
        try await TestApp.run { app in
            _ = try await app.admin("root")
            _ = try await app.staff("helper", level: 3)
            _ = try await app.user("alice")
            let refusal = try await login(app, "admin", "nobody")
            #expect(refusal.status == 401 && refusal.errorCode == "invalid_credentials")
            for (role, name, password) in [
                ("admin", "helper", TestApp.password), ("staff", "root", TestApp.password),
                ("admin", "alice", TestApp.password), ("staff", "alice", TestApp.password),
                ("admin", "root", "wrong"), ("staff", "helper", "wrong"),
            ] {
                let answer = try await login(app, role, name, password)
                #expect(answer.status == 401 && answer["error"]?["message"] == refusal["error"]?["message"])
            }
            for path in ["/auth/login", "/auth/token", "/auth/session"] {
                let answer = try await app.call(
                    .post, path, ["username": "root", "password": .string(TestApp.password)],
                    headers: [.secFetchSite: "same-origin"])
                #expect(answer.errorCode == "invalid_credentials", "\(path)")
            }
            // A user with the same name is a different account.
            _ = try await app.user("root")
            #expect(try await login(app, "admin", "ROOT").status == 200)
        }
    }

    @Test(
        "Refresh tokens rotate, and reuse of an old one ends its session", arguments: ["admin", "staff"])
    func rotation(role: String) async throws {
        try await TestApp.run { app in
            let who = role == "admin" ? try await app.admin("one") : try await app.staff("one", level: 1)
            let other = role == "admin" ? "staff" : "admin"
            func refresh(_ token: String, at role: String) async throws -> TestApp.Answer {
                try await app.call(.post, "/\(role)/refresh", ["refresh_token": .string(token)])
            }
            #expect(try await refresh(who.refreshToken, at: other).errorCode == "invalid_token")
            let users = try await app.call(
                .post, "/auth/refresh", ["refresh_token": .string(who.refreshToken)])
            #expect(users.errorCode == "invalid_token")
            let first = try await refresh(who.refreshToken, at: role)
            #expect(first.status == 200, "\(first.text)")
            #expect(first["expires_in"] == 900)
            // A retry of a lost answer.
            #expect(try await refresh(who.refreshToken, at: role)["refresh_token"] == first["refresh_token"])
            let second = try await refresh(first.string("refresh_token"), at: role)
            #expect(second.status == 200)
            #expect(try await refresh(who.refreshToken, at: role).errorCode == "token_reused")
            #expect(try await refresh(second.string("refresh_token"), at: role).errorCode == "invalid_token")
        }
    }

    @Test("A session ends after 12 hours, or after 30 minutes without use")
    func sessionTimes() async throws {
        try await TestApp.run { app in
            let root = try await app.admin()
            func shift(_ column: String, by seconds: Int) async throws {
                try await app.database.write(.system) { tx in
                    try tx.run("UPDATE operator_sessions SET \(column) = \(column) - ?", [seconds * 1000])
                }
                app.app.authenticator.forget(operatorID: root.id)
            }
            func isIn() async throws -> Bool { try await app.call(.get, "/admin/me", as: root).status == 200 }
            try await shift("last_used_at", by: 29 * 60)
            #expect(try await isIn())
            // That use was noted.
            try await shift("last_used_at", by: 29 * 60)
            #expect(try await isIn())
            try await shift("last_used_at", by: 31 * 60)
            #expect(try await !isIn())
            let refreshed = try await app.call(
                .post, "/admin/refresh", ["refresh_token": .string(root.refreshToken)])
            #expect(refreshed.errorCode == "invalid_token")

            let again = try await app.signIn(root.id, root.name, .admin)
            try await shift("expires_at", by: 12 * 3600 + 1)
            #expect(try await app.call(.get, "/admin/me", as: again).status == 401)
            let late = try await app.call(.post, "/admin/refresh", ["refresh_token": .string(again.refreshToken)])
            #expect(late.errorCode == "invalid_token")
        }
    }

    @Test("A session that was ended is refused at once")
    func logout() async throws {
        try await TestApp.run { app in
            let root = try await app.admin()
            #expect(try await app.call(.post, "/staff/logout", as: root).errorCode == "forbidden")
            #expect(try await app.call(.post, "/admin/logout", as: root).status == 204)
            #expect(try await app.call(.get, "/admin/me", as: root).errorCode == "invalid_token")
            let refreshed = try await app.call(
                .post, "/admin/refresh", ["refresh_token": .string(root.refreshToken)])
            #expect(refreshed.errorCode == "invalid_token")
        }
    }

    @Test("Tampered, foreign, expired and other-audience tokens are refused")
    func forgedTokens() async throws {
        try await TestApp.run { app in
            let root = try await app.admin()
            let user = try await app.user("alice")
            let parts = root.token.split(separator: ".").map(String.init)
            func encoded(_ value: JSONValue) -> String { Base64URL.encode(value.serialized()) }
            func decoded(_ part: String) throws -> [String: JSONValue] {
                let bytes = try #require(Base64URL.decode(part))
                return try #require(try bytes.withUnsafeBytes { try JSONValue(parsing: $0) }.object)
            }
            let header = try decoded(parts[0])
            let claims = try decoded(parts[1])
            #expect(claims["aud"] == ["mynah-operators"] || claims["aud"] == "mynah-operators")
            func with(_ object: [String: JSONValue], _ name: String, _ value: JSONValue) -> String {
                encoded(.object(object.merging([name: value]) { $1 }))
            }
            var forged = [
                "\(with(header, "alg", "none")).\(parts[1]).", "\(with(header, "alg", "none")).\(parts[1]).\(parts[2])",
                "\(with(header, "alg", "HS256")).\(parts[1]).\(parts[2])",
                "\(with(header, "typ", "JWT")).\(parts[1]).\(parts[2])",
                "\(with(header, "kid", "nobody")).\(parts[1]).\(parts[2])",
                "\(parts[0]).\(with(claims, "sub", .string(user.id))).\(parts[2])", "\(parts[0]).\(parts[1]).",
                "\(parts[0]).\(parts[1]).\(String(parts[2].reversed()))",
            ]
            // Well signed, by the server's own key, and all the same not good here.
            let key = try await app.database.read(.system) { tx in
                try tx.row("SELECT id, private_key FROM signing_keys") {
                    (id: try $0.string("id"), pem: try $0.string("private_key"))
                }
            }
            let signing = try #require(key)
            let pem = String(decoding: try app.app.access.signIn.secrets.decrypt(signing.pem), as: UTF8.self)
            let sid = try #require(claims["sid"]?.string)
            for (audience, expiry, issuer) in [
                ("mynah", 900.0, "mynah"), ("somebody-else", 900, "mynah"), ("mynah-operators", -1, "mynah"),
                ("mynah-operators", 900, "another"),
            ] {
                forged.append(
                    try await Self.token(
                        pem, kid: signing.id,
                        AccessTokens.Claims(
                            iss: .init(value: issuer), sub: .init(value: root.id), aud: .init(value: [audience]),
                            iat: .init(value: Date()), exp: .init(value: Date().addingTimeInterval(expiry)), sid: sid)))
            }
            // A session of users under operators' audience.
            let userClaims = try decoded(user.token.split(separator: ".").map(String.init)[1])
            forged.append(
                try await Self.token(
                    pem, kid: signing.id,
                    AccessTokens.Claims(
                        iss: .init(value: "mynah"), sub: .init(value: user.id),
                        aud: .init(value: [Realm.operatorAudience]), iat: .init(value: Date()),
                        exp: .init(value: Date().addingTimeInterval(900)),
                        sid: try #require(userClaims["sid"]?.string))))
            for token in forged {
                for path in ["/admin/me", "/admin/operators", "/users"] {
                    let answer = try await app.call(.get, path, headers: [.authorization: "Bearer \(token)"])
                    #expect(answer.status == 401, "\(path) with \(token): \(answer.text)")
                }
            }
            #expect(try await app.call(.get, "/admin/me", as: root).status == 200)
        }
    }

    private static func token(_ pem: String, kid: String, _ claims: AccessTokens.Claims) async throws -> String {
        let keys = JWTKeyCollection()
        await keys.add(ecdsa: try ES256PrivateKey(pem: pem), kid: JWKIdentifier(string: kid))
        return try await keys.sign(claims, kid: JWKIdentifier(string: kid), header: ["typ": "at+jwt"])
    }

    @Test("The set-up link of the last start creates the first admin, once, and only while there is none")
    func setup() async throws {
        try await TestApp.run { app in
            let count = {
                try await app.database.read(.system) { tx in
                    try tx.row("SELECT count(*) AS n FROM operators") { try $0.int("n") }
                }
            }
            #expect(try await count() == 0)
            let setup = Setup(app.database)
            func token() async throws -> String {
                let link = try #require(try await setup.link(at: "http://x"))
                #expect(link.hasPrefix("http://x/setup?token="))
                return String(link.split(separator: "=")[1])
            }
            func create(_ token: String, _ name: String = "root", _ password: String = TestApp.password) async throws
                -> TestApp.Answer
            {
                try await app.call(
                    .post, "/setup",
                    ["token": .string(token), "username": .string(name), "password": .string(password)])
            }
            #expect(try await app.call(.get, "/setup").status == 200)
            let (old, new) = (try await token(), try await token())
            for bad in [old, "made-up", new + "x"] {
                let answer = try await create(bad)
                #expect(answer.status == 422 && answer.errorCode == "invalid_link", "\(answer.text)")
            }
            // What is refused does not use up the link.
            #expect(try await create(new, "root", "password").errorCode == "password_too_common")
            #expect(try await create(new, "a b").errorCode == "invalid_value")
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE one_time_tokens SET expires_at = expires_at - 86400001")
            }
            #expect(try await create(new).errorCode == "invalid_link")
            let fresh = try await token()
            async let one = create(fresh, "root")
            async let two = create(fresh, "other")
            let statuses = try await [one.status, two.status].sorted()
            #expect(statuses == [201, 422])
            #expect(try await count() == 1)
            #expect(try await create(fresh, "third").errorCode == "invalid_link")
            #expect(try await setup.link(at: "http://x") == nil)
            let name = try await app.database.read(.system) { tx in
                try tx.row("SELECT username FROM operators") { try $0.string("username") }
            }
            let root = try await app.signIn("", try #require(name), .admin)
            let me = try await app.call(.get, "/admin/me", as: root)
            #expect(me["role"] == "admin" && me["permissions"] == .null)
            let log = app.log.lines.joined(separator: "\n")
            for secret in [old, new, fresh, TestApp.password] { #expect(!log.contains(secret)) }
        }
    }
}

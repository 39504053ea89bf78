import Foundation
import HTTPTypes
import JSON
import JWTKit
import NIOCore
import Storage
import Testing

@testable import Accounts
@testable import App
@testable import HTTPKit
@testable import Platform

/// The token endpoint as OAuth 2.0 libraries use it: RFC 6749, 7009, 8414 and 9068.
@Suite struct OAuthTests {
    private static let password = TestApp.password.replacing(" ", with: "+")

    private static func isIn(_ app: TestApp, _ token: String) async throws -> Bool {
        try await app.call(.get, "/users/me", headers: [.authorization: "Bearer \(token)"]).status == 200
    }

    private static func decoded(_ token: String, part: Int) throws -> [String: JSONValue] {
        let bytes = try #require(Base64URL.decode(String(token.split(separator: ".")[part])))
        return try #require(try bytes.withUnsafeBytes { try JSONValue(parsing: $0) }.object)
    }

    private static let refusals: [(form: String, error: String, code: String)] = [
        ("username=grace&password=wrong", "invalid_grant", "invalid_credentials"),
        ("username=nobody&password=wrong", "invalid_grant", "invalid_credentials"),
        (
            "grant_type=password&username=%E0%A6%B0%E0%A6%B9%E0%A6%BF%E0%A6%AE&password=%F0%9F%98%80", "invalid_grant",
            "invalid_credentials"
        ),
        ("grant_type=refresh_token&refresh_token=made-up", "invalid_grant", "invalid_token"),
        ("grant_type=refresh_token", "invalid_request", "missing_field"),
        ("grant_type=refresh_token&refresh_token=", "invalid_request", "missing_field"),
        ("grant_type=client_credentials", "unsupported_grant_type", "invalid_value"),
        ("grant_type=%E5%AF%86%E7%A0%81&username=grace&password=x", "unsupported_grant_type", "invalid_value"),
        ("grant_type=authorization_code&code=x", "unsupported_grant_type", "invalid_value"),
        ("", "invalid_request", "missing_field"), ("username=grace", "invalid_request", "missing_field"),
        ("username=&password=", "invalid_request", "missing_field"),
        ("username=grace&username=grace&password=x", "invalid_request", "invalid_value"),
        ("username=%FF&password=x", "invalid_request", "not_utf8"),
        ("username=a%00b&password=long+enough", "invalid_request", "invalid_value"),
    ]

    @Test("A refused form has OAuth's error, a description in ASCII, and the usual error under 'mynah'")
    func refusals() async throws {
        try await TestApp.run { app in
            _ = try await app.user("grace")
            for (form, error, code) in Self.refusals {
                let answer = try await app.send(
                    .post, "/auth/token", body: ByteBuffer(string: form),
                    headers: [
                        .contentType: "Application/X-WWW-Form-Urlencoded; charset=UTF-8", .acceptLanguage: "bn",
                    ])
                #expect(answer.status == 400, "\(form): \(answer.text)")
                #expect(answer["error"]?.string == error, "\(form): \(answer.text)")
                let mynah = try #require(answer["mynah"]?.object)
                #expect(mynah["code"]?.string == code, "\(form): \(answer.text)")
                #expect(mynah["request_id"]?.string == answer.headers[.requestID])
                let description = try answer.string("error_description")
                #expect(
                    description.unicodeScalars.allSatisfy {
                        (32...126).contains($0.value) && $0 != "\"" && $0 != "\\"
                    })
                #expect(!description.isEmpty && answer.headers[.contentLanguage] == "bn")
                #expect(answer.headers[.cacheControl] == "no-store" && answer.headers[.pragma] == "no-cache")
                #expect(answer.headers[.wwwAuthenticate] == nil)
            }
        }
    }

    @Test("JSON calls and /auth/login keep the usual errors, whatever they send")
    func usual() async throws {
        try await TestApp.run { app in
            _ = try await app.user("grace")
            let json = try await app.call(.post, "/auth/token", ["username": "grace", "password": "wrong"])
            let login = try await app.form("/auth/login", "username=grace&password=wrong")
            for answer in [json, login] {
                #expect(answer.status == 401 && answer.errorCode == "invalid_credentials")
                #expect(answer.headers[.wwwAuthenticate] == "Bearer" && answer["mynah"] == nil)
            }
            // The last of a repeated field counts there, and an empty one is a value.
            let repeated = "username=nobody&username=grace&password=\(Self.password)"
            #expect(try await app.form("/auth/login", repeated).status == 200)
            #expect(try await app.form("/auth/login", "username=grace&password=x&code=").errorCode == "invalid_value")
        }
    }

    @Test("What OAuth does not define keeps its status: too many requests, too large, unavailable")
    func otherStatuses() async throws {
        try await TestApp.run(configure: { $0.rates.signIn = RateLimit(1, per: .day) }) { app in
            _ = try await app.form("/auth/token", "username=grace&password=wrong")
            let limited = try await app.form("/auth/token", "username=grace&password=wrong")
            #expect(limited.status == 429 && limited["error"] == "temporarily_unavailable")
            #expect(limited.headers[.retryAfter] != nil && limited["mynah"]?["code"] == "rate_limited")
        }
        for (code, status, error) in [
            (APIError.Code.tooLarge, 400, "invalid_request"), (.databaseBusy, 503, "temporarily_unavailable"),
            (.internalError, 500, "server_error"), (.addressRefused, 403, "access_denied"),
            (.mfaRequired, 400, "invalid_grant"), (.tokenReused, 400, "invalid_grant"),
        ] {
            var refusal = APIError(code)
            refusal.isOAuth = true
            #expect(OAuthErrorBody.status(of: refusal).code == status)
            #expect(OAuthErrorBody(refusal, requestID: "x").error.rawValue == error)
        }
        #expect(OAuthErrorBody.described("'নাম' \"a\\b\" 😀\u{7F}\n") == "'???' ?a?b? ???")
    }

    @Test("A second factor is asked for in OAuth's form, and an empty code counts as none")
    func secondFactor() async throws {
        try await TestApp.run { app in
            let who = try await SecondFactorTests.Someone.make(app, .user)
            _ = try await who.setUp(app)
            for code in ["", "&code="] {
                let answer = try await app.form(
                    "/auth/token",
                    "grant_type=password&username=someone&scope=a&scope=b&password=\(Self.password)\(code)")
                #expect(answer.status == 400 && answer["error"] == "invalid_grant", "\(answer.text)")
                #expect(answer["mynah"]?["code"] == "mfa_required")
            }
        }
    }

    @Test("Tokens have the claims of RFC 9068, with whole seconds, and ids of their own")
    func claims() async throws {
        for (url, issuer) in [(nil, "http://localhost:8000"), ("https://chat.example.com", "https://chat.example.com")]
        {
            try await TestApp.run(configure: { $0.publicURL = url }) { app in
                let user = try await app.user("রহিম")
                var ids: Set<String> = []
                for token in [user.token, try await app.admin().token] {
                    #expect(try Self.decoded(token, part: 0)["typ"] == "at+jwt")
                    let claims = try Self.decoded(token, part: 1)
                    #expect(claims["iss"]?.string == issuer)
                    #expect(claims["client_id"] == "mynah")
                    guard case .int(let issued)? = claims["iat"], case .int(let expires)? = claims["exp"] else {
                        Issue.record("not whole seconds: \(claims)")
                        return
                    }
                    #expect(expires - issued == 900)
                    #expect(ids.insert(try #require(claims["jti"]?.string)).inserted)
                }
                let metadata = try await app.call(.get, "/.well-known/oauth-authorization-server")
                #expect(metadata["issuer"]?.string == issuer)
                #expect(try await Self.isIn(app, user.token))
            }
        }
    }

    @Test("Tokens that were signed before these claims existed are accepted until they expire")
    func formerTokens() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let signing = try #require(
                try await app.database.read(.system) { tx in
                    try tx.row("SELECT id, private_key FROM signing_keys") {
                        (id: try $0.string("id"), pem: try $0.string("private_key"))
                    }
                })
            let pem = String(decoding: try app.app.access.signIn.secrets.decrypt(signing.pem), as: UTF8.self)
            let sid = try #require(try Self.decoded(user.token, part: 1)["sid"]?.string)
            for (issuer, isGood) in [("mynah", true), ("http://localhost:8000", true), ("https://another", false)] {
                let keys = JWTKeyCollection()
                await keys.add(ecdsa: try ES256PrivateKey(pem: pem), kid: JWKIdentifier(string: signing.id))
                let token = try await keys.sign(
                    AccessTokens.Claims(
                        iss: .init(value: issuer), sub: .init(value: user.id), aud: .init(value: ["mynah"]),
                        iat: .init(value: Date()), exp: .init(value: Date().addingTimeInterval(100.5)), sid: sid),
                    kid: JWKIdentifier(string: signing.id), header: ["typ": "at+jwt"])
                #expect(try await Self.isIn(app, token) == isGood, "\(issuer)")
            }
        }
    }

    @Test("The metadata names endpoints that are there and grants that work")
    func metadata() async throws {
        try await TestApp.run { app in
            let answer = try await app.call(.get, "/.well-known/oauth-authorization-server")
            #expect(answer.status == 200 && answer.headers[.cacheControl] == "public, max-age=300")
            let issuer = try answer.string("issuer")
            #expect(answer["grant_types_supported"] == ["password", "refresh_token"])
            #expect(answer["response_types_supported"] == [])
            #expect(answer["token_endpoint_auth_methods_supported"] == ["none"])
            let names = Set(app.app.routes.map(\.name))
            for (field, method) in [
                ("token_endpoint", "POST"), ("revocation_endpoint", "POST"), ("jwks_uri", "GET"),
                ("service_documentation", "GET"),
            ] {
                let url = try answer.string(field)
                #expect(url.hasPrefix(issuer) && names.contains("\(method) \(url.dropFirst(issuer.count))"), "\(url)")
            }
            let keys = try await app.call(.get, "/.well-known/jwks.json")
            #expect(keys.headers[.cacheControl] == "public, max-age=300")
        }
    }

    @Test(
        "The issuer without PUBLIC_URL is an address that browsers can open",
        arguments: [
            ("127.0.0.1", "http://localhost:8000"), ("::1", "http://localhost:8000"),
            ("0.0.0.0", "http://localhost:8000"),
            ("192.0.2.7", "http://192.0.2.7:8000"), ("2001:db8::7", "http://[2001:db8::7]:8000"),
        ])
    func issuer(host: String, issuer: String) {
        let unstated = TokenIssuer(ServerAddress(publicURL: nil, host: host, port: 8000))
        #expect(unstated.url == issuer)
        // Another instance.
        #expect(unstated.accepts("http://localhost:8001"))
        let stated = TokenIssuer(
            ServerAddress(publicURL: "https://chat.example.com", host: host, port: 8000))
        #expect(stated.url == "https://chat.example.com" && stated.accepts(stated.url) && stated.accepts("mynah"))
        #expect(!stated.accepts("http://localhost:8001") && !stated.accepts("https://another.example.com"))
    }

    @Test("Revoking a refresh token, its predecessor or an access token ends the session at once", arguments: 0..<3)
    func revoke(which: Int) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let next = try await app.form(
                "/auth/token", "grant_type=refresh_token&refresh_token=\(user.refreshToken)")
            let elsewhere = try await app.form("/auth/token", "username=alice&password=\(Self.password)")
            let token = [try next.string("refresh_token"), user.refreshToken, try next.string("access_token")][which]
            #expect(try await Self.isIn(app, user.token))
            let hint = ["refresh_token", "access_token", "nonsense"][which]
            let revoked = try await app.form("/auth/revoke", "token=\(token)&token_type_hint=\(hint)&client_id=x")
            #expect(revoked.status == 200 && revoked.text.isEmpty)
            #expect(try await !Self.isIn(app, user.token))
            #expect(try await !Self.isIn(app, next.string("access_token")))
            let refreshed = try await app.form(
                "/auth/token", "grant_type=refresh_token&refresh_token=\(try next.string("refresh_token"))")
            #expect(refreshed["error"] == "invalid_grant")
            #expect(try await Self.isIn(app, elsewhere.string("access_token")))
            // Once more: there is nothing left to revoke, which is a success too.
            #expect(try await app.form("/auth/revoke", "token=\(token)").status == 200)
            let entries = try await app.database.read(.system) { tx in
                try tx.rows("SELECT actor, target FROM audit_entries WHERE action = 'POST /auth/revoke'") {
                    [try $0.string("actor"), try $0.stringIfPresent("target")]
                }
            }
            #expect(entries == [["user:\(user.id)", "user:\(user.id)"]])
        }
    }

    @Test("Operators' tokens are revoked, too, and made-up ones are nothing")
    func revokeOthers() async throws {
        try await TestApp.run { app in
            for (number, byAccessToken) in [false, true].enumerated() {
                let root = try await app.admin("root\(number)")
                let token = byAccessToken ? root.token : root.refreshToken
                #expect(try await app.call(.post, "/auth/revoke", ["token": .string(token)]).status == 200)
                #expect(try await app.call(.get, "/admin/me", as: root).status == 401)
            }
            let user = try await app.user("alice")
            let parts = user.token.split(separator: ".")
            for token in [
                "made-up", "a.b.c", "%F0%9F%98%80", "\(parts[0]).\(parts[1]).AAAA", String(repeating: "x", count: 4096),
            ] {
                #expect(try await app.form("/auth/revoke", "token=\(token)").status == 200, "\(token)")
            }
            #expect(try await Self.isIn(app, user.token))
            let missing = try await app.form("/auth/revoke", "token=")
            #expect(missing.status == 400 && missing["error"] == "invalid_request")
            #expect(try await app.call(.post, "/auth/revoke", [:]).status == 422)
        }
    }

    @Test("A key is published for an hour before it signs, and the old one signs until then")
    func successor() async throws {
        try await TestApp.run { app in
            let first = try await app.user("alice")
            func signer() async throws -> String {
                let grant = try await app.form("/auth/token", "username=alice&password=\(Self.password)")
                return try #require(try Self.decoded(grant.string("access_token"), part: 0)["kid"]?.string)
            }
            func published() async throws -> [String] {
                try await app.call(.get, "/.well-known/jwks.json")["keys"]?.array?.compactMap { $0["kid"]?.string }
                    ?? []
            }
            let old = try #require(try Self.decoded(first.token, part: 0)["kid"]?.string)
            func age(_ id: String, _ seconds: Int) async throws {
                let then = Timestamp.now.adding(.zero - .seconds(seconds))
                try await app.database.write(.system) { tx in
                    try tx.run("UPDATE signing_keys SET created_at = ? WHERE id = ?", [then, id])
                }
                try await app.app.access.signIn.tokens.reload()
            }
            let month = 30 * 86_400
            try await age(old, month - 7300)
            #expect(try await signer() == old)
            #expect(try await published() == [old])
            try await age(old, month - 7100)
            #expect(try await signer() == old)
            let both = try await published()
            #expect(both.count == 2 && both.contains(old))
            let new = try #require(both.first { $0 != old })
            try await age(new, 3500)
            #expect(try await signer() == old)
            try await age(new, 3700)
            #expect(try await signer() == new)
            // Nothing that was signed is refused meanwhile.
            #expect(try await Self.isIn(app, first.token))
            // A server that slept through it all has no time for notice.
            try await age(new, month + 10)
            try await age(old, month + 20)
            #expect(try await ![old, new].contains(signer()))
        }
    }
}

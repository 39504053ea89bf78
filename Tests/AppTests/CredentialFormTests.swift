import Foundation
import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// Credentials in the forms that the standards allow, and malformed ones.
@Suite struct CredentialFormTests {
    @Test(
        "RFC 6750: the scheme in any case, spaces, and the token",
        arguments: [
            ("Bearer x", "x"), ("bearer x", "x"), ("BEARER   x", "x"), ("  Bearer x \t", "x"), ("Bearer x=", "x="),
            ("Bearer", nil), ("Bearer ", nil), ("Bearerx", nil), ("Bearer\tx", nil), ("Basic x", nil), ("", nil),
            ("Bearer x y", "x y"), ("\u{212A}earer x", nil),
        ] as [(String, String?)])
    func bearer(header: String, token: String?) {
        #expect(BearerToken.credential(in: header).map(String.init) == token)
    }

    @Test("Spaces around a token mean nothing; a padded one, or one with other bits at its end, is another")
    func tokens() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            func status(_ authorization: String) async throws -> Int {
                try await app.call(.get, "/users/me", headers: [.authorization: authorization]).status
            }
            #expect(try await status("Bearer   \(user.token)  ") == 200)
            let parts = user.token.split(separator: ".").map(String.init)
            for padded in ["\(user.token)=", "\(user.token)==", "\(parts[0])=.\(parts[1]).\(parts[2])"] {
                #expect(try await status("Bearer \(padded)") == 401, "\(padded)")
            }
            // 64 bytes are 86 characters, the last of which has four bits that are not part of them.
            let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
            let last = try #require(alphabet.firstIndex(of: user.token.last!))
            #expect(try await status("Bearer \(user.token.dropLast())\(alphabet[last ^ 1])") == 401)
            #expect(try await status("Bearer \(user.token), Bearer \(user.token)") == 401)
            #expect(try await status("Bearer \(user.token)") == 200)
        }
    }

    @Test("A cookie that was sent twice counts if both are one, and not at all if they differ")
    func cookies() async throws {
        try await TestApp.run { app in
            _ = try await app.user("alice")
            let signedIn = try await app.call(
                .post, "/auth/session", ["username": "alice", "password": .string(TestApp.password)],
                headers: [.secFetchSite: "same-origin"])
            let cookie = try #require(signedIn.headers[.setCookie]?.prefix { $0 != ";" }.split(separator: "=").last)
            func status(_ cookies: String...) async throws -> Int {
                var headers = HTTPFields()
                for cookie in cookies { headers.append(HTTPField(name: .cookie, value: cookie)) }
                return try await app.call(.get, "/users/me", headers: headers).status
            }
            let right = "mynah_session=\(cookie)"
            #expect(try await status(right) == 200)
            #expect(try await status("a=b; \(right) ; c=d") == 200)
            #expect(try await status("\(right); \(right)") == 200)
            #expect(try await status("\(right); mynah_session=planted") == 401)
            #expect(try await status("mynah_session=planted; \(right)") == 401)
            #expect(try await status("mynah_session=; \(right)") == 401)
            #expect(try await status("xmynah_session=planted; Mynah_Session=planted; \(right)") == 200)
        }
    }

    @Test("Past the limit of an address, credentials that nobody made are not looked up")
    func madeUp() async throws {
        try await TestApp.run(configure: { $0.rates.address = RateLimit(20, per: .day) }) { app in
            let user = try await app.user("alice")
            func encoded(_ value: JSONValue) -> String { Base64URL.encode(value.serialized()) }
            func token(_ number: Int) -> String {
                let header = encoded(["alg": "ES256", "typ": "at+jwt", "kid": .string("k\(number)")])
                return "\(header).\(encoded(["sub": "x"])).AAAA"
            }
            let kinds: [(Int) -> HTTPFields] = [
                { [.authorization: "Bearer \(token($0))"] }, { [.apiKey: "mk_live_\($0)"] },
                { [.authorization: "Bearer mk_user_\($0)"] }, { [.cookie: "mynah_session=\($0)"] },
            ]
            for number in 0..<30 { _ = try await app.call(.get, "/users/me", headers: kinds[0](number)) }
            for kind in kinds {
                let before = app.database.statistics.reads
                for number in 0..<200 {
                    let answer = try await app.call(.get, "/users/me", headers: kind(number))
                    #expect(answer.status == 429 && answer.headers[.retryAfter] != nil)
                }
                // Rules about addresses are read anew every few seconds.
                #expect(app.database.statistics.reads - before < 10)
            }
            #expect(try await app.call(.get, "/users/me", as: user).status == 200)
        }
    }

    @Test("A rightly signed token whose session has ended is looked up once in a while, and works when it may again")
    func endedSession() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            _ = try await app.call(.post, "/auth/logout", as: user)
            let before = app.database.statistics.reads
            for _ in 0..<50 { #expect(try await app.call(.get, "/users/me", as: user).status == 401) }
            #expect(app.database.statistics.reads - before < 10)
            let other = try await app.user("bob")
            try await UserAdministration(app.database).setDisabled("bob", true)
            app.app.authenticator.forget(userID: other.id)
            #expect(try await app.call(.get, "/users/me", as: other).status == 401)
        }
    }
}

import Foundation
import HTTPTypes
import JSON
import Storage
import Testing

@testable import Accounts
@testable import App
@testable import HTTPKit
@testable import Platform

@Suite struct SignInTests {
    @Test("Register, then sign in with a form or with JSON at both addresses")
    func registerAndSignIn() async throws {
        try await TestApp.run { app in
            let registered = try await app.call(
                .post, "/auth/register",
                ["username": "alice", "email": "Alice@Example.com", "password": "pass123456", "first_name": "Alice"])
            #expect(registered.status == 201)
            #expect(registered["username"] == "alice")
            #expect(registered["first_name"] == "Alice")
            #expect(registered["password"] == nil && registered["password_hash"] == nil)

            for path in ["/auth/login", "/auth/token", "/auth/login/"] {
                for name in ["alice", "ALICE", "alice@example.com"] {
                    let form = try await app.form(
                        path, "grant_type=password&username=\(name.replacing("@", with: "%40"))&password=pass123456")
                    #expect(form.status == 200)
                    #expect(form["token_type"] == "bearer")
                    #expect(form["expires_in"] == 900)
                    let json = try await app.call(
                        .post, path, ["username": .string(name), "password": "pass123456"])
                    #expect(json.status == 200)
                    let token = try json.string("access_token")
                    let me = try await app.call(.get, "/users/me", headers: [.authorization: "bearer \(token)"])
                    #expect(me.status == 200)
                    #expect(me["email"] == "Alice@Example.com")
                }
            }
        }
    }

    @Test(
        "A registration that cannot be accepted says why",
        arguments: [
            (#"{"password":"long enough"}"#, 422, "missing_field", "username"),
            (#"{"username":"bob"}"#, 422, "missing_field", "password"),
            (#"{"username":"bob","password":"short"}"#, 422, "invalid_value", "password"),
            (#"{"username":"bob","password":"12345678"}"#, 422, "password_too_common", "password"),
            (#"{"username":"bob","password":"PASSWORD1"}"#, 422, "password_too_common", "password"),
            (#"{"username":"b@d","password":"long enough"}"#, 422, "invalid_value", "username"),
            (#"{"username":"  ","password":"long enough"}"#, 422, "invalid_value", "username"),
            (#"{"email":"nobody","password":"long enough"}"#, 422, "invalid_value", "email"),
            (#"{"email":"a@b.c\r\nBcc: x@y.z","password":"long enough"}"#, 422, "invalid_value", "email"),
            (#"{"username":7,"password":"long enough"}"#, 422, "invalid_value", "username"),
            (#"{"username":"bob","password":null}"#, 422, "invalid_value", "password"),
            (#"{"username":"bob\u0000","password":"long enough"}"#, 422, "invalid_value", "username"),
            (#"{"username":"bob","username":"eve","password":"long enough"}"#, 400, "duplicate_key", ""),
            (#"["bob"]"#, 422, "invalid_value", ""),
            (#"{"username":"bob","#, 400, "malformed_body", ""),
        ])
    func refusedRegistration(body: String, status: Int, code: String, param: String) async throws {
        try await TestApp.run { app in
            let answer = try await app.raw(.post, "/auth/register", body.utf8)
            #expect(answer.status == status, "\(answer.text)")
            #expect(answer.errorCode == code)
            #expect(answer["error"]?["param"]?.string ?? "" == param)
            #expect(answer["error"]?["request_id"]?.string == answer.headers[.requestID])
        }
    }

    @Test("Names are taken whatever their case; fields that a client may not set have no effect")
    func takenNames() async throws {
        try await TestApp.run { app in
            let first = try await app.call(
                .post, "/auth/register",
                [
                    "username": "alice", "email": "a@example.com", "password": "pass123456", "id": "x", "role": "admin",
                    "credits": 5, "created_at": 5,
                ])
            #expect(first.status == 201)
            #expect(first["id"] != "x" && first["role"] == nil)
            let name = try await app.call(.post, "/auth/register", ["username": "Alice", "password": "pass123456"])
            #expect(name.status == 409 && name.errorCode == "username_taken")
            let email = try await app.call(
                .post, "/auth/register", ["email": "A@EXAMPLE.com", "password": "pass123456"])
            #expect(email.status == 409 && email.errorCode == "email_taken")
        }
    }

    @Test("Of registrations of one name at the same time exactly one succeeds")
    func simultaneousRegistration() async throws {
        try await TestApp.run { app in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for name in ["alice", "Alice", "ALICE", "alice", "aLICE"] {
                    group.addTask {
                        try await app.call(
                            .post, "/auth/register", ["username": .string(name), "password": "pass123456"]
                        ).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [201, 409, 409, 409, 409])
            let workspaces = try await app.database.read(.system) { tx in
                try tx.row("SELECT COUNT(*) AS n FROM workspaces") { try $0.int("n") }
            }
            #expect(workspaces == 1)
        }
    }

    @Test("Every failed sign-in gets the same 401")
    func refusedSignIn() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let gone = try await app.user("gone")
            _ = try await app.call(.delete, "/users/me", ["password": .string(TestApp.password)], as: gone)
            var answers: Set<String> = []
            for (name, password) in [
                (user.name, "wrong password"), ("nobody", TestApp.password), ("no@example.com", "x"),
                ("gone", TestApp.password),
            ] {
                let answer = try await app.call(
                    .post, "/auth/login", ["username": .string(name), "password": .string(password)])
                #expect(answer.status == 401)
                #expect(answer.headers[.wwwAuthenticate] == "Bearer")
                answers.insert(answer.text.replacing(answer.headers[.requestID] ?? "", with: ""))
            }
            #expect(answers.count == 1)
        }
    }

    @Test("Refusals come at the next tick, however long the work took")
    func refusalsTick() async throws {
        try await TestApp.run(configure: { $0.refusalTick = .milliseconds(300) }) { app in
            _ = try await app.user("alice")
            for name in ["alice", "nobody"] {
                let start = ContinuousClock.now
                _ = try await app.call(.post, "/auth/login", ["username": .string(name), "password": "wrong"])
                #expect(ContinuousClock.now - start >= .milliseconds(300))
            }
        }
    }

    @Test("A refresh token works once; a quick retry gets the same successor; later reuse ends the session")
    func rotation() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            func refresh(_ token: String) async throws -> TestApp.Answer {
                try await app.call(.post, "/auth/refresh", ["refresh_token": .string(token)])
            }
            let second = try await refresh(user.refreshToken)
            #expect(second.status == 200)
            let retried = try await refresh(user.refreshToken)
            #expect(retried["refresh_token"] == second["refresh_token"])
            let third = try await app.form(
                "/auth/token", "grant_type=refresh_token&refresh_token=\(try second.string("refresh_token"))")
            #expect(third.status == 200)
            // The first token's successor has been used: this is no retry.
            let reused = try await refresh(user.refreshToken)
            #expect(reused.status == 401 && reused.errorCode == "token_reused")
            let after = try await refresh(try third.string("refresh_token"))
            #expect(after.status == 401)
            #expect(try await refresh("made-up").status == 401)
        }
    }

    @Test("Two rotations of one token at the same time give one successor")
    func concurrentRotation() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let successors = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await app.call(.post, "/auth/refresh", ["refresh_token": .string(user.refreshToken)])
                            .string("refresh_token")
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(successors.count == 1)
        }
    }

    @Test("Log-out, a revoked session and a changed password end access at once")
    func endings() async throws {
        try await TestApp.run { app in
            let here = try await app.user("alice")
            func signIn() async throws -> TestUser {
                let grant = try await app.call(
                    .post, "/auth/token", ["username": "alice", "password": .string(TestApp.password)])
                return TestUser(
                    id: here.id, name: here.name, workspaceID: here.workspaceID,
                    token: try grant.string("access_token"), refreshToken: try grant.string("refresh_token"))
            }
            func isIn(_ user: TestUser) async throws -> Bool {
                try await app.call(.get, "/users/me", as: user).status == 200
            }
            let (there, elsewhere) = (try await signIn(), try await signIn())
            #expect(try await isIn(there))
            #expect(try await app.call(.post, "/auth/logout", as: there).status == 204)
            #expect(try await !isIn(there))
            #expect(
                try await app.call(.post, "/auth/refresh", ["refresh_token": .string(there.refreshToken)]).status == 401
            )

            let sessions = try await app.call(.get, "/auth/sessions", as: here)
            let list = try #require(sessions["data"]?.array)
            #expect(list.count == 2)
            #expect(list.filter { $0["is_current"] == true }.count == 1)
            let other = try #require(list.first { $0["is_current"] == false }?["id"]?.string)
            #expect(try await isIn(elsewhere))
            #expect(try await app.call(.delete, "/auth/sessions/\(other)", as: here).status == 204)
            #expect(try await !isIn(elsewhere))

            let third = try await signIn()
            let wrong = try await app.call(
                .post, "/auth/password", ["current_password": "wrong", "new_password": "another password"], as: here)
            #expect(wrong.status == 403 && wrong.errorCode == "wrong_password")
            let changed = try await app.call(
                .post, "/auth/password",
                ["current_password": .string(TestApp.password), "new_password": "another password"], as: here)
            #expect(changed.status == 204)
            #expect(try await isIn(here))
            #expect(try await !isIn(third))
            #expect(
                try await app.call(
                    .post, "/auth/login", ["username": "alice", "password": "another password"]
                ).status == 200)
        }
    }

    @Test(
        "Only tokens that this server signed for itself are accepted",
        arguments: ["", "x", "a.b.c", "none", "tampered", "foreign key", "header"])
    func forgedTokens(kind: String) async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let parts = user.token.split(separator: ".").map(String.init)
            func segment(_ value: JSONValue) -> String { Base64URL.encode(value.serialized()) }
            let token =
                switch kind {
                case "none": "\(segment(["alg": "none", "typ": "at+jwt", "kid": "x"])).\(parts[1])."
                case "tampered": "\(parts[0]).\(segment(["sub": "x", "sid": "y", "exp": 99_999_999_999])).\(parts[2])"
                case "foreign key": "\(segment(["alg": "ES256", "typ": "at+jwt", "kid": "x"])).\(parts[1]).\(parts[2])"
                case "header": "\(segment(["alg": "HS256", "typ": "at+jwt", "kid": "x"])).\(parts[1]).\(parts[2])"
                default: kind
                }
            let answer = try await app.call(.get, "/users/me", headers: [.authorization: "Bearer \(token)"])
            #expect(answer.status == 401)
            #expect(try await app.call(.get, "/users/me", as: user).status == 200)
        }
    }

    @Test("Others can verify access tokens with the published keys")
    func publishedKeys() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let keys = try #require(try await app.call(.get, "/.well-known/jwks.json")["keys"]?.array)
            #expect(keys.count == 1)
            #expect(keys[0]["kty"] == "EC" && keys[0]["crv"] == "P-256" && keys[0]["alg"] == "ES256")
            #expect(keys[0]["d"] == nil)
            let header = try #require(Base64URL.decode(String(user.token.split(separator: ".")[0])))
            #expect(String(decoding: header, as: UTF8.self).contains(try #require(keys[0]["kid"]?.string)))
        }
    }

    @Test("The console's cookie works on its own pages only")
    func cookie() async throws {
        try await TestApp.run { app in
            _ = try await app.user("alice")
            let credentials: JSONValue = ["username": "alice", "password": .string(TestApp.password)]
            let foreign = try await app.call(
                .post, "/auth/session", credentials, headers: [.secFetchSite: "cross-site"])
            #expect(foreign.status == 403 && foreign.errorCode == "origin_refused")
            #expect(try await app.call(.post, "/auth/session", credentials).status == 403)
            let signedIn = try await app.call(
                .post, "/auth/session", credentials, headers: [.secFetchSite: "same-origin"])
            #expect(signedIn.status == 200)
            let cookie = try #require(signedIn.headers[.setCookie])
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"))
            let pair = String(try #require(cookie.split(separator: ";").first))
            #expect(!signedIn.text.contains(pair.split(separator: "=")[1]))

            #expect(try await app.call(.get, "/users/me", headers: [.cookie: pair]).status == 200)
            for headers: HTTPFields in [
                [.cookie: pair], [.cookie: pair, .secFetchSite: "cross-site"],
                [.cookie: pair, .secFetchSite: "same-site"],
                [.cookie: pair, .origin: "https://evil.example"],
            ] {
                let refused = try await app.call(.patch, "/users/me", ["first_name": "Eve"], headers: headers)
                #expect(refused.status == 403 && refused.errorCode == "origin_refused")
            }
            let own: HTTPFields = [.cookie: pair, .secFetchSite: "same-origin"]
            #expect(try await app.call(.patch, "/users/me", ["first_name": "Al"], headers: own).status == 200)
            let out = try await app.call(.delete, "/auth/session", headers: own)
            #expect(out.status == 204)
            #expect(out.headers[.setCookie]?.contains("Max-Age=0") == true)
            #expect(try await app.call(.get, "/users/me", headers: [.cookie: pair]).status == 401)
        }
    }

    @Test("Over HTTPS the cookie is bound to the host")
    func hostCookie() async throws {
        try await TestApp.run(configure: { $0.publicURL = "https://chat.example.com" }) { app in
            _ = try await app.user("alice")
            let signedIn = try await app.call(
                .post, "/auth/session", ["username": "alice", "password": .string(TestApp.password)],
                headers: [.origin: "https://chat.example.com"])
            let cookie = try #require(signedIn.headers[.setCookie])
            #expect(cookie.hasPrefix("__Host-mynah_session=") && cookie.contains("; Secure"))
            #expect(signedIn.headers[.strictTransportSecurity] != nil)
        }
    }

    @Test("Sign-in accepts an imported bcrypt hash and upgrades it")
    func importedHash() async throws {
        try await TestApp.run(configure: { $0.passwordScheme = .argon2id }) { app in
            let user = try await app.user("alice")
            let imported = try await PasswordHasher(scheme: .bcrypt(rounds: 4)).hash("an old password")
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE users SET password_hash = ? WHERE id = ?", [imported, user.id])
            }
            for _ in 0..<2 {
                let answer = try await app.call(
                    .post, "/auth/login", ["username": "alice", "password": "an old password"])
                #expect(answer.status == 200)
            }
            let stored = try await app.database.read(.system) { tx in try Account.passwordHash(tx, of: user.id) }
            #expect(stored?.hasPrefix("$argon2id$") == true)
        }
    }

    @Test("Deleting an account needs the password, is a soft deletion, and keeps its names reserved")
    func softDelete() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let wrong = try await app.call(.delete, "/users/me", ["password": "wrong"], as: user)
            #expect(wrong.status == 403)
            #expect(
                try await app.call(.delete, "/users/me", ["password": .string(TestApp.password)], as: user).status
                    == 204)
            #expect(try await app.call(.get, "/users/me", as: user).status == 401)
            let again = try await app.call(
                .post, "/auth/register", ["username": "alice", "password": .string(TestApp.password)])
            #expect(again.status == 409)
            let record = try await app.database.read(.system) { tx in
                try tx.row("SELECT deleted_by, reason FROM deleted_users WHERE user_id = ?", [user.id]) {
                    (try $0.string("deleted_by"), try $0.string("reason"))
                }
            }
            #expect(record?.0 == "user:\(user.id)")
        }
    }

    @Test("REGISTRATION=closed refuses newcomers")
    func closedRegistration() async throws {
        try await TestApp.run(configure: { $0.registration = .closed }) { app in
            let answer = try await app.call(.post, "/auth/register", ["username": "bob", "password": "pass123456"])
            #expect(answer.status == 403 && answer.errorCode == "registration_closed")
        }
    }
}

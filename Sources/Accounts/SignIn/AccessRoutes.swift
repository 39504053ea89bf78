package import HTTPKit
package import HTTPTypes
package import Hummingbird
package import Platform
package import Storage

/// Sign-in, sessions and passwords.
package struct AccessRoutes: Sendable {
    package let database: Database
    package let signIn: SignIn
    package let commonPasswords: CommonPasswords

    package init(database: Database, signIn: SignIn, commonPasswords: CommonPasswords) {
        self.database = database
        self.signIn = signIn
        self.commonPasswords = commonPasswords
    }

    package struct Credentials: Input, Ruled {
        package let username: String?
        package let password: String?
        package let grantType: GrantType?
        package let refreshToken: String?
        package let code: String?

        package enum GrantType: String, Choice {
            case password
            case refreshToken = "refresh_token"
        }

        package static var acceptsForm: Bool { true }
        package static var requiresBody: Bool { true }
        package static var rules: [String: Rule] {
            [
                "username": .signInName, "password": .text(1...256),
                "refresh_token": .text(1...256), "code": .secondFactorCode,
                "grant_type": .note("`password` if omitted."),
            ]
        }

        package func validate() throws(APIError) {
            if grantType == .refreshToken {
                guard refreshToken != nil else {
                    throw APIError(.missingField, "'refresh_token' is required.", param: "refresh_token")
                }
                return
            }
            guard username != nil else { throw APIError(.missingField, "'username' is required.", param: "username") }
            guard password != nil else { throw APIError(.missingField, "'password' is required.", param: "password") }
        }
    }

    package func token(_ who: AnonymousCaller, _ input: Credentials) async throws -> TokenGrant {
        if input.grantType == .refreshToken {
            return try await signIn.grant(signIn.rotate(input.refreshToken!, for: who.call))
        }
        let account = try await signIn.account(
            named: input.username!, password: input.password!, code: input.code, for: who.call)
        return try await signIn.grant(signIn.begin(account, kind: .token, call: who.call))
    }

    package struct Refresh: Input, Ruled {
        package let refreshToken: String
        package static var acceptsForm: Bool { true }
        package static var rules: [String: Rule] { ["refresh_token": .text(1...256)] }
    }

    package func refresh(_ who: AnonymousCaller, _ input: Refresh) async throws -> TokenGrant {
        try await signIn.grant(signIn.rotate(input.refreshToken, for: who.call))
    }

    package func logout(_ who: SessionCaller) async throws -> NoContent {
        try await end(who.sessionID, of: who.caller)
        return NoContent()
    }

    // MARK: The console's cookie

    package struct ConsoleCredentials: Input, Ruled {
        package let username: String
        package let password: String
        package let code: String?
        package static var rules: [String: Rule] {
            ["username": .signInName, "password": .text(1...256), "code": .secondFactorCode]
        }
    }

    package func beginConsoleSession(_ who: AnonymousCaller, _ input: ConsoleCredentials) async throws -> ConsoleSession
    {
        try signIn.authenticator.refuseForeignOrigin(who.call)
        let account = try await signIn.account(
            named: input.username, password: input.password, code: input.code, for: who.call)
        let session = try await signIn.begin(account, kind: .cookie, call: who.call)
        return ConsoleSession(userID: account.id, cookie: cookie(session.secret))
    }

    /// Works without a session too, so that a stale cookie can always be dropped.
    package func endConsoleSession(_ who: AnonymousCaller) async throws -> CookieCleared {
        if let who = try? await SessionCaller(who.call) {
            try await end(who.sessionID, of: who.caller)
        } else {
            who.call.leaveNoAudit()
        }
        return CookieCleared(cookie: cookie(""))
    }

    private func cookie(_ value: String) -> String {
        SessionCookie.header(value, isHTTPS: signIn.authenticator.isHTTPS)
    }

    // MARK: The caller's sessions

    package func sessions(_ who: SessionCaller, _ paging: Paging) async throws -> List<Session> {
        let after = try paging.cursor(or: .newest)
        let sessions = try await database.read(.user(who.caller.userID)) { tx in
            try Session.list(
                tx, ofUser: who.caller.userID, current: who.sessionID, now: .now, after: after, limit: paging.count)
        }
        return List(sessions, limit: paging.count) { Cursor(id: $0.id) }
    }

    package func endSession(_ who: SessionCaller) async throws -> NoContent {
        try await end(who["session_id"], of: who.caller)
        return NoContent()
    }

    private func end(_ sessionID: String, of caller: Caller) async throws {
        try await database.write(.user(caller.userID)) { tx in
            guard try Session.end(tx, id: sessionID, userID: caller.userID) else { throw APIError(.notFound) }
        }
        signIn.authenticator.forget(sessionID: sessionID)
    }

    // MARK: Passwords

    package struct PasswordChange: Input, Ruled {
        package let currentPassword: String
        package let newPassword: String
        package static var rules: [String: Rule] {
            ["current_password": .text(1...256), "new_password": .text(8...256)]
        }
    }

    package func changePassword(_ who: SessionCaller, _ input: PasswordChange) async throws -> NoContent {
        let caller = who.caller
        guard let checked = try await signIn.hash(ifRight: input.currentPassword, of: caller.userID) else {
            throw APIError(.wrongPassword, param: "current_password")
        }
        try refuseCommon(input.newPassword, param: "new_password")
        let hash = try await signIn.hash(input.newPassword)
        try await database.write(.user(caller.userID)) { tx in
            try who.holdCredential(tx)
            guard try Account.hasPassword(tx, hash: checked, id: caller.userID) else {
                throw APIError(.wrongPassword, param: "current_password")
            }
            try Account.setPassword(tx, hash: hash, of: caller.userID, now: .now)
            try Session.endAll(tx, userID: caller.userID, except: who.sessionID)
        }
        signIn.authenticator.forget(userID: caller.userID)
        return NoContent()
    }

    package func refuseCommon(_ password: String, param: String) throws(APIError) {
        guard !commonPasswords.contains(password) else { throw APIError(.passwordTooCommon, param: param) }
    }

    package func publicKeys(_ who: AnonymousCaller) async throws -> KeySet { try await signIn.tokens.publicKeys() }
}

/// The console is signed in: the cookie went out with this answer.
package struct ConsoleSession: JSONOutput {
    package let userID: String
    package let cookie: String

    private enum CodingKeys: String, CodingKey { case userID }

    package init(userID: String, cookie: String) {
        self.userID = userID
        self.cookie = cookie
    }

    package init(from decoder: any Decoder) throws {
        userID = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .userID)
        cookie = ""
    }

    package func response(_ status: HTTPResponse.Status) throws -> Response {
        var response = try Response.json(self, status)
        response.headers[.setCookie] = cookie
        return response
    }
}

/// The cookie has been taken back.
package struct CookieCleared: Output {
    package let cookie: String
    package static var schema: Schema? { nil }
    package static var mediaTypes: [String] { [] }
    package func response(_ status: HTTPResponse.Status) -> Response {
        Response(status: .noContent, headers: [.setCookie: cookie])
    }
}

extension AccessRoutes {
    private static let tokenErrors: [APIError.Code] = [
        .invalidCredentials, .mfaRequired, .invalidCode, .invalidToken, .tokenReused, .rateLimited, .overloaded,
    ]

    package var table: [Route] {
        [
            Route(
                .post, "/auth/login", .signIn, id: "sign_in", "Sign in with a name and password",
                about: "Returns an access token and a refresh token. If the account has a second factor, 401 "
                    + "`mfa_required` asks for `code`. Takes JSON or a form.",
                token,
                errors: Self.tokenErrors),
            Route(
                .post, "/auth/token", .signIn, id: "create_token", "Get tokens by an OAuth 2.0 grant",
                about: "The grants `password` (the default) and `refresh_token`. Errors of form-encoded calls have "
                    + "OAuth's body with the usual error under `mynah`.",
                token,
                errors: Self.tokenErrors
            ).oauth(),
            Route(
                .post, "/auth/refresh", .signIn.rate(.change), id: "refresh_token", "Exchange a refresh token",
                about: "Returns new tokens; the old refresh token is used up. Its second use ends the session, "
                    + "except a retry within 10 seconds, which gets the same answer.",
                refresh,
                errors: [.invalidToken, .tokenReused]),
            Route(
                .post, "/auth/logout", .writeOwn, id: "sign_out", "End this session",
                about: "The access token and its refresh token are void at once.",
                logout, .noContent),
            Route(
                .post, "/auth/session", .signIn, id: "begin_console_session", "Sign in to the console",
                about: "Sets the console's cookie instead of returning tokens. Only the console's own pages may call "
                    + "it.",
                beginConsoleSession,
                errors: [.invalidCredentials, .mfaRequired, .invalidCode, .originRefused, .rateLimited, .overloaded]),
            Route(
                .delete, "/auth/session", .writeOwn, id: "end_console_session", "Sign out of the console",
                about: "Ends the session of the cookie, if there is one, and removes the cookie.",
                endConsoleSession, .noContent),
            Route(
                .get, "/auth/sessions", .read, id: "list_sessions", "List my sessions",
                about: "Where the user is signed in, newest first.",
                sessions),
            Route(
                .delete, "/auth/sessions/{session_id}", .write, id: "end_session", "End one of my sessions",
                about: "Its tokens or cookie are void at once.",
                endSession, .noContent),
            Route(
                .post, "/auth/password", .writeOwn, id: "change_password", "Change my password",
                about: "Ends all other sessions of the user.",
                changePassword, .noContent,
                errors: [.wrongPassword, .passwordTooCommon, .overloaded]),
            Route(
                .get, "/.well-known/jwks.json", .read, id: "get_signing_keys", "Get the keys that verify access tokens",
                about: "A JSON Web Key Set of ES256 keys. It may be cached for five minutes; a new key is published "
                    + "an hour before it signs.",
                publicKeys),
        ].tagged(.signIn)
    }
}

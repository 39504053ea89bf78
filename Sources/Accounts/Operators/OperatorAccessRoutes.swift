package import HTTPKit
import HTTPTypes
package import Platform
package import Storage

/// The sign-in of one of the operators' realms, and each operator's own account. An admin's name and password open
/// nothing here for staff, and the other way round.
package struct OperatorAccessRoutes<R: OperatorRealm>: Sendable {
    package let database: Database
    package let access: AccessRoutes

    private var signIn: SignIn { access.signIn }
    private var realm: Realm { Realm(R.role) }

    package func login(_ who: AnonymousCaller, _ input: OperatorCredentials) async throws -> TokenGrant {
        let account = try await signIn.account(
            named: input.username, password: input.password, code: input.code, in: realm, for: who.call)
        return try await signIn.grant(signIn.begin(account, in: realm, call: who.call))
    }

    package func refresh(_ who: AnonymousCaller, _ input: AccessRoutes.Refresh) async throws -> TokenGrant {
        try await signIn.grant(signIn.rotate(input.refreshToken, in: realm, for: who.call))
    }

    package func logout(_ who: OwnOperator<R>) async throws -> NoContent {
        let id = who.caller.sessionID
        try await database.write(.system) { tx in
            guard try OperatorSession.end(tx, id: id) else { throw APIError(.notFound) }
        }
        signIn.authenticator.forget(sessionID: id)
        return NoContent()
    }

    package func me(_ who: OwnOperator<R>) async throws -> OperatorAccount {
        try await database.read(.system) { tx in try OperatorAccount.find(tx, id: who.caller.id) }
    }

    /// Ends every other session of the operator.
    package func changePassword(_ who: OwnOperator<R>, _ input: AccessRoutes.PasswordChange) async throws -> NoContent {
        let caller = who.caller
        let realm = realm
        guard let checked = try await signIn.hash(ifRight: input.currentPassword, of: caller.id, in: realm) else {
            throw APIError(.wrongPassword, param: "current_password")
        }
        try access.refuseCommon(input.newPassword, param: "new_password")
        let hash = try await signIn.hash(input.newPassword)
        try await database.write(.system) { tx in
            try caller.holdSession(tx)
            guard try Account.hasPassword(tx, hash: checked, id: caller.id, in: realm) else {
                throw APIError(.wrongPassword, param: "current_password")
            }
            try Account.setPassword(tx, hash: hash, of: caller.id, in: realm, now: .now)
            try OperatorSession.endAll(tx, operatorID: caller.id, except: caller.sessionID)
        }
        signIn.authenticator.forget(operatorID: caller.id)
        return NoContent()
    }
}

package struct OperatorCredentials: Input, Ruled {
    package let username: String
    package let password: String
    package let code: String?
    package static var rules: [String: Rule] {
        ["username": .signInName, "password": .text(1...256), "code": .secondFactorCode]
    }
}

/// All that operators of one role do for themselves, under `/admin` or `/staff`.
package struct OwnOperatorRoutes<R: OperatorRealm>: Sendable {
    package let access: OperatorAccessRoutes<R>
    package let factors: SecondFactorRoutes<OwnOperator<R>>

    package init(access: OperatorAccessRoutes<R>, factors: SecondFactorRoutes<OwnOperator<R>>) {
        self.access = access
        self.factors = factors
    }

    package init(database: Database, access: AccessRoutes) {
        self.access = OperatorAccessRoutes(database: database, access: access)
        factors = SecondFactorRoutes(database: database, signIn: access.signIn)
    }

    package var table: [Route] {
        let role = R.role.rawValue
        let path = "/\(role)"
        let who = R.role == .admin ? "an admin" : "staff"
        return [
            Route(
                .post, "\(path)/login", .signIn, id: "sign_in_as_\(role)", "Sign in as \(who)",
                about: "Returns tokens for operators' routes. If there is a second factor, 401 `mfa_required` asks for "
                    + "`code`.",
                access.login,
                errors: [.invalidCredentials, .mfaRequired, .invalidCode, .rateLimited, .overloaded]),
            Route(
                .post, "\(path)/refresh", .signIn.rate(.change), id: "refresh_\(role)_token",
                "Exchange a refresh token of \(who)",
                about: "Returns new tokens; the old refresh token is used up.", access.refresh,
                errors: [.invalidToken, .tokenReused]),
            Route(
                .post, "\(path)/logout", .writeOwn, id: "sign_out_\(role)", "End this session of \(who)",
                about: "The access token and its refresh token are void at once.", access.logout, .noContent),
            Route(
                .get, "\(path)/me", .read, id: "get_\(role)_account", "Get my account as \(who)",
                about: "With permissions or level.", access.me),
            Route(
                .post, "\(path)/password", .writeOwn, id: "change_\(role)_password", "Change my password as \(who)",
                about: "Ends all other sessions of the operator.", access.changePassword, .noContent,
                errors: [.wrongPassword, .passwordTooCommon, .overloaded]),
        ].tagged(R.role == .admin ? .administration : .support)
            + factors.table(
                at: "\(path)/mfa/totp", .writeOwn, named: "\(role)_",
                whose: R.role == .admin ? "an admin's" : "a staff member's")
    }
}

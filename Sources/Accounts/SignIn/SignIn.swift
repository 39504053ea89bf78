package import HTTPKit
package import HTTPTypes
package import Hummingbird
package import Platform
package import Storage

/// Checks passwords and begins, rotates and ends sessions.
package struct SignIn: Sendable {
    package let database: Database
    package let secrets: Secrets
    package let hasher: PasswordHasher
    package let tokens: AccessTokens
    package let authenticator: Authenticator
    /// Refusals are sent at the next multiple of this time: how long the work took, which depends on whether the account
    /// exists, cannot be seen from outside.
    package let refusalTick: Duration
    package let emailVerification: EmailVerification

    package init(
        database: Database, secrets: Secrets, hasher: PasswordHasher, tokens: AccessTokens,
        authenticator: Authenticator, refusalTick: Duration, emailVerification: EmailVerification
    ) {
        self.database = database
        self.secrets = secrets
        self.hasher = hasher
        self.tokens = tokens
        self.authenticator = authenticator
        self.refusalTick = refusalTick
        self.emailVerification = emailVerification
    }
    package let guesses = CodeGuesses()
    private var throttle: SignInThrottle { SignInThrottle(limiter: authenticator.limiter, secrets: secrets) }

    /// The account whose name and password these are. Every path does the same work before it refuses; whether a second
    /// factor is asked for is told to no one without the password, and no one who has tried too often learns anything.
    package func account(
        named name: String, password: String, code: String?, in realm: Realm = .users, for call: Call
    ) async throws -> Account {
        let start = ContinuousClock.now
        let address = KnownAddress(call.remoteAddress, secrets)
        let (account, isKnown) = try await database.read(.system) { tx in
            let account = try Account.named(tx, name, in: realm)
            return (account, try address.isKnown(tx, to: account?.id ?? "", now: .now))
        }
        let tries = await throttle.attempt(name, in: realm, from: call.remoteAddress, isKnown: isKnown)
        let verification: PasswordHasher.Verification
        do throws(PasswordError) {
            if let account {
                verification = try await hasher.verify(password, against: account.passwordHash)
            } else {
                try await hasher.verifyNothing(password)
                verification = .wrong
            }
        } catch {
            throw APIError(.overloaded, retryAfter: 1, cause: error)
        }
        if let account { call.audit(actor: realm.actor(account.id), target: realm.actor(account.id)) }
        guard tries.isAllowed, var account, account.mayAct, case .right(let needsRehash) = verification else {
            let refusal = tries.isAllowed ? invalidCredentials : APIError(limited: tries)
            try await call.record(refusal)
            try await waitForTick(since: start)
            throw refusal
        }
        if needsRehash { account.passwordHash = try await rehash(password, of: account, in: realm) }
        do {
            try await check(code: code, of: account)
            try await refuseUnverified(account)
        } catch {
            if let refusal = error as? APIError { try await call.record(refusal) }
            try await waitForTick(since: start)
            throw error
        }
        await throttle.succeeded(name, in: realm, from: call.remoteAddress)
        return account
    }

    /// - Returns: the hash that the account has now, as far as the password is right for it.
    private func rehash(_ password: String, of account: Account, in realm: Realm) async throws -> String {
        guard let hash = try? await hasher.hash(password) else { return account.passwordHash }
        // This is not yet the sign-in, whose record goes with the session.
        let isStored = try await TransactionHook.$current.withValue(nil) {
            try await database.write(.system) { tx in
                // Only if it is still the hash that was checked: a password changed meanwhile stays changed.
                try tx.run(
                    "UPDATE \(realm.accounts) SET password_hash = ? WHERE id = ? AND password_hash = ?",
                    [hash, account.id, account.passwordHash]) == 1
            }
        }
        if isStored { return hash }
        // Another sign-in may have been faster.
        let current = try await database.read(.system) { tx in try Account.passwordHash(tx, of: account.id, in: realm) }
        guard let current, case .right = try? await hasher.verify(password, against: current) else {
            return account.passwordHash
        }
        return current
    }

    /// The same error for an unconfirmed address: a separate one would reveal that the address was not registered
    /// before.
    private var invalidCredentials: APIError {
        emailVerification.isRequired
            ? APIError(
                .invalidCredentials,
                "The user name or password is wrong, or the e-mail address is not confirmed yet: follow the link in the mail."
            )
            : APIError(.invalidCredentials)
    }

    /// Refuses a sign-in with an unconfirmed address if confirmation is required. Sends the link again, because the
    /// caller knows the password and may have lost the mail.
    private func refuseUnverified(_ account: Account) async throws {
        guard emailVerification.isRequired, account.isUnverified else { return }
        // The mail is not the audited action of this call, so this transaction must not write the audit entry.
        try await TransactionHook.$current.withValue(nil) { try await emailVerification.send(userID: account.id) }
        throw invalidCredentials
    }

    package func waitForTick(since start: ContinuousClock.Instant) async throws {
        let ticks = max(1, ((ContinuousClock.now - start) / refusalTick).rounded(.up))
        try await Task.sleep(until: start + refusalTick * ticks, clock: .continuous)
    }

    /// Protects what outlives the session from a person who finds a browser left open.
    package func requireFreshness(_ who: some AccountHolder, _ password: String?) async throws {
        guard let password else {
            guard who.isFresh else { throw APIError(.reauthenticationRequired, param: "password") }
            return
        }
        guard try await isPassword(password, of: who.accountID, in: who.realm) else {
            throw APIError(.wrongPassword, param: "password")
        }
    }

    package func begin(_ account: Account, in realm: Realm, call: Call) async throws -> NewSession {
        let (address, agent) = (call.remoteAddress, call.userAgent)
        return try await begin(account, in: realm, call) { tx in
            try OperatorSession.begin(tx, account, in: realm, address: address, userAgent: agent, now: .now)
        }
    }

    package func begin(_ account: Account, kind: Session.Kind, call: Call) async throws -> NewSession {
        let (address, agent) = (call.remoteAddress, call.userAgent)
        return try await begin(account, in: .users, call) { tx in
            try Session.begin(tx, account, kind: kind, address: address, userAgent: agent, now: .now)
        }
    }

    private func begin(
        _ account: Account, in realm: Realm, _ call: Call,
        _ insert: @escaping @Sendable (Transaction) throws -> NewSession
    ) async throws -> NewSession {
        let start = ContinuousClock.now
        let known = KnownAddress(call.remoteAddress, secrets)
        call.audit(actor: realm.actor(account.id), target: realm.actor(account.id))
        do {
            return try await database.write(realm == .users ? .user(account.id) : .system) { tx in
                // First the account's row, as a change of the password does: neither waits for the other for ever.
                let session = try insert(tx)
                try known.remember(tx, of: account.id, now: .now)
                return session
            }
        } catch let error as APIError where error.code == .invalidCredentials {
            let refusal = invalidCredentials
            try await call.record(refusal)
            try await waitForTick(since: start)
            throw refusal
        }
    }

    package func rotate(_ token: String, in realm: Realm = .users, for call: Call) async throws -> NewSession {
        let successor = secrets.successor(of: token)
        let session = try await database.write(.system) { tx -> NewSession? in
            let rotation = try Session.rotate(tx, in: realm, token: token, successor: successor, now: .now)
            if let id = rotation.accountID { call.audit(actor: realm.actor(id), target: realm.actor(id)) }
            switch rotation {
            case .rotated(let session): return session
            case .reused:
                // The session ends, so this is committed, with the record of it.
                call.audit(outcome: .tokenReused)
                return nil
            case .unknown: throw APIError(.invalidToken)
            }
        }
        guard let session else { throw APIError(.tokenReused) }
        return session
    }

    package func grant(_ session: NewSession) async throws -> TokenGrant {
        TokenGrant(
            accessToken: try await tokens.sign(session),
            expiresIn: Int(tokens.lifetime(in: session.realm).components.seconds), refreshToken: session.secret)
    }

    /// Returns true if the password is the account's; used before anything that a stolen session must not do.
    package func isPassword(_ password: String, of id: String, in realm: Realm = .users) async throws -> Bool {
        try await hash(ifRight: password, of: id, in: realm) != nil
    }

    /// Returns the account's hash, or nil if the password is wrong.
    package func hash(ifRight password: String, of id: String, in realm: Realm = .users) async throws -> String? {
        guard let hash = try await database.read(.system, { tx in try Account.passwordHash(tx, of: id, in: realm) })
        else {
            return nil
        }
        try await throttle.attemptConfirmation(of: id)
        do throws(PasswordError) {
            guard case .right = try await hasher.verify(password, against: hash) else { return nil }
        } catch {
            throw APIError(.overloaded, retryAfter: 1, cause: error)
        }
        await throttle.confirmed(id)
        return hash
    }

    package func hash(_ password: String) async throws -> String {
        do throws(PasswordError) {
            return try await hasher.hash(password)
        } catch {
            throw APIError(.overloaded, retryAfter: 1, cause: error)
        }
    }
}

/// OAuth 2's token answer (RFC 6749, section 5.1).
package struct TokenGrant: JSONOutput {
    package let accessToken: String
    package var tokenType = "bearer"
    package let expiresIn: Int
    package let refreshToken: String

    private enum CodingKeys: String, CodingKey { case accessToken, tokenType, expiresIn, refreshToken }

    package func response(_ status: HTTPResponse.Status) throws -> Response {
        var response = try Response.json(self, status)
        response.headers[.cacheControl] = "no-store"
        response.headers[.pragma] = "no-cache"
        return response
    }
}

extension Call {
    /// As far as it can be shown later.
    fileprivate var userAgent: String? {
        header(.userAgent).map { String($0.unicodeScalars.filter { $0.value >= 32 }.prefix(200)) }
    }
}

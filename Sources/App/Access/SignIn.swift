import HTTPTypes
import Storage

/// Checks passwords and begins, rotates and ends sessions.
struct SignIn: Sendable {
    let database: Database
    let secrets: Secrets
    let hasher: PasswordHasher
    let tokens: AccessTokens
    let authenticator: Authenticator
    /// Refusals are sent at the next multiple of this time: how long the work took, which depends on whether the account
    /// exists, cannot be seen from outside.
    let refusalTick: Duration

    /// The user whose name and password these are. Every path does the same work before it refuses.
    func user(name: String, password: String) async throws -> String {
        let start = ContinuousClock.now
        let account = try await database.read(.system) { tx in try Account.named(tx, name) }
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
        guard let account, account.mayAct, case .right(let needsRehash) = verification else {
            let elapsed = ContinuousClock.now - start
            let ticks = max(1, (elapsed / refusalTick).rounded(.up))
            try await Task.sleep(until: start + refusalTick * ticks, clock: .continuous)
            throw APIError(.invalidCredentials)
        }
        if needsRehash, let hash = try? await hasher.hash(password) {
            try await database.write(.system) { tx in
                // Only if it is still the hash that was checked: a password changed meanwhile stays changed.
                try tx.run(
                    "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?",
                    [hash, account.id, account.passwordHash])
            }
        }
        return account.id
    }

    func begin(userID: String, kind: Session.Kind, call: Call) async throws -> NewSession {
        let address = call.remoteAddress
        let agent = call.header(.userAgent).map { String($0.unicodeScalars.filter { $0.value >= 32 }.prefix(200)) }
        return try await database.write(.user(userID)) { tx in
            try Session.begin(tx, userID: userID, kind: kind, address: address, userAgent: agent, now: .now)
        }
    }

    func rotate(_ token: String, in realm: Realm = .users) async throws -> NewSession {
        let successor = secrets.successor(of: token)
        let rotation = try await database.write(.system) { tx in
            try Session.rotate(tx, in: realm, token: token, successor: successor, now: .now)
        }
        switch rotation {
        case .rotated(let session): return session
        case .reused: throw APIError(.tokenReused)
        case .unknown: throw APIError(.invalidToken)
        }
    }

    func grant(_ session: NewSession) async throws -> TokenGrant {
        TokenGrant(
            accessToken: try await tokens.sign(session),
            expiresIn: Int(tokens.lifetime(in: session.realm).components.seconds), refreshToken: session.secret)
    }

    /// True where the password is the user's; used before anything that a stolen session must not do.
    func isPassword(_ password: String, of userID: String) async throws -> Bool {
        guard let hash = try await database.read(.user(userID), { tx in try Account.passwordHash(tx, userID: userID) })
        else {
            return false
        }
        do throws(PasswordError) {
            if case .right = try await hasher.verify(password, against: hash) { return true }
            return false
        } catch {
            throw APIError(.overloaded, retryAfter: 1, cause: error)
        }
    }

    func hash(_ password: String) async throws -> String {
        do throws(PasswordError) {
            return try await hasher.hash(password)
        } catch {
            throw APIError(.overloaded, retryAfter: 1, cause: error)
        }
    }
}

/// OAuth 2's token answer (RFC 6749, section 5.1).
struct TokenGrant: JSONOutput {
    let accessToken: String
    var tokenType = "bearer"
    let expiresIn: Int
    let refreshToken: String

    private enum CodingKeys: String, CodingKey { case accessToken, tokenType, expiresIn, refreshToken }
}

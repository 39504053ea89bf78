package import HTTPKit
import HTTPTypes
import JSON
package import Platform
package import Storage

/// Passwords that were forgotten, and addresses that are confirmed and changed.
package struct EmailRoutes: Sendable {
    package let database: Database
    package let secrets: Secrets
    package let access: AccessRoutes
    package let verification: EmailVerification

    package init(database: Database, secrets: Secrets, access: AccessRoutes, verification: EmailVerification) {
        self.database = database
        self.secrets = secrets
        self.access = access
        self.verification = verification
    }

    // MARK: Forgotten passwords

    package struct Forgotten: Input, Ruled {
        package let email: String
        package static var rules: [String: Rule] { ["email": .email] }
    }

    /// Does the same whether or not there is such an account: only the job looks for it.
    package func forgot(_ who: AnonymousCaller, _ input: Forgotten) async throws -> Accepted {
        let request = ResetRequest(email: input.email, language: MailJob.Language(of: who.call))
        let payload = try secrets.encrypt(JSONWriter.encode(request))
        try await database.write(.system) { tx in
            try JobQueue.insert(tx, ResetRequest.kind, payload: payload)
        }
        return Accepted()
    }

    /// What is left to do after `forgot` has answered.
    package func send(_ request: ResetRequest) async throws {
        try await database.write(.system) { tx in
            guard let account = try EmailAccount.find(tx, email: request.email) else { return }
            try verification.queue(tx, .resetPassword, account, request.language, now: .now)
        }
    }

    package struct Reset: Input, Ruled {
        package let token: String
        package let password: String
        package static var rules: [String: Rule] { ["token": .text(1...256), "password": .text(8...256)] }
    }

    /// Sets a new password with the token from a mail, which proves that the caller owns the address. An attacker may
    /// have used the account, so all access ends: sessions, the second factor, keys, known addresses, pending links,
    /// and the memberships and invitations that the account gave.
    package func reset(_ who: AnonymousCaller, _ input: Reset) async throws -> NoContent {
        try access.refuseCommon(input.password, param: "password")
        let isKnown = try await database.read(.system) { tx in
            try OneTimeToken.exists(tx, .resetPassword, input.token, now: .now)
        }
        guard isKnown else { throw APIError(.invalidLink, param: "token") }
        let hash = try await access.signIn.hash(input.password)
        let userID = try await database.write(.system) { tx in
            let now = Timestamp.now
            let (account, email) = try Self.take(tx, .resetPassword, input.token, now: now)
            try Account.setPassword(tx, hash: hash, of: account.id, now: now)
            if account.hasAddress(email) { try account.confirm(tx, now: now) }
            try Session.endAll(tx, userID: account.id)
            try KnownAddress.forgetAll(tx, of: account.id)
            let (ended, former) = try Grants.end(tx, of: account.id, Grants.Kind.allCases, now: now)
            try tellOwners(tx, of: account, former, now: now)
            who.call.audit(target: "user:\(account.id)", detail: try AuditEntry.values(of: ended))
            return account.id
        }
        access.signIn.authenticator.forget(userID: userID)
        return NoContent()
    }

    /// Notifies the owners of shared workspaces. Keys there may serve the whole team, so they stay valid; the mail
    /// lists the keys that the account or its `former` guests made, and says how to revoke them.
    private func tellOwners(
        _ tx: Transaction, of account: EmailAccount, _ former: Set<String>, now: Timestamp
    ) throws {
        let name = try Account.name(tx, in: .users, id: account.id) ?? account.id
        let makers = [account.id] + former.prefix(Grants.mostMakers)
        for keys in try Grants.SharedKeys.list(tx, madeBy: makers, now: now) {
            for owner in keys.owners where owner.email != nil {
                var mail = try verification.mail(.keysToCheck, owner, to: owner.email!, .english)
                mail.about = MailJob.About(
                    person: name, workspace: keys.workspaceName, keys: keys.names,
                    calls: keys.makers.sorted().map { "POST /workspaces/\(keys.workspaceID)/members/\($0)/revoke-keys" }
                )
                try verification.mailer.queue(tx, mail, now: now)
            }
        }
    }

    private static func take(
        _ tx: Transaction, _ purpose: OneTimeToken.Purpose, _ token: String, now: Timestamp
    ) throws -> (account: EmailAccount, email: String) {
        guard let token = try OneTimeToken.take(tx, purpose, token, now: now), let userID = token.userID,
            let email = token.email, let account = try EmailAccount.find(tx, id: userID)
        else { throw APIError(.invalidLink, param: "token") }
        return (account, email)
    }

    // MARK: Addresses

    package struct Confirmation: Input, Ruled {
        package let token: String
        package static var rules: [String: Rule] { ["token": .text(1...256)] }
    }

    /// Confirms the account's address, or makes the one that was wanted the account's.
    package func verify(_ who: AnonymousCaller, _ input: Confirmation) async throws -> NoContent {
        let language = MailJob.Language(of: who.call)
        do {
            try await database.write(.system) { tx in
                let now = Timestamp.now
                let (account, email) = try Self.take(tx, .verifyEmail, input.token, now: now)
                guard !account.hasAddress(email) else { return try account.confirm(tx, now: now) }
                try account.change(tx, to: email, isVerified: true, now: now)
                guard let old = account.email else { return }
                try verification.mailer.queue(
                    tx, try verification.mail(.emailChanged, account, to: old, language), now: now)
            }
        } catch let error as StorageError {
            throw User.taken(error)
        }
        return NoContent()
    }

    package func resend(_ who: SessionCaller) async throws -> Accepted {
        try await verification.send(userID: who.caller.userID, or: MailJob.Language(of: who.call))
        return Accepted()
    }

    package struct AddressChange: Input, Ruled {
        package let email: String
        package let password: String
        package static var rules: [String: Rule] { ["email": .email, "password": .text(1...256)] }
    }

    /// Changes the address once it is confirmed, or at once if no mail can be sent.
    package func change(_ who: SessionCaller, _ input: AddressChange) async throws -> Accepted {
        let id = who.caller.userID
        guard let checked = try await access.signIn.hash(ifRight: input.password, of: id) else {
            throw APIError(.wrongPassword, param: "password")
        }
        let language = MailJob.Language(of: who.call)
        do {
            try await database.write(.system) { tx in
                let now = Timestamp.now
                try who.holdCredential(tx)
                guard try Account.hasPassword(tx, hash: checked, id: id) else {
                    throw APIError(.wrongPassword, param: "password")
                }
                guard let account = try EmailAccount.find(tx, id: id) else { throw APIError(.notFound) }
                if account.hasAddress(input.email) { return }
                guard verification.mailer.isOn else {
                    return try account.change(tx, to: input.email, isVerified: false, now: now)
                }
                try askToConfirm(tx, input.email, account, language, now: now)
            }
        } catch let error as StorageError {
            throw User.taken(error)
        }
        return Accepted()
    }

    /// Sends a confirmation link to a new address. If confirmation is required, the response does not reveal whether
    /// the address is taken; the owner of a taken address is notified instead.
    private func askToConfirm(
        _ tx: Transaction, _ email: String, _ account: EmailAccount, _ language: MailJob.Language, now: Timestamp
    ) throws {
        let isTaken = try EmailAccount.isTaken(tx, email: email)
        guard !isTaken || verification.isRequired else { throw APIError(.emailTaken, param: "email") }
        // Issued for a taken address, too, so that it counts against the same limit; that token is never sent.
        guard let token = try OneTimeToken.issue(tx, .verifyEmail, userID: account.id, email: email, now: now) else {
            throw APIError(.rateLimited, "Too many links were asked for. Try again in an hour.", retryAfter: 3600)
        }
        if !isTaken {
            let mail = try verification.mail(.changeEmail, account, to: email, language, token: token)
            try verification.mailer.queue(tx, mail, now: now)
        } else if let owner = try EmailAccount.find(tx, email: email) {
            try verification.queue(tx, .alreadyRegistered, owner, language, now: now)
        }
    }
}

/// A request to reset a forgotten password, still to be processed.
package struct ResetRequest: Codable, Sendable {
    package static let kind = "forgotten_password"
    package let email: String
    package let language: MailJob.Language
}

/// What was asked for is being seen to: 202.
package struct Accepted: JSONOutput {
    package init() {}
}

extension EmailRoutes {
    package var table: [Route] {
        [
            Route(
                .post, "/auth/password/forgot", .signUp, id: "request_password_reset",
                "Request a link to reset a password",
                about: "The answer is the same whether or not an account has the address.",
                forgot, .accepted),
            Route(
                .post, "/auth/password/reset", .signUp, id: "reset_password", "Reset a password with a link's token",
                about: "Ends all sessions and everything that the account has granted. The token works once.",
                reset, .noContent,
                errors: [.invalidLink, .passwordTooCommon, .overloaded]),
            Route(
                .post, "/auth/email", .writeOwn, id: "change_email", "Change my e-mail address",
                about: "Sends a link to the new address, which counts after it was followed.",
                change, .accepted,
                errors: [.wrongPassword, .emailTaken, .rateLimited, .overloaded]),
            Route(
                .post, "/auth/email/verify", .signUp, id: "verify_email",
                "Confirm an e-mail address with a link's token",
                about: "The token works once.",
                verify, .noContent,
                errors: [.invalidLink, .emailTaken]),
            Route(
                .post, "/auth/email/verification", .writeOwn, id: "resend_verification",
                "Request another link to confirm my address",
                about: "Sends the link to the address of the account.",
                resend, .accepted),
        ].tagged(.signIn)
    }
}

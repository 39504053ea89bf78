package import HTTPKit
package import Platform
import Storage

extension UserRoutes {
    package func register(_ who: AnonymousCaller, _ input: User.Create) async throws -> Registration {
        try await requireOpen(for: input.invitation)
        let start = ContinuousClock.now
        do {
            let user = try await create(input, for: who.call)
            guard verification.isRequired, input.email != nil else { return .made(user) }
        } catch let error as APIError where error.code == .emailTaken && verification.isRequired {
            who.call.audit(outcome: .emailTaken)
            try await tellOwner(of: input.email!, input.invitation, or: MailJob.Language(of: who.call))
        }
        try await access.signIn.waitForTick(since: start)
        return .pending
    }

    private func requireOpen(for invitation: String?) async throws {
        guard registration != .closed else { throw APIError(.registrationClosed) }
        guard let invitation else {
            guard registration == .open else {
                throw APIError(
                    .registrationClosed, "Registration needs an invitation: send the link's token as 'invitation'.",
                    param: "invitation")
            }
            return
        }
        let isValid = try await database.read(.system) { tx in
            try Invitation.opensRegistration(tx, token: invitation, now: .now)
        }
        guard isValid else { throw APIError(.invalidLink, param: "invitation") }
    }

    /// The invitation is used up as by a new account, so that it does not tell which addresses are registered.
    private func tellOwner(of email: String, _ invitation: String?, or language: MailJob.Language) async throws {
        try await database.write(.system) { tx in
            let owner = try EmailAccount.find(tx, email: email)
            if let invitation { try Invitation.useUp(tx, token: invitation, by: owner?.id, now: .now) }
            guard let owner else { return }
            try verification.queue(tx, .alreadyRegistered, owner, language, now: .now)
        }
    }

    package func create(_ input: User.Create, for call: Call) async throws -> User {
        try access.refuseCommon(input.password, param: "password")
        let hash = try await access.signIn.hash(input.password)
        let language = MailJob.Language(of: call)
        let details = UserDetails(firstName: input.firstName, lastName: input.lastName)
        let encrypted = input.firstName == nil && input.lastName == nil ? nil : try details.encrypted(secrets)
        do {
            let user = try await database.write(.system) { tx in
                // Before all else, so that a free address and a taken one meet the same answer.
                if let username = input.username, try User.isTaken(tx, username: username) {
                    throw APIError(.usernameTaken, param: "username")
                }
                let id = try User.create(
                    tx, input, passwordHash: hash, details: encrypted, contents: contents, now: .now)
                if let invitation = input.invitation {
                    try Invitation.bind(tx, token: invitation, to: id, now: .now)
                }
                if verification.mailer.isOn, let account = try EmailAccount.find(tx, id: id) {
                    try verification.queue(tx, .verifyEmail, account, language, now: .now)
                }
                call.audit(target: "user:\(id)")
                return try User.find(tx, id: id)!.user
            }
            return user.with(details)
        } catch let error as StorageError {
            throw User.taken(error)
        }
    }
}

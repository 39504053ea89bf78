package import HTTPKit
import HTTPTypes
package import Platform
package import Storage

/// Registration and the caller's own account.
package struct UserRoutes: Sendable {
    package let database: Database
    package let secrets: Secrets
    package let access: AccessRoutes
    package let registration: RegistrationPolicy
    package let verification: EmailVerification
    package let contents: WorkspaceContents

    package init(
        database: Database, secrets: Secrets, access: AccessRoutes, registration: RegistrationPolicy,
        verification: EmailVerification, contents: WorkspaceContents
    ) {
        self.database = database
        self.secrets = secrets
        self.access = access
        self.registration = registration
        self.verification = verification
        self.contents = contents
    }

    package func me(_ who: UserCaller) async throws -> User { try await read(who.caller.userID) }

    private func read(_ id: String) async throws -> User {
        guard let found = try await database.read(.user(id), { tx in try User.find(tx, id: id) }) else {
            throw APIError(.notFound)
        }
        return found.user.with(try UserDetails(encrypted: found.encryptedDetails, secrets))
    }

    package func update(_ who: UserCaller, _ input: User.Update) async throws -> User {
        let id = who.caller.userID
        let secrets = secrets
        do {
            try await database.write(.user(id)) { tx in
                _ = try User.change(tx, id: id, secrets, now: .now) { user, details in
                    details.firstName = input.firstName.applied(to: details.firstName)
                    details.lastName = input.lastName.applied(to: details.lastName)
                    let username = input.username.applied(to: user.username)
                    guard username != nil || user.email != nil else {
                        throw APIError.invalid("username", "An account without an e-mail address needs a user name.")
                    }
                    return username
                }
            }
        } catch let error as StorageError {
            throw User.taken(error)
        }
        return try await read(id)
    }

    /// Under one's own id, as under `me`.
    package func updateNamed(_ who: UserCaller, _ input: User.Update) async throws -> User {
        try Self.requireOwn(who, who.caller)
        return try await update(who, input)
    }

    package func deleteNamed(_ who: SessionCaller, _ input: Deletion) async throws -> NoContent {
        try Self.requireOwn(who, who.caller)
        return try await delete(who, input)
    }

    private static func requireOwn(_ who: some Context, _ caller: Caller) throws(APIError) {
        guard who["id"] == caller.userID else { throw APIError(.notFound) }
    }

    package struct Deletion: Input, Ruled {
        package let password: String
        package static var rules: [String: Rule] { ["password": .text(1...256)] }
    }

    package func delete(_ who: SessionCaller, _ input: Deletion) async throws -> NoContent {
        let id = who.caller.userID
        guard try await access.signIn.isPassword(input.password, of: id) else {
            throw APIError(.wrongPassword, param: "password")
        }
        try await database.write(.user(id)) { tx in
            try User.delete(tx, id: id, by: "user:\(id)", reason: "deleted by the user", now: .now)
        }
        access.signIn.authenticator.forget(userID: id)
        return NoContent()
    }
}

extension UserRoutes {
    package var table: [Route] {
        [
            Route(
                .post, "/auth/register", .signUp, id: "register", "Register a user",
                about: "Needs a user name or an e-mail address, and a password. The user gets a personal workspace "
                    + "with a default chatbot. With `REGISTRATION=invite`, the token of an invitation is needed.",
                register, .created,
                errors: [
                    .registrationClosed, .invalidLink, .usernameTaken, .emailTaken, .passwordTooCommon, .overloaded,
                ]),
            Route(
                .get, "/users/me", .read, id: "get_me", "Get my account",
                about: "The user that the token, key or cookie stands for.",
                me),
            Route(
                .patch, "/users/me", .writeOwn, id: "update_me", "Update my account",
                about: "Changes the fields that are sent and keeps the others.",
                update,
                errors: [.usernameTaken]),
            Route(
                .delete, "/users/me", .writeOwn, id: "delete_me", "Delete my account",
                about: "Asks for the password. An operator can restore the account for a limited time; then it is "
                    + "removed with all its data.",
                delete, .noContent,
                errors: [.wrongPassword, .lastOwner, .overloaded]),
            Route(
                .post, "/users", .signUp.audit(.entry), id: "create_user", "Register a user by another path",
                about: "Does what `POST /auth/register` does.",
                register, .created,
                errors: [
                    .registrationClosed, .invalidLink, .usernameTaken, .emailTaken, .passwordTooCommon, .overloaded,
                ]),
            Route(
                .patch, "/users/{id}", .write, id: "update_user", "Update my account by its id",
                about: "Does what `PATCH /users/me` does; any other id is 404.",
                updateNamed,
                errors: [.usernameTaken]),
            Route(
                .delete, "/users/{id}", .write, id: "delete_user", "Delete my account by its id",
                about: "Does what `DELETE /users/me` does; any other id is 404.",
                deleteNamed, .noContent,
                errors: [.wrongPassword, .lastOwner, .overloaded]),
        ].tagged(.users)
    }
}

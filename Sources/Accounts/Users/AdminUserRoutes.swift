package import HTTPKit
import HTTPTypes
import JSON
package import Platform
package import Storage

package enum UsersWrite: Need { package static var permission: Permission { .usersWrite } }
package enum CreditsWrite: Need { package static var permission: Permission { .creditsWrite } }

/// Users, as operators change them. What is changed holds at once here, and within the authenticator's trust elsewhere.
package struct AdminUserRoutes: Sendable {
    package let database: Database
    package let users: UserRoutes
    package let authenticator: Authenticator

    package init(database: Database, users: UserRoutes, authenticator: Authenticator) {
        self.database = database
        self.users = users
        self.authenticator = authenticator
    }

    package func list(_ who: Operator<UsersRead>, _ filter: ManagedUser.Filter) async throws -> List<ManagedUser> {
        let after = try filter.paging.cursor(or: .newest)
        let dialect = database.dialect
        let found = try await database.read(.system) { tx in
            try ManagedUser.list(tx, dialect, filter, after: after, limit: filter.paging.count)
        }
        return List(found, limit: filter.paging.count) { Cursor(id: $0.id) }
    }

    /// Works even if registration is closed.
    package func create(_ who: Operator<UsersWrite>, _ input: User.Create) async throws -> ManagedUser.Detailed {
        // An invitation opens registration; an operator needs none.
        var input = input
        input.invitation = nil
        return try await find(users.create(input, for: who.call).id)
    }

    package func read(_ who: Operator<UsersRead>) async throws -> ManagedUser.Detailed { try await find(who["id"]) }

    package func update(_ who: Operator<UsersWrite>, _ input: ManagedUser.Update) async throws -> ManagedUser.Detailed {
        try await change(who) { tx, id, now in
            let changes = try ManagedUser.update(
                tx, id: id, input, mayGiveCredits: who.caller.may(.creditsWrite), now: now)
            who.call.audit(detail: changes)
        }
    }

    package func delete(_ who: Operator<UsersWrite>, _ input: ManagedUser.Deletion) async throws -> NoContent {
        let id = who["id"]
        who.call.audit(detail: ["reason": .string(input.reason)])
        try await database.write(.system) { tx in
            try User.delete(
                tx, id: id, by: "operator:\(who.caller.id)", reason: input.reason, wantsExport: input.export ?? false,
                now: .now)
        }
        authenticator.forget(userID: id)
        return NoContent()
    }

    /// For who has lost it with the recovery codes, and whose request has been checked in some other way.
    package func removeSecondFactor(_ who: Operator<UsersWrite>, _ input: ManagedUser.Reason) async throws -> NoContent
    {
        let id = who["id"]
        let verification = users.verification
        who.call.audit(detail: ["reason": .string(input.reason)])
        try await database.write(.system) { tx in
            _ = try ManagedUser.find(tx, id: id)
            guard try SecondFactor.remove(tx, realm: .users, accountID: id) else { throw SecondFactor.isMissing }
            try Session.endAll(tx, userID: id)
            guard let account = try EmailAccount.find(tx, id: id), let email = account.email else { return }
            let mail = try verification.mail(.secondFactorRemoved, account, to: email, .english)
            try verification.mailer.queue(tx, mail, now: .now)
        }
        authenticator.forget(userID: id)
        return NoContent()
    }

    package func changeCredits(_ who: Operator<CreditsWrite>, _ input: ManagedUser.Credit) async throws
        -> ManagedUser.Detailed
    {
        let change: Credits.Change = if let delta = input.delta { .add(delta) } else { .set(input.balance ?? 0) }
        who.call.audit(detail: ["reason": .string(input.reason)])
        return try await self.change(who) { tx, id, now in
            _ = try ManagedUser.find(tx, id: id)
            let balance = try Credits.change(tx, userID: id, change, now: now)
            who.call.audit(detail: ["balance": .int(Int64(balance))])
            if let delta = input.delta { who.call.audit(detail: ["delta": .int(Int64(delta))]) }
        }
    }

    private func find(_ id: String) async throws -> ManagedUser.Detailed {
        try await database.read(.system) { tx in try ManagedUser.Detailed.find(tx, id: id, now: .now) }
    }

    private func change(
        _ who: some Context, _ change: @escaping @Sendable (Transaction, _ id: String, _ now: Timestamp) throws -> Void
    ) async throws -> ManagedUser.Detailed {
        let id = who["id"]
        let user = try await database.write(.system) { tx in
            try change(tx, id, .now)
            return try ManagedUser.Detailed.find(tx, id: id, now: .now)
        }
        authenticator.forget(userID: id)
        return user
    }
}

extension AdminUserRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/admin/users", .read, id: "list_all_users", "List all users",
                about: "Newest first; `q` searches ids, names and addresses.",
                list),
            Route(
                .post, "/admin/users", .write, id: "create_managed_user", "Create a user",
                about: "Also if registration is closed.",
                create, .created,
                errors: [.usernameTaken, .emailTaken, .passwordTooCommon, .overloaded]),
            Route(
                .get, "/admin/users/{id}", .read, id: "get_managed_user", "Get a user with limits and credits",
                about: "With the number of chatbots, conversations and keys.",
                read),
            Route(
                .patch, "/admin/users/{id}", .write, id: "update_managed_user",
                "Change a user's plan or limits, or disable it",
                about: "`null` returns a limit to the plan's.",
                update),
            Route(
                .delete, "/admin/users/{id}", .write, id: "delete_managed_user", "Delete a user",
                about: "The user can be restored for a limited time. Needs a reason.",
                delete, .noContent,
                errors: [.lastOwner]),
            Route(
                .delete, "/admin/users/{id}/mfa", .write, id: "remove_user_second_factor",
                "Remove a user's second factor",
                about: "For users who have lost their device.",
                removeSecondFactor, .noContent),
            Route(
                .post, "/admin/users/{id}/credits", .write, id: "change_credits", "Add or set a user's credits",
                about: "`delta` adds, `balance` sets, in micro-units. Needs a reason.",
                changeCredits),
        ].tagged(.administration)
    }
}

package import HTTPKit
import HTTPTypes
import JSON
package import Platform
package import Storage

package enum OperatorsRead: Need { package static var permission: Permission { .operatorsRead } }
package enum OperatorsWrite: Need { package static var permission: Permission { .operatorsWrite } }

/// Operators, by those of them who may see or change them.
package struct OperatorRoutes: Sendable {
    package let database: Database
    package let access: AccessRoutes

    package init(database: Database, access: AccessRoutes) {
        self.database = database
        self.access = access
    }

    package func list(_ who: Operator<OperatorsRead>, _ paging: Paging) async throws -> List<OperatorAccount> {
        let after = try paging.cursor(or: .newest)
        let operators = try await database.read(.system) { tx in
            try OperatorAccount.list(tx, after: after, limit: paging.count)
        }
        return List(operators, limit: paging.count) { Cursor(id: $0.id) }
    }

    package func read(_ who: Operator<OperatorsRead>) async throws -> OperatorAccount {
        let id = who["operator_id"]
        return try await database.read(.system) { tx in try OperatorAccount.find(tx, id: id) }
    }

    package func create(_ who: Operator<OperatorsWrite>, _ input: OperatorAccount.Create) async throws
        -> OperatorAccount
    {
        try access.refuseCommon(input.password, param: "password")
        let hash = try await access.signIn.hash(input.password)
        return try await naming {
            try await database.write(.system) { tx in
                try who.caller.holdSession(tx)
                try OperatorAccount.require(tx, who.caller, has: input.rights)
                let made = try OperatorAccount.create(
                    tx, username: input.username, name: input.name, email: input.email, input.rights,
                    passwordHash: hash, now: .now)
                who.call.audit(
                    target: Realm.admins.actor(made.id),
                    detail: try AuditEntry.values(of: made, in: OperatorAccount.audited))
                return made
            }
        }
    }

    package func update(_ who: Operator<OperatorsWrite>, _ input: OperatorAccount.Update) async throws
        -> OperatorAccount
    {
        let id = who["operator_id"]
        var hash: String?
        if let password = input.password {
            guard id != who.caller.id else {
                throw APIError.invalid(
                    "password", "Change your own password with POST /\(who.caller.role.rawValue)/password.")
            }
            try access.refuseCommon(password, param: "password")
            hash = try await access.signIn.hash(password)
        }
        let changed = try await naming { [hash] in
            try await database.write(.system) { tx in
                try who.caller.holdSession(tx)
                let (old, new) = try OperatorAccount.update(
                    tx, id: id, input, passwordHash: hash, by: who.caller, now: .now)
                who.call.audit(detail: try AuditEntry.changes(from: old, to: new, in: OperatorAccount.audited))
                return new
            }
        }
        access.signIn.authenticator.forget(operatorID: id)
        return changed
    }

    package func delete(_ who: Operator<OperatorsWrite>) async throws -> NoContent {
        let id = who["operator_id"]
        try await database.write(.system) { tx in
            let deleted = try OperatorAccount.delete(tx, id: id, by: who.caller)
            who.call.audit(detail: try AuditEntry.values(of: deleted, in: OperatorAccount.audited))
        }
        access.signIn.authenticator.forget(operatorID: id)
        return NoContent()
    }

    package func removeSecondFactor(_ who: Operator<OperatorsWrite>, _ input: ManagedUser.Reason) async throws
        -> NoContent
    {
        let id = who["operator_id"]
        // That takes the password, which a session left open does not have.
        guard id != who.caller.id else {
            throw APIError(
                .forbidden, "Remove your own second factor with DELETE /\(who.caller.role.rawValue)/mfa/totp.")
        }
        who.call.audit(detail: ["reason": .string(input.reason)])
        try await database.write(.system) { tx in
            try OperatorAccount.removeSecondFactor(tx, id: id, by: who.caller, now: .now)
        }
        access.signIn.authenticator.forget(operatorID: id)
        return NoContent()
    }
}

/// Throws `usernameTaken` instead of the database's error if the user name is already taken.
package func naming<T: Sendable>(_ work: () async throws -> T) async throws -> T {
    do {
        return try await work()
    } catch let error as StorageError {
        if case .unique(let columns) = error.kind,
            columns.contains("username_key") || columns.contains("username_skeleton")
        {
            throw APIError(.usernameTaken, param: "username")
        }
        throw error
    }
}

extension OperatorRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/admin/operators", .read, id: "list_operators", "List operators",
                about: "Admins and support staff.",
                list),
            Route(
                .post, "/admin/operators", .write, id: "create_operator", "Create an operator",
                about: "An admin with `permissions` (all if omitted), or staff with a `level`.",
                create, .created,
                errors: [.usernameTaken, .passwordTooCommon, .overloaded]),
            Route(
                .get, "/admin/operators/{operator_id}", .read, id: "get_operator", "Get an operator",
                about: "With permissions or level.",
                read),
            Route(
                .patch, "/admin/operators/{operator_id}", .write, id: "update_operator", "Update an operator",
                about: "Changes the fields that are sent; a new password ends the operator's sessions.",
                update,
                errors: [.usernameTaken, .lastAdmin, .passwordTooCommon, .overloaded]),
            Route(
                .delete, "/admin/operators/{operator_id}", .write, id: "delete_operator", "Delete an operator",
                about: "The last admin with all permissions stays.",
                delete, .noContent,
                errors: [.lastAdmin]),
            Route(
                .delete, "/admin/operators/{operator_id}/mfa", .write, id: "remove_operator_second_factor",
                "Remove an operator's second factor",
                about: "For operators who have lost their device.",
                removeSecondFactor, .noContent),
        ].tagged(.administration)
    }
}

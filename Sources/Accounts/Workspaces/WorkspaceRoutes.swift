package import HTTPKit
import HTTPTypes
import JSON
package import Platform
package import Storage

/// Workspaces and their members.
package struct WorkspaceRoutes: Sendable {
    package let database: Database
    package let deletions: Deletions
    package let authenticator: Authenticator
    package let contents: WorkspaceContents

    package init(database: Database, deletions: Deletions, authenticator: Authenticator, contents: WorkspaceContents) {
        self.database = database
        self.deletions = deletions
        self.authenticator = authenticator
        self.contents = contents
    }

    package func list(_ who: UserCaller, _ paging: Paging) async throws -> List<Workspace> {
        let after = try paging.cursor(or: .newest)
        let workspaces = try await database.read(who.scope) { tx in
            try Workspace.list(tx, of: who.caller, after: after, limit: paging.count)
        }
        return List(workspaces, limit: paging.count) { Cursor(id: $0.id) }
    }

    package func create(_ who: UserCaller, _ input: Workspace.Create) async throws -> Workspace {
        // Its creator does not belong to it yet.
        try await database.write(.system, for: who.scope) { tx in
            try WorkspaceLimits.requireWorkspace(tx, for: who.caller)
            let tenant = try Workspace.create(
                tx, name: input.name, ownerID: who.caller.userID, isPersonal: false, now: .now)
            try contents.create(tx, tenant, .now)
            who.call.audit(target: "workspace:\(tenant.workspaceID)")
            return try Workspace.find(tx, tenant)
        }
    }

    package func read(_ who: UserCaller) async throws -> Workspace {
        try await database.read(who.scope) { tx in try Workspace.find(tx, tenant(tx, who, .read)) }
    }

    package func update(_ who: UserCaller, _ input: Workspace.Update) async throws -> Workspace {
        try await database.write(who.scope) { tx in
            let tenant = try tenant(tx, who, .manage)
            try Workspace.update(tx, tenant, input, now: .now)
            return try Workspace.find(tx, tenant)
        }
    }

    package func delete(_ who: UserCaller) async throws -> NoContent {
        let root = try await database.write(who.scope) { tx in
            try Workspace.delete(tx, tenant(tx, who, .manage), now: .now)
        }
        authenticator.forget(workspaceID: root.workspaceID)
        await deletions.begin(root)
        return NoContent()
    }

    package func members(_ who: UserCaller, _ paging: Paging) async throws -> List<Member> {
        let after = try paging.cursor(or: .newest)
        let members = try await database.read(who.scope) { tx in
            try Member.list(tx, tenant(tx, who, .read), after: after, limit: paging.count)
        }
        return List(members, limit: paging.count) { Cursor(id: $0.userID) }
    }

    /// Not by a key, because it makes an owner pay.
    package func accept(_ who: SessionCaller, _ input: Member.Accept) async throws -> Member {
        try await database.write(who.scope) { tx in
            try who.holdCredential(tx)
            let tenant = try Tenant.find(tx, who.caller, workspaceID: who["workspace_id"])
            return try Member.accept(tx, tenant, role: input.role, now: .now)
        }
    }

    package func changeMember(_ who: UserCaller, _ input: Member.Update) async throws -> Member {
        // A user's own key, which may be the credential, belongs to no workspace.
        try await database.write(.system, for: who.scope) { tx in
            try who.holdCredential(tx)
            let tenant = try tenant(tx, who, .manage)
            let old = try Member.find(tx, tenant, userID: who["user_id"])
            let new = try Member.change(tx, tenant, userID: old.userID, role: input.role)
            var detail = try AuditEntry.changes(from: old, to: new, in: ["role"])
            detail["workspace"] = .string(tenant.workspaceID)
            who.call.audit(detail: detail)
            return new
        }
    }

    /// An owner removes anyone; everyone may leave.
    package func removeMember(_ who: UserCaller) async throws -> NoContent {
        let userID = who["user_id"]
        try await database.write(who.scope) { tx in
            let tenant = try tenant(tx, who, userID == who.caller.userID ? .read : .manage)
            let member = try Member.find(tx, tenant, userID: userID)
            try Member.remove(tx, tenant, userID: userID)
            who.call.audit(
                detail: ["workspace": .string(tenant.workspaceID), "role": .string(member.role.rawValue)])
        }
        return NoContent()
    }

    private func tenant(_ tx: Transaction, _ who: UserCaller, _ action: Role.Action) throws -> Tenant {
        let tenant = try Tenant.find(tx, who.caller, workspaceID: who["workspace_id"])
        try tenant.require(action)
        return tenant
    }

    /// Ends the keys that one account has made here, or was given the text of; also those of a user who has left. An owner
    /// does so for anyone, and members for themselves.
    package func revokeKeys(_ who: SessionCaller) async throws -> KeysRevoked {
        let userID = who["user_id"]
        let revoked = try await database.write(who.scope) { tx in
            let tenant = try Tenant.find(tx, who.caller, workspaceID: who["workspace_id"])
            try tenant.require(userID == who.caller.userID ? .read : .manage)
            let revoked = try APIKey.revokeAll(tx, in: tenant, madeBy: userID, now: .now)
            if revoked.isEmpty, userID != who.caller.userID { _ = try Member.find(tx, tenant, userID: userID) }
            who.call.audit(
                target: "user:\(userID)",
                detail: ["workspace": .string(tenant.workspaceID), "keys": .int(Int64(revoked.count))])
            return revoked
        }
        for id in revoked { authenticator.forget(keyID: id) }
        return KeysRevoked(revoked: revoked.count)
    }

    package struct KeysRevoked: JSONOutput {
        /// How many keys were ended.
        package let revoked: Int
    }
}

extension UserCaller {
    /// The workspace that the request names, for what is not addressed by an id of its own.
    package func tenant(_ tx: Transaction, _ action: Role.Action) throws -> Tenant {
        let tenant = try Tenant.find(tx, caller, workspaceID: call.header(.workspaceID))
        try tenant.require(action)
        return tenant
    }
}

extension WorkspaceRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/workspaces", .read, id: "list_workspaces", "List my workspaces",
                about: "The personal workspace and those that the user is a member of, with the role.",
                list),
            Route(
                .post, "/workspaces", .write, id: "create_workspace", "Create a workspace",
                about: "The caller becomes its owner and pays for it.",
                create, .created,
                errors: [.planLimitReached]),
            Route(
                .get, "/workspaces/{workspace_id}", .read, id: "get_workspace", "Get a workspace",
                about: "For its members.",
                read),
            Route(
                .patch, "/workspaces/{workspace_id}", .write, id: "update_workspace", "Change a workspace",
                about: "Changes the fields that are sent and keeps the others. For owners.",
                update,
                errors: [.forbidden]),
            Route(
                .delete, "/workspaces/{workspace_id}", .write, id: "delete_workspace", "Delete a workspace",
                about: "With its chatbots, keys and conversations. For owners; a personal workspace stays.",
                delete, .noContent,
                errors: [.forbidden, .personalWorkspace]),
            Route(
                .get, "/workspaces/{workspace_id}/members", .read, id: "list_members", "List a workspace's members",
                about: "With their roles and when they accepted.",
                members),
            Route(
                .post, "/workspaces/{workspace_id}/accept", .write, id: "accept_role", "Accept a role in a workspace",
                about: "For members whose role waits for acceptance.",
                accept,
                errors: [.conflict]),
            Route(
                .patch, "/workspaces/{workspace_id}/members/{user_id}", .write, id: "update_member",
                "Change a member's role",
                about: "For owners. The last owner stays an owner; a new owner has to accept.",
                changeMember,
                errors: [.forbidden, .lastOwner]),
            Route(
                .delete, "/workspaces/{workspace_id}/members/{user_id}", .write, id: "remove_member",
                "Remove a member, or leave",
                about: "Owners remove anyone; every member can leave, except the last owner.",
                removeMember, .noContent,
                errors: [.forbidden, .lastOwner]),
            Route(
                .post, "/workspaces/{workspace_id}/members/{user_id}/revoke-keys", .write, id: "revoke_member_keys",
                "Revoke the keys that a user made in a workspace",
                about: "Keys that the user created or rotated. For owners.",
                revokeKeys,
                errors: [.forbidden]),
        ].tagged(.workspaces)
    }
}

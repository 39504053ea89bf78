package import HTTPKit
import HTTPTypes
import JSON
package import Platform
package import Storage

/// How people come into a workspace: an owner invites them, and they accept.
package struct InvitationRoutes: Sendable {
    package let database: Database
    package let secrets: Secrets
    package let mailer: Mailer

    package init(database: Database, secrets: Secrets, mailer: Mailer) {
        self.database = database
        self.secrets = secrets
        self.mailer = mailer
    }

    /// Invites by mail to an address, or by a link in the response.
    package func invite(_ who: UserCaller, _ input: Invitation.Create) async throws -> Invitation.Offered {
        let token = RandomText.make(bytes: 32)
        let made = try await make(who, input.role, for: input.email.map { .email($0) } ?? .link, token: token)
        let isShown = input.email == nil || !mailer.isOn
        return Invitation.Offered(
            id: made.id, role: made.role, expiresAt: made.expiresAt,
            url: isShown ? "\(mailer.server)/#/invitation/\(token)" : nil)
    }

    package func inviteMember(_ who: UserCaller, _ input: Member.Add) async throws -> Invitation.Made {
        let token = input.email == nil ? nil : RandomText.make(bytes: 32)
        return try await make(who, input.role, for: input.addressee, token: token)
    }

    /// Does the same whether or not there is such an account: nothing about the address is looked up, and a mail that would
    /// be one too many is left out silently.
    private func make(
        _ who: UserCaller, _ role: Role, for addressee: Invitation.Addressee, token: String?
    ) async throws -> Invitation.Made {
        let language = MailJob.Language(of: who.call)
        // A user's own key, which may be the credential, belongs to no workspace.
        return try await database.write(.system, for: who.scope) { tx in
            try who.holdCredential(tx)
            let tenant = try Tenant.find(tx, who.caller, workspaceID: who["workspace_id"]).held(tx)
            try tenant.require(.manage)
            let workspace = try Workspace.find(tx, tenant)
            guard !workspace.isPersonal else { throw APIError(.personalWorkspace) }
            let now = Timestamp.now
            for subject in ["user \(tenant.userID)", "workspace \(tenant.workspaceID)"] {
                guard try Invitation.count(tx, subject, most: Invitation.mostInADay, now: now) else {
                    throw APIError(
                        .dailyLimitReached, "Today's \(Invitation.mostInADay) invitations are used up.",
                        retryAfter: Int(86_400 - now.milliseconds / 1000 % 86_400))
                }
            }
            let made = try Invitation.create(tx, tenant, role, for: addressee, token: token, now: now)
            if case .email(let email) = addressee, let token, mailer.isOn {
                let address = Base64URL.encode(secrets.fingerprint(Array("invited \(Lookalike.key(of: email))".utf8)))
                if try Invitation.count(tx, "address \(address)", most: Invitation.mostMailsInADay, now: now) {
                    let name = try Account.name(tx, in: .users, id: tenant.userID)
                    let mail = MailJob(
                        kind: .invitation, userID: tenant.userID, recipient: email, language: language, token: token,
                        about: MailJob.About(person: name ?? tenant.userID, workspace: workspace.name, role: role))
                    try mailer.queue(tx, mail, now: now)
                }
            }
            who.call.audit(
                detail: ["invitation": .string(made.id), "role": .string(role.rawValue)])
            return made
        }
    }

    package func list(_ who: UserCaller, _ paging: Paging) async throws -> List<Invitation> {
        let after = try paging.cursor(or: .newest)
        let invitations = try await database.read(who.scope) { tx in
            try Invitation.list(tx, managed(tx, who), after: after, limit: paging.count, now: .now)
        }
        return List(invitations, limit: paging.count) { Cursor(id: $0.id) }
    }

    package func revoke(_ who: UserCaller) async throws -> NoContent {
        try await database.write(who.scope) { tx in
            try Invitation.revoke(tx, managed(tx, who), id: who["invitation_id"], now: .now)
        }
        return NoContent()
    }

    private func managed(_ tx: Transaction, _ who: UserCaller) throws -> Tenant {
        let tenant = try Tenant.find(tx, who.caller, workspaceID: who["workspace_id"])
        try tenant.require(.manage)
        return tenant
    }

    // MARK: As the invited person. The workspace is not theirs yet, so the database acts for itself.

    package func mine(_ who: UserCaller, _ paging: Paging) async throws -> List<Invitation.Received> {
        let after = try paging.cursor(or: .newest)
        let invitations = try await database.read(.system, for: who.scope) { tx in
            try Invitation.list(tx, for: who.caller.userID, after: after, limit: paging.count, now: .now)
        }
        return List(invitations, limit: paging.count) { Cursor(id: $0.id) }
    }

    package func read(_ who: AnonymousCaller, _ input: Invitation.Reading) async throws -> Invitation.Received {
        let found = try await database.read(.system) { tx in
            try Invitation.read(tx, token: input.token, now: .now)
        }
        guard let found else { throw APIError(.invalidLink, param: "token") }
        return found
    }

    /// Not by a key: a member is one who agreed in person, and an owner pays.
    package func accept(_ who: SessionCaller, _ input: Invitation.Acceptance) async throws -> Workspace {
        try await database.write(.system, for: who.scope) { tx in
            try who.holdCredential(tx)
            let (id, tenant) = try Invitation.accept(tx, input, by: who.caller.userID, now: .now)
            who.call.audit(
                target: "workspace:\(tenant.workspaceID)",
                detail: ["invitation": .string(id), "role": .string(tenant.role.rawValue)])
            return try Workspace.find(tx, tenant)
        }
    }
}

extension InvitationRoutes {
    package var table: [Route] {
        [
            Route(
                .post, "/workspaces/{workspace_id}/members", .write, id: "invite_member",
                "Invite a user to a workspace",
                about: "By user id, name or e-mail address. The answer is the same whether or not the user exists; "
                    + "membership begins with acceptance.",
                inviteMember, .accepted,
                errors: [.forbidden, .personalWorkspace, .dailyLimitReached]),
            Route(
                .post, "/workspaces/{workspace_id}/invitations", .write, id: "create_invitation",
                "Invite by an e-mail address or a link",
                about: "Without an address, the answer has a link, once. It is valid for seven days.",
                invite, .accepted,
                errors: [.forbidden, .personalWorkspace, .dailyLimitReached]),
            Route(
                .get, "/workspaces/{workspace_id}/invitations", .read, id: "list_invitations",
                "List a workspace's open invitations",
                about: "For owners.",
                list,
                errors: [.forbidden]),
            Route(
                .delete, "/workspaces/{workspace_id}/invitations/{invitation_id}", .write, id: "revoke_invitation",
                "Withdraw an invitation",
                about: "Its link is void at once.",
                revoke, .noContent,
                errors: [.forbidden]),
            Route(
                .get, "/invitations", .read, id: "list_my_invitations", "List my invitations",
                about: "Open invitations to the user, or to the user's confirmed e-mail address.",
                mine),
            Route(
                .post, "/invitations/read", .signUp.audit(.none), id: "read_invitation",
                "Read the invitation of a link",
                about: "Shows who invites to which workspace before anyone signs in.",
                read,
                errors: [.invalidLink]),
            Route(
                .post, "/invitations/accept", .write, id: "accept_invitation", "Accept an invitation",
                about: "By the link's token or by the invitation's id.",
                accept,
                errors: [.notFound, .invalidLink, .alreadyMember]),
        ].tagged(.workspaces)
    }
}

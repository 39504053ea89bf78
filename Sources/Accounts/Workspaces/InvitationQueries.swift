package import HTTPKit
package import Platform
package import Storage

extension Invitation {
    /// Over invitations as `i`; takes the time.
    private static let isOpen = "i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > ?"

    /// An invitation is void unless the one who made it is still an owner who may act.
    private static let inviter = """
        JOIN members o ON o.workspace_id = i.workspace_id AND o.user_id = i.invited_by AND o.role = 'owner'
            AND o.accepted_at IS NOT NULL
        JOIN users b ON b.id = i.invited_by AND b.disabled_at IS NULL AND b.deleted_at IS NULL
        """

    /// The user's own: by its id, or by its confirmed address as long as no one has registered with the token. Takes the
    /// user's id twice.
    private static let isMine = """
        (i.user_id = ? OR (i.user_id IS NULL AND i.email_key = (SELECT u.email_key FROM users u
            WHERE u.id = ? AND u.email_verified_at IS NOT NULL)))
        """

    /// Creates an invitation by `tenant`'s user. A name is looked up now, so that an account that takes the name later
    /// is not invited. An unknown name creates an invitation like any other, which no account can accept.
    package static func create(
        _ tx: Transaction, _ tenant: Tenant, _ role: Role, for addressee: Addressee, token: String?, now: Timestamp
    ) throws -> Made {
        var (userID, email, username, named): (String?, String?, String?, String?) = (nil, nil, nil, nil)
        switch addressee {
        case .userID(let id):
            named = Identifier.isPlausible(id) ? id : nil
            userID = try account(tx, "id", named ?? "")
        case .username(let name):
            username = name
            userID = try account(tx, "username_key", Lookalike.key(of: name))
        case .email(let address): email = address
        case .link: break
        }
        let made = Made(id: Identifier.make(), role: role, expiresAt: now.adding(lifetime))
        try tx.run(
            """
            INSERT INTO invitations (id, workspace_id, role, invited_by, user_id, email, email_key, named_username,
                named_user_id, token_hash, created_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                made.id, tenant.workspaceID, role.rawValue, tenant.userID, userID, email, email.map(Lookalike.key),
                username,
                named, token.map(Secrets.hash), now, made.expiresAt,
            ])
        return made
    }

    private static func account(_ tx: Transaction, _ column: String, _ value: String) throws -> String? {
        try tx.row("SELECT id FROM users WHERE \(column) = ? AND deleted_at IS NULL", [value]) { try $0.string("id") }
    }

    /// A workspace's open invitations, newest first.
    package static func list(
        _ tx: Transaction, _ tenant: Tenant, after: Cursor, limit: Int, now: Timestamp
    ) throws -> [Invitation] {
        try tx.rows(
            "\(columns) WHERE i.workspace_id = ? AND i.id < ? AND \(isOpen) ORDER BY i.id DESC LIMIT ?",
            [tenant.workspaceID, after.id, now, limit + 1], Invitation.init)
    }

    /// Those that a user has made and that are open, in all workspaces.
    package static func list(_ tx: Transaction, madeBy userID: String, limit: Int, now: Timestamp) throws
        -> [Invitation]
    {
        try tx.rows(
            "\(columns) WHERE i.invited_by = ? AND \(isOpen) ORDER BY i.id DESC LIMIT ?", [userID, now, limit],
            Invitation.init)
    }

    private static let columns = """
        SELECT i.id, i.role, i.email, i.named_username, i.named_user_id, i.invited_by, i.created_at, i.expires_at
        FROM invitations i
        """

    private init(_ row: Row) throws {
        self.init(
            id: try row.string("id"), role: Role(rawValue: try row.string("role")) ?? .viewer,
            email: try row.stringIfPresent("email"), username: try row.stringIfPresent("named_username"),
            userID: try row.stringIfPresent("named_user_id"), invitedBy: try row.string("invited_by"),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")),
            expiresAt: Timestamp(milliseconds: try row.int64("expires_at")))
    }

    package static func revoke(_ tx: Transaction, _ tenant: Tenant, id: String, now: Timestamp) throws {
        let revoked = try tx.run(
            """
            UPDATE invitations SET revoked_at = ?
            WHERE workspace_id = ? AND id = ? AND accepted_at IS NULL AND revoked_at IS NULL
            """,
            [now, tenant.workspaceID, id])
        guard revoked == 1 else { throw APIError(.notFound) }
    }

    /// Withdraws all open invitations that a user has made; returns their number.
    package static func revokeAll(_ tx: Transaction, madeBy userID: String, now: Timestamp) throws -> Int {
        try tx.run(
            "UPDATE invitations AS i SET revoked_at = ? WHERE i.invited_by = ? AND \(isOpen)", [now, userID, now])
    }

    // MARK: As the invited person sees them

    private static let received = """
        SELECT i.id, i.workspace_id, i.role, i.expires_at, w.name, COALESCE(b.username, b.email) AS inviter
        FROM invitations i JOIN workspaces w ON w.id = i.workspace_id AND w.deleted_at IS NULL \(inviter)
        """

    /// Those that the user can accept by their ids, newest first.
    package static func list(
        _ tx: Transaction, for userID: String, after: Cursor, limit: Int, now: Timestamp
    ) throws -> [Received] {
        try tx.rows(
            """
            \(received) WHERE \(isMine) AND i.id < ? AND \(isOpen)
            AND NOT EXISTS (SELECT 1 FROM members m WHERE m.workspace_id = i.workspace_id AND m.user_id = ?)
            ORDER BY i.id DESC LIMIT ?
            """,
            [userID, userID, after.id, now, userID, limit + 1], Received.init)
    }

    /// Nil unless the token is one that can still be used.
    package static func read(_ tx: Transaction, token: String, now: Timestamp) throws -> Received? {
        try tx.row("\(received) WHERE i.token_hash = ? AND \(isOpen)", [Secrets.hash(token), now], Received.init)
    }

    /// Whether the token opens registration: each does so for one account.
    package static func opensRegistration(_ tx: Transaction, token: String, now: Timestamp) throws -> Bool {
        try tx.row(
            "SELECT 1 AS one FROM invitations i \(inviter) WHERE i.token_hash = ? AND i.user_id IS NULL AND \(isOpen)",
            [Secrets.hash(token), now]
        ) { _ in true } ?? false
    }

    /// Binds the invitation to the account that was registered with its token; only one of several concurrent
    /// registrations succeeds.
    package static func bind(_ tx: Transaction, token: String, to userID: String, now: Timestamp) throws {
        guard try opensRegistration(tx, token: token, now: now),
            try tx.run(
                "UPDATE invitations AS i SET user_id = ? WHERE i.token_hash = ? AND i.user_id IS NULL AND \(isOpen)",
                [userID, Secrets.hash(token), now]) == 1
        else { throw APIError(.invalidLink, param: "invitation") }
    }

    /// Binds the invitation to an account that already has the address. Revokes the invitation if `userID` is nil,
    /// which means that the account is not active.
    package static func useUp(_ tx: Transaction, token: String, by userID: String?, now: Timestamp) throws {
        guard let userID else {
            try tx.run("UPDATE invitations SET revoked_at = ? WHERE token_hash = ?", [now, Secrets.hash(token)])
            return
        }
        try bind(tx, token: token, to: userID, now: now)
    }

    /// Makes the caller a member; only one of several concurrent acceptors succeeds. The caller's own row is held before.
    package static func accept(
        _ tx: Transaction, _ asked: Acceptance, by userID: String, now: Timestamp
    ) throws -> (invitationID: String, tenant: Tenant) {
        let refusal = asked.token == nil ? APIError(.notFound) : APIError(.invalidLink, param: "token")
        let found = try find(tx, asked, for: userID, now: now)
        guard let found else { throw refusal }
        // Held from here on: the inviter may be losing the role, or the account, at this moment.
        guard
            try tx.run(
                """
                UPDATE users SET updated_at = updated_at
                WHERE id = ? AND disabled_at IS NULL AND deleted_at IS NULL
                """,
                [found.invitedBy]) == 1,
            try tx.run(
                "UPDATE workspaces SET updated_at = updated_at WHERE id = ? AND deleted_at IS NULL",
                [found.workspaceID]) == 1,
            try tx.row(
                "SELECT 1 AS one FROM invitations i \(inviter) WHERE i.id = ?", [found.id], { _ in true }) == true
        else { throw refusal }
        let isMember = try tx.row(
            "SELECT 1 AS one FROM members WHERE workspace_id = ? AND user_id = ?", [found.workspaceID, userID]
        ) { _ in true }
        guard isMember == nil else { throw APIError(.alreadyMember) }
        let claimed = try tx.run(
            """
            UPDATE invitations AS i SET accepted_at = ?, user_id = ?
            WHERE i.id = ? AND (i.user_id IS NULL OR i.user_id = ?) AND \(isOpen)
            """,
            [now, userID, found.id, userID, now])
        guard claimed == 1 else { throw refusal }
        return (
            found.id,
            try Member.insert(
                tx, workspaceID: found.workspaceID, userID: userID, role: found.role, grantedBy: found.invitedBy,
                now: now)
        )
    }

    private static func find(
        _ tx: Transaction, _ asked: Acceptance, for userID: String, now: Timestamp
    ) throws -> (id: String, workspaceID: String, role: Role, invitedBy: String)? {
        let (filter, args): (String, [any SQLBindable]) =
            if let token = asked.token {
                ("i.token_hash = ? AND (i.user_id IS NULL OR i.user_id = ?)", [Secrets.hash(token), userID])
            } else {
                ("i.id = ? AND \(isMine)", [asked.id ?? "", userID, userID])
            }
        return try tx.row(
            "SELECT i.id, i.workspace_id, i.role, i.invited_by FROM invitations i WHERE \(filter) AND \(isOpen)",
            args + [now]
        ) { row in
            (
                try row.string("id"), try row.string("workspace_id"),
                Role(rawValue: try row.string("role")) ?? .viewer, try row.string("invited_by")
            )
        }
    }

    // MARK: Bounds

    /// Counts one more of the subject's today; false if that is too many. Withdrawing an invitation, or deleting its
    /// workspace, gives nothing back.
    package static func count(_ tx: Transaction, _ subject: String, most: Int, now: Timestamp) throws -> Bool {
        let count = try tx.row(
            """
            INSERT INTO invitation_counts (subject, day, count) VALUES (?, ?, 1)
            ON CONFLICT (subject, day) DO UPDATE SET count = invitation_counts.count + 1 RETURNING count
            """,
            [subject, now.day]
        ) { try $0.int("count") }
        return (count ?? 0) <= most
    }

    /// Returns the number of deleted rows.
    package static func purge(_ tx: Transaction, before: Timestamp, limit: Int) throws -> Int {
        try tx.run(
            "DELETE FROM invitations WHERE id IN (SELECT id FROM invitations WHERE expires_at < ? LIMIT ?)",
            [before, limit])
    }

    /// Returns the number of deleted rows.
    package static func purgeCounts(_ tx: Transaction, before: Timestamp, limit: Int) throws -> Int {
        try tx.run(
            """
            DELETE FROM invitation_counts WHERE (subject, day) IN
                (SELECT subject, day FROM invitation_counts WHERE day < ? LIMIT ?)
            """,
            [before.day, limit])
    }
}

extension Invitation.Received {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.string("id"), workspaceID: try row.string("workspace_id"),
            workspaceName: try row.string("name"), role: Role(rawValue: try row.string("role")) ?? .viewer,
            invitedBy: try row.string("inviter"), expiresAt: Timestamp(milliseconds: try row.int64("expires_at")))
    }
}

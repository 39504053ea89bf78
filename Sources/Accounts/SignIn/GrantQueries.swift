package import HTTPKit
package import Platform
package import Storage

extension Grants {
    private static let most = 200

    /// The workspaces of which the user is an accepted owner. Takes the user's id.
    private static let owned = """
        SELECT a.workspace_id FROM members a
        WHERE a.user_id = ? AND a.role = 'owner' AND a.accepted_at IS NOT NULL
        """

    /// Those without another owner who may act. Takes the user's id.
    fileprivate static let ownedAlone = """
        \(owned) AND NOT EXISTS (SELECT 1 FROM members o
            JOIN users u ON u.id = o.user_id AND u.disabled_at IS NULL AND u.deleted_at IS NULL
            WHERE o.workspace_id = a.workspace_id AND o.user_id <> a.user_id AND o.role = 'owner'
                AND o.accepted_at IS NOT NULL)
        """

    /// The members that the user added to workspaces that it owns, and recursively the members that these added. Takes
    /// the user's id four times.
    private static let given = """
        WITH RECURSIVE given (workspace_id, user_id) AS (
            SELECT m.workspace_id, m.user_id FROM members m
            WHERE m.granted_by = ? AND m.user_id <> ? AND m.workspace_id IN (\(owned))
            UNION
            SELECT m.workspace_id, m.user_id FROM members m
            JOIN given g ON g.workspace_id = m.workspace_id AND g.user_id = m.granted_by WHERE m.user_id <> ?)
        """

    package static func find(_ tx: Transaction, of userID: String, now: Timestamp) throws -> Grants {
        Grants(
            apiKeys: try APIKey.list(tx, handedOutBy: userID, limit: most, now: now),
            secondFactor: try SecondFactor.state(tx, realm: .users, accountID: userID),
            invitations: try Invitation.list(tx, madeBy: userID, limit: most, now: now),
            memberships: try tx.rows(
                """
                \(given) SELECT m.workspace_id, w.name, m.user_id, u.username, m.role FROM members m
                JOIN given g ON g.workspace_id = m.workspace_id AND g.user_id = m.user_id
                JOIN workspaces w ON w.id = m.workspace_id JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL
                ORDER BY m.created_at DESC, m.workspace_id, m.user_id LIMIT ?
                """,
                [userID, userID, userID, userID, most]
            ) { row in
                Membership(
                    workspaceID: try row.string("workspace_id"), workspaceName: try row.string("name"),
                    userID: try row.string("user_id"), username: try row.stringIfPresent("username"),
                    role: Role(rawValue: try row.string("role")) ?? .viewer)
            })
    }

    /// Ends what the account has handed out, for good. The account's own row is held before. Keys in workspaces with other
    /// owners stay: see `SharedKeys`.
    ///
    /// - Returns: how much was ended, and the users who are members no longer.
    package static func end(
        _ tx: Transaction, of userID: String, _ kinds: [Kind], now: Timestamp
    ) throws -> (ended: Ended, former: Set<String>) {
        // Held first, so that an invitation that is being accepted comes before this or fails.
        try tx.run("UPDATE workspaces SET updated_at = updated_at WHERE id IN (\(owned))", [userID])
        let invitations = kinds.contains(.invitations) ? try Invitation.revokeAll(tx, madeBy: userID, now: now) : 0
        let removed =
            kinds.contains(.memberships)
            ? try tx.rows(
                """
                \(given) DELETE FROM members WHERE (workspace_id, user_id) IN (SELECT workspace_id, user_id FROM given)
                RETURNING user_id
                """,
                [userID, userID, userID, userID]
            ) { try $0.string("user_id") } : []
        // After the memberships, because an owner that the account added must not make its workspace count as shared.
        var keys = 0
        if kinds.contains(.apiKeys) {
            keys = try tx.run(
                """
                UPDATE api_keys SET revoked_at = ?
                WHERE revoked_at IS NULL AND (user_id = ? OR workspace_id IN (\(ownedAlone)))
                """,
                [now, userID, userID])
            // A person who has seen the secret could act as any of the website's customers.
            try tx.run("UPDATE chatbots SET signing_secret = NULL WHERE workspace_id IN (\(ownedAlone))", [userID])
        }
        let hadFactor =
            kinds.contains(.secondFactor) ? try SecondFactor.remove(tx, realm: .users, accountID: userID) : false
        let ended = Ended(
            apiKeys: keys, secondFactor: hadFactor, invitations: invitations, memberships: removed.count)
        return (ended, Set(removed))
    }
}

extension Grants.SharedKeys {
    private static let mostKeys = 1000
    private static let mostNames = 20

    /// One for each workspace in which keys are left that these accounts made or were shown, with its owners besides them.
    package static func list(_ tx: Transaction, madeBy userIDs: [String], now: Timestamp) throws -> [Grants.SharedKeys]
    {
        let (marks, ids) = (userIDs.placeholders, userIDs as [any SQLBindable])
        let keys = try tx.rows(
            """
            SELECT k.workspace_id, k.created_by, k.issued_to, k.name, k.prefix, c.name AS chatbot, w.name AS workspace
            FROM api_keys k JOIN chatbots c ON c.workspace_id = k.workspace_id AND c.id = k.chatbot_id
            JOIN workspaces w ON w.id = k.workspace_id
            WHERE (k.created_by IN (\(marks)) OR k.issued_to IN (\(marks))) AND k.revoked_at IS NULL
            AND (k.expires_at IS NULL OR k.expires_at > ?) ORDER BY k.workspace_id, k.id LIMIT ?
            """,
            ids + ids + [now, mostKeys]
        ) { row in
            (
                workspaceID: try row.string("workspace_id"), workspace: try row.string("workspace"),
                makers: [try row.stringIfPresent("created_by"), try row.stringIfPresent("issued_to")].compactMap(
                    \.self),
                name: "\(try row.string("chatbot")): \(try row.string("name")) (\(try row.string("prefix")))"
            )
        }
        var found: [Grants.SharedKeys] = []
        for key in keys {
            if found.last?.workspaceID != key.workspaceID {
                let owners = try EmailAccount.owners(tx, of: key.workspaceID)
                found.append(
                    Grants.SharedKeys(
                        workspaceID: key.workspaceID, workspaceName: key.workspace, names: [], makers: [],
                        owners: owners.filter { !userIDs.contains($0.id) }))
            }
            if found[found.count - 1].names.count < mostNames { found[found.count - 1].names.append(key.name) }
            found[found.count - 1].makers.formUnion(key.makers.filter(userIDs.contains))
        }
        return found
    }
}

extension APIKey {
    /// Active ones; see `Grants.apiKeys`.
    fileprivate static func list(
        _ tx: Transaction, handedOutBy userID: String, limit: Int, now: Timestamp
    ) throws -> [APIKey] {
        try list(
            tx,
            where: """
                k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > ?) AND (k.user_id = ?
                    OR k.workspace_id IN (\(Grants.ownedAlone)) OR ((k.created_by = ? OR k.issued_to = ?) AND \(mayEnd)))
                """,
            [now, userID, userID, userID, userID, userID], limit: limit, now: now)
    }

    /// Whether the user may end a chatbot's key. Takes the user's id.
    private static let mayEnd = """
        k.workspace_id IN (SELECT e.workspace_id FROM members e WHERE e.user_id = ? AND e.role IN ('owner', 'editor'))
        """

    /// Revokes the chatbots' keys that these accounts made or were shown, in all workspaces in which the user is an
    /// editor or an owner.
    package static func revokeShared(
        _ tx: Transaction, madeBy makers: [String], for userID: String, now: Timestamp
    ) throws -> Int {
        let (marks, ids) = (makers.placeholders, makers as [any SQLBindable])
        let args: [any SQLBindable] = [now]
        return try tx.run(
            """
            UPDATE api_keys AS k SET revoked_at = ?
            WHERE k.revoked_at IS NULL AND (k.created_by IN (\(marks)) OR k.issued_to IN (\(marks))) AND \(mayEnd)
            """,
            args + ids + ids + [userID])
    }

    /// Ends the workspace's keys that a user made or was shown; returns their ids.
    package static func revokeAll(
        _ tx: Transaction, in tenant: Tenant, madeBy userID: String, now: Timestamp
    ) throws -> [String] {
        try tx.rows(
            """
            UPDATE api_keys SET revoked_at = ?
            WHERE workspace_id = ? AND (created_by = ? OR issued_to = ?) AND revoked_at IS NULL RETURNING id
            """,
            [now, tenant.workspaceID, userID, userID]
        ) { try $0.string("id") }
    }
}

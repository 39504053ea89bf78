package import HTTPKit
package import Platform
package import Storage

extension Tenant {
    /// What a member `m` may act as: an owner who has not accepted that role is an editor.
    package static let roleColumn =
        "CASE WHEN m.role = 'owner' AND m.accepted_at IS NULL THEN 'editor' ELSE m.role END AS role"

    /// The workspace as the caller may act in it: the one named, or the personal one.
    package static func find(_ tx: Transaction, _ caller: Caller, workspaceID: String?) throws -> Tenant {
        let tenant = try tx.row(
            "SELECT m.workspace_id, \(roleColumn) FROM members m WHERE m.workspace_id = ? AND m.user_id = ?",
            [workspaceID ?? caller.personalWorkspaceID, caller.userID]
        ) { try Tenant($0, userID: caller.userID) }
        guard let tenant else { throw APIError(.notFound, param: workspaceID == nil ? nil : "X-Workspace-Id") }
        return tenant
    }

    /// Makes the membership's row this transaction's until its end: a member who is being removed leaves nothing behind.
    /// - Returns: what the member may act as now.
    @discardableResult
    package func held(_ tx: Transaction) throws -> Tenant {
        try tx.run(
            "UPDATE members SET role = role WHERE workspace_id = ? AND user_id = ?", [workspaceID, userID])
        let now = try tx.row(
            "SELECT m.workspace_id, \(Tenant.roleColumn) FROM members m WHERE m.workspace_id = ? AND m.user_id = ?",
            [workspaceID, userID]
        ) { try Tenant($0, userID: userID) }
        guard let now else { throw APIError(.notFound) }
        return now
    }

    /// Throws if the role was lost since it was looked up; for a transaction that holds the workspace's row.
    fileprivate func requireOwner(_ tx: Transaction) throws { try held(tx).require(.manage) }
}

extension Workspace {
    private static let columns = """
        SELECT w.id, w.name, w.personal_user_id, w.allows_sharing, w.created_at, w.updated_at, m.role, m.accepted_at
        FROM members m JOIN workspaces w ON w.id = m.workspace_id AND w.deleted_at IS NULL
        """

    private init(_ row: Row) throws {
        self.init(
            id: try row.string("id"), name: try row.string("name"),
            isPersonal: try row.stringIfPresent("personal_user_id") != nil,
            allowsSharing: try row.int("allows_sharing") == 1,
            role: Role(rawValue: try row.string("role")) ?? .viewer,
            acceptedAt: try row.int64IfPresent("accepted_at").map(Timestamp.init(milliseconds:)),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")),
            updatedAt: Timestamp(milliseconds: try row.int64("updated_at")))
    }

    package static func create(
        _ tx: Transaction, name: String, ownerID: String, isPersonal: Bool, now: Timestamp
    ) throws -> Tenant {
        let id = Identifier.make()
        try tx.run(
            """
            INSERT INTO workspaces (id, name, personal_user_id, allows_sharing, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [id, name, isPersonal ? ownerID : nil as String?, isPersonal ? 1 : 0, now, now])
        try tx.run(
            "INSERT INTO members (workspace_id, user_id, role, accepted_at, created_at) VALUES (?, ?, ?, ?, ?)",
            [id, ownerID, Role.owner.rawValue, now, now])
        return Tenant(creatorOf: id, userID: ownerID)
    }

    package static func find(_ tx: Transaction, _ tenant: Tenant) throws -> Workspace {
        let found = try tx.row(
            "\(columns) WHERE m.workspace_id = ? AND m.user_id = ?", [tenant.workspaceID, tenant.userID], Workspace.init
        )
        guard let found else { throw APIError(.notFound) }
        return found
    }

    package static func list(_ tx: Transaction, of caller: Caller, after: Cursor, limit: Int) throws -> [Workspace] {
        try tx.rows(
            "\(columns) WHERE m.user_id = ? AND m.workspace_id < ? ORDER BY m.workspace_id DESC LIMIT ?",
            [caller.userID, after.id, limit + 1], Workspace.init)
    }

    /// The names of workspaces by their ids.
    package static func names(_ tx: Transaction, _ ids: [String]) throws -> [String: String] {
        let found = try tx.rows("SELECT id, name FROM workspaces WHERE id IN (\(ids.placeholders))", ids) { row in
            (try row.string("id"), try row.string("name"))
        }
        return Dictionary(found) { first, _ in first }
    }

    /// Changes the fields that are given.
    package static func update(_ tx: Transaction, _ tenant: Tenant, _ change: Update, now: Timestamp) throws {
        try tx.run(
            """
            UPDATE workspaces SET name = COALESCE(?, name),
                allows_sharing = COALESCE(CAST(? AS BIGINT), allows_sharing), updated_at = ?
            WHERE id = ?
            """,
            [change.name, change.allowsSharing.map { $0 ? 1 : 0 }, now, tenant.workspaceID])
    }

    /// Hides the workspace and all in it, which `Deletions` removes. It has neither members nor keys from here on.
    package static func delete(_ tx: Transaction, _ tenant: Tenant, now: Timestamp) throws -> Deletions.Root {
        let id = tenant.workspaceID
        let deleted = try tx.run(
            "UPDATE workspaces SET deleted_at = ? WHERE id = ? AND personal_user_id IS NULL AND deleted_at IS NULL",
            [now, id])
        guard deleted == 1 else { throw APIError(.personalWorkspace) }
        try tx.run("UPDATE chatbots SET deleted_at = ? WHERE workspace_id = ? AND deleted_at IS NULL", [now, id])
        try tx.run("DELETE FROM api_keys WHERE workspace_id = ?", [id])
        // Last, because who is no member sees nothing of the workspace.
        try tx.run("DELETE FROM members WHERE workspace_id = ?", [id])
        return .workspace(id: id)
    }
}

extension Member {
    /// Takes the id of the one who looks.
    private static let columns = """
        SELECT m.user_id, m.role, m.accepted_at, m.created_at, u.username,
            CASE WHEN m.accepted_at IS NOT NULL OR m.user_id = ? THEN u.email END AS email
        FROM members m JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL
        """

    private init(_ row: Row) throws {
        self.init(
            userID: try row.string("user_id"), username: try row.stringIfPresent("username"),
            email: try row.stringIfPresent("email"), role: Role(rawValue: try row.string("role")) ?? .viewer,
            acceptedAt: try row.int64IfPresent("accepted_at").map(Timestamp.init(milliseconds:)),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")))
    }

    package static func list(_ tx: Transaction, _ tenant: Tenant, after: Cursor, limit: Int) throws -> [Member] {
        try tx.rows(
            "\(columns) WHERE m.workspace_id = ? AND m.user_id < ? ORDER BY m.user_id DESC LIMIT ?",
            [tenant.userID, tenant.workspaceID, after.id, limit + 1], Member.init)
    }

    package static func find(_ tx: Transaction, _ tenant: Tenant, userID: String) throws -> Member {
        let found = try tx.row(
            "\(columns) WHERE m.workspace_id = ? AND m.user_id = ?", [tenant.userID, tenant.workspaceID, userID],
            Member.init)
        guard let found else { throw APIError(.notFound) }
        return found
    }

    /// A member who has just accepted. `grantedBy` is the owner who gave the role.
    package static func insert(
        _ tx: Transaction, workspaceID: String, userID: String, role: Role, grantedBy: String, now: Timestamp
    ) throws -> Tenant {
        do {
            try tx.run(
                """
                INSERT INTO members (workspace_id, user_id, role, granted_by, accepted_at, created_at)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                [workspaceID, userID, role.rawValue, grantedBy, now, now])
        } catch let error as StorageError {
            if case .unique = error.kind { throw APIError(.alreadyMember) }
            throw error
        }
        return Tenant(member: userID, of: workspaceID, role: role)
    }

    /// Takes the role that the caller was given.
    package static func accept(_ tx: Transaction, _ tenant: Tenant, role: Role, now: Timestamp) throws -> Member {
        let accepted = try tx.run(
            """
            UPDATE members SET accepted_at = COALESCE(accepted_at, ?)
            WHERE workspace_id = ? AND user_id = ? AND role = ?
            """,
            [now, tenant.workspaceID, tenant.userID, role.rawValue])
        guard accepted == 1 else {
            throw APIError(.conflict, "Your role in this workspace is another one. Read the workspace to see which.")
        }
        return try find(tx, tenant, userID: tenant.userID)
    }

    /// A member who becomes an owner has to accept that first. The caller has given the membership if it is now worth more.
    package static func change(_ tx: Transaction, _ tenant: Tenant, userID: String, role: Role) throws -> Member {
        try lock(tx, tenant)
        try tenant.requireOwner(tx)
        let acceptedAt = role == .owner ? "CASE WHEN role = 'owner' THEN accepted_at END" : "accepted_at"
        let lesser = Role.allCases.filter { $0 < role }.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        let grantedBy = lesser.isEmpty ? "granted_by" : "CASE WHEN role IN (\(lesser)) THEN ? ELSE granted_by END"
        let changed = try tx.run(
            """
            UPDATE members SET accepted_at = \(acceptedAt), granted_by = \(grantedBy), role = ?
            WHERE workspace_id = ? AND user_id = ?
            """,
            (lesser.isEmpty ? [] : [tenant.userID]) + [role.rawValue, tenant.workspaceID, userID])
        guard changed == 1 else { throw APIError(.notFound) }
        try requireOwner(tx, tenant)
        return try find(tx, tenant, userID: userID)
    }

    package static func remove(_ tx: Transaction, _ tenant: Tenant, userID: String) throws {
        try lock(tx, tenant)
        let isOwner = try tx.row(
            """
            SELECT 1 AS found FROM members
            WHERE workspace_id = ? AND user_id = ? AND role = 'owner' AND accepted_at IS NOT NULL
            """,
            [tenant.workspaceID, userID]
        ) { _ in true }
        // Counted before, because who has left no longer sees the others.
        if isOwner == true { try requireOwner(tx, tenant, besides: userID) }
        let removed = try tx.run(
            "DELETE FROM members WHERE workspace_id = ? AND user_id = ?", [tenant.workspaceID, userID])
        guard removed == 1 else { throw APIError(.notFound) }
    }

    /// Holds the workspace's row, so that two owners who leave at once are counted one after the other.
    private static func lock(_ tx: Transaction, _ tenant: Tenant) throws {
        try tx.run("UPDATE workspaces SET updated_at = updated_at WHERE id = ?", [tenant.workspaceID])
    }

    /// Throws `lastOwner` if the workspace has no owner left. Call it in the transaction of a change, to roll it back.
    private static func requireOwner(_ tx: Transaction, _ tenant: Tenant, besides leaver: String = "") throws {
        let owners = try tx.row(
            """
            SELECT COUNT(*) AS owners FROM members m JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL
            WHERE m.workspace_id = ? AND m.role = 'owner' AND m.accepted_at IS NOT NULL AND m.user_id <> ?
            """,
            [tenant.workspaceID, leaver]
        ) { try $0.int("owners") }
        guard let owners, owners > 0 else { throw APIError(.lastOwner) }
    }
}

package import HTTPKit
import JSON
package import Platform
package import Storage

extension OperatorAccount {
    private static let columns = """
        SELECT o.id, o.username, o.name, o.email, o.role, o.level, o.permissions, o.disabled_at, o.created_at,
            o.updated_at, f.id AS factor_id
        FROM operators o LEFT JOIN second_factors f ON f.operator_id = o.id AND f.confirmed_at IS NOT NULL
        """

    private init(_ row: Row) throws {
        let rights = try Rights(row)
        self.init(
            id: try row.string("id"), username: try row.string("username"), name: try row.string("name"),
            email: try row.stringIfPresent("email"), role: rights.role, level: rights.level,
            permissions: rights.permissions, secondFactor: try row.stringIfPresent("factor_id") != nil,
            disabled: try row.int64IfPresent("disabled_at") != nil,
            createdAt: Timestamp(milliseconds: try row.int64("created_at")),
            updatedAt: Timestamp(milliseconds: try row.int64("updated_at")))
    }

    package static func find(_ tx: Transaction, id: String) throws -> OperatorAccount {
        guard let found = try tx.row("\(columns) WHERE o.id = ?", [id], OperatorAccount.init) else {
            throw APIError(.notFound)
        }
        return found
    }

    package static func list(_ tx: Transaction, after: Cursor, limit: Int) throws -> [OperatorAccount] {
        try tx.rows(
            "\(columns) WHERE o.id < ? ORDER BY o.id DESC LIMIT ?", [after.id, limit + 1], OperatorAccount.init)
    }

    package static func create(
        _ tx: Transaction, username: String, name: String, email: String? = nil, _ rights: Rights,
        passwordHash: String, now: Timestamp
    ) throws -> OperatorAccount {
        let id = Identifier.make()
        try tx.run(
            """
            INSERT INTO operators (id, username, username_key, username_skeleton, name, email, password_hash, role, level,
                permissions, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id, username, Lookalike.key(of: username), Lookalike.skeleton(of: username), name, email, passwordHash,
                rights.role.rawValue, rights.level,
                rights.listed, now, now,
            ])
        return try find(tx, id: id)
    }

    /// The rights of the operator who calls, as they are at this moment.
    private static func rights(_ tx: Transaction, of caller: OperatorCaller) throws -> Rights {
        let rights = try tx.row(
            "SELECT role, level, permissions FROM operators WHERE id = ? AND disabled_at IS NULL", [caller.id],
            Rights.init)
        guard let rights else { throw APIError(.invalidToken) }
        return rights
    }

    /// Throws `forbidden` if the caller lacks any of these rights. Operators cannot grant rights that they lack, nor
    /// change an operator who has more rights.
    package static func require(_ tx: Transaction, _ caller: OperatorCaller, has rights: Rights) throws {
        let missing = rights.granted.subtracting(try Self.rights(tx, of: caller).granted)
        guard missing.isEmpty else {
            throw APIError(
                .forbidden,
                "You may not give or take what you do not have yourself: "
                    + missing.map(\.rawValue).sorted().joined(separator: ", ") + ".")
        }
    }

    /// Holds the rows of the admins with all permissions, so that two changes at once cannot leave none of them.
    private static func holdAdmins(_ tx: Transaction) throws {
        try tx.run("UPDATE operators SET name = name WHERE \(activeAdmins)")
    }

    private static let activeAdmins = "role = 'admin' AND permissions IS NULL AND disabled_at IS NULL"

    private static func requireAdmin(_ tx: Transaction) throws {
        guard try tx.row("SELECT 1 AS one FROM operators WHERE \(activeAdmins)", [], { _ in true }) != nil else {
            throw APIError(.lastAdmin)
        }
    }

    package static func update(
        _ tx: Transaction, id: String, _ change: Update, passwordHash: String?, by caller: OperatorCaller,
        now: Timestamp
    ) throws -> (old: OperatorAccount, new: OperatorAccount) {
        try holdAdmins(tx)
        try tx.run("UPDATE operators SET updated_at = ? WHERE id = ?", [now, id])
        let old = try find(tx, id: id)
        let rights = try change.rights(after: old.rights)
        try require(tx, caller, has: old.rights)
        try require(tx, caller, has: rights)
        try tx.run(
            """
            UPDATE operators SET username = ?, username_key = ?, name = ?, email = ?, role = ?, level = ?,
                permissions = ?, password_hash = COALESCE(?, password_hash),
                disabled_at = CASE WHEN ? = 0 THEN NULL ELSE COALESCE(disabled_at, CAST(? AS BIGINT)) END
            WHERE id = ?
            """,
            [
                change.username ?? old.username, Lookalike.key(of: change.username ?? old.username),
                change.name ?? old.name,
                change.email.applied(to: old.email), rights.role.rawValue, rights.level, rights.listed, passwordHash,
                change.disabled ?? old.disabled ? 1 : 0, now, id,
            ])
        if passwordHash != nil || rights != old.rights || change.disabled == true {
            try OperatorSession.endAll(tx, operatorID: id)
        }
        if let username = change.username, username != old.username {
            try tx.run(
                "UPDATE operators SET username_skeleton = ? WHERE id = ?", [Lookalike.skeleton(of: username), id])
        }
        try requireAdmin(tx)
        return (old, try find(tx, id: id))
    }

    package static func delete(_ tx: Transaction, id: String, by caller: OperatorCaller) throws -> OperatorAccount {
        try holdAdmins(tx)
        let old = try find(tx, id: id)
        try require(tx, caller, has: old.rights)
        try tx.run("DELETE FROM operators WHERE id = ?", [id])
        try requireAdmin(tx)
        return old
    }

    package static func removeSecondFactor(
        _ tx: Transaction, id: String, by caller: OperatorCaller, now: Timestamp
    ) throws {
        try tx.run("UPDATE operators SET updated_at = ? WHERE id = ?", [now, id])
        let account = try find(tx, id: id)
        try require(tx, caller, has: account.rights)
        let realm = Realm(account.role)
        guard try SecondFactor.remove(tx, realm: realm, accountID: id) else { throw SecondFactor.isMissing }
        try OperatorSession.endAll(tx, operatorID: id)
    }
}

extension OperatorAccount.Rights {
    /// As the database keeps the list: in the order of the table, each once.
    package var listed: String? {
        permissions.map { listed in
            let names = Permission.allCases.filter(listed.contains).map { JSONValue.string($0.rawValue) }
            return String(decoding: JSONValue.array(names).serialized(), as: UTF8.self)
        }
    }
}

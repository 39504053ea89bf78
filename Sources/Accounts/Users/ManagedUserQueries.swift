package import HTTPKit
package import JSON
import Platform
package import Storage

extension ManagedUser {
    private static let columns = """
        u.id, u.username, u.email, u.email_verified_at, u.plan_id, u.disabled_at, u.last_sign_in_at, u.created_at
        """

    private init(_ row: Row) throws {
        self.init(
            id: try row.string("id"), username: try row.stringIfPresent("username"),
            email: try row.stringIfPresent("email"),
            emailVerified: try row.int64IfPresent("email_verified_at") != nil,
            plan: try row.stringIfPresent("plan_id"),
            disabledAt: try row.int64IfPresent("disabled_at").map(Timestamp.init(milliseconds:)),
            lastSignInAt: try row.int64IfPresent("last_sign_in_at").map(Timestamp.init(milliseconds:)),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")))
    }

    /// All names that begin so, compared byte by byte; U+10FFFF is in no name.
    package static func range(of prefix: String) -> (first: String, end: String) {
        let key = Lookalike.key(of: prefix)
        return (key, key + "\u{10FFFF}")
    }

    package static func list(
        _ tx: Transaction, _ dialect: Dialect, _ filter: Filter, after: Cursor, limit: Int
    ) throws -> [ManagedUser] {
        var conditions = "u.deleted_at IS NULL AND u.id < ?"
        var args: [any SQLBindable] = [after.id]
        if let plan = filter.plan {
            conditions += " AND u.plan_id = ?"
            args.append(plan)
        }
        if let disabled = filter.disabled { conditions += " AND u.disabled_at IS \(disabled ? "NOT NULL" : "NULL")" }
        let page = "ORDER BY u.id DESC LIMIT ?"
        args.append(limit + 1)
        guard let search = filter.q, !search.isEmpty else {
            return try tx.rows("SELECT \(columns) FROM users u WHERE \(conditions) \(page)", args, ManagedUser.init)
        }
        let (first, end) = range(of: search)
        // Each of the two indexes is asked for a page of its own, so that no more is put together than is shown.
        let found = ["username_key", "email_key"].map { key in
            """
            SELECT id FROM (SELECT u.id FROM users u WHERE u.\(key) \(dialect.byteOrder) >= ?
                AND u.\(key) \(dialect.byteOrder) < ? AND \(conditions) \(page)) AS by_\(key)
            """
        }
        let named: [any SQLBindable] = [first, end] + args
        return try tx.rows(
            "SELECT \(columns) FROM users u WHERE u.id IN (\(found.joined(separator: " UNION "))) \(page)",
            named + named + [limit + 1], ManagedUser.init)
    }

    package static func find(_ tx: Transaction, id: String) throws -> ManagedUser {
        let found = try tx.row(
            "SELECT \(columns) FROM users u WHERE u.id = ? AND u.deleted_at IS NULL", [id], ManagedUser.init)
        guard let found else { throw APIError(.notFound) }
        return found
    }

    /// The id of the user with this name or address.
    package static func id(_ tx: Transaction, named name: String) throws -> String? {
        let column = name.contains("@") ? "email_key" : "username_key"
        return try tx.row("SELECT id FROM users WHERE \(column) = ? AND deleted_at IS NULL", [Lookalike.key(of: name)])
        {
            try $0.string("id")
        }
    }

    /// Disables or enables a user. Disabling ends all sessions; keys are refused until the user is enabled again.
    package static func setDisabled(_ tx: Transaction, id: String, _ disabled: Bool, now: Timestamp) throws {
        guard disabled else {
            try tx.run("UPDATE users SET disabled_at = NULL WHERE id = ?", [id])
            return
        }
        try tx.run("UPDATE users SET disabled_at = COALESCE(disabled_at, ?) WHERE id = ?", [now, id])
        try Session.endAll(tx, userID: id)
    }

    /// Returns what it was before and is now, for the audit trail.
    package static func update(
        _ tx: Transaction, id: String, _ change: Update, mayGiveCredits: Bool, now: Timestamp
    ) throws -> [String: JSONValue] {
        // Held, so that changes that come at once are made one after another.
        let own = try tx.row(
            "UPDATE users SET updated_at = ? WHERE id = ? AND deleted_at IS NULL RETURNING limits", [now, id]
        ) { try OwnLimits(stored: $0.stringIfPresent("limits")) }
        guard let own else { throw APIError(.notFound) }
        let old = try find(tx, id: id)
        if let name = change.plan {
            guard let plan = try Plan.named(tx, name) else {
                throw APIError.invalid("plan", "There is no plan with this id or name.")
            }
            guard try mayGiveCredits || !plan.givesMoreCredits(than: .of(tx, userID: id)) else {
                throw APIError(
                    .forbidden, "This plan has more credits than the user's: that needs 'credits.write' as well.")
            }
            try Plan.assign(tx, plan, to: id, now: now)
        }
        if let disabled = change.disabled { try setDisabled(tx, id: id, disabled, now: now) }
        let limits: OwnLimits? =
            switch change.limits {
            case .unchanged: nil
            case .cleared: OwnLimits()
            case .value(let change): own.applying(change)
            }
        if let limits { try tx.run("UPDATE users SET limits = ? WHERE id = ?", [try limits.stored, id]) }
        var changes = try AuditEntry.changes(from: old, to: find(tx, id: id), in: ["plan", "disabled_at"])
        let ofLimits = try AuditEntry.changes(from: own, to: limits ?? own)
        if !ofLimits.isEmpty { changes["limits"] = .object(ofLimits) }
        return changes
    }
}

extension ManagedUser.Detailed {
    package static func find(_ tx: Transaction, id: String, now: Timestamp) throws -> ManagedUser.Detailed {
        let user = try ManagedUser.find(tx, id: id)
        guard let subscriber = try Subscriber.find(tx, userID: id) else { throw APIError(.notFound) }
        let limits = try tx.row("SELECT limits FROM users WHERE id = ?", [id]) { try $0.stringIfPresent("limits") }
        return ManagedUser.Detailed(
            user, limits: try OwnLimits(stored: limits ?? nil), effectiveLimits: subscriber.limits,
            credits: try Credits.find(tx, of: subscriber, now: now).balance,
            counts: try ManagedUser.Counts.find(tx, userID: id))
    }
}

extension ManagedUser.Counts {
    fileprivate static func find(_ tx: Transaction, userID: String) throws -> ManagedUser.Counts {
        let owned = """
            IN (SELECT workspace_id FROM members WHERE user_id = ? AND role = 'owner' AND accepted_at IS NOT NULL)
            """
        let counts = try tx.row(
            """
            SELECT (SELECT COUNT(*) FROM chatbots WHERE deleted_at IS NULL AND workspace_id \(owned)) AS chatbots,
                (SELECT COUNT(*) FROM conversations WHERE user_id = ? AND deleted_at IS NULL) AS conversations,
                (SELECT COUNT(*) FROM api_keys WHERE user_id = ? AND revoked_at IS NULL) AS own_keys,
                (SELECT COUNT(*) FROM api_keys WHERE workspace_id \(owned) AND revoked_at IS NULL) AS other_keys
            """,
            [userID, userID, userID, userID]
        ) { row in
            ManagedUser.Counts(
                chatbots: try row.int("chatbots"), conversations: try row.int("conversations"),
                keys: try row.int("own_keys") + row.int("other_keys"))
        }
        return counts ?? ManagedUser.Counts(chatbots: 0, conversations: 0, keys: 0)
    }
}

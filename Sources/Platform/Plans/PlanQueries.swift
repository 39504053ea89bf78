package import HTTPKit
package import Storage

extension Plan {
    private static let columns = """
        p.id, p.name, p.requests_per_minute, p.conversations_per_day, p.messages_per_day, p.credits_per_month, p.files,
        p.keys, p.chatbots, p.workspaces, p.prompt_versions, p.end_users, p.stored_bytes, p.models, p.is_default, p.created_at, p.updated_at
        """

    private init(_ row: Row) throws {
        self.init(
            id: try row.string("id"), name: try row.string("name"),
            requestsPerMinute: try row.intIfPresent("requests_per_minute"),
            conversationsPerDay: try row.intIfPresent("conversations_per_day"),
            messagesPerDay: try row.intIfPresent("messages_per_day"),
            creditsPerMonth: try row.intIfPresent("credits_per_month"), files: try row.intIfPresent("files"),
            keys: try row.intIfPresent("keys"), chatbots: try row.intIfPresent("chatbots"),
            workspaces: try row.intIfPresent("workspaces"), promptVersions: try row.intIfPresent("prompt_versions"),
            endUsers: try row.intIfPresent("end_users"), storedBytes: try row.intIfPresent("stored_bytes"),
            models: try row.stringIfPresent("models").map { try JSONText.parse([String].self, $0) },
            isDefault: try row.bool("is_default"),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")),
            updatedAt: Timestamp(milliseconds: try row.int64("updated_at")))
    }

    package static func find(_ tx: Transaction, id: String) throws -> Plan {
        guard let plan = try tx.row("SELECT \(columns) FROM plans p WHERE p.id = ?", [id], Plan.init) else {
            throw APIError(.notFound)
        }
        return plan
    }

    /// Finds a plan by its id or its name. Returns nil if there is none.
    package static func named(_ tx: Transaction, _ name: String) throws -> Plan? {
        try tx.row(
            "SELECT \(columns) FROM plans p WHERE p.id = ? OR p.name_key = ? ORDER BY p.id LIMIT 1",
            [name, Lookalike.key(of: name)], Plan.init)
    }

    package static func of(_ tx: Transaction, userID: String) throws -> Plan {
        let plan = try tx.row(
            "SELECT \(columns) FROM users u JOIN plans p ON p.id = u.plan_id WHERE u.id = ?", [userID], Plan.init)
        guard let plan else { throw APIError(.notFound) }
        return plan
    }

    package static func list(_ tx: Transaction, after: Cursor, limit: Int) throws -> [Plan] {
        try tx.rows(
            "SELECT \(columns) FROM plans p WHERE p.id < ? ORDER BY p.id DESC LIMIT ?", [after.id, limit + 1],
            Plan.init)
    }

    package static func create(_ tx: Transaction, _ input: Create, now: Timestamp) throws -> Plan {
        let plan = Plan(
            id: Identifier.make(), name: input.name, requestsPerMinute: input.requestsPerMinute,
            conversationsPerDay: input.conversationsPerDay, messagesPerDay: input.messagesPerDay,
            creditsPerMonth: input.creditsPerMonth, files: input.files, keys: input.keys,
            chatbots: input.chatbots, workspaces: input.workspaces, promptVersions: input.promptVersions,
            endUsers: input.endUsers, storedBytes: input.storedBytes, models: input.models,
            isDefault: input.isDefault ?? false, createdAt: now, updatedAt: now)
        if plan.isDefault { try makeRoomForDefault(tx) }
        try tx.insert(into: "plans", plan.columnValues)
        return plan
    }

    package static func update(
        _ tx: Transaction, id: String, _ change: Update, now: Timestamp
    ) throws -> (old: Plan, new: Plan) {
        // Two changes at once are made one after another.
        try tx.run("UPDATE plans SET name = name WHERE id = ?", [id])
        let old = try find(tx, id: id)
        let plan = old.applying(change, now: now)
        if change.isDefault == true { try makeRoomForDefault(tx) }
        try tx.update("plans", plan.columnValues, where: "id = ?", [id])
        return (old, plan)
    }

    /// What the row holds.
    private var columnValues: ColumnValues {
        get throws {
            [
                "id": id, "name": name, "name_key": Lookalike.key(of: name), "requests_per_minute": requestsPerMinute,
                "conversations_per_day": conversationsPerDay, "messages_per_day": messagesPerDay,
                "credits_per_month": creditsPerMonth, "files": files, "keys": keys, "chatbots": chatbots,
                "workspaces": workspaces, "prompt_versions": promptVersions, "end_users": endUsers,
                "stored_bytes": storedBytes, "models": try models.map { try JSONText.text($0) },
                "is_default": isDefault, "created_at": createdAt, "updated_at": updatedAt,
            ]
        }
    }

    private static func makeRoomForDefault(_ tx: Transaction) throws {
        try tx.run("UPDATE plans SET is_default = 0 WHERE is_default = 1")
    }

    package static func delete(_ tx: Transaction, id: String) throws {
        // The update locks the row: a concurrent request that gives the plan to a user waits, and finds it deleted.
        try tx.run("UPDATE plans SET name = name WHERE id = ?", [id])
        guard !(try find(tx, id: id).isDefault) else {
            throw APIError(.conflict, "This is the plan of new users. Make another one the default first.")
        }
        let users = try tx.row("SELECT COUNT(*) AS users FROM users WHERE plan_id = ?", [id]) { try $0.int("users") }
        guard users == 0 else {
            throw APIError(.conflict, "\(users ?? 0) users have this plan. Give them another one first.")
        }
        try tx.run("DELETE FROM plans WHERE id = ?", [id])
    }

    /// What another plan has more is there at once; what it has less, from the next month on.
    package static func assign(_ tx: Transaction, _ plan: Plan, to userID: String, now: Timestamp) throws {
        let changed = try tx.run(
            "UPDATE users SET plan_id = ?, updated_at = ? WHERE id = ? AND plan_id <> ?",
            [plan.id, now, userID, plan.id])
        if changed == 1, let perMonth = plan.creditsPerMonth {
            try Credits.raise(tx, userID: userID, to: perMonth, now: now)
        }
    }
}

import Accounts
package import HTTPKit
package import Platform
package import Storage

extension EndUser {
    private static let columns = "SELECT id, workspace_id, external_id, profile, created_at, updated_at FROM end_users"

    private init(_ row: Row) throws {
        self.init(
            id: try row.string("id"), workspaceID: try row.string("workspace_id"),
            externalID: try row.string("external_id"), encryptedDetails: try row.stringIfPresent("profile"),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")),
            updatedAt: Timestamp(milliseconds: try row.int64("updated_at")))
    }

    package static func find(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, externalID: String
    ) throws -> EndUser? {
        try tx.row(
            "\(columns) WHERE workspace_id = ? AND chatbot_id = ? AND external_id = ? AND deleted_at IS NULL",
            [tenant.workspaceID, chatbotID, externalID], EndUser.init)
    }

    package static func list(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, after: Cursor, limit: Int
    ) throws -> RowPage<EndUser> {
        try tx.page(
            "\(columns) WHERE workspace_id = ? AND chatbot_id = ? AND id < ? AND deleted_at IS NULL ORDER BY id DESC",
            [tenant.workspaceID, chatbotID, after.id], limit: limit, EndUser.init)
    }

    /// Creates the end user if it is new, and merges the changed details.
    package static func save(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, externalID: String, _ change: UserDetails.Update,
        _ secrets: Secrets, newID: String = Identifier.make(), now: Timestamp
    ) throws -> EndUser {
        let isNew = try find(tx, in: tenant, chatbotID: chatbotID, externalID: externalID) == nil
        try WorkspaceLimits.require(isNew ? .endUser : .bytes, tx, in: tenant)
        // Finds or creates the row and locks it, so that concurrent changes are merged one after another.
        try tx.run(
            """
            INSERT INTO end_users (id, workspace_id, chatbot_id, external_id, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (chatbot_id, external_id) DO UPDATE SET updated_at = excluded.updated_at
            """,
            [newID, tenant.workspaceID, chatbotID, externalID, now, now])
        guard let found = try find(tx, in: tenant, chatbotID: chatbotID, externalID: externalID) else {
            throw APIError(.notFound)
        }
        let details = try UserDetails(encrypted: found.encryptedDetails, secrets).applying(change).encrypted(secrets)
        try tx.run(
            "UPDATE end_users SET profile = ? WHERE workspace_id = ? AND id = ?",
            [details, tenant.workspaceID, found.id])
        return EndUser(
            id: found.id, workspaceID: found.workspaceID, externalID: externalID, encryptedDetails: details,
            createdAt: found.createdAt, updatedAt: now)
    }

    /// Hides the end user with all conversations that were held on its behalf, and erases what is known of it. `Deletions`
    /// removes the rows, and what logs hold of it.
    package static func delete(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, externalID: String, now: Timestamp
    ) throws -> Deletions.Root {
        guard let user = try find(tx, in: tenant, chatbotID: chatbotID, externalID: externalID) else {
            throw APIError(.notFound)
        }
        // Longer than any id that an application can give, so that the old one is free and nothing can take the new one.
        let noID = user.id + String(repeating: "-", count: idRule.length.upperBound)
        try tx.run(
            """
            UPDATE end_users SET deleted_at = ?, former_id = external_id, external_id = ?, profile = NULL
            WHERE workspace_id = ? AND id = ?
            """,
            [now, noID, tenant.workspaceID, user.id])
        return .endUser(workspaceID: tenant.workspaceID, id: user.id)
    }
}

extension ApplicationConversation {
    /// Whose conversations of all that applications began.
    package enum Of: Sendable {
        case anyone
        case unnamed
        case endUser(id: String)

        fileprivate var filter: (sql: String, args: [any SQLBindable]) {
            switch self {
            case .anyone: ("", [])
            case .unnamed: ("AND c.end_user_id IS NULL", [])
            case .endUser(let id): ("AND c.end_user_id = ?", [id])
            }
        }
    }

    private static let columns = """
        SELECT \(Conversation.columns), (SELECT e.external_id FROM end_users e
            WHERE e.workspace_id = c.workspace_id AND e.id = c.end_user_id) AS external_id FROM conversations c
        """

    private init(_ row: Row, now: Timestamp) throws {
        self.init(try Conversation(row, now: now), userID: try row.stringIfPresent("external_id"))
    }

    package static func list(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, of people: Of, after: Cursor, limit: Int,
        now: Timestamp = .now
    ) throws -> [ApplicationConversation] {
        let (filter, args) = people.filter
        return try tx.rows(
            """
            \(columns) WHERE c.workspace_id = ? AND c.chatbot_id = ? AND c.user_id IS NULL \(filter)
            AND \(Conversation.isThere) AND (c.updated_at, c.id) < (?, ?) ORDER BY c.updated_at DESC, c.id DESC LIMIT ?
            """,
            [tenant.workspaceID, chatbotID] + args + [after.key, after.id, limit]
        ) { try ApplicationConversation($0, now: now) }
    }

    package static func find(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, of people: Of = .anyone, id: String,
        now: Timestamp = .now
    ) throws -> ApplicationConversation {
        let (filter, args) = people.filter
        let found = try tx.row(
            """
            \(columns) WHERE c.workspace_id = ? AND c.chatbot_id = ? AND c.user_id IS NULL AND c.id = ? \(filter)
            AND \(Conversation.isThere)
            """,
            [tenant.workspaceID, chatbotID, id] + args
        ) { try ApplicationConversation($0, now: now) }
        guard let found else { throw APIError(.notFound) }
        return found
    }
}

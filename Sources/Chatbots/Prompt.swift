package import HTTPKit
package import Platform
package import Storage

/// One version of a chatbot's system prompt; the active one leads every conversation.
package struct Prompt: JSONOutput {
    package let id: String
    package let chatbotID: String
    package let version: Int
    package let content: String
    package let isActive: Bool
    package let createdAt: Timestamp

    package struct Create: Input, Ruled {
        package let content: String
        package let activate: Bool?

        package init(content: String, activate: Bool?) {
            self.content = content
            self.activate = activate
        }
        package static var rules: [String: Rule] {
            ["content": .text(1...50_000), "activate": .note("True if omitted.")]
        }
    }
}

extension Prompt {
    private static let columns = "id, chatbot_id, version, content, is_active, created_at"

    private init(_ row: Row) throws {
        self.init(
            id: try row.string("id"), chatbotID: try row.string("chatbot_id"), version: try row.int("version"),
            content: try row.string("content"), isActive: try row.bool("is_active"),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")))
    }

    package static func list(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, after: Cursor, limit: Int
    ) throws -> RowPage<Prompt> {
        try tx.page(
            """
            SELECT \(columns) FROM prompts WHERE workspace_id = ? AND chatbot_id = ? AND version < ?
            ORDER BY version DESC
            """,
            [tenant.workspaceID, chatbotID, after.key], limit: limit, Prompt.init)
    }

    package static func create(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, _ input: Create, now: Timestamp
    ) throws -> Prompt {
        let isActive = input.activate ?? true
        // The chatbot's row is held first, so that two new versions get two numbers.
        try tx.run(
            "UPDATE chatbots SET updated_at = ? WHERE workspace_id = ? AND id = ?",
            [now, tenant.workspaceID, chatbotID])
        let last = try tx.row(
            "SELECT MAX(version) AS last FROM prompts WHERE workspace_id = ? AND chatbot_id = ?",
            [tenant.workspaceID, chatbotID]
        ) { try $0.intIfPresent("last") }
        if isActive { try deactivate(tx, in: tenant, chatbotID: chatbotID) }
        let prompt = Prompt(
            id: Identifier.make(), chatbotID: chatbotID, version: ((last ?? nil) ?? 0) + 1, content: input.content,
            isActive: isActive, createdAt: now)
        try tx.run(
            """
            INSERT INTO prompts (id, workspace_id, chatbot_id, version, content, is_active, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [prompt.id, tenant.workspaceID, chatbotID, prompt.version, prompt.content, isActive, now])
        return prompt
    }

    package static func activate(_ tx: Transaction, in tenant: Tenant, chatbotID: String, id: String) throws -> Prompt {
        try deactivate(tx, in: tenant, chatbotID: chatbotID)
        let prompt = try tx.row(
            """
            UPDATE prompts SET is_active = 1 WHERE workspace_id = ? AND chatbot_id = ? AND id = ? RETURNING \(columns)
            """,
            [tenant.workspaceID, chatbotID, id], Prompt.init)
        guard let prompt else { throw APIError(.notFound) }
        return prompt
    }

    private static func deactivate(_ tx: Transaction, in tenant: Tenant, chatbotID: String) throws {
        try tx.run(
            "UPDATE prompts SET is_active = 0 WHERE workspace_id = ? AND chatbot_id = ? AND is_active = 1",
            [tenant.workspaceID, chatbotID])
    }

    /// The active prompt's text; nil if the chatbot has none.
    package static func active(_ tx: Transaction, in tenant: Tenant, chatbotID: String) throws -> String? {
        try tx.row(
            "SELECT content FROM prompts WHERE workspace_id = ? AND chatbot_id = ? AND is_active = 1",
            [tenant.workspaceID, chatbotID]
        ) { try $0.string("content") }
    }
}

package import Accounts
package import HTTPKit
import JSON
package import Platform
package import Storage

extension Chatbot {
    private static let columnNames = [
        "id", "workspace_id", "name", "slug", "description", "provider", "model", "models", "temperature", "max_tokens",
        "llm_endpoint_url", "greeting", "config", "fallback_message", "fallback_messages", "is_default", "created_at",
        "updated_at",
    ]

    /// The columns without the owner and the starters, which calls of models do not need.
    package static let columns =
        columnNames.map { "c.\($0)" }.joined(separator: ", ") + ", NULL AS widget, NULL AS owner_id"

    private static let answerColumns =
        columnNames.map { "c.\($0)" }.joined(separator: ", ")
        + ", c.widget, \(Subscriber.payer(of: "c.workspace_id")) AS owner_id"

    /// The columns without texts that can be long, for lists that do not show them.
    package static let shortColumns: String = {
        let omitted = [
            "description": "NULL", "greeting": "NULL", "config": "'{}'", "fallback_message": "NULL",
            "fallback_messages": "NULL",
        ]
        return columnNames.map { name in omitted[name].map { "\($0) AS \(name)" } ?? "c.\(name)" }
            .joined(separator: ", ") + ", NULL AS widget, NULL AS owner_id"
    }()

    package init(_ row: Row) throws {
        self.init(
            id: try row.string("id"), workspaceID: try row.string("workspace_id"),
            ownerID: try row.stringIfPresent("owner_id"), name: try row.string("name"), slug: try row.string("slug"),
            description: try row.stringIfPresent("description"),
            provider: try row.stringIfPresent("provider"), model: try row.stringIfPresent("model"),
            models: try JSONText.parse([String].self, row.string("models")),
            temperature: try row.doubleIfPresent("temperature"), maxTokens: try row.intIfPresent("max_tokens"),
            llmEndpointURL: try row.stringIfPresent("llm_endpoint_url"), greeting: try row.stringIfPresent("greeting"),
            config: try JSONText.parse(JSONObject.self, row.string("config")),
            fallbackMessage: try row.stringIfPresent("fallback_message"),
            fallbackMessages: try row.stringIfPresent("fallback_messages").map {
                try JSONText.parse(FallbackMessages.self, $0)
            }, isDefault: try row.bool("is_default"),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")),
            updatedAt: Timestamp(milliseconds: try row.int64("updated_at")),
            starters: try WidgetSettings.starters(in: row.stringIfPresent("widget")))
    }

    /// What the row holds.
    private var columnValues: ColumnValues {
        get throws {
            [
                "id": id, "workspace_id": workspaceID, "name": name, "slug": slug, "description": description,
                "provider": provider, "model": model, "models": try JSONText.text(models), "temperature": temperature,
                "max_tokens": maxTokens, "llm_endpoint_url": llmEndpointURL, "greeting": greeting,
                "config": try JSONText.text(config), "fallback_message": fallbackMessage,
                "fallback_messages": try fallbackMessages.map { try JSONText.text($0) }, "is_default": isDefault,
                "created_at": createdAt, "updated_at": updatedAt,
            ]
        }
    }

    /// The chatbot and what the caller may do with it, looked for in every workspace that the caller belongs to.
    package static func find(_ tx: Transaction, id: String, for caller: Caller) throws -> (
        chatbot: Chatbot, tenant: Tenant
    ) {
        let found = try tx.row(
            """
            SELECT \(answerColumns), \(Tenant.roleColumn) FROM chatbots c
            JOIN members m ON m.workspace_id = c.workspace_id AND m.user_id = ? WHERE c.id = ? AND c.deleted_at IS NULL
            """,
            [caller.userID, id]
        ) { (try Chatbot($0), try Tenant($0, userID: caller.userID)) }
        guard let found else { throw APIError(.notFound) }
        return found
    }

    /// For an editor who makes something that lasts; holds the membership, so that one who is being removed leaves nothing.
    package static func findEditable(
        _ tx: Transaction, id: String, for caller: Caller
    ) throws -> (chatbot: Chatbot, tenant: Tenant) {
        let (chatbot, tenant) = try find(tx, id: id, for: caller)
        let held = try tenant.held(tx)
        try held.require(.edit)
        return (chatbot, held)
    }

    /// The one that a key is for.
    package static func find(_ tx: Transaction, of holder: KeyHolder) throws -> Chatbot {
        let found = try tx.row(
            "SELECT \(answerColumns) FROM chatbots c WHERE c.workspace_id = ? AND c.id = ? AND c.deleted_at IS NULL",
            [holder.workspaceID, holder.chatbotID], Chatbot.init)
        guard let found else { throw APIError(.notFound) }
        return found
    }

    /// The chatbot for calls that name none.
    package static func findDefault(_ tx: Transaction, in tenant: Tenant) throws -> Chatbot {
        let found = try tx.row(
            "SELECT \(columns) FROM chatbots c WHERE c.workspace_id = ? AND c.is_default = 1 AND c.deleted_at IS NULL",
            [tenant.workspaceID], Chatbot.init)
        guard let found else { throw APIError(.notFound) }
        return found
    }

    package static func list(
        _ tx: Transaction, in tenant: Tenant, after: Cursor, limit: Int
    ) throws -> RowPage<Chatbot> {
        try tx.page(
            """
            SELECT \(answerColumns) FROM chatbots c WHERE c.workspace_id = ? AND c.id < ? AND c.deleted_at IS NULL
            ORDER BY c.id DESC
            """,
            [tenant.workspaceID, after.id], limit: limit, Chatbot.init)
    }

    /// The chatbots of all workspaces that the caller belongs to.
    package static func list(
        _ tx: Transaction, of caller: Caller, after: Cursor, limit: Int
    ) throws -> RowPage<(chatbot: Chatbot, tenant: Tenant)> {
        try tx.page(
            """
            SELECT \(answerColumns), \(Tenant.roleColumn) FROM members m JOIN chatbots c ON c.workspace_id = m.workspace_id
            WHERE m.user_id = ? AND c.id < ? AND c.deleted_at IS NULL ORDER BY c.id DESC
            """,
            [caller.userID, after.id], limit: limit
        ) { (try Chatbot($0), try Tenant($0, userID: caller.userID)) }
    }

    package static func create(
        _ tx: Transaction, in tenant: Tenant, _ input: Create, id: String = Identifier.make(), isDefault: Bool = false,
        now: Timestamp
    ) throws -> Chatbot {
        let chatbot = Chatbot(
            id: id, workspaceID: tenant.workspaceID, ownerID: nil, name: input.name,
            slug: try input.slug ?? freeSlug(tx, in: tenant, for: input.name), description: input.description,
            provider: input.provider, model: input.model, models: input.models ?? [], temperature: input.temperature,
            maxTokens: input.maxTokens, llmEndpointURL: input.llmEndpointURL, greeting: input.greeting,
            config: input.config ?? JSONObject(), fallbackMessage: input.fallbackMessage,
            fallbackMessages: input.fallbackMessages, isDefault: isDefault, createdAt: now, updatedAt: now)
        try reportingTakenSlug {
            try tx.insert(into: "chatbots", chatbot.columnValues)
        }
        return chatbot
    }

    package static func createDefault(_ tx: Transaction, in tenant: Tenant, now: Timestamp) throws {
        let chatbot = try create(tx, in: tenant, Create(name: defaultName), isDefault: true, now: now)
        _ = try Prompt.create(
            tx, in: tenant, chatbotID: chatbot.id, .init(content: defaultPrompt, activate: true), now: now)
    }

    /// Makes the chatbot's row this transaction's until its end.
    package static func lock(_ tx: Transaction, in tenant: Tenant, id: String) throws {
        try tx.run(
            "UPDATE chatbots SET updated_at = updated_at WHERE workspace_id = ? AND id = ?", [tenant.workspaceID, id])
    }

    package static func save(_ tx: Transaction, in tenant: Tenant, _ chatbot: Chatbot) throws {
        if chatbot.isDefault {
            try tx.run(
                "UPDATE chatbots SET is_default = 0 WHERE workspace_id = ? AND is_default = 1 AND id <> ?",
                [tenant.workspaceID, chatbot.id])
        }
        try reportingTakenSlug {
            try tx.update(
                "chatbots", chatbot.columnValues, where: "workspace_id = ? AND id = ?",
                [tenant.workspaceID, chatbot.id])
        }
    }

    /// Hides the chatbot with its prompts and conversations, which `Deletions` removes. Its keys are gone at once, and its
    /// slug is free for another chatbot.
    package static func delete(_ tx: Transaction, in tenant: Tenant, id: String, now: Timestamp) throws
        -> Deletions.Root
    {
        try tx.run(
            "UPDATE chatbots SET deleted_at = ?, slug = ? WHERE workspace_id = ? AND id = ?",
            [now, "~\(id)", tenant.workspaceID, id])
        try tx.run("DELETE FROM api_keys WHERE workspace_id = ? AND chatbot_id = ?", [tenant.workspaceID, id])
        return .chatbot(workspaceID: tenant.workspaceID, id: id)
    }

    private static func freeSlug(_ tx: Transaction, in tenant: Tenant, for name: String) throws -> String {
        var slug = slug(from: name)
        if looksLikeID(slug) { slug = "chatbot-\(slug)" }
        let isTaken = try tx.row(
            "SELECT 1 AS taken FROM chatbots WHERE workspace_id = ? AND slug = ?", [tenant.workspaceID, slug]
        ) { _ in true }
        return isTaken == nil ? slug : "\(slug)-\(Identifier.make().suffix(8))"
    }

    private static func reportingTakenSlug(_ work: () throws -> Void) throws {
        do {
            try work()
        } catch let error as StorageError {
            if case .unique(let columns) = error.kind, columns.contains("slug") {
                throw APIError(.slugTaken, param: "slug")
            }
            throw error
        }
    }
}

extension Chatbot.Create {
    package init(name: String) {
        self.init(
            name: name, slug: nil, description: nil, provider: nil, model: nil, models: nil, temperature: nil,
            maxTokens: nil, llmEndpointURL: nil, greeting: nil, config: nil, fallbackMessage: nil,
            fallbackMessages: nil)
    }
}

extension WorkspaceContents {
    /// A chatbot that can be talked to at once.
    package static let defaultChatbot = WorkspaceContents { tx, tenant, now in
        try Chatbot.createDefault(tx, in: tenant, now: now)
    }
}

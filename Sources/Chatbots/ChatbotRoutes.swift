import Accounts
package import HTTPKit
import HTTPTypes
package import Platform
package import Storage

/// Chatbots and the versions of their prompts.
package struct ChatbotRoutes: Sendable {
    package let database: Database
    package let providers: Providers
    package let chatbotCache: ChatbotCache
    package let deletions: Deletions
    package let authenticator: Authenticator

    package init(
        database: Database, providers: Providers, chatbotCache: ChatbotCache, deletions: Deletions,
        authenticator: Authenticator
    ) {
        self.database = database
        self.providers = providers
        self.chatbotCache = chatbotCache
        self.deletions = deletions
        self.authenticator = authenticator
    }

    /// A workspace's; to a key, its own.
    package func list(_ who: UserOrKey, _ paging: Paging) async throws -> List<Chatbot> {
        let after = try paging.cursor(or: .newest)
        let chatbots = try await database.read(who.scope) { tx in
            switch who {
            case .user(let who):
                let tenant = try who.tenant(tx, .read)
                return try Chatbot.list(tx, in: tenant, after: after, limit: paging.count).map { who.shown($0, tenant) }
            case .key(let who):
                return RowPage([try Chatbot.find(tx, of: who.holder)].filter { $0.id < after.id }.map(who.shown))
            }
        }
        return List(chatbots) { Cursor(id: $0.id) }
    }

    package func create(_ who: UserCaller, _ input: Chatbot.Create) async throws -> Chatbot {
        try check(provider: input.provider)
        return try await database.write(who.scope) { tx in
            let tenant = try who.tenant(tx, .edit)
            try WorkspaceLimits.require(.chatbot, tx, in: tenant)
            let chatbot = try Chatbot.create(tx, in: tenant, input, now: .now)
            who.call.audit(target: "chatbot:\(chatbot.id)")
            return try Chatbot.find(tx, id: chatbot.id, for: who.caller).chatbot
        }
    }

    package func read(_ who: UserOrKey) async throws -> Chatbot {
        try await database.read(who.scope) { tx in
            switch who {
            case .user(let who):
                let (chatbot, tenant) = try find(tx, who, .read)
                return who.shown(chatbot, tenant)
            case .key(let key):
                try key.require(chatbotID: who["chatbot_id"])
                return key.shown(try Chatbot.find(tx, of: key.holder))
            }
        }
    }

    package func update(_ who: UserCaller, _ input: Chatbot.Update) async throws -> Chatbot {
        defer { chatbotCache.forget(who["chatbot_id"]) }
        if case .value(let provider) = input.provider { try check(provider: provider) }
        return try await database.write(who.scope) { tx in
            let tenant = try find(tx, who, .edit).tenant
            // The row is held before it is read, so that two changes at once do not undo each other.
            try Chatbot.lock(tx, in: tenant, id: who["chatbot_id"])
            let (chatbot, _) = try find(tx, who, .edit)
            let changed = chatbot.applying(input, now: .now)
            try Chatbot.save(tx, in: tenant, changed)
            return changed
        }
    }

    package func delete(_ who: UserCaller) async throws -> NoContent {
        defer { chatbotCache.forget(who["chatbot_id"]) }
        let root = try await database.write(who.scope) { tx in
            let (chatbot, tenant) = try find(tx, who, .edit)
            guard !chatbot.isDefault else { throw APIError(.defaultChatbot) }
            return try Chatbot.delete(tx, in: tenant, id: chatbot.id, now: .now)
        }
        authenticator.forget(chatbotID: who["chatbot_id"])
        await deletions.begin(root)
        return NoContent()
    }

    /// For those who may change them: a prompt may hold what its chatbot is told to keep to itself.
    package func prompts(_ who: UserCaller, _ paging: Paging) async throws -> List<Prompt> {
        let after = try paging.cursor(or: .newest)
        let prompts = try await database.read(who.scope) { tx in
            let (chatbot, tenant) = try find(tx, who, .edit)
            return try Prompt.list(tx, in: tenant, chatbotID: chatbot.id, after: after, limit: paging.count)
        }
        return List(prompts) { Cursor(key: Int64($0.version), id: $0.id) }
    }

    package func createPrompt(_ who: UserCaller, _ input: Prompt.Create) async throws -> Prompt {
        defer { chatbotCache.forget(who["chatbot_id"]) }
        return try await database.write(who.scope) { tx in
            let (chatbot, tenant) = try find(tx, who, .edit)
            try WorkspaceLimits.require(.promptVersion(chatbotID: chatbot.id), tx, in: tenant)
            return try Prompt.create(tx, in: tenant, chatbotID: chatbot.id, input, now: .now)
        }
    }

    package func activatePrompt(_ who: UserCaller) async throws -> Prompt {
        defer { chatbotCache.forget(who["chatbot_id"]) }
        return try await database.write(who.scope) { tx in
            let (chatbot, tenant) = try find(tx, who, .edit)
            return try Prompt.activate(tx, in: tenant, chatbotID: chatbot.id, id: who["prompt_id"])
        }
    }

    private func find(
        _ tx: Transaction, _ who: UserCaller, _ action: Role.Action
    ) throws -> (chatbot: Chatbot, tenant: Tenant) {
        let found = try Chatbot.find(tx, id: who["chatbot_id"], for: who.caller)
        try found.tenant.require(action)
        return found
    }

    private func check(provider: String?) throws(APIError) {
        guard let provider, !providers.names.contains(provider) else { return }
        throw .invalid("provider", "'provider' must be one of: \(providers.names.joined(separator: ", ")).")
    }
}

extension UserCaller {
    /// Whether it has signed in, or brings a key that may change things.
    fileprivate var mayWrite: Bool {
        if case .key(let key) = caller.credential { key.scopes.contains(.write) } else { true }
    }

    /// The chatbot as far as the caller's role and key let it be seen.
    package func shown(_ chatbot: Chatbot, _ tenant: Tenant) -> Chatbot {
        tenant.role.may(.edit) && mayWrite ? chatbot : chatbot.withoutEndpoint
    }
}

extension KeyCaller {
    package func shown(_ chatbot: Chatbot) -> Chatbot {
        holder.key.scopes.contains(.write) ? chatbot : chatbot.withoutEndpoint
    }
}

extension ChatbotRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/chatbots", .read, id: "list_chatbots", "List chatbots",
                about: "Those of the workspace that `X-Workspace-Id` names, by default the personal one. A chatbot's "
                    + "key lists its own.",
                list,
                errors: [.notFound]),
            Route(
                .post, "/chatbots", .write, id: "create_chatbot", "Create a chatbot",
                about: "Only a name is needed; the rest has defaults.",
                create, .created,
                errors: [.notFound, .forbidden, .slugTaken, .planLimitReached]),
            Route(
                .get, "/chatbots/{chatbot_id}", .read, id: "get_chatbot", "Get a chatbot",
                about: "From any workspace that the caller belongs to.",
                read,
                errors: [.keyNotForChatbot]),
            Route(
                .patch, "/chatbots/{chatbot_id}", .write, id: "update_chatbot", "Update a chatbot",
                about: "Changes the fields that are sent; `null` restores a default.",
                update,
                errors: [.forbidden, .slugTaken]),
            Route(
                .delete, "/chatbots/{chatbot_id}", .write, id: "delete_chatbot", "Delete a chatbot",
                about: "With its keys and conversations. The default chatbot stays.",
                delete, .noContent,
                errors: [.forbidden, .defaultChatbot]),
            Route(
                .get, "/chatbots/{chatbot_id}/prompts", .read.scopes(.write), id: "list_prompts",
                "List the versions of a prompt",
                about: "Newest first; one is active. Keys need the scope `write`, because prompts are for those who "
                    + "may change them.",
                prompts,
                errors: [.forbidden]),
            Route(
                .post, "/chatbots/{chatbot_id}/prompts", .write, id: "create_prompt", "Add a version of the prompt",
                about: "It becomes the active one unless `activate` is false. `{{user.first_name}}` and the like are "
                    + "replaced from the user's details.",
                createPrompt, .created,
                errors: [.forbidden, .planLimitReached]),
            Route(
                .post, "/chatbots/{chatbot_id}/prompts/{prompt_id}/activate", .write, id: "activate_prompt",
                "Activate a version of the prompt",
                about: "The next reply uses it.",
                activatePrompt,
                errors: [.forbidden]),
        ].tagged(.chatbots)
    }
}

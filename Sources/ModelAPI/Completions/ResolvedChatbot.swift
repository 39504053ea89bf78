import Accounts
package import Chat
package import Chatbots
package import HTTPKit
package import Platform
package import Storage

/// The chatbot that answers a call, as the database has it, and which of its models is meant.
package struct ResolvedChatbot: Sendable {
    package let chatbot: Chatbot
    package let tenant: Tenant
    /// Nil: the chatbot's own.
    package let model: String?
    package let prompt: String?
    /// Nil if neither the prompt nor an endpoint needs it.
    package let person: Person?
    /// Nil if the chatbot has no endpoint of its own; empty if there is no secret yet.
    package let signingSecret: String?
    /// Whether it has files that it can answer from. A chatbot's own endpoint is given none.
    package let hasKnowledge: Bool
}

extension ResolvedChatbot {
    /// Throws `model_not_found` if this client may not use the named model.
    package static func find(
        _ tx: Transaction, _ client: APIClient, _ request: CompletionRequest, _ models: Models, _ secrets: Secrets
    ) throws -> ResolvedChatbot {
        let (chatbot, tenant, model) = try chatbot(tx, client, named: request.model, models)
        let prompt = try Prompt.active(tx, in: tenant, chatbotID: chatbot.id)
        let hasEndpoint = chatbot.llmEndpointURL != nil
        let needsPerson = hasEndpoint || prompt.map(PromptTemplate.hasVariables) == true
        // What keys ask for is remembered for calls of every kind.
        let wantsKnowledge = !hasEndpoint && (request.takesSources || client.isKey)
        return ResolvedChatbot(
            chatbot: chatbot, tenant: tenant, model: model, prompt: prompt,
            person: needsPerson ? try person(tx, client, request.user, chatbot, tenant) : nil,
            signingSecret: hasEndpoint
                ? try SigningSecret.find(tx, in: tenant, chatbotID: chatbot.id, secrets) ?? "" : nil,
            hasKnowledge: wantsKnowledge
                ? try KnowledgeFile.exists(tx, in: tenant, chatbotID: chatbot.id) : false)
    }

    /// The person on whose behalf the call is made: the end user that the application names, if the chatbot knows it.
    private static func person(
        _ tx: Transaction, _ client: APIClient, _ user: String?, _ chatbot: Chatbot, _ tenant: Tenant
    ) throws -> Person {
        var endUserID: String?
        if case .key = client.who, let user {
            endUserID = try EndUser.find(tx, in: tenant, chatbotID: chatbot.id, externalID: user)?.id
        }
        return try Person.find(tx, client.requester(endUserID: endUserID), in: tenant, endUserID: nil)
    }

    private static func chatbot(
        _ tx: Transaction, _ client: APIClient, named name: String?, _ models: Models
    ) throws -> (Chatbot, Tenant, model: String?) {
        let name = name ?? ""
        switch client.who {
        case .key(let who):
            let chatbot = try Chatbot.find(tx, of: who.holder)
            return (chatbot, Tenant(who.holder), try model(named: name, of: chatbot, models))
        case .user(let who):
            if name.isEmpty {
                let tenant = try who.tenant(tx, .read)
                return (try Chatbot.findDefault(tx, in: tenant), tenant, nil)
            }
            if let (chatbot, tenant) = try Chatbot.named(tx, chatbotName(name), who),
                let model = models.model(named: name, of: chatbot)
            {
                return (chatbot, tenant, model)
            }
        }
        throw APIError(.modelNotFound, param: "model")
    }

    /// Makes an application's resolved chatbot from cached data.
    package init(_ known: ChatbotCache.Known, _ holder: KeyHolder, named name: String?, _ models: Models)
        throws(APIError)
    {
        self.init(
            chatbot: known.chatbot, tenant: Tenant(holder),
            model: try Self.model(named: name ?? "", of: known.chatbot, models), prompt: known.prompt, person: nil,
            signingSecret: nil, hasKnowledge: known.hasKnowledge)
    }

    /// To a chatbot's own key its models have their plain names, too.
    private static func model(
        named name: String, of chatbot: Chatbot, _ models: Models
    ) throws(APIError) -> String? {
        if name.isEmpty { return nil }
        if models.offered(by: chatbot).contains(name) { return name }
        guard let model = models.model(named: name, of: chatbot) else { throw APIError(.modelNotFound, param: "model") }
        return model
    }

    /// `helper` of `helper/gpt-4o`.
    private static func chatbotName(_ name: String) -> String {
        String(name.prefix { $0 != "/" })
    }
}

extension Models {
    /// A chatbot's id or slug is its own model; `slug/model` is another one that it offers.
    fileprivate func model(named name: String, of chatbot: Chatbot) -> String? {
        let offered = offered(by: chatbot)
        for own in [chatbot.id, chatbot.slug] {
            if name == own { return offered[0] }
            if name.hasPrefix("\(own)/"), case let model = String(name.dropFirst(own.count + 1)),
                offered.contains(model)
            {
                return model
            }
        }
        return nil
    }
}

extension Chatbot {
    /// The user's chatbot with this id or slug in the workspace that the request names; without one, in all that the user
    /// is a member of. An exact id goes before a slug, and a slug that several workspaces have is refused: a workspace that
    /// the user joins later must not take over a name that is in use.
    fileprivate static func named(
        _ tx: Transaction, _ name: String, _ who: UserCaller
    ) throws -> (chatbot: Chatbot, tenant: Tenant)? {
        if let exact = try find(tx, who, "AND c.id = ?", [name]).first { return exact }
        // Without what may be large, so that no page ends before the second one.
        let found = try find(tx, who, "AND c.slug = ?", [name], columns: shortColumns)
        guard let first = found.first else { return nil }
        guard found.count > 1 else { return try find(tx, who, "AND c.id = ?", [first.chatbot.id]).first }
        let workspaces = try Workspace.names(tx, found.prefix(shownChoices).map(\.tenant.workspaceID))
        let choices = found.prefix(shownChoices).map { chatbot, tenant in
            "'\(chatbot.id)' (workspace '\(workspaces[tenant.workspaceID] ?? tenant.workspaceID)')"
        }
        let more = found.count > shownChoices ? " and \(found.count - shownChoices) more" : ""
        throw APIError(
            .modelAmbiguous,
            "Several of your workspaces have a chatbot with the slug '\(name)'. Name it by its id: "
                + "\(choices.joined(separator: ", "))\(more); or name the workspace in X-Workspace-Id.",
            param: "model")
    }

    private static let shownChoices = 10

    /// All that the user can call by their slugs, in the same order.
    package static func callable(_ tx: Transaction, _ who: UserCaller) throws -> [Chatbot] {
        try find(tx, who, columns: shortColumns).map(\.chatbot)
    }

    private static func find(
        _ tx: Transaction, _ who: UserCaller, _ filter: String = "", _ args: [any SQLBindable] = [],
        columns: String = Chatbot.columns
    ) throws -> [(chatbot: Chatbot, tenant: Tenant)] {
        let (userID, personalID) = (who.caller.userID, who.caller.personalWorkspaceID)
        var (filter, args) = (filter, [userID] + args as [any SQLBindable])
        if who.call.header(.workspaceID) != nil {
            filter += " AND c.workspace_id = ?"
            args.append(try who.tenant(tx, .read).workspaceID)
        }
        return try tx.page(
            """
            SELECT \(columns), \(Tenant.roleColumn) FROM members m JOIN chatbots c ON c.workspace_id = m.workspace_id
            WHERE m.user_id = ? AND c.deleted_at IS NULL \(filter)
            ORDER BY CASE WHEN c.workspace_id = ? THEN 0 ELSE 1 END, c.id DESC
            """,
            args + [personalID], limit: 1000
        ) { (try Chatbot($0), try Tenant($0, userID: userID)) }.items
    }
}

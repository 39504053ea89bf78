package import HTTPKit
import JSON
package import Storage

/// The limits of a user: the plan's limits, replaced by the user's own if there are any. Nil means no limit.
package struct EffectiveLimits: Codable, Sendable, Equatable {
    package let requestsPerMinute: Int?
    package let conversationsPerDay: Int?
    package let messagesPerDay: Int?
    /// Credits per month, in micro-units.
    package let creditsPerMonth: Int?
    package let files: Int?
    package let keys: Int?
    package let chatbots: Int?
    package let workspaces: Int?
    package let promptVersions: Int?
    package let endUsers: Int?
    package let storedBytes: Int?
    /// Each as `provider/model`, or as `model` for every provider.
    package let models: [String]?

    package static let unlimited = EffectiveLimits(
        requestsPerMinute: nil, conversationsPerDay: nil, messagesPerDay: nil, creditsPerMonth: nil, files: nil,
        keys: nil, chatbots: nil, workspaces: nil, promptVersions: nil, endUsers: nil, storedBytes: nil, models: nil)
}

/// The user whose limits apply: the caller, or for a chatbot's key the owner of its workspace.
package struct Subscriber: Sendable, Equatable {
    package let userID: String
    package let limits: EffectiveLimits
}

/// A user's own limits, which replace the plan's. The plan's limit applies if a value is nil.
package struct OwnLimits: Codable, Sendable, Equatable {
    package var requestsPerMinute: Int?
    package var conversationsPerDay: Int?
    package var messagesPerDay: Int?
    package var files: Int?
    package var keys: Int?
    package var chatbots: Int?
    package var workspaces: Int?
    package var promptVersions: Int?
    package var endUsers: Int?
    package var storedBytes: Int?
    package var models: [String]?

    /// What is left out stays, and null returns to the plan's.
    package struct Update: Codable, Sendable, Ruled {
        package let requestsPerMinute: Change<Int>
        package let conversationsPerDay: Change<Int>
        package let messagesPerDay: Change<Int>
        package let files: Change<Int>
        package let keys: Change<Int>
        package let chatbots: Change<Int>
        package let workspaces: Change<Int>
        package let promptVersions: Change<Int>
        package let endUsers: Change<Int>
        package let storedBytes: Change<Int>
        package let models: Change<[String]>

        package static var rules: [String: Rule] {
            Plan.limitRules.filter { $0.key != "credits_per_month" }
        }
    }

    package func applying(_ change: Update) -> OwnLimits {
        OwnLimits(
            requestsPerMinute: change.requestsPerMinute.applied(to: requestsPerMinute),
            conversationsPerDay: change.conversationsPerDay.applied(to: conversationsPerDay),
            messagesPerDay: change.messagesPerDay.applied(to: messagesPerDay), files: change.files.applied(to: files),
            keys: change.keys.applied(to: keys), chatbots: change.chatbots.applied(to: chatbots),
            workspaces: change.workspaces.applied(to: workspaces),
            promptVersions: change.promptVersions.applied(to: promptVersions),
            endUsers: change.endUsers.applied(to: endUsers), storedBytes: change.storedBytes.applied(to: storedBytes),
            models: change.models.applied(to: models))
    }

    /// As the database keeps it.
    package init(stored text: String?) throws {
        self = try text.map { try JSONText.parse(OwnLimits.self, $0) } ?? OwnLimits()
    }

    package init(
        requestsPerMinute: Int? = nil, conversationsPerDay: Int? = nil, messagesPerDay: Int? = nil, files: Int? = nil,
        keys: Int? = nil, chatbots: Int? = nil, workspaces: Int? = nil, promptVersions: Int? = nil,
        endUsers: Int? = nil, storedBytes: Int? = nil, models: [String]? = nil
    ) {
        self.requestsPerMinute = requestsPerMinute
        self.conversationsPerDay = conversationsPerDay
        self.messagesPerDay = messagesPerDay
        self.files = files
        self.keys = keys
        self.chatbots = chatbots
        self.workspaces = workspaces
        self.promptVersions = promptVersions
        self.endUsers = endUsers
        self.storedBytes = storedBytes
        self.models = models
    }

    /// The JSON to store; nil if all limits are the plan's.
    package var stored: String? { get throws { self == OwnLimits() ? nil : try JSONText.text(self) } }
}

extension EffectiveLimits {
    /// The columns for a user `u` with the plan `p`.
    package static let columns = """
        p.requests_per_minute, p.conversations_per_day, p.messages_per_day, p.credits_per_month, p.files, p.keys,
            p.chatbots AS most_chatbots, p.workspaces AS most_workspaces, p.prompt_versions AS most_prompt_versions,
            p.end_users AS most_end_users, p.stored_bytes AS most_stored_bytes, p.models AS plan_models, u.limits
        """

    package init(_ row: Row) throws {
        let own = try OwnLimits(stored: row.stringIfPresent("limits"))
        self.init(
            requestsPerMinute: try own.requestsPerMinute ?? row.intIfPresent("requests_per_minute"),
            conversationsPerDay: try own.conversationsPerDay ?? row.intIfPresent("conversations_per_day"),
            messagesPerDay: try own.messagesPerDay ?? row.intIfPresent("messages_per_day"),
            creditsPerMonth: try row.intIfPresent("credits_per_month"),
            files: try own.files ?? row.intIfPresent("files"), keys: try own.keys ?? row.intIfPresent("keys"),
            chatbots: try own.chatbots ?? row.intIfPresent("most_chatbots"),
            workspaces: try own.workspaces ?? row.intIfPresent("most_workspaces"),
            promptVersions: try own.promptVersions ?? row.intIfPresent("most_prompt_versions"),
            endUsers: try own.endUsers ?? row.intIfPresent("most_end_users"),
            storedBytes: try own.storedBytes ?? row.intIfPresent("most_stored_bytes"),
            models: try own.models
                ?? row.stringIfPresent("plan_models").map { try JSONText.parse([String].self, $0) })
    }
}

extension Subscriber {
    /// The one who pays for a workspace, as a value in SQL: its oldest accepted owner who may act.
    package static func payer(of workspace: String) -> String {
        """
        (SELECT o.id FROM members m JOIN users o ON o.id = m.user_id WHERE m.workspace_id = \(workspace)
            AND m.role = 'owner' AND m.accepted_at IS NOT NULL AND o.disabled_at IS NULL AND o.deleted_at IS NULL
            ORDER BY m.created_at, o.id LIMIT 1)
        """
    }

    package static func find(_ tx: Transaction, userID: String) throws -> Subscriber? { try find(tx, "?", userID) }

    /// The owner of the workspace; nil if it has no active owner.
    package static func payer(_ tx: Transaction, workspaceID: String) throws -> Subscriber? {
        try find(tx, payer(of: "?"), workspaceID)
    }

    private static func find(_ tx: Transaction, _ user: String, _ id: String) throws -> Subscriber? {
        try tx.row(
            "SELECT u.id, \(EffectiveLimits.columns) FROM users u JOIN plans p ON p.id = u.plan_id WHERE u.id = \(user)",
            [id]
        ) { Subscriber(userID: try $0.string("id"), limits: try EffectiveLimits($0)) }
    }
}

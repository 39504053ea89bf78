import HTTPKit

/// What its users may do. A limit that is null does not limit.
struct Plan: JSONOutput, Equatable {
    let id: String
    let name: String
    let requestsPerMinute: Int?
    let conversationsPerDay: Int?
    let messagesPerDay: Int?
    let creditsPerMonth: Int?
    let files: Int?
    let keys: Int?
    /// In one workspace, as prompt versions are in one chatbot.
    let chatbots: Int?
    /// That the user owns.
    let workspaces: Int?
    let promptVersions: Int?
    /// In one workspace.
    let endUsers: Int?
    /// In one workspace.
    let storedBytes: Int?
    let models: [String]?
    /// Whether new users get it.
    let isDefault: Bool
    let createdAt: Timestamp
    let updatedAt: Timestamp

    struct Create: Input, Ruled {
        let name: String
        let requestsPerMinute: Int?
        let conversationsPerDay: Int?
        let messagesPerDay: Int?
        let creditsPerMonth: Int?
        let files: Int?
        let keys: Int?
        let chatbots: Int?
        let workspaces: Int?
        let promptVersions: Int?
        let endUsers: Int?
        let storedBytes: Int?
        let models: [String]?
        let isDefault: Bool?

        static var rules: [String: Rule] { Plan.rules }
    }

    struct Update: Input, Ruled {
        let name: String?
        let requestsPerMinute: Change<Int>
        let conversationsPerDay: Change<Int>
        let messagesPerDay: Change<Int>
        let creditsPerMonth: Change<Int>
        let files: Change<Int>
        let keys: Change<Int>
        let chatbots: Change<Int>
        let workspaces: Change<Int>
        let promptVersions: Change<Int>
        let endUsers: Change<Int>
        let storedBytes: Change<Int>
        let models: Change<[String]>
        let isDefault: Bool?

        static var rules: [String: Rule] { Plan.rules }

        func validate() throws(APIError) {
            guard isDefault != false else {
                throw APIError.invalid("is_default", "Make another plan the default: then this one is it no more.")
            }
        }
    }

    static let limitRules: [String: Rule] = [
        "requests_per_minute": .number(1...1_000_000, note: "Null: no limit."),
        "conversations_per_day": .number(0...1_000_000_000, note: "Null: no limit."),
        "messages_per_day": .number(0...1_000_000_000, note: "Null: no limit."),
        "credits_per_month": .number(0...Double(Credits.highest), note: "In micro-units. Null: no limit."),
        "files": .number(0...1_000_000_000, note: "Null: no limit."),
        "keys": .number(0...1_000_000_000, note: "Null: no limit."),
        "chatbots": .number(0...1_000_000_000, note: "In each workspace that the user pays for. Null: no limit."),
        "workspaces": .number(0...1_000_000_000, note: "That the user owns. Null: no limit."),
        "prompt_versions": .number(0...1_000_000_000, note: "Of each chatbot. Null: no limit."),
        "end_users": .number(0...1_000_000_000, note: "In each workspace that the user pays for. Null: no limit."),
        "stored_bytes": .number(
            0...9_000_000_000_000_000, note: "In each workspace that the user pays for. Null: no limit."),
        "models": .text(1...200, note: "Each as `provider/model` or `model`. Null: all."),
    ]

    private static var rules: [String: Rule] {
        limitRules.merging([
            "name": .text(1...64), "is_default": .note("Whether new users get it. One plan is the default."),
        ]) { $1 }
    }

    func givesMoreCredits(than other: Plan) -> Bool {
        guard let theirs = other.creditsPerMonth else { return false }
        return creditsPerMonth.map { $0 > theirs } ?? true
    }

    /// What the audit trail tells of it.
    static let audited = [
        "name", "requests_per_minute", "conversations_per_day", "messages_per_day", "credits_per_month", "files",
        "keys", "chatbots", "workspaces", "prompt_versions", "end_users", "stored_bytes", "models", "is_default",
    ]

    func applying(_ change: Update, now: Timestamp) -> Plan {
        Plan(
            id: id, name: change.name ?? name,
            requestsPerMinute: change.requestsPerMinute.applied(to: requestsPerMinute),
            conversationsPerDay: change.conversationsPerDay.applied(to: conversationsPerDay),
            messagesPerDay: change.messagesPerDay.applied(to: messagesPerDay),
            creditsPerMonth: change.creditsPerMonth.applied(to: creditsPerMonth),
            files: change.files.applied(to: files), keys: change.keys.applied(to: keys),
            chatbots: change.chatbots.applied(to: chatbots), workspaces: change.workspaces.applied(to: workspaces),
            promptVersions: change.promptVersions.applied(to: promptVersions),
            endUsers: change.endUsers.applied(to: endUsers), storedBytes: change.storedBytes.applied(to: storedBytes),
            models: change.models.applied(to: models), isDefault: change.isDefault ?? isDefault, createdAt: createdAt,
            updatedAt: now)
    }
}

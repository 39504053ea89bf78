package import HTTPKit

/// What its users may do. A limit that is null does not limit.
package struct Plan: JSONOutput, Equatable {
    package let id: String
    package let name: String
    package let requestsPerMinute: Int?
    package let conversationsPerDay: Int?
    package let messagesPerDay: Int?
    package let creditsPerMonth: Int?
    package let files: Int?
    package let keys: Int?
    /// Maximum number of chatbots in one workspace. `promptVersions` is the maximum in one chatbot.
    package let chatbots: Int?
    /// Maximum number of workspaces that the user owns.
    package let workspaces: Int?
    package let promptVersions: Int?
    /// Maximum number of end users in one workspace.
    package let endUsers: Int?
    /// Maximum number of stored bytes in one workspace.
    package let storedBytes: Int?
    package let models: [String]?
    /// Whether new users get it.
    package let isDefault: Bool
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    package struct Create: Input, Ruled {
        package let name: String
        package let requestsPerMinute: Int?
        package let conversationsPerDay: Int?
        package let messagesPerDay: Int?
        package let creditsPerMonth: Int?
        package let files: Int?
        package let keys: Int?
        package let chatbots: Int?
        package let workspaces: Int?
        package let promptVersions: Int?
        package let endUsers: Int?
        package let storedBytes: Int?
        package let models: [String]?
        package let isDefault: Bool?

        package static var rules: [String: Rule] { Plan.rules }
    }

    package struct Update: Input, Ruled {
        package let name: String?
        package let requestsPerMinute: Change<Int>
        package let conversationsPerDay: Change<Int>
        package let messagesPerDay: Change<Int>
        package let creditsPerMonth: Change<Int>
        package let files: Change<Int>
        package let keys: Change<Int>
        package let chatbots: Change<Int>
        package let workspaces: Change<Int>
        package let promptVersions: Change<Int>
        package let endUsers: Change<Int>
        package let storedBytes: Change<Int>
        package let models: Change<[String]>
        package let isDefault: Bool?

        package static var rules: [String: Rule] { Plan.rules }

        package func validate() throws(APIError) {
            guard isDefault != false else {
                throw APIError.invalid("is_default", "Make another plan the default: then this one is it no more.")
            }
        }
    }

    package static let limitRules: [String: Rule] = [
        "requests_per_minute": .number(1...1_000_000, note: "Null: no limit."),
        "conversations_per_day": .number(0...1_000_000_000, note: "Null: no limit."),
        "messages_per_day": .number(0...1_000_000_000, note: "Null: no limit."),
        "credits_per_month": .number(0...Double(Credits.highest), note: "In micro-units. Null: no limit."),
        "files": .number(
            0...1_000_000_000,
            note: "Of chatbots and API clients, in each workspace that the user pays for. Null: no limit."),
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

    package func givesMoreCredits(than other: Plan) -> Bool {
        guard let theirs = other.creditsPerMonth else { return false }
        return creditsPerMonth.map { $0 > theirs } ?? true
    }

    /// What the audit trail tells of it.
    package static let audited = [
        "name", "requests_per_minute", "conversations_per_day", "messages_per_day", "credits_per_month", "files",
        "keys", "chatbots", "workspaces", "prompt_versions", "end_users", "stored_bytes", "models", "is_default",
    ]

    package func applying(_ change: Update, now: Timestamp) -> Plan {
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

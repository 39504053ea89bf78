package import HTTPKit
package import Platform
package import Storage

/// How a chatbot's widget looks and what it shows first, on every website that has it.
package struct WidgetSettings: JSONOutput, Equatable {
    package let look: Look
    /// Nil: the chatbot's own greeting.
    package let greeting: String?
    /// The panel's heading. Nil: the chatbot's name.
    package let title: String?
    /// Messages that a visitor can send with one click, in their order.
    package let starters: [String]
    /// Whether the panel names Mynah.
    package let poweredBy: Bool
    /// Whether visitors may attach files to their messages.
    package let attachments: Bool

    package struct Look: JSONOutput, Equatable {
        package let side: Side
        package let theme: Theme
        /// `#rrggbb`. Nil: Mynah's own colour.
        package let accent: String?
    }

    package enum Side: String, Choice { case right, left }

    /// `auto` follows the visitor's own setting.
    package enum Theme: String, Choice { case auto, light, dark }

    package struct Update: Input, Ruled {
        package let look: LookUpdate?
        package let greeting: Change<String>
        package let title: Change<String>
        package let starters: [String]?
        package let poweredBy: Bool?
        package let attachments: Bool?

        package static var rules: [String: Rule] {
            [
                "greeting": .text(0...2000, note: "The chatbot's own greeting if it is null."),
                "title": .text(1...80, note: "The chatbot's name if it is null."),
                "starters": .text(1...200),
            ]
        }

        private static let mostStarters = 6

        package func validate() throws(APIError) {
            guard let starters, starters.count > Self.mostStarters else { return }
            throw .invalid("starters", "'starters' must have at most \(Self.mostStarters) items.")
        }
    }

    package struct LookUpdate: Codable, Sendable, Ruled {
        package let side: Side?
        package let theme: Theme?
        package let accent: Change<String>

        package static var rules: [String: Rule] {
            ["accent": .text(7...7, pattern: "#[0-9a-fA-F]{6}", note: "Mynah's own colour if it is null.")]
        }
    }
}

extension WidgetSettings {
    /// What was set, as it is stored; the rest has defaults.
    private struct Chosen: Codable {
        var side: Side?
        var theme: Theme?
        var accent: String?
        var greeting: String?
        var title: String?
        var starters: [String]?
        var poweredBy: Bool?
        var attachments: Bool?
    }

    private init(_ chosen: Chosen) {
        look = Look(side: chosen.side ?? .right, theme: chosen.theme ?? .auto, accent: chosen.accent)
        greeting = chosen.greeting
        title = chosen.title
        starters = chosen.starters ?? []
        poweredBy = chosen.poweredBy ?? true
        attachments = chosen.attachments ?? false
    }

    package static func find(_ tx: Transaction, in tenant: Tenant, chatbotID: String) throws -> WidgetSettings {
        WidgetSettings(try chosen(tx, in: tenant, chatbotID: chatbotID))
    }

    /// - Parameter stored: The column `widget` of a chatbot.
    static func starters(in stored: String?) throws -> [String] {
        try stored.map { try JSONText.parse(Chosen.self, $0) }?.starters ?? []
    }

    private static func chosen(_ tx: Transaction, in tenant: Tenant, chatbotID: String) throws -> Chosen {
        let stored = try tx.row(
            "SELECT widget FROM chatbots WHERE workspace_id = ? AND id = ?", [tenant.workspaceID, chatbotID]
        ) { try $0.stringIfPresent("widget") }
        return try stored.flatMap(\.self).map { try JSONText.parse(Chosen.self, $0) } ?? Chosen()
    }

    /// Changes the fields that are sent. The caller holds the chatbot's row.
    package static func update(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, _ change: Update
    ) throws -> WidgetSettings {
        var chosen = try chosen(tx, in: tenant, chatbotID: chatbotID)
        chosen.side = change.look?.side ?? chosen.side
        chosen.theme = change.look?.theme ?? chosen.theme
        chosen.accent = change.look.map { $0.accent.applied(to: chosen.accent) } ?? chosen.accent
        chosen.greeting = change.greeting.applied(to: chosen.greeting)
        chosen.title = change.title.applied(to: chosen.title)
        chosen.starters = change.starters ?? chosen.starters
        chosen.poweredBy = change.poweredBy ?? chosen.poweredBy
        chosen.attachments = change.attachments ?? chosen.attachments
        try tx.run(
            "UPDATE chatbots SET widget = ? WHERE workspace_id = ? AND id = ?",
            [try JSONText.text(chosen), tenant.workspaceID, chatbotID])
        return WidgetSettings(chosen)
    }
}

import Accounts
package import HTTPKit
import HTTPTypes
package import Platform
package import Storage

/// The settings of a chatbot's widget, for those who may change the chatbot.
package struct WidgetSettingsRoutes: Sendable {
    package let database: Database

    package init(database: Database) {
        self.database = database
    }

    package func read(_ who: UserCaller) async throws -> WidgetSettings {
        try await database.read(who.scope) { tx in
            let (chatbot, tenant) = try Chatbot.find(tx, id: who["chatbot_id"], for: who.caller)
            try tenant.require(.edit)
            return try WidgetSettings.find(tx, in: tenant, chatbotID: chatbot.id)
        }
    }

    package func update(_ who: UserCaller, _ input: WidgetSettings.Update) async throws -> WidgetSettings {
        try await database.write(who.scope) { tx in
            let (chatbot, tenant) = try Chatbot.findEditable(tx, id: who["chatbot_id"], for: who.caller)
            // The row is held before it is read, so that two changes at once do not undo each other.
            try Chatbot.lock(tx, in: tenant, id: chatbot.id)
            return try WidgetSettings.update(tx, in: tenant, chatbotID: chatbot.id, input)
        }
    }
}

extension WidgetSettingsRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/chatbots/{chatbot_id}/widget", .read, id: "get_widget_settings", "Get the widget's settings",
                about: "How the chatbot's widget looks on websites and what it shows first.",
                read,
                errors: [.forbidden]),
            Route(
                .put, "/chatbots/{chatbot_id}/widget", .write, id: "update_widget_settings",
                "Update the widget's settings",
                about: "Changes the fields that are sent; `null` restores a default. Websites show it when a visitor "
                    + "next opens the widget.",
                update,
                errors: [.forbidden]),
        ].tagged(.widget)
    }
}

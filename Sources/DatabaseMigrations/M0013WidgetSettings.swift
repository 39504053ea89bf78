import Storage

extension Migrations {
    /// The settings of a chatbot's widget, which count toward the bytes that a workspace stores.
    static let widgetSettings = Migration(
        number: 13, name: "widget settings", dropsData: true,
        up: { tx, dialect in
            try tx.script("ALTER TABLE chatbots ADD COLUMN widget TEXT")
            for statement in WidgetTriggers.up(dialect) { try tx.script(statement) }
        },
        down: { tx, dialect in
            try tx.script("UPDATE chatbots SET widget = NULL")
            for statement in WidgetTriggers.down(dialect) { try tx.script(statement) }
            try tx.script("ALTER TABLE chatbots DROP COLUMN widget")
        })
}

private enum WidgetTriggers {
    static func up(_ dialect: Dialect) -> [String] {
        // The shard of `workspace_totals` that counts the chatbots' other texts.
        let shard = dialect == .sqlite ? "0" : "8"
        let (old, new) = (dialect.bytes(of: "OLD.widget"), dialect.bytes(of: "NEW.widget"))
        func change(by bytes: String) -> String {
            "UPDATE workspace_totals SET bytes = bytes + \(bytes) WHERE workspace_id = OLD.workspace_id "
                + "AND shard = \(shard)"
        }
        return dialect.trigger(
            "chatbots_widget_updated", after: "UPDATE OF widget", on: "chatbots", when: "\(old) <> \(new)",
            [change(by: "\(new) - \(old)")])
            + dialect.trigger(
                "chatbots_widget_deleted", after: "DELETE", on: "chatbots", when: "OLD.widget IS NOT NULL",
                [change(by: "-\(old)")])
    }

    static func down(_ dialect: Dialect) -> [String] {
        ["chatbots_widget_updated", "chatbots_widget_deleted"].flatMap { dialect.dropTrigger($0, on: "chatbots") }
    }
}

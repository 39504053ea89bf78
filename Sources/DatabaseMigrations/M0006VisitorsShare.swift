import Storage

extension Migrations {
    /// The conversations of a day that visitors began: they may use up half of those, as of the messages.
    static let visitorsShare = Migration(
        number: 6, name: "visitors share", dropsData: true,
        up: { tx, _ in
            try tx.script("ALTER TABLE daily_usage ADD COLUMN visitor_conversations BIGINT NOT NULL DEFAULT 0")
        },
        down: { tx, _ in try tx.script("ALTER TABLE daily_usage DROP COLUMN visitor_conversations") })
}

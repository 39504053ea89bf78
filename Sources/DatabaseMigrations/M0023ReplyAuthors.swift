import Storage

extension Migrations {
    /// Which chatbot gave a reply, if the conversation has another one since. Null: the conversation's.
    static let replyAuthors = Migration(
        number: 23, name: "reply authors", dropsData: true,
        up: { tx, _ in try tx.script("ALTER TABLE messages ADD COLUMN chatbot_id TEXT") },
        down: { tx, _ in try tx.script("ALTER TABLE messages DROP COLUMN chatbot_id") })
}

import Storage

extension Migrations {
    /// Messages with several versions. A conversation without any needs no change: a message without a parent follows the
    /// one before it, and a conversation without a path shows all.
    static let messageTree = Migration(
        number: 19, name: "message tree", dropsData: true,
        up: { tx, _ in
            try tx.script(
                """
                ALTER TABLE messages ADD COLUMN parent_position BIGINT;
                ALTER TABLE conversations ADD COLUMN path TEXT;
                CREATE INDEX messages_of_parent ON messages (conversation_id, parent_position, position)
                    WHERE parent_position IS NOT NULL;
                """)
        },
        down: { tx, _ in
            try tx.script(
                """
                DROP INDEX messages_of_parent;
                ALTER TABLE conversations DROP COLUMN path;
                ALTER TABLE messages DROP COLUMN parent_position;
                """)
        })
}

import Storage

extension Migrations {
    /// Conversations that a user keeps at the top of the list, or out of it.
    static let pinnedConversations = Migration(
        number: 26, name: "pinned conversations", dropsData: true,
        up: { tx, _ in
            try tx.script(
                """
                ALTER TABLE conversations ADD COLUMN pinned BIGINT NOT NULL DEFAULT 0;
                ALTER TABLE conversations ADD COLUMN archived BIGINT NOT NULL DEFAULT 0;
                CREATE INDEX conversations_pinned ON conversations (user_id, workspace_id, updated_at, id) WHERE pinned = 1;
                CREATE INDEX conversations_archived ON conversations (user_id, workspace_id, updated_at, id)
                    WHERE archived = 1;
                """)
        },
        down: { tx, _ in
            try tx.script(
                """
                DROP INDEX conversations_archived;
                DROP INDEX conversations_pinned;
                ALTER TABLE conversations DROP COLUMN archived;
                ALTER TABLE conversations DROP COLUMN pinned;
                """)
        })
}

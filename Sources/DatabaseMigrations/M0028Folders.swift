import Storage

extension Migrations {
    /// The folders in which users keep conversations, which are names and nothing more.
    static let folders = Migration(
        number: 28, name: "folders", dropsData: true,
        up: { tx, _ in
            try tx.script(
                """
                ALTER TABLE conversations ADD COLUMN folder TEXT;
                CREATE INDEX conversations_by_folder ON conversations (user_id, workspace_id, folder, updated_at, id)
                    WHERE folder IS NOT NULL;
                """)
        },
        down: { tx, _ in
            try tx.script(
                """
                DROP INDEX conversations_by_folder;
                ALTER TABLE conversations DROP COLUMN folder;
                """)
        })
}

import Storage

extension Migrations {
    /// Which conversations a model is to write a title for: `to_title` counts the tries that are left.
    static let writtenTitles = Migration(
        number: 29, name: "written titles", dropsData: true,
        up: { tx, _ in
            try tx.script(
                """
                ALTER TABLE conversations ADD COLUMN to_title BIGINT NOT NULL DEFAULT 0;
                CREATE INDEX conversations_to_title ON conversations (workspace_id, created_at) WHERE to_title > 0;
                """)
        },
        down: { tx, _ in
            try tx.script(
                """
                DROP INDEX conversations_to_title;
                ALTER TABLE conversations DROP COLUMN to_title;
                """)
        })
}

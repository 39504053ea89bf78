import Storage

extension Migrations {
    /// The sources that replies refer to. Null: the reply was made without files.
    static let citations = Migration(
        number: 20, name: "citations", dropsData: true,
        up: { tx, _ in
            try tx.script(
                """
                ALTER TABLE messages ADD COLUMN citations TEXT;
                CREATE INDEX messages_unsourced ON messages (workspace_id, id) WHERE citations = '[]';
                """)
        },
        down: { tx, _ in
            try tx.script(
                """
                DROP INDEX messages_unsourced;
                ALTER TABLE messages DROP COLUMN citations;
                """)
        })
}

import Storage

extension Migrations {
    /// The texts of knowledge files, and which run is reading a file.
    static let fileTexts = Migration(
        number: 17, name: "file texts", dropsData: true,
        up: { tx, dialect in
            let id = dialect.idType
            try tx.script(
                """
                ALTER TABLE files ADD COLUMN title TEXT;
                ALTER TABLE files ADD COLUMN read_by \(id);
                ALTER TABLE files ADD COLUMN reads BIGINT NOT NULL DEFAULT 0;
                CREATE INDEX files_to_read ON files (state, workspace_id, id) WHERE kind = 'knowledge';
                CREATE TABLE file_texts (
                    workspace_id \(id) NOT NULL,
                    file_id \(id) NOT NULL,
                    position BIGINT NOT NULL,
                    blocks TEXT NOT NULL,
                    PRIMARY KEY (workspace_id, file_id, position),
                    FOREIGN KEY (workspace_id, file_id) REFERENCES files (workspace_id, id) ON DELETE CASCADE
                );
                """)
            for statement in FileTextTriggers.up(dialect) + dialect.rowSecurity(table: "file_texts") {
                try tx.script(statement)
            }
        },
        down: { tx, dialect in
            for statement in FileTextTriggers.down(dialect) { try tx.script(statement) }
            try tx.script(
                """
                DELETE FROM workspace_totals WHERE shard = 20;
                DROP TABLE file_texts;
                DROP INDEX files_to_read;
                ALTER TABLE files DROP COLUMN reads;
                ALTER TABLE files DROP COLUMN read_by;
                ALTER TABLE files DROP COLUMN title;
                """)
        })
}

/// Counts the bytes of texts toward those that a workspace stores.
private enum FileTextTriggers {
    private static let table = "file_texts"
    /// The shard of `workspace_totals`.
    private static let shard = 20
    /// Counted for a row beside its text.
    private static let rowBytes = 200

    static func up(_ dialect: Dialect) -> [String] {
        let (old, new) = (dialect.bytes(of: "OLD.blocks"), dialect.bytes(of: "NEW.blocks"))
        return dialect.trigger(
            "\(table)_total_inserted", after: "INSERT", on: table,
            [
                """
                INSERT INTO workspace_totals (workspace_id, shard, bytes, end_users)
                VALUES (NEW.workspace_id, \(shard), \(new) + \(rowBytes), 0)
                ON CONFLICT (workspace_id, shard) DO UPDATE SET bytes = workspace_totals.bytes + excluded.bytes
                """
            ])
            + dialect.trigger(
                "\(table)_total_deleted", after: "DELETE", on: table,
                [
                    "UPDATE workspace_totals SET bytes = bytes - (\(old)) - \(rowBytes) "
                        + "WHERE workspace_id = OLD.workspace_id AND shard = \(shard)"
                ])
    }

    static func down(_ dialect: Dialect) -> [String] {
        ["inserted", "deleted"].flatMap { dialect.dropTrigger("\(table)_total_\($0)", on: table) }
    }
}

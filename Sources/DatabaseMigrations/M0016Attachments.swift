import Storage

extension Migrations {
    /// Which files of its conversation a message has.
    static let attachments = Migration(
        number: 16, name: "attachments", dropsData: true,
        up: { tx, dialect in
            let id = dialect.idType
            try tx.script(
                """
                ALTER TABLE messages ADD COLUMN attached BIGINT NOT NULL DEFAULT 0;
                CREATE UNIQUE INDEX files_of_workspace ON files (workspace_id, id);
                CREATE TABLE message_files (
                    workspace_id \(id) NOT NULL,
                    message_id \(id) NOT NULL,
                    file_id \(id) NOT NULL,
                    position BIGINT NOT NULL,
                    PRIMARY KEY (workspace_id, message_id, file_id),
                    FOREIGN KEY (workspace_id, message_id) REFERENCES messages (workspace_id, id) ON DELETE CASCADE,
                    FOREIGN KEY (workspace_id, file_id) REFERENCES files (workspace_id, id) ON DELETE CASCADE
                );
                CREATE INDEX message_files_by_file ON message_files (workspace_id, file_id);
                """)
            for statement in dialect.rowSecurity(table: "message_files") { try tx.script(statement) }
        },
        down: { tx, _ in
            try tx.script(
                """
                DROP TABLE message_files;
                DROP INDEX files_of_workspace;
                ALTER TABLE messages DROP COLUMN attached;
                """)
        })
}

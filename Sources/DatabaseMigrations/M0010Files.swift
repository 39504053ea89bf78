import HTTPKit
import Storage

extension Migrations {
    /// Files, their bytes' objects, and uploads that are not files yet.
    static let files = Migration(
        number: 10, name: "files", dropsData: true,
        up: { tx, dialect in
            let (id, blob) = (dialect.idType, dialect.blobType)
            try tx.script(
                """
                CREATE TABLE uploads (
                    id \(id) PRIMARY KEY,
                    workspace_id \(id) NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
                    owner \(id) NOT NULL,
                    user_id \(id) REFERENCES users (id) ON DELETE CASCADE,
                    name TEXT NOT NULL,
                    bytes BIGINT NOT NULL CHECK (bytes >= 0),
                    content_type TEXT,
                    sha256 \(blob),
                    created_at BIGINT NOT NULL,
                    expires_at BIGINT NOT NULL
                );
                CREATE INDEX uploads_by_workspace ON uploads (workspace_id);
                CREATE INDEX uploads_by_user ON uploads (user_id);
                CREATE INDEX uploads_by_expiry ON uploads (expires_at);
                CREATE TABLE files (
                    id \(id) PRIMARY KEY,
                    workspace_id \(id) NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
                    kind TEXT NOT NULL CHECK (kind IN ('knowledge', 'attachment', 'client')),
                    chatbot_id \(id),
                    conversation_id \(id),
                    owner \(id) NOT NULL,
                    user_id \(id) REFERENCES users (id) ON DELETE SET NULL,
                    name TEXT NOT NULL,
                    bytes BIGINT NOT NULL CHECK (bytes >= 0),
                    content_type TEXT NOT NULL,
                    sha256 \(blob) NOT NULL,
                    state TEXT NOT NULL,
                    error_code TEXT,
                    chunks BIGINT NOT NULL DEFAULT 0,
                    created_at BIGINT NOT NULL,
                    CHECK (kind <> 'knowledge' OR chatbot_id IS NOT NULL),
                    CHECK ((kind = 'attachment') = (conversation_id IS NOT NULL)),
                    FOREIGN KEY (workspace_id, chatbot_id) REFERENCES chatbots (workspace_id, id) ON DELETE CASCADE,
                    FOREIGN KEY (workspace_id, conversation_id)
                        REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
                );
                CREATE INDEX files_by_workspace ON files (workspace_id, kind);
                CREATE INDEX files_by_chatbot ON files (workspace_id, chatbot_id, kind, id);
                CREATE INDEX files_by_conversation ON files (workspace_id, conversation_id, id)
                    WHERE conversation_id IS NOT NULL;
                CREATE INDEX files_by_owner ON files (owner, kind, id);
                CREATE INDEX files_by_user ON files (user_id);
                CREATE TABLE file_parts (
                    object \(id) PRIMARY KEY,
                    workspace_id \(id) NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
                    upload_id \(id) REFERENCES uploads (id) ON DELETE CASCADE,
                    file_id \(id) REFERENCES files (id) ON DELETE CASCADE,
                    position BIGINT NOT NULL,
                    bytes BIGINT NOT NULL,
                    sha256 \(blob) NOT NULL,
                    CHECK ((upload_id IS NULL) <> (file_id IS NULL)),
                    UNIQUE (upload_id, position),
                    UNIQUE (file_id, position)
                );
                CREATE INDEX file_parts_by_workspace ON file_parts (workspace_id);
                CREATE TABLE removed_objects (
                    object \(id) PRIMARY KEY
                );
                CREATE TABLE file_store (
                    id TEXT PRIMARY KEY
                );
                """)
            try tx.run("INSERT INTO file_store (id) VALUES (?)", [Identifier.make()])
            for statement in FileTriggers.up(dialect)
                + ["uploads", "files", "file_parts"].flatMap({ dialect.rowSecurity(table: $0) })
            {
                try tx.script(statement)
            }
        },
        down: { tx, dialect in
            for statement in FileTriggers.down(dialect) { try tx.script(statement) }
            try tx.script(
                """
                DELETE FROM workspace_totals WHERE shard IN (16, 17);
                DROP TABLE file_store;
                DROP TABLE removed_objects;
                DROP TABLE file_parts;
                DROP TABLE files;
                DROP TABLE uploads;
                """)
        })
}

/// What the database itself keeps right: the bytes that a workspace stores, and which objects have no row any more.
private enum FileTriggers {
    /// Counted for a row beside its bytes.
    private static let rowBytes = 200
    /// Tables with their shards in `workspace_totals`; other tables use the shards 0–8.
    private static let tables = [("uploads", 16), ("files", 17)]

    static func up(_ dialect: Dialect) -> [String] {
        var statements = dialect.trigger(
            "file_parts_removed", after: "DELETE", on: "file_parts",
            ["INSERT INTO removed_objects (object) VALUES (OLD.object) ON CONFLICT (object) DO NOTHING"])
        for (table, shard) in tables {
            func change(_ row: String, by bytes: String) -> String {
                "UPDATE workspace_totals SET bytes = bytes + (\(bytes)) WHERE workspace_id = \(row).workspace_id "
                    + "AND shard = \(shard)"
            }
            statements += dialect.trigger(
                "\(table)_total_inserted", after: "INSERT", on: table,
                [
                    """
                    INSERT INTO workspace_totals (workspace_id, shard, bytes, end_users)
                    VALUES (NEW.workspace_id, \(shard), NEW.bytes + \(rowBytes), 0)
                    ON CONFLICT (workspace_id, shard) DO UPDATE SET bytes = workspace_totals.bytes + excluded.bytes
                    """
                ])
            statements += dialect.trigger(
                "\(table)_total_updated", after: "UPDATE OF bytes", on: table, when: "OLD.bytes <> NEW.bytes",
                [change("NEW", by: "NEW.bytes - OLD.bytes")])
            statements += dialect.trigger(
                "\(table)_total_deleted", after: "DELETE", on: table, [change("OLD", by: "-OLD.bytes - \(rowBytes)")])
        }
        return statements
    }

    static func down(_ dialect: Dialect) -> [String] {
        dialect.dropTrigger("file_parts_removed", on: "file_parts")
            + tables.flatMap { table, _ in
                ["inserted", "updated", "deleted"].flatMap { dialect.dropTrigger("\(table)_total_\($0)", on: table) }
            }
    }
}

import Storage

extension Migrations {
    /// Imports of conversations, the source of an imported conversation, and what that did not show. An import outlives its
    /// chatbot, so that the job that finds no chatbot removes the upload, too.
    static let imports = Migration(
        number: 24, name: "imports", dropsData: true,
        up: { tx, dialect in
            let id = dialect.idType
            try tx.script(
                """
                CREATE TABLE imports (
                    id \(id) PRIMARY KEY,
                    workspace_id \(id) NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
                    user_id \(id) NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                    chatbot_id \(id) NOT NULL,
                    upload_id \(id),
                    name TEXT NOT NULL,
                    wanted_format TEXT,
                    format TEXT,
                    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
                    error_code TEXT,
                    position BIGINT NOT NULL DEFAULT 0,
                    imported BIGINT NOT NULL DEFAULT 0,
                    skipped TEXT NOT NULL DEFAULT '{}',
                    failed TEXT NOT NULL DEFAULT '{}',
                    progress BIGINT NOT NULL DEFAULT 0,
                    attempts BIGINT NOT NULL DEFAULT 0,
                    run_by \(id),
                    created_at BIGINT NOT NULL,
                    ended_at BIGINT
                );
                CREATE INDEX imports_to_run ON imports (state, workspace_id, id) WHERE state IN ('queued', 'running');
                CREATE INDEX imports_by_user ON imports (user_id, id);
                CREATE INDEX imports_by_workspace ON imports (workspace_id);
                ALTER TABLE conversations ADD COLUMN source TEXT;
                CREATE UNIQUE INDEX conversations_by_source ON conversations (workspace_id, user_id, source)
                    WHERE source IS NOT NULL AND deleted_at IS NULL;
                CREATE TABLE hidden_messages (
                    id \(id) NOT NULL,
                    workspace_id \(id) NOT NULL,
                    conversation_id \(id) NOT NULL,
                    after_position BIGINT NOT NULL,
                    role TEXT NOT NULL,
                    content TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    PRIMARY KEY (workspace_id, id),
                    FOREIGN KEY (workspace_id, conversation_id)
                        REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
                );
                CREATE INDEX hidden_messages_by_conversation ON hidden_messages (workspace_id, conversation_id, id);
                """)
            let statements =
                HiddenMessageTriggers.up(dialect) + ThoughtTriggers.up(dialect)
                + ["imports", "hidden_messages"].flatMap { dialect.rowSecurity(table: $0) }
            for statement in statements { try tx.script(statement) }
        },
        down: { tx, dialect in
            for statement in HiddenMessageTriggers.down(dialect) + ThoughtTriggers.down(dialect) {
                try tx.script(statement)
            }
            try tx.script(
                """
                DELETE FROM workspace_totals WHERE shard IN (21, 22);
                DROP TABLE hidden_messages;
                DROP INDEX conversations_by_source;
                ALTER TABLE conversations DROP COLUMN source;
                DROP TABLE imports;
                """)
        })
}

/// Counts the bytes of hidden messages toward those that a workspace stores.
private enum HiddenMessageTriggers {
    private static let table = "hidden_messages"
    /// The shard of `workspace_totals`.
    private static let shard = 21
    /// Counted for a row beside its text.
    private static let rowBytes = 200

    static func up(_ dialect: Dialect) -> [String] {
        dialect.trigger(
            "\(table)_total_inserted", after: "INSERT", on: table,
            [
                """
                INSERT INTO workspace_totals (workspace_id, shard, bytes, end_users)
                VALUES (NEW.workspace_id, \(shard), \(dialect.bytes(of: "NEW.content")) + \(rowBytes), 0)
                ON CONFLICT (workspace_id, shard) DO UPDATE SET bytes = workspace_totals.bytes + excluded.bytes
                """
            ])
            + dialect.trigger(
                "\(table)_total_deleted", after: "DELETE", on: table,
                [
                    "UPDATE workspace_totals SET bytes = bytes - (\(dialect.bytes(of: "OLD.content"))) - \(rowBytes) "
                        + "WHERE workspace_id = OLD.workspace_id AND shard = \(shard)"
                ])
    }

    static func down(_ dialect: Dialect) -> [String] {
        ["inserted", "deleted"].flatMap { dialect.dropTrigger("\(table)_total_\($0)", on: table) }
    }
}

/// Counts the bytes of thoughts, too: an export can have as many of them as of messages.
private enum ThoughtTriggers {
    /// The shard of `workspace_totals`.
    private static let shard = 22

    static func up(_ dialect: Dialect) -> [String] {
        let (old, new) = (dialect.bytes(of: "OLD.reasoning"), dialect.bytes(of: "NEW.reasoning"))
        func add(_ bytes: String) -> String {
            """
            INSERT INTO workspace_totals (workspace_id, shard, bytes, end_users) VALUES (NEW.workspace_id, \(shard), \(bytes), 0)
            ON CONFLICT (workspace_id, shard) DO UPDATE SET bytes = workspace_totals.bytes + excluded.bytes
            """
        }
        return [
            """
            INSERT INTO workspace_totals (workspace_id, shard, bytes, end_users)
            SELECT workspace_id, \(shard), SUM(\(dialect.bytes(of: "reasoning"))), 0 FROM messages WHERE reasoning IS NOT NULL
            GROUP BY workspace_id
            """
        ]
            + dialect.trigger(
                "messages_thoughts_inserted", after: "INSERT", on: "messages", when: "NEW.reasoning IS NOT NULL",
                [add(new)])
            + dialect.trigger(
                "messages_thoughts_updated", after: "UPDATE OF reasoning", on: "messages", when: "\(old) <> \(new)",
                [add("\(new) - \(old)")])
            + dialect.trigger(
                "messages_thoughts_deleted", after: "DELETE", on: "messages", when: "OLD.reasoning IS NOT NULL",
                [
                    "UPDATE workspace_totals SET bytes = bytes - (\(old)) "
                        + "WHERE workspace_id = OLD.workspace_id AND shard = \(shard)"
                ])
    }

    static func down(_ dialect: Dialect) -> [String] {
        ["inserted", "updated", "deleted"].flatMap { dialect.dropTrigger("messages_thoughts_\($0)", on: "messages") }
    }
}

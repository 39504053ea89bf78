import Storage

extension Migrations {
    /// Responses that clients can retrieve and continue, with what was said in encrypted parts.
    static let responses = Migration(
        number: 14, name: "responses", dropsData: true,
        up: { tx, dialect in
            let id = dialect.idType
            try tx.script(
                """
                CREATE TABLE responses (
                    id \(id) PRIMARY KEY,
                    workspace_id \(id) NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
                    chatbot_id \(id) NOT NULL,
                    owner \(id) NOT NULL,
                    user_id \(id) REFERENCES users (id) ON DELETE CASCADE,
                    key_id \(id),
                    external_id TEXT,
                    account \(id) NOT NULL,
                    log_id \(id) NOT NULL,
                    model TEXT NOT NULL,
                    previous_id \(id),
                    is_background BIGINT NOT NULL,
                    status TEXT NOT NULL,
                    ending TEXT,
                    bytes BIGINT NOT NULL,
                    events BIGINT NOT NULL DEFAULT 0,
                    instance TEXT,
                    lease_until BIGINT,
                    is_stopped BIGINT NOT NULL DEFAULT 0,
                    created_at BIGINT NOT NULL,
                    expires_at BIGINT,
                    UNIQUE (workspace_id, id),
                    FOREIGN KEY (workspace_id, chatbot_id) REFERENCES chatbots (workspace_id, id) ON DELETE CASCADE
                );
                CREATE INDEX responses_by_chatbot ON responses (workspace_id, chatbot_id, external_id);
                CREATE INDEX responses_by_user ON responses (user_id);
                CREATE INDEX responses_by_expiry ON responses (expires_at);
                CREATE INDEX responses_running ON responses (account) WHERE status = 'in_progress';
                CREATE TABLE response_parts (
                    id \(id) PRIMARY KEY,
                    workspace_id \(id) NOT NULL,
                    response_id \(id) NOT NULL,
                    kind TEXT NOT NULL,
                    content TEXT NOT NULL,
                    FOREIGN KEY (workspace_id, response_id) REFERENCES responses (workspace_id, id) ON DELETE CASCADE
                );
                CREATE INDEX response_parts_by_response ON response_parts (workspace_id, response_id, id);
                ALTER TABLE end_users ADD COLUMN former_id TEXT;
                """)
            for statement in ResponseTriggers.up(dialect)
                + ["responses", "response_parts"].flatMap({ dialect.rowSecurity(table: $0) })
            {
                try tx.script(statement)
            }
        },
        down: { tx, dialect in
            for statement in ResponseTriggers.down(dialect) { try tx.script(statement) }
            try tx.script(
                """
                DELETE FROM workspace_totals WHERE shard IN (18, 19);
                ALTER TABLE end_users DROP COLUMN former_id;
                DROP TABLE response_parts;
                DROP TABLE responses;
                """)
        })
}

/// Counts the bytes of responses toward those that a workspace stores.
private enum ResponseTriggers {
    /// Counted for a row beside its text.
    private static let rowBytes = 200
    /// Tables with their shards in `workspace_totals`, and the texts that are counted.
    private static let tables = [("responses", 18, "ending"), ("response_parts", 19, "content")]

    static func up(_ dialect: Dialect) -> [String] {
        tables.flatMap { table, shard, column in
            let (old, new) = (dialect.bytes(of: "OLD.\(column)"), dialect.bytes(of: "NEW.\(column)"))
            func change(_ row: String, by bytes: String) -> String {
                "UPDATE workspace_totals SET bytes = bytes + (\(bytes)) WHERE workspace_id = \(row).workspace_id "
                    + "AND shard = \(shard)"
            }
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
                    "\(table)_total_updated", after: "UPDATE OF \(column)", on: table, when: "\(old) <> \(new)",
                    [change("NEW", by: "\(new) - \(old)")])
                + dialect.trigger(
                    "\(table)_total_deleted", after: "DELETE", on: table, [change("OLD", by: "-\(old) - \(rowBytes)")])
        }
    }

    static func down(_ dialect: Dialect) -> [String] {
        tables.flatMap { table, _, _ in
            ["inserted", "updated", "deleted"].flatMap { dialect.dropTrigger("\(table)_total_\($0)", on: table) }
        }
    }
}

import Storage

extension Migrations {
    /// The record of what happened, and the work that is done beside requests.
    ///
    /// A message log outlives what it tells of, so it refers to nothing but by name. Audit entries are never changed: what
    /// chains them stands in a table of its own.
    static let records = Migration(
        number: 5, name: "records", dropsData: true,
        up: { tx, dialect in
            let id = dialect.idType
            let bytes = dialect.blobType
            try tx.script(
                """
                CREATE TABLE message_logs (
                    id \(id) PRIMARY KEY,
                    workspace_id \(id) NOT NULL,
                    chatbot_id \(id) NOT NULL,
                    payer_id \(id),
                    user_id \(id),
                    key_id \(id),
                    end_user_id \(id),
                    conversation_id \(id),
                    message_id \(id),
                    request_id TEXT,
                    provider TEXT,
                    model TEXT NOT NULL,
                    prompt_tokens BIGINT NOT NULL,
                    completion_tokens BIGINT NOT NULL,
                    cost BIGINT NOT NULL,
                    first_token_ms BIGINT,
                    total_ms BIGINT NOT NULL,
                    outcome TEXT NOT NULL CHECK (outcome IN ('complete', 'partial', 'failed')),
                    error_code TEXT,
                    content TEXT,
                    created_at BIGINT NOT NULL
                );
                CREATE INDEX message_logs_by_time ON message_logs (created_at, id);
                CREATE INDEX message_logs_by_chatbot ON message_logs (chatbot_id, created_at, id);
                CREATE INDEX message_logs_by_user ON message_logs (user_id, created_at, id)
                    WHERE user_id IS NOT NULL;
                CREATE INDEX message_logs_by_end_user ON message_logs (end_user_id) WHERE end_user_id IS NOT NULL;
                CREATE INDEX message_logs_by_payer ON message_logs (payer_id, id)
                    WHERE user_id IS NULL OR user_id <> payer_id;
                CREATE TABLE audit_entries (
                    id \(id) PRIMARY KEY,
                    actor TEXT NOT NULL,
                    action TEXT NOT NULL,
                    target TEXT,
                    outcome TEXT NOT NULL,
                    detail TEXT,
                    address TEXT,
                    request_id TEXT,
                    created_at BIGINT NOT NULL
                );
                CREATE INDEX audit_entries_by_actor ON audit_entries (actor, id);
                CREATE INDEX audit_entries_by_action ON audit_entries (action, id);
                CREATE INDEX audit_entries_by_target ON audit_entries (target, id);
                CREATE TABLE audit_seals (
                    sequence BIGINT PRIMARY KEY,
                    entry_id \(id) NOT NULL UNIQUE,
                    mac \(bytes) NOT NULL
                );
                CREATE TABLE jobs (
                    id \(id) PRIMARY KEY,
                    kind TEXT NOT NULL,
                    unique_key TEXT UNIQUE,
                    payload TEXT,
                    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'dead')),
                    attempts BIGINT NOT NULL,
                    run_at BIGINT NOT NULL,
                    leased_until BIGINT,
                    leased_by TEXT,
                    last_error TEXT,
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL
                );
                CREATE INDEX jobs_by_state ON jobs (state, run_at);
                CREATE TABLE user_exports (
                    id \(id) PRIMARY KEY,
                    user_id \(id) NOT NULL,
                    content TEXT NOT NULL,
                    created_at BIGINT NOT NULL
                );
                CREATE INDEX user_exports_by_user ON user_exports (user_id, id);
                CREATE INDEX user_exports_by_age ON user_exports (created_at);
                ALTER TABLE deleted_users ADD COLUMN wants_export BIGINT NOT NULL DEFAULT 0;
                ALTER TABLE deleted_users ADD COLUMN exported_at BIGINT;
                ALTER TABLE deleted_users ADD COLUMN purging_at BIGINT;
                CREATE INDEX deleted_users_by_time ON deleted_users (deleted_at, user_id);
                """)
            for sql in dialect.rowSecurity(table: "message_logs") { try tx.script(sql) }
            for sql in dialect.appendOnly(table: "audit_entries") { try tx.script(sql) }
        },
        down: { tx, dialect in
            try tx.script(
                """
                DROP INDEX deleted_users_by_time;
                ALTER TABLE deleted_users DROP COLUMN purging_at;
                ALTER TABLE deleted_users DROP COLUMN exported_at;
                ALTER TABLE deleted_users DROP COLUMN wants_export;
                DROP TABLE user_exports;
                DROP TABLE jobs;
                DROP TABLE audit_seals;
                DROP TABLE audit_entries;
                DROP TABLE message_logs;
                """)
            for sql in dialect.dropAppendOnly(table: "audit_entries") { try tx.script(sql) }
        })
}

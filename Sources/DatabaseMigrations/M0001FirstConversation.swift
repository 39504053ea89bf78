import Storage

extension Migrations {
    /// Accounts, workspaces, chatbots and conversations.
    ///
    /// A tenant's table carries `workspace_id` and is referenced by `(workspace_id, id)`, so that no row can point into
    /// another tenant. Times are milliseconds since 1970; ids are compared byte by byte on every engine.
    static let firstConversation = Migration(
        number: 1, name: "first conversation", dropsData: true,
        up: { tx, dialect in
            let id = dialect.idType
            let bytes = dialect.blobType
            try tx.script(
                """
                CREATE TABLE users (
                    id \(id) PRIMARY KEY,
                    username TEXT,
                    username_key TEXT UNIQUE,
                    email TEXT,
                    email_key TEXT UNIQUE,
                    email_verified_at BIGINT,
                    password_hash TEXT NOT NULL,
                    details TEXT,
                    disabled_at BIGINT,
                    deleted_at BIGINT,
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL,
                    CHECK (username_key IS NOT NULL OR email_key IS NOT NULL)
                );
                CREATE TABLE deleted_users (
                    user_id \(id) PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
                    deleted_by TEXT NOT NULL,
                    reason TEXT NOT NULL,
                    deleted_at BIGINT NOT NULL
                );
                CREATE TABLE signing_keys (
                    id \(id) PRIMARY KEY,
                    private_key TEXT NOT NULL,
                    created_at BIGINT NOT NULL
                );
                CREATE TABLE sessions (
                    id \(id) PRIMARY KEY,
                    user_id \(id) NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                    kind TEXT NOT NULL CHECK (kind IN ('token', 'cookie')),
                    secret_hash \(bytes) UNIQUE,
                    address TEXT,
                    user_agent TEXT,
                    created_at BIGINT NOT NULL,
                    last_used_at BIGINT NOT NULL,
                    expires_at BIGINT NOT NULL
                );
                CREATE INDEX sessions_by_user ON sessions (user_id, id);
                CREATE INDEX sessions_by_expiry ON sessions (expires_at);
                CREATE TABLE refresh_tokens (
                    hash \(bytes) PRIMARY KEY,
                    session_id \(id) NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
                    used_at BIGINT
                );
                CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
                CREATE TABLE idempotency_keys (
                    principal TEXT NOT NULL,
                    key TEXT NOT NULL,
                    fingerprint \(bytes) NOT NULL,
                    status BIGINT,
                    content_type TEXT,
                    answer TEXT,
                    created_at BIGINT NOT NULL,
                    PRIMARY KEY (principal, key)
                );
                CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
                CREATE TABLE workspaces (
                    id \(id) PRIMARY KEY,
                    name TEXT NOT NULL,
                    personal_user_id \(id) UNIQUE REFERENCES users (id) ON DELETE CASCADE,
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL
                );
                CREATE TABLE members (
                    workspace_id \(id) NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
                    user_id \(id) NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                    role TEXT NOT NULL CHECK (role IN ('owner', 'editor', 'viewer')),
                    created_at BIGINT NOT NULL,
                    PRIMARY KEY (workspace_id, user_id)
                );
                CREATE INDEX members_by_user ON members (user_id, workspace_id);
                CREATE TABLE chatbots (
                    id \(id) PRIMARY KEY,
                    workspace_id \(id) NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
                    name TEXT NOT NULL,
                    slug TEXT NOT NULL,
                    description TEXT,
                    provider TEXT,
                    model TEXT,
                    models TEXT NOT NULL,
                    temperature DOUBLE PRECISION,
                    max_tokens BIGINT,
                    llm_endpoint_url TEXT,
                    greeting TEXT,
                    config TEXT NOT NULL,
                    fallback_message TEXT,
                    is_default BIGINT NOT NULL,
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL,
                    UNIQUE (workspace_id, id),
                    UNIQUE (workspace_id, slug)
                );
                CREATE UNIQUE INDEX chatbots_default ON chatbots (workspace_id) WHERE is_default = 1;
                CREATE TABLE prompts (
                    id \(id) PRIMARY KEY,
                    workspace_id \(id) NOT NULL,
                    chatbot_id \(id) NOT NULL,
                    version BIGINT NOT NULL,
                    content TEXT NOT NULL,
                    is_active BIGINT NOT NULL,
                    created_at BIGINT NOT NULL,
                    UNIQUE (workspace_id, id),
                    UNIQUE (chatbot_id, version),
                    FOREIGN KEY (workspace_id, chatbot_id) REFERENCES chatbots (workspace_id, id) ON DELETE CASCADE
                );
                CREATE UNIQUE INDEX prompts_active ON prompts (chatbot_id) WHERE is_active = 1;
                CREATE TABLE conversations (
                    id \(id) PRIMARY KEY,
                    workspace_id \(id) NOT NULL,
                    chatbot_id \(id) NOT NULL,
                    user_id \(id) NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                    title TEXT,
                    session_data TEXT,
                    last_position BIGINT NOT NULL DEFAULT 0,
                    turn_message_id \(id),
                    turn_until BIGINT,
                    turn_stop BIGINT NOT NULL DEFAULT 0,
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL,
                    UNIQUE (workspace_id, id),
                    FOREIGN KEY (workspace_id, chatbot_id) REFERENCES chatbots (workspace_id, id) ON DELETE CASCADE
                );
                CREATE INDEX conversations_by_user ON conversations (user_id, workspace_id, updated_at, id);
                CREATE INDEX conversations_by_chatbot ON conversations (workspace_id, chatbot_id, user_id, updated_at, id);
                CREATE INDEX conversations_in_turn ON conversations (turn_until) WHERE turn_message_id IS NOT NULL;
                CREATE INDEX conversations_to_stop ON conversations (turn_until) WHERE turn_stop = 1;
                CREATE TABLE messages (
                    id \(id) NOT NULL,
                    workspace_id \(id) NOT NULL,
                    conversation_id \(id) NOT NULL,
                    position BIGINT NOT NULL,
                    sender TEXT NOT NULL CHECK (sender IN ('user', 'ai', 'staff', 'system')),
                    content TEXT NOT NULL,
                    status TEXT NOT NULL CHECK (status IN ('running', 'complete', 'partial', 'failed')),
                    error_code TEXT,
                    model TEXT,
                    prompt_tokens BIGINT,
                    completion_tokens BIGINT,
                    rating BIGINT,
                    comment TEXT,
                    created_at BIGINT NOT NULL,
                    PRIMARY KEY (workspace_id, id),
                    UNIQUE (conversation_id, position),
                    FOREIGN KEY (workspace_id, conversation_id)
                        REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
                );
                """)
            for sql in dialect.rowSecurity(members: "members", user: "user_id", workspace: "workspace_id")
                + dialect.rowSecurity(table: "workspaces", workspace: "id")
                + ["members", "chatbots", "prompts", "conversations", "messages"].flatMap({
                    dialect.rowSecurity(table: $0)
                })
            {
                try tx.script(sql)
            }
        },
        down: { tx, dialect in
            for table in [
                "messages", "conversations", "prompts", "chatbots", "members", "workspaces", "idempotency_keys",
                "refresh_tokens", "sessions", "signing_keys", "deleted_users", "users",
            ] {
                try tx.script("DROP TABLE \(table)")
            }
            for sql in dialect.dropRowSecurity() { try tx.script(sql) }
        })
}

import Storage

extension Migrations {
    /// API keys, the end users of a chatbot, and the details that applications send about them.
    ///
    /// A conversation belongs to a user, or else was started with a key, with or without one of the chatbot's end
    /// users.
    static let keysAndContext = Migration(
        number: 2, name: "keys and context", dropsData: true,
        up: { tx, dialect in
            let id = dialect.idType
            let bytes = dialect.blobType
            try tx.script(
                """
                ALTER TABLE chatbots ADD COLUMN fallback_messages TEXT;
                ALTER TABLE chatbots ADD COLUMN signing_secret TEXT;
                CREATE TABLE api_keys (
                    id \(id) PRIMARY KEY,
                    workspace_id \(id) REFERENCES workspaces (id) ON DELETE CASCADE,
                    chatbot_id \(id),
                    user_id \(id) REFERENCES users (id) ON DELETE CASCADE,
                    created_by \(id) REFERENCES users (id) ON DELETE SET NULL,
                    name TEXT NOT NULL,
                    kind TEXT NOT NULL CHECK (kind IN ('secret', 'publishable', 'user')),
                    prefix TEXT NOT NULL,
                    hash \(bytes) NOT NULL UNIQUE,
                    scopes TEXT NOT NULL,
                    origins TEXT NOT NULL,
                    rate_limit TEXT,
                    budget BIGINT,
                    spent BIGINT NOT NULL DEFAULT 0,
                    expires_at BIGINT,
                    revoked_at BIGINT,
                    last_used_at BIGINT,
                    created_at BIGINT NOT NULL,
                    CHECK (CASE kind WHEN 'user' THEN user_id IS NOT NULL AND chatbot_id IS NULL AND workspace_id IS NULL
                        ELSE user_id IS NULL AND chatbot_id IS NOT NULL AND workspace_id IS NOT NULL END),
                    FOREIGN KEY (workspace_id, chatbot_id) REFERENCES chatbots (workspace_id, id) ON DELETE CASCADE
                );
                CREATE INDEX api_keys_by_chatbot ON api_keys (workspace_id, chatbot_id, id);
                CREATE INDEX api_keys_by_user ON api_keys (user_id, id);
                CREATE TABLE replaced_keys (
                    hash \(bytes) PRIMARY KEY,
                    key_id \(id) NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
                    works_until BIGINT NOT NULL
                );
                CREATE INDEX replaced_keys_by_key ON replaced_keys (key_id);
                CREATE TABLE end_users (
                    id \(id) PRIMARY KEY,
                    workspace_id \(id) NOT NULL,
                    chatbot_id \(id) NOT NULL,
                    external_id TEXT NOT NULL,
                    profile TEXT,
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL,
                    UNIQUE (workspace_id, id),
                    UNIQUE (chatbot_id, external_id),
                    FOREIGN KEY (workspace_id, chatbot_id) REFERENCES chatbots (workspace_id, id) ON DELETE CASCADE
                );
                CREATE INDEX end_users_by_chatbot ON end_users (workspace_id, chatbot_id, id);
                CREATE TABLE prices (
                    model TEXT PRIMARY KEY,
                    input_per_million BIGINT NOT NULL CHECK (input_per_million >= 0),
                    output_per_million BIGINT NOT NULL CHECK (output_per_million >= 0),
                    updated_at BIGINT NOT NULL
                );
                CREATE TABLE reservations (
                    id \(id) PRIMARY KEY,
                    key_id \(id) NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
                    amount BIGINT NOT NULL CHECK (amount > 0),
                    expires_at BIGINT NOT NULL
                );
                CREATE INDEX reservations_by_key ON reservations (key_id);
                CREATE INDEX reservations_by_expiry ON reservations (expires_at);
                CREATE TABLE tickets (
                    hash \(bytes) PRIMARY KEY,
                    session_id \(id) NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
                    expires_at BIGINT NOT NULL
                );
                CREATE INDEX tickets_by_expiry ON tickets (expires_at);
                """)
            for table in ["api_keys", "end_users"] {
                for sql in dialect.rowSecurity(table: table) { try tx.script(sql) }
            }
            try tx.script(dialect == .sqlite ? rebuildConversations(id, isUp: true) : changeConversations(id))
        },
        down: { tx, dialect in
            try tx.script("DELETE FROM conversations WHERE user_id IS NULL")
            try tx.script(
                dialect == .sqlite
                    ? rebuildConversations(dialect.idType, isUp: false)
                    : """
                    DROP INDEX conversations_by_application;
                    DROP INDEX conversations_by_end_user;
                    DROP INDEX conversations_of_end_user;
                    ALTER TABLE conversations DROP COLUMN end_user_id;
                    ALTER TABLE conversations ALTER COLUMN user_id SET NOT NULL;
                    """)
            for table in ["tickets", "reservations", "prices", "end_users", "replaced_keys", "api_keys"] {
                try tx.script("DROP TABLE \(table)")
            }
            try tx.script(
                """
                ALTER TABLE chatbots DROP COLUMN fallback_messages;
                ALTER TABLE chatbots DROP COLUMN signing_secret;
                """)
        })

    private static let applicationIndexes = """
        CREATE INDEX conversations_by_application ON conversations (workspace_id, chatbot_id, updated_at, id)
            WHERE user_id IS NULL;
        CREATE INDEX conversations_by_end_user ON conversations
            (workspace_id, chatbot_id, end_user_id, updated_at, id) WHERE user_id IS NULL;
        CREATE INDEX conversations_of_end_user ON conversations (workspace_id, end_user_id)
            WHERE end_user_id IS NOT NULL;
        """

    private static func changeConversations(_ id: String) -> String {
        """
        ALTER TABLE conversations ALTER COLUMN user_id DROP NOT NULL;
        ALTER TABLE conversations ADD COLUMN end_user_id \(id);
        ALTER TABLE conversations ADD FOREIGN KEY (workspace_id, end_user_id)
            REFERENCES end_users (workspace_id, id) ON DELETE CASCADE;
        \(applicationIndexes)
        """
    }

    /// SQLite cannot drop a column's NOT NULL: the table is made anew, as https://sqlite.org/lang_altertable.html says.
    private static func rebuildConversations(_ id: String, isUp: Bool) -> String {
        let columns = """
            id, workspace_id, chatbot_id, user_id, title, session_data, last_position, turn_message_id, turn_until,
            turn_stop, created_at, updated_at
            """
        return """
            CREATE TABLE conversations_new (
                id \(id) PRIMARY KEY,
                workspace_id \(id) NOT NULL,
                chatbot_id \(id) NOT NULL,
                user_id \(id)\(isUp ? "" : " NOT NULL") REFERENCES users (id) ON DELETE CASCADE,
                \(isUp ? "end_user_id \(id)," : "")
                title TEXT,
                session_data TEXT,
                last_position BIGINT NOT NULL DEFAULT 0,
                turn_message_id \(id),
                turn_until BIGINT,
                turn_stop BIGINT NOT NULL DEFAULT 0,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL,
                UNIQUE (workspace_id, id),
                \(isUp ? "FOREIGN KEY (workspace_id, end_user_id) REFERENCES end_users (workspace_id, id) ON DELETE CASCADE," : "")
                FOREIGN KEY (workspace_id, chatbot_id) REFERENCES chatbots (workspace_id, id) ON DELETE CASCADE
            );
            INSERT INTO conversations_new (\(columns)) SELECT \(columns) FROM conversations;
            DROP TABLE conversations;
            ALTER TABLE conversations_new RENAME TO conversations;
            CREATE INDEX conversations_by_user ON conversations (user_id, workspace_id, updated_at, id);
            CREATE INDEX conversations_by_chatbot ON conversations (workspace_id, chatbot_id, user_id, updated_at, id);
            CREATE INDEX conversations_in_turn ON conversations (turn_until) WHERE turn_message_id IS NOT NULL;
            CREATE INDEX conversations_to_stop ON conversations (turn_until) WHERE turn_stop = 1;
            \(isUp ? applicationIndexes : "")
            """
    }
}

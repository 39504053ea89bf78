import Storage

extension Migrations {
    /// Those who run the server: a realm apart from users, with second factors and one-time links, which users have too.
    static let operators = Migration(
        number: 3, name: "operators", dropsData: true,
        up: { tx, dialect in
            let id = dialect.idType
            let bytes = dialect.blobType
            try tx.script(
                """
                CREATE TABLE operators (
                    id \(id) PRIMARY KEY,
                    username TEXT NOT NULL,
                    username_key TEXT NOT NULL UNIQUE,
                    name TEXT NOT NULL,
                    email TEXT,
                    password_hash TEXT NOT NULL,
                    role TEXT NOT NULL CHECK (role IN ('admin', 'staff')),
                    level BIGINT CHECK (level BETWEEN 1 AND 3),
                    permissions TEXT,
                    disabled_at BIGINT,
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL,
                    CHECK ((role = 'staff') = (level IS NOT NULL)),
                    CHECK (role = 'admin' OR permissions IS NULL)
                );
                CREATE TABLE operator_sessions (
                    id \(id) PRIMARY KEY,
                    operator_id \(id) NOT NULL REFERENCES operators (id) ON DELETE CASCADE,
                    address TEXT,
                    user_agent TEXT,
                    created_at BIGINT NOT NULL,
                    last_used_at BIGINT NOT NULL,
                    expires_at BIGINT NOT NULL
                );
                CREATE INDEX operator_sessions_by_operator ON operator_sessions (operator_id, id);
                CREATE INDEX operator_sessions_by_expiry ON operator_sessions (expires_at);
                CREATE TABLE operator_refresh_tokens (
                    hash \(bytes) PRIMARY KEY,
                    session_id \(id) NOT NULL REFERENCES operator_sessions (id) ON DELETE CASCADE,
                    used_at BIGINT
                );
                CREATE INDEX operator_refresh_tokens_by_session ON operator_refresh_tokens (session_id);
                CREATE TABLE second_factors (
                    id \(id) PRIMARY KEY,
                    user_id \(id) UNIQUE REFERENCES users (id) ON DELETE CASCADE,
                    operator_id \(id) UNIQUE REFERENCES operators (id) ON DELETE CASCADE,
                    secret TEXT NOT NULL,
                    last_step BIGINT NOT NULL DEFAULT 0,
                    confirmed_at BIGINT,
                    created_at BIGINT NOT NULL,
                    CHECK ((user_id IS NULL) <> (operator_id IS NULL))
                );
                CREATE TABLE recovery_codes (
                    hash \(bytes) PRIMARY KEY,
                    factor_id \(id) NOT NULL REFERENCES second_factors (id) ON DELETE CASCADE
                );
                CREATE INDEX recovery_codes_by_factor ON recovery_codes (factor_id);
                CREATE TABLE one_time_tokens (
                    hash \(bytes) PRIMARY KEY,
                    purpose TEXT NOT NULL CHECK (purpose IN ('setup', 'verify_email', 'reset_password')),
                    user_id \(id) REFERENCES users (id) ON DELETE CASCADE,
                    email TEXT,
                    expires_at BIGINT NOT NULL,
                    created_at BIGINT NOT NULL,
                    CHECK ((purpose = 'setup') = (user_id IS NULL))
                );
                CREATE INDEX one_time_tokens_by_user ON one_time_tokens (user_id, purpose);
                CREATE INDEX one_time_tokens_by_expiry ON one_time_tokens (expires_at);
                CREATE TABLE known_addresses (
                    account_id \(id) NOT NULL,
                    address \(bytes) NOT NULL,
                    used_at BIGINT NOT NULL,
                    PRIMARY KEY (account_id, address)
                );
                CREATE INDEX known_addresses_by_age ON known_addresses (used_at);
                CREATE TABLE ip_rules (
                    id \(id) PRIMARY KEY,
                    cidr TEXT NOT NULL,
                    action TEXT NOT NULL CHECK (action IN ('allow', 'deny')),
                    note TEXT,
                    created_by TEXT NOT NULL,
                    created_at BIGINT NOT NULL
                );
                CREATE TABLE providers (
                    name TEXT PRIMARY KEY,
                    base_url TEXT,
                    api_key TEXT,
                    is_enabled BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL
                );
                CREATE TABLE staff_accesses (
                    id \(id) PRIMARY KEY,
                    operator_id \(id) NOT NULL,
                    operator_name TEXT NOT NULL,
                    workspace_id \(id) NOT NULL,
                    conversation_id \(id) NOT NULL,
                    user_id \(id) NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                    reason TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    expires_at BIGINT NOT NULL,
                    UNIQUE (workspace_id, id)
                );
                CREATE INDEX staff_accesses_by_user ON staff_accesses (user_id, id);
                CREATE INDEX staff_accesses_by_conversation ON staff_accesses (conversation_id, operator_id);
                ALTER TABLE users ADD COLUMN last_sign_in_at BIGINT;
                ALTER TABLE members ADD COLUMN accepted_at BIGINT;
                UPDATE members SET accepted_at = created_at;
                CREATE INDEX users_by_username ON users ((username_key \(dialect.byteOrder)), id, deleted_at);
                CREATE INDEX users_by_email ON users ((email_key \(dialect.byteOrder)), id, deleted_at);
                CREATE INDEX users_disabled ON users (id) WHERE disabled_at IS NOT NULL;
                CREATE INDEX api_keys_by_creator ON api_keys (created_by);
                """)
            for sql in dialect.rowSecurity(table: "staff_accesses") { try tx.script(sql) }
        },
        down: { tx, _ in
            try tx.script(
                """
                DROP INDEX api_keys_by_creator;
                DROP INDEX users_disabled;
                DROP INDEX users_by_email;
                DROP INDEX users_by_username;
                ALTER TABLE members DROP COLUMN accepted_at;
                ALTER TABLE users DROP COLUMN last_sign_in_at;
                """)
            for table in [
                "staff_accesses", "providers", "ip_rules", "known_addresses", "one_time_tokens", "recovery_codes",
                "second_factors",
                "operator_refresh_tokens", "operator_sessions", "operators",
            ] {
                try tx.script("DROP TABLE \(table)")
            }
        })
}

import Storage

extension Migrations {
    /// Plans, what users have used of them, and credits.
    ///
    /// A limit that is null does not limit. Counters are kept per user and UTC day (days since 1970), so nothing resets
    /// them; a balance is filled up to the plan's credits with the first use in a month (months since 1970).
    static let plansAndCredits = Migration(
        number: 4, name: "plans and credits", dropsData: true,
        up: { tx, dialect in
            let id = dialect.idType
            try tx.script(
                """
                CREATE TABLE plans (
                    id \(id) PRIMARY KEY,
                    name TEXT NOT NULL,
                    name_key TEXT NOT NULL UNIQUE,
                    requests_per_minute BIGINT CHECK (requests_per_minute > 0),
                    conversations_per_day BIGINT CHECK (conversations_per_day >= 0),
                    messages_per_day BIGINT CHECK (messages_per_day >= 0),
                    credits_per_month BIGINT CHECK (credits_per_month >= 0),
                    files BIGINT CHECK (files >= 0),
                    keys BIGINT CHECK (keys >= 0),
                    models TEXT,
                    is_default BIGINT NOT NULL,
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL
                );
                CREATE UNIQUE INDEX plans_default ON plans (is_default) WHERE is_default = 1;
                INSERT INTO plans (id, name, name_key, requests_per_minute, conversations_per_day, messages_per_day,
                    credits_per_month, files, keys, models, is_default, created_at, updated_at)
                VALUES ('free', 'Free', 'free', 120, 100, 500, 5000000, 20, 10, NULL, 1, 0, 0),
                    ('pro', 'Pro', 'pro', 600, 1000, 10000, 100000000, 500, 100, NULL, 0, 0, 0),
                    ('enterprise', 'Enterprise', 'enterprise', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0);
                ALTER TABLE users ADD COLUMN plan_id \(id) REFERENCES plans (id);
                ALTER TABLE users ADD COLUMN limits TEXT;
                CREATE INDEX users_by_plan ON users (plan_id, id);
                UPDATE users SET plan_id = 'free';
                CREATE TABLE credits (
                    user_id \(id) PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
                    balance BIGINT NOT NULL CHECK (balance >= 0),
                    month BIGINT NOT NULL,
                    granted BIGINT NOT NULL DEFAULT 0
                );
                INSERT INTO credits (user_id, balance, month) SELECT id, 0, 0 FROM users;
                CREATE TABLE daily_usage (
                    user_id \(id) NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                    day BIGINT NOT NULL,
                    messages BIGINT NOT NULL,
                    visitor_messages BIGINT NOT NULL DEFAULT 0,
                    conversations BIGINT NOT NULL,
                    PRIMARY KEY (user_id, day)
                );
                CREATE INDEX daily_usage_by_day ON daily_usage (day);
                CREATE TABLE reservations_new (
                    id \(id) PRIMARY KEY,
                    key_id \(id) REFERENCES api_keys (id) ON DELETE SET NULL,
                    user_id \(id) REFERENCES users (id) ON DELETE CASCADE,
                    amount BIGINT NOT NULL CHECK (amount > 0),
                    expires_at BIGINT NOT NULL
                );
                INSERT INTO reservations_new (id, key_id, amount, expires_at)
                    SELECT id, key_id, amount, expires_at FROM reservations;
                DROP TABLE reservations;
                ALTER TABLE reservations_new RENAME TO reservations;
                CREATE INDEX reservations_by_key ON reservations (key_id);
                CREATE INDEX reservations_by_user ON reservations (user_id);
                CREATE INDEX reservations_by_expiry ON reservations (expires_at);
                """)
        },
        down: { tx, dialect in
            let id = dialect.idType
            try tx.script(
                """
                CREATE TABLE reservations_old (
                    id \(id) PRIMARY KEY,
                    key_id \(id) NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
                    amount BIGINT NOT NULL CHECK (amount > 0),
                    expires_at BIGINT NOT NULL
                );
                INSERT INTO reservations_old SELECT id, key_id, amount, expires_at FROM reservations
                    WHERE key_id IS NOT NULL;
                DROP TABLE reservations;
                ALTER TABLE reservations_old RENAME TO reservations;
                CREATE INDEX reservations_by_key ON reservations (key_id);
                CREATE INDEX reservations_by_expiry ON reservations (expires_at);
                DROP TABLE daily_usage;
                DROP TABLE credits;
                DROP INDEX users_by_plan;
                ALTER TABLE users DROP COLUMN limits;
                ALTER TABLE users DROP COLUMN plan_id;
                DROP TABLE plans;
                """)
        })
}

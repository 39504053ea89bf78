import Storage

extension Migrations {
    /// What a model thought before it answered and why its answer ended; tokens that were cached or thought; and prices for
    /// what a vendor's cache holds.
    static let thoughtsAndUsage = Migration(
        number: 11, name: "thoughts-and-usage", dropsData: true,
        up: { tx, _ in
            try tx.script(
                """
                ALTER TABLE messages ADD COLUMN reasoning TEXT;
                ALTER TABLE messages ADD COLUMN reasoning_ms BIGINT;
                ALTER TABLE messages ADD COLUMN finish_reason TEXT;
                ALTER TABLE message_logs ADD COLUMN cached_tokens BIGINT NOT NULL DEFAULT 0;
                ALTER TABLE message_logs ADD COLUMN cache_write_tokens BIGINT NOT NULL DEFAULT 0;
                ALTER TABLE message_logs ADD COLUMN reasoning_tokens BIGINT NOT NULL DEFAULT 0;
                ALTER TABLE prices ADD COLUMN cached_input_per_million BIGINT;
                ALTER TABLE prices ADD COLUMN cache_write_per_million BIGINT;
                """)
        },
        down: { tx, _ in
            try tx.script(
                """
                ALTER TABLE prices DROP COLUMN cache_write_per_million;
                ALTER TABLE prices DROP COLUMN cached_input_per_million;
                ALTER TABLE message_logs DROP COLUMN reasoning_tokens;
                ALTER TABLE message_logs DROP COLUMN cache_write_tokens;
                ALTER TABLE message_logs DROP COLUMN cached_tokens;
                ALTER TABLE messages DROP COLUMN finish_reason;
                ALTER TABLE messages DROP COLUMN reasoning_ms;
                ALTER TABLE messages DROP COLUMN reasoning;
                """)
        })
}

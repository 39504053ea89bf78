import Storage

extension Migrations {
    /// Leases that keep the bytes of deleted files while a backup copies them, and what is known of backups: one row.
    static let backups = Migration(
        number: 12, name: "backups", dropsData: false,
        up: { tx, dialect in
            let id = dialect.idType
            try tx.script(
                """
                CREATE TABLE object_leases (
                    id \(id) PRIMARY KEY,
                    expires_at BIGINT NOT NULL
                );
                CREATE TABLE backup_state (
                    id TEXT PRIMARY KEY CHECK (id = 'state'),
                    scheduled_since BIGINT,
                    due_at BIGINT,
                    made_at BIGINT,
                    proven_at BIGINT
                );
                INSERT INTO backup_state (id) VALUES ('state');
                """)
        },
        down: { tx, _ in
            try tx.script(
                """
                DROP TABLE backup_state;
                DROP TABLE object_leases;
                """)
        })
}

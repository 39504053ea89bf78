import Storage

extension Migrations {
    /// Prices of what is billed by call, and how many searches of a vendor's a call had.
    static let callPrices = Migration(
        number: 15, name: "call prices", dropsData: true,
        up: { tx, _ in
            try tx.script(
                """
                ALTER TABLE prices ADD COLUMN per_call TEXT;
                ALTER TABLE message_logs ADD COLUMN searches BIGINT NOT NULL DEFAULT 0;
                """)
        },
        down: { tx, _ in
            try tx.script(
                """
                ALTER TABLE message_logs DROP COLUMN searches;
                ALTER TABLE prices DROP COLUMN per_call;
                """)
        })
}

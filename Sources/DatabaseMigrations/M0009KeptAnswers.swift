import Platform
import Storage

extension Migrations {
    /// The account of each answer kept for `Idempotency-Key`, and totals for each account. Older answers have
    /// no account, and are deleted within a day.
    static let keptAnswers = Migration(
        number: 9, name: "kept-answers", dropsData: false,
        up: { tx, dialect in
            try tx.script(
                """
                ALTER TABLE idempotency_keys ADD COLUMN account TEXT;
                CREATE INDEX idempotency_keys_by_account ON idempotency_keys (account, created_at)
                    WHERE account IS NOT NULL;
                CREATE TABLE idempotency_totals (
                    account TEXT PRIMARY KEY,
                    answers BIGINT NOT NULL,
                    bytes BIGINT NOT NULL
                );
                """)
            for statement in KeptAnswers.up(dialect) { try tx.script(statement) }
        },
        down: { tx, dialect in
            for statement in KeptAnswers.down(dialect) { try tx.script(statement) }
            try tx.script(
                """
                DROP TABLE idempotency_totals;
                DROP INDEX idempotency_keys_by_account;
                ALTER TABLE idempotency_keys DROP COLUMN account;
                """)
        })
}

extension KeptAnswers {
    fileprivate static func up(_ dialect: Dialect) -> [String] {
        let (old, new) = (bytes(of: "OLD", dialect), bytes(of: "NEW", dialect))
        return dialect.trigger(
            "\(table)_inserted", after: "INSERT", on: table, when: "NEW.account IS NOT NULL",
            [
                """
                INSERT INTO idempotency_totals (account, answers, bytes) VALUES (NEW.account, 1, \(new))
                ON CONFLICT (account) DO UPDATE SET answers = idempotency_totals.answers + 1,
                    bytes = idempotency_totals.bytes + excluded.bytes
                """
            ])
            + dialect.trigger(
                "\(table)_updated", after: "UPDATE OF answer", on: table, when: "NEW.account IS NOT NULL",
                ["UPDATE idempotency_totals SET bytes = bytes + (\(new)) - (\(old)) WHERE account = NEW.account"])
            + dialect.trigger(
                "\(table)_deleted", after: "DELETE", on: table, when: "OLD.account IS NOT NULL",
                [
                    """
                    UPDATE idempotency_totals SET answers = answers - 1, bytes = bytes - (\(old))
                    WHERE account = OLD.account
                    """,
                    "DELETE FROM idempotency_totals WHERE account = OLD.account AND answers = 0",
                ])
    }

    fileprivate static func down(_ dialect: Dialect) -> [String] {
        ["inserted", "updated", "deleted"].flatMap { dialect.dropTrigger("\(table)_\($0)", on: table) }
    }
}

import Storage

extension Migrations {
    /// Answers that chatbots give without a model.
    static let curatedAnswers = Migration(
        number: 21, name: "curated answers", dropsData: true,
        up: { tx, dialect in
            let id = dialect.idType
            try tx.script(
                """
                CREATE TABLE curated_answers (
                    id \(id) PRIMARY KEY,
                    workspace_id \(id) NOT NULL,
                    chatbot_id \(id) NOT NULL,
                    question_key TEXT NOT NULL,
                    question TEXT NOT NULL,
                    answer TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL,
                    UNIQUE (workspace_id, chatbot_id, question_key),
                    FOREIGN KEY (workspace_id, chatbot_id) REFERENCES chatbots (workspace_id, id) ON DELETE CASCADE
                );
                """)
            for statement in AnswerTriggers.up(dialect) + dialect.rowSecurity(table: "curated_answers") {
                try tx.script(statement)
            }
        },
        down: { tx, dialect in
            for statement in AnswerTriggers.down(dialect) { try tx.script(statement) }
            try tx.script(
                """
                DELETE FROM workspace_totals WHERE shard = 23;
                DROP TABLE curated_answers;
                """)
        })
}

/// Counts the bytes of answers toward those that a workspace stores.
private enum AnswerTriggers {
    private static let table = "curated_answers"
    /// The shard of `workspace_totals`.
    private static let shard = 23
    /// Counted for a row beside its texts.
    private static let rowBytes = 200

    static func up(_ dialect: Dialect) -> [String] {
        func bytes(_ row: String) -> String {
            ["question", "answer"].map { dialect.bytes(of: "\(row).\($0)") }.joined(separator: " + ")
        }
        func change(_ row: String, by bytes: String) -> String {
            "UPDATE workspace_totals SET bytes = bytes + (\(bytes)) WHERE workspace_id = \(row).workspace_id "
                + "AND shard = \(shard)"
        }
        return dialect.trigger(
            "\(table)_total_inserted", after: "INSERT", on: table,
            [
                """
                INSERT INTO workspace_totals (workspace_id, shard, bytes, end_users)
                VALUES (NEW.workspace_id, \(shard), \(bytes("NEW")) + \(rowBytes), 0)
                ON CONFLICT (workspace_id, shard) DO UPDATE SET bytes = workspace_totals.bytes + excluded.bytes
                """
            ])
            + dialect.trigger(
                "\(table)_total_updated", after: "UPDATE OF question, answer", on: table,
                when: "\(bytes("OLD")) <> \(bytes("NEW"))",
                [change("NEW", by: "\(bytes("NEW")) - (\(bytes("OLD")))")])
            + dialect.trigger(
                "\(table)_total_deleted", after: "DELETE", on: table,
                [change("OLD", by: "-(\(bytes("OLD"))) - \(rowBytes)")])
    }

    static func down(_ dialect: Dialect) -> [String] {
        ["inserted", "updated", "deleted"].flatMap { dialect.dropTrigger("\(table)_total_\($0)", on: table) }
    }
}

import Storage

extension Migrations {
    /// What keeps one tenant from slowing down others: deletions that mark first and remove later, usage summed up by day,
    /// totals of what a workspace stores, limits on it, and which instance writes a reply.
    static let neighbours = Migration(
        number: 7, name: "neighbours", dropsData: true,
        up: { tx, dialect in
            let id = dialect.idType
            for table in ["workspaces", "chatbots", "conversations", "end_users"] {
                try tx.script(
                    """
                    ALTER TABLE \(table) ADD COLUMN deleted_at BIGINT;
                    CREATE INDEX \(table)_deleted ON \(table) (deleted_at) WHERE deleted_at IS NOT NULL;
                    """)
            }
            try tx.script(
                """
                ALTER TABLE conversations ADD COLUMN turn_instance TEXT;
                CREATE TABLE instances (
                    id TEXT PRIMARY KEY,
                    beat BIGINT NOT NULL,
                    role TEXT
                );
                ALTER TABLE plans ADD COLUMN chatbots BIGINT CHECK (chatbots >= 0);
                ALTER TABLE plans ADD COLUMN workspaces BIGINT CHECK (workspaces >= 0);
                ALTER TABLE plans ADD COLUMN prompt_versions BIGINT CHECK (prompt_versions >= 0);
                ALTER TABLE plans ADD COLUMN end_users BIGINT CHECK (end_users >= 0);
                ALTER TABLE plans ADD COLUMN stored_bytes BIGINT CHECK (stored_bytes >= 0);
                UPDATE plans SET chatbots = 50, workspaces = 10, prompt_versions = 200, end_users = 10000,
                    stored_bytes = 268435456 WHERE id = 'free';
                UPDATE plans SET chatbots = 500, workspaces = 100, prompt_versions = 1000, end_users = 1000000,
                    stored_bytes = 10737418240 WHERE id = 'pro';
                CREATE TABLE usage_days (
                    chatbot_id \(id) NOT NULL,
                    day BIGINT NOT NULL,
                    provider TEXT NOT NULL,
                    model TEXT NOT NULL,
                    key_id \(id) NOT NULL,
                    shard BIGINT NOT NULL,
                    workspace_id \(id) NOT NULL,
                    messages BIGINT NOT NULL,
                    prompt_tokens BIGINT NOT NULL,
                    completion_tokens BIGINT NOT NULL,
                    cost BIGINT NOT NULL,
                    failures BIGINT NOT NULL,
                    first_tokens BIGINT NOT NULL,
                    first_token_ms BIGINT NOT NULL,
                    PRIMARY KEY (chatbot_id, day, provider, model, key_id, shard)
                );
                CREATE INDEX usage_days_by_day ON usage_days (day);
                CREATE TABLE active_users (
                    day BIGINT NOT NULL,
                    user_id \(id) NOT NULL,
                    PRIMARY KEY (day, user_id)
                );
                CREATE TABLE workspace_totals (
                    workspace_id \(id) NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
                    shard BIGINT NOT NULL,
                    bytes BIGINT NOT NULL,
                    end_users BIGINT NOT NULL,
                    PRIMARY KEY (workspace_id, shard)
                );
                """)
            for statement in UsageDays(dialect).up + WorkspaceTotals.all.flatMap({ $0.up(dialect) })
                + ["usage_days", "workspace_totals"].flatMap({ dialect.rowSecurity(table: $0) })
            {
                try tx.script(statement)
            }
        },
        down: { tx, dialect in
            for statement in UsageDays(dialect).down + WorkspaceTotals.all.flatMap({ $0.down(dialect) }) {
                try tx.script(statement)
            }
            try tx.script("DROP TABLE workspace_totals; DROP TABLE active_users; DROP TABLE usage_days;")
            for column in ["stored_bytes", "end_users", "prompt_versions", "workspaces", "chatbots"] {
                try tx.script("ALTER TABLE plans DROP COLUMN \(column)")
            }
            try tx.script("DROP TABLE instances; ALTER TABLE conversations DROP COLUMN turn_instance;")
            for table in ["conversations", "end_users", "chatbots", "workspaces"] {
                try tx.script(
                    """
                    DELETE FROM \(table) WHERE deleted_at IS NOT NULL;
                    DROP INDEX \(table)_deleted;
                    ALTER TABLE \(table) DROP COLUMN deleted_at;
                    """)
            }
        })
}

/// The daily sums of message logs. Triggers keep them equal to the logs on every change.
private struct UsageDays {
    let dialect: Dialect

    init(_ dialect: Dialect) { self.dialect = dialect }

    private static let key = "chatbot_id, day, provider, model, key_id, shard"
    private static let sums = [
        "messages", "prompt_tokens", "completion_tokens", "cost", "failures", "first_tokens", "first_token_ms",
    ]
    /// The greatest sum of a day.
    private static let most = Int64.max
    private static let columns = "\(key), workspace_id, \(sums.joined(separator: ", "))"
    private static let triggers = ["inserted", "updated", "deleted", "user_inserted", "user_updated", "user_deleted"]
        .map { "message_logs_\($0)" }

    /// The key that a log's sums stand under.
    private func key(of log: String) -> [String] {
        [
            "\(log).chatbot_id", "\(log).created_at / 86400000", "COALESCE(\(log).provider, '')", "\(log).model",
            "COALESCE(\(log).key_id, '')", dialect.shard(of: "\(log).id"),
        ]
    }

    /// What a log adds to its sums.
    private func values(of log: String) -> [String] {
        [
            "1", "\(log).prompt_tokens", "\(log).completion_tokens", "\(log).cost",
            "CASE WHEN \(log).outcome = 'failed' THEN 1 ELSE 0 END",
            "CASE WHEN \(log).first_token_ms IS NULL THEN 0 ELSE 1 END", "COALESCE(\(log).first_token_ms, 0)",
        ]
    }

    private var add: String {
        // PostgreSQL refuses a sum beyond 64 bits, and SQLite makes a fraction of it.
        let sums = Self.sums.map {
            "\($0) = CASE WHEN usage_days.\($0) > \(Self.most) - excluded.\($0) THEN \(Self.most) "
                + "ELSE usage_days.\($0) + excluded.\($0) END"
        }.joined(separator: ", ")
        return """
            INSERT INTO usage_days (\(Self.columns))
            VALUES (\((key(of: "NEW") + ["NEW.workspace_id"] + values(of: "NEW")).joined(separator: ", ")))
            ON CONFLICT (\(Self.key)) DO UPDATE SET \(sums)
            """
    }

    private var subtract: [String] {
        let names = Self.key.split(separator: ",").map { $0.drop { $0 == " " } }
        let isMeant = zip(names, key(of: "OLD")).map { "\($0) = \($1)" }.joined(separator: " AND ")
        let sums = zip(Self.sums, values(of: "OLD")).map {
            "\($0) = CASE WHEN \($0) < \($1) THEN 0 ELSE \($0) - \($1) END"
        }.joined(separator: ", ")
        return [
            "UPDATE usage_days SET \(sums) WHERE \(isMeant)",
            "DELETE FROM usage_days WHERE \(isMeant) AND messages = 0",
        ]
    }

    private var addUser: String {
        """
        INSERT INTO active_users (day, user_id) VALUES (NEW.created_at / 86400000, NEW.user_id)
        ON CONFLICT (day, user_id) DO NOTHING
        """
    }

    private var removeUser: String {
        """
        DELETE FROM active_users WHERE day = OLD.created_at / 86400000 AND user_id = OLD.user_id AND NOT EXISTS (
            SELECT 1 FROM message_logs l WHERE l.user_id = OLD.user_id
            AND l.created_at >= OLD.created_at / 86400000 * 86400000
            AND l.created_at < (OLD.created_at / 86400000 + 1) * 86400000)
        """
    }

    var up: [String] {
        let name = Self.triggers
        let summed = "chatbot_id, key_id, provider, model, prompt_tokens, completion_tokens, cost, first_token_ms"
        let log = "message_logs"
        // Vendors' counts that were stored uncut could be beyond what a sum holds.
        let cuts = [("prompt_tokens", "1000000000"), ("completion_tokens", "1000000000"), ("cost", "1000000000000000")]
            .map { "UPDATE message_logs SET \($0) = \($1) WHERE \($0) > \($1)" }
        return cuts + [
            """
            INSERT INTO usage_days (\(Self.columns)) SELECT \((key(of: "l") + ["l.workspace_id"]).joined(separator: ", ")),
                \(values(of: "l").map { "SUM(\($0))" }.joined(separator: ", "))
            FROM message_logs l GROUP BY 1, 2, 3, 4, 5, 6, 7
            """,
            """
            INSERT INTO active_users (day, user_id) SELECT DISTINCT created_at / 86400000, user_id FROM message_logs
            WHERE user_id IS NOT NULL
            """,
        ] + dialect.trigger(name[0], after: "INSERT", on: log, [add])
            + dialect.trigger(
                name[1], after: "UPDATE OF \(summed), outcome, created_at", on: log, subtract + [add])
            + dialect.trigger(name[2], after: "DELETE", on: log, subtract)
            + dialect.trigger(name[3], after: "INSERT", on: log, when: "NEW.user_id IS NOT NULL", [addUser])
            + dialect.trigger(
                name[4], after: "UPDATE OF user_id, created_at", on: log, when: "OLD.user_id IS NOT NULL",
                [
                    removeUser,
                    """
                    INSERT INTO active_users (day, user_id) SELECT NEW.created_at / 86400000, NEW.user_id
                    WHERE NEW.user_id IS NOT NULL ON CONFLICT (day, user_id) DO NOTHING
                    """,
                ])
            + dialect.trigger(name[5], after: "DELETE", on: log, when: "OLD.user_id IS NOT NULL", [removeUser])
    }

    var down: [String] { Self.triggers.flatMap { dialect.dropTrigger($0, on: "message_logs") } }
}

/// What a workspace stores in one table, in bytes: its texts, and something for each row. The database itself keeps the
/// totals.
private struct WorkspaceTotals: Sendable {
    /// Counted for a row beside its texts, so that rows without text are bounded too.
    private static let rowBytes = 200

    let table: String
    let texts: [String]
    /// Rows of one conversation, or of what is written more rarely, share a shard.
    var shardID: String?
    /// Which rows count; a reply counts once it has ended.
    var isCounted: (@Sendable (_ row: String) -> String)?
    var countsEndUsers = false

    static let all = [
        WorkspaceTotals(
            table: "messages", texts: ["content", "comment"], shardID: "conversation_id",
            isCounted: { "\($0).status <> 'running'" }),
        WorkspaceTotals(table: "conversations", texts: ["title", "session_data"], shardID: "id"),
        WorkspaceTotals(table: "end_users", texts: ["external_id", "profile"], countsEndUsers: true),
        WorkspaceTotals(table: "prompts", texts: ["content"]),
        WorkspaceTotals(
            table: "chatbots",
            texts: [
                "name", "description", "models", "greeting", "config", "fallback_message", "fallback_messages",
                "llm_endpoint_url",
            ]),
        WorkspaceTotals(
            table: "api_keys", texts: ["name", "origins"], isCounted: { "\($0).workspace_id IS NOT NULL" }),
    ]

    private func shard(_ row: String, _ dialect: Dialect) -> String {
        guard dialect != .sqlite else { return "0" }
        return shardID.map { dialect.shard(of: "\(row).\($0)") } ?? "8"
    }

    private func bytes(_ row: String, _ dialect: Dialect) -> String {
        let size = texts.map { dialect.bytes(of: "\(row).\($0)") }.joined(separator: " + ") + " + \(Self.rowBytes)"
        guard let isCounted else { return size }
        return "CASE WHEN \(isCounted(row)) THEN \(size) ELSE 0 END"
    }

    private var endUsers: String { countsEndUsers ? "1" : "0" }

    private func add(_ dialect: Dialect) -> String {
        """
        INSERT INTO workspace_totals (workspace_id, shard, bytes, end_users)
        VALUES (NEW.workspace_id, \(shard("NEW", dialect)), \(bytes("NEW", dialect)), \(endUsers))
        ON CONFLICT (workspace_id, shard) DO UPDATE SET bytes = workspace_totals.bytes + excluded.bytes,
            end_users = workspace_totals.end_users + excluded.end_users
        """
    }

    private func change(_ dialect: Dialect, by bytes: String, endUsers: String = "0") -> String {
        """
        UPDATE workspace_totals SET bytes = bytes + \(bytes), end_users = end_users - \(endUsers)
        WHERE workspace_id = OLD.workspace_id AND shard = \(shard("OLD", dialect))
        """
    }

    func up(_ dialect: Dialect) -> [String] {
        let isDifferent = dialect == .sqlite ? "IS NOT" : "IS DISTINCT FROM"
        let columns = texts + (table == "messages" ? ["status"] : [])
        let isCounted = isCounted ?? { _ in "1 = 1" }
        return [
            """
            INSERT INTO workspace_totals (workspace_id, shard, bytes, end_users)
            SELECT r.workspace_id, \(shard("r", dialect)), SUM(\(bytes("r", dialect))), SUM(\(endUsers))
            FROM \(table) r WHERE \(isCounted("r")) GROUP BY 1, 2
            ON CONFLICT (workspace_id, shard) DO UPDATE SET bytes = workspace_totals.bytes + excluded.bytes,
                end_users = workspace_totals.end_users + excluded.end_users
            """
        ]
            + dialect.trigger(
                "\(table)_total_inserted", after: "INSERT", on: table, when: isCounted("NEW"), [add(dialect)])
            + dialect.trigger(
                "\(table)_total_updated", after: "UPDATE OF \(columns.joined(separator: ", "))", on: table,
                when: "(\(isCounted("OLD")) OR \(isCounted("NEW"))) AND ("
                    + columns.map { "OLD.\($0) \(isDifferent) NEW.\($0)" }.joined(separator: " OR ") + ")",
                [change(dialect, by: "(\(bytes("NEW", dialect))) - (\(bytes("OLD", dialect)))")])
            + dialect.trigger(
                "\(table)_total_deleted", after: "DELETE", on: table, when: isCounted("OLD"),
                [change(dialect, by: "-(\(bytes("OLD", dialect)))", endUsers: endUsers)])
    }

    func down(_ dialect: Dialect) -> [String] {
        ["inserted", "updated", "deleted"].flatMap { dialect.dropTrigger("\(table)_total_\($0)", on: table) }
    }
}

import Storage

extension Migrations {
    /// What users find their messages by. A job indexes a conversation while it has changes `to_index`; every conversation
    /// begins with one.
    ///
    /// `search_words` has no row-level security, because PostgreSQL uses no index of a `tsvector` under it. It has no ids
    /// either: each word begins with a hash of its owner, and what is found is shown through `search_entries`.
    static let messageSearch = Migration(
        number: 25, name: "message search", dropsData: false,
        up: { tx, dialect in
            let id = dialect.idType
            try tx.script(
                """
                CREATE TABLE search_entries (
                    number \(dialect.rowNumberType) PRIMARY KEY,
                    workspace_id \(id) NOT NULL,
                    conversation_id \(id) NOT NULL,
                    position BIGINT NOT NULL,
                    UNIQUE (conversation_id, position),
                    FOREIGN KEY (workspace_id, conversation_id)
                        REFERENCES conversations (workspace_id, id) ON DELETE CASCADE
                );
                CREATE TABLE search_words (
                    number \(dialect.rowNumberType) PRIMARY KEY,
                    words \(dialect.wordsType) NOT NULL
                );
                ALTER TABLE conversations ADD COLUMN to_index BIGINT NOT NULL DEFAULT 1;
                CREATE INDEX conversations_to_index ON conversations (id) WHERE to_index > 0 AND user_id IS NOT NULL;
                """)
            let statements =
                dialect.wordIndex(on: "search_words", "words", key: "number")
                + dialect.rowSecurity(table: "search_entries") + SearchTriggers.up(dialect)
            for statement in statements { try tx.script(statement) }
        },
        down: { tx, dialect in
            for statement in SearchTriggers.down(dialect) + dialect.dropWordIndex(on: "search_words") {
                try tx.script(statement)
            }
            try tx.script(
                """
                DROP TABLE search_words;
                DROP TABLE search_entries;
                DROP INDEX conversations_to_index;
                ALTER TABLE conversations DROP COLUMN to_index;
                """)
        })
}

/// Remove from the index what is deleted or replaced, in the transaction that does it.
private enum SearchTriggers {
    static func up(_ dialect: Dialect) -> [String] {
        let isDifferent = dialect == .sqlite ? "IS NOT" : "IS DISTINCT FROM"
        let change = "UPDATE conversations SET to_index = to_index + 1 WHERE id = OLD.conversation_id"
        let message =
            "DELETE FROM search_entries WHERE conversation_id = OLD.conversation_id AND position = OLD.position"
        return dialect.trigger("messages_search_deleted", after: "DELETE", on: "messages", [message])
            // A reply that is being written is not in the index yet. One whose instance was taken for dead can end later. The
            // change is counted first, so that this waits for the job, and then removes what it has written.
            + dialect.trigger(
                "messages_search_updated", after: "UPDATE OF content", on: "messages",
                when: "OLD.status <> 'running' AND OLD.content <> NEW.content", [change, message])
            + dialect.trigger(
                "conversations_search_updated", after: "UPDATE OF title", on: "conversations",
                when: "OLD.title \(isDifferent) NEW.title",
                ["DELETE FROM search_entries WHERE conversation_id = OLD.id AND position = 0"])
            + dialect.trigger(
                "search_entries_deleted", after: "DELETE", on: "search_entries",
                ["DELETE FROM search_words WHERE number = OLD.number"])
    }

    static func down(_ dialect: Dialect) -> [String] {
        dialect.dropTrigger("messages_search_deleted", on: "messages")
            + dialect.dropTrigger("messages_search_updated", on: "messages")
            + dialect.dropTrigger("conversations_search_updated", on: "conversations")
            + dialect.dropTrigger("search_entries_deleted", on: "search_entries")
    }
}

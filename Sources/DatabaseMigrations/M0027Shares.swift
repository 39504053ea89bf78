import Storage

extension Migrations {
    /// Links to conversations, and which workspaces allow them: personal ones do, others if an owner says so. A link keeps no
    /// text: it names the messages that it shows, which never change, and goes with its conversation and its membership.
    static let shares = Migration(
        number: 27, name: "shares", dropsData: true,
        up: { tx, dialect in
            let id = dialect.idType
            try tx.script(
                """
                ALTER TABLE workspaces ADD COLUMN allows_sharing BIGINT NOT NULL DEFAULT 0;
                UPDATE workspaces SET allows_sharing = 1 WHERE personal_user_id IS NOT NULL;
                CREATE TABLE conversation_shares (
                    id \(id) PRIMARY KEY,
                    workspace_id \(id) NOT NULL,
                    conversation_id \(id) NOT NULL,
                    user_id \(id) NOT NULL,
                    token_hash \(dialect.blobType) NOT NULL UNIQUE,
                    title TEXT,
                    path TEXT,
                    last_position BIGINT NOT NULL,
                    created_at BIGINT NOT NULL,
                    expires_at BIGINT NOT NULL,
                    FOREIGN KEY (workspace_id, conversation_id)
                        REFERENCES conversations (workspace_id, id) ON DELETE CASCADE,
                    FOREIGN KEY (workspace_id, user_id) REFERENCES members (workspace_id, user_id) ON DELETE CASCADE
                );
                CREATE INDEX conversation_shares_by_conversation
                    ON conversation_shares (workspace_id, conversation_id, id);
                CREATE INDEX conversation_shares_by_member ON conversation_shares (workspace_id, user_id);
                CREATE INDEX conversation_shares_by_end ON conversation_shares (expires_at);
                """)
            for statement in dialect.rowSecurity(table: "conversation_shares") { try tx.script(statement) }
        },
        down: { tx, _ in
            try tx.script(
                """
                DROP TABLE conversation_shares;
                ALTER TABLE workspaces DROP COLUMN allows_sharing;
                """)
        })
}

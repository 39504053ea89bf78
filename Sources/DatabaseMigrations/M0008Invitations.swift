import Accounts
import Chatbots
import HTTPKit
import Storage

extension Migrations {
    /// Invitations, which replace unaccepted memberships; who granted a membership and who was shown a key's text, so
    /// that both can be revoked with the account; skeletons of names, to detect names that look alike.
    static let invitations = Migration(
        number: 8, name: "invitations", dropsData: true,
        up: { tx, dialect in
            let id = dialect.idType
            let bytes = dialect.blobType
            try tx.script(
                """
                CREATE TABLE invitations (
                    id \(id) PRIMARY KEY,
                    workspace_id \(id) NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
                    role TEXT NOT NULL CHECK (role IN ('owner', 'editor', 'viewer')),
                    invited_by \(id) NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                    user_id \(id) REFERENCES users (id) ON DELETE CASCADE,
                    email TEXT,
                    email_key TEXT,
                    named_username TEXT,
                    named_user_id TEXT,
                    token_hash \(bytes) UNIQUE,
                    created_at BIGINT NOT NULL,
                    expires_at BIGINT NOT NULL,
                    accepted_at BIGINT,
                    revoked_at BIGINT
                );
                CREATE INDEX invitations_by_workspace ON invitations (workspace_id, id);
                CREATE INDEX invitations_by_user ON invitations (user_id, id) WHERE user_id IS NOT NULL;
                CREATE INDEX invitations_by_email ON invitations (email_key, id) WHERE email_key IS NOT NULL;
                CREATE INDEX invitations_by_inviter ON invitations (invited_by, id);
                CREATE INDEX invitations_by_expiry ON invitations (expires_at);
                CREATE TABLE invitation_counts (
                    subject TEXT NOT NULL,
                    day BIGINT NOT NULL,
                    count BIGINT NOT NULL,
                    PRIMARY KEY (subject, day)
                );
                CREATE INDEX invitation_counts_by_day ON invitation_counts (day);
                ALTER TABLE members ADD COLUMN granted_by \(id);
                CREATE INDEX members_by_grantor ON members (granted_by) WHERE granted_by IS NOT NULL;
                ALTER TABLE api_keys ADD COLUMN issued_to \(id);
                CREATE INDEX api_keys_by_recipient ON api_keys (issued_to) WHERE issued_to IS NOT NULL;
                ALTER TABLE users ADD COLUMN username_skeleton TEXT;
                CREATE UNIQUE INDEX users_by_skeleton ON users (username_skeleton);
                ALTER TABLE operators ADD COLUMN username_skeleton TEXT;
                CREATE UNIQUE INDEX operators_by_skeleton ON operators (username_skeleton);
                """)
            for sql in dialect.rowSecurity(table: "invitations") { try tx.script(sql) }
            try inviteUnacceptedMembers(tx, now: .now)
            for table in ["users", "operators"] { try storeSkeletons(tx, of: table) }
            try renameSlugsThatLookLikeIDs(tx)
        },
        down: { tx, _ in
            try tx.script(
                """
                DROP INDEX operators_by_skeleton;
                ALTER TABLE operators DROP COLUMN username_skeleton;
                DROP INDEX users_by_skeleton;
                ALTER TABLE users DROP COLUMN username_skeleton;
                DROP INDEX api_keys_by_recipient;
                ALTER TABLE api_keys DROP COLUMN issued_to;
                DROP INDEX members_by_grantor;
                ALTER TABLE members DROP COLUMN granted_by;
                DROP TABLE invitation_counts;
                DROP TABLE invitations;
                """)
        })

    /// The inviter is the workspace's oldest accepted owner, preferably an active one. Without an owner the invitation
    /// could not be accepted, so none is made.
    private static func inviteUnacceptedMembers(_ tx: Transaction, now: Timestamp) throws {
        while true {
            let page = try tx.rows(
                """
                SELECT m.workspace_id, m.user_id, m.role, (SELECT o.user_id FROM members o
                    JOIN users u ON u.id = o.user_id
                    WHERE o.workspace_id = m.workspace_id AND o.role = 'owner' AND o.accepted_at IS NOT NULL
                    ORDER BY CASE WHEN u.deleted_at IS NULL AND u.disabled_at IS NULL THEN 0 ELSE 1 END, o.created_at,
                        o.user_id LIMIT 1) AS owner_id
                FROM members m WHERE m.accepted_at IS NULL LIMIT 500
                """
            ) { row in
                (
                    workspaceID: try row.string("workspace_id"), userID: try row.string("user_id"),
                    role: try row.string("role"), ownerID: try row.stringIfPresent("owner_id")
                )
            }
            for member in page {
                try tx.run(
                    "DELETE FROM members WHERE workspace_id = ? AND user_id = ?", [member.workspaceID, member.userID])
                guard let ownerID = member.ownerID else { continue }
                try tx.run(
                    """
                    INSERT INTO invitations (id, workspace_id, role, invited_by, user_id, named_user_id, created_at,
                        expires_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                    [
                        Identifier.make(), member.workspaceID, member.role, ownerID, member.userID, member.userID, now,
                        now.adding(Invitation.lifetime),
                    ])
            }
            if page.isEmpty { return }
        }
    }

    /// If several names look alike, only the oldest account's name gets the skeleton, which reserves it.
    private static func storeSkeletons(_ tx: Transaction, of table: String) throws {
        var after = ""
        while true {
            let page = try tx.rows(
                "SELECT id, username FROM \(table) WHERE username IS NOT NULL AND id > ? ORDER BY id LIMIT 500", [after]
            ) { (id: try $0.string("id"), username: try $0.string("username")) }
            guard let last = page.last else { return }
            after = last.id
            for account in page {
                let skeleton = Lookalike.skeleton(of: account.username)
                try tx.run(
                    """
                    UPDATE \(table) SET username_skeleton = ? WHERE id = ?
                    AND NOT EXISTS (SELECT 1 FROM \(table) o WHERE o.username_skeleton = ?)
                    """,
                    [skeleton, account.id, skeleton])
            }
        }
    }

    private static func renameSlugsThatLookLikeIDs(_ tx: Transaction) throws {
        var after = ""
        while true {
            let page = try tx.rows(
                """
                SELECT id, workspace_id, slug FROM chatbots WHERE id > ?
                AND (slug LIKE '________-____-____-____-____________' OR slug LIKE 'c%' OR LENGTH(slug) = 32)
                ORDER BY id LIMIT 500
                """,
                [after]
            ) { (id: try $0.string("id"), workspaceID: try $0.string("workspace_id"), slug: try $0.string("slug")) }
            guard let last = page.last else { return }
            after = last.id
            for chatbot in page where Chatbot.looksLikeID(chatbot.slug) {
                let plain = "chatbot-\(chatbot.slug)".prefix(55)
                let isTaken = try tx.row(
                    "SELECT 1 AS taken FROM chatbots WHERE workspace_id = ? AND slug = ?",
                    [chatbot.workspaceID, String(plain)]
                ) { _ in true }
                let slug = isTaken == nil ? String(plain) : "\(plain)-\(Identifier.make().suffix(8))"
                try tx.run("UPDATE chatbots SET slug = ? WHERE id = ?", [slug, chatbot.id])
            }
        }
    }
}

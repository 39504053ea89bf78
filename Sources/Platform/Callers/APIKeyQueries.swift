package import HTTPKit
import JSON
package import Storage

extension APIKey {
    private static let columns = """
        k.id, k.chatbot_id, k.name, k.kind, k.prefix, k.scopes, k.origins, k.rate_limit, k.budget, k.spent, k.expires_at,
        k.revoked_at, k.last_used_at, k.created_at
        """

    private init(_ row: Row, now: Timestamp) throws {
        let expiresAt = try row.int64IfPresent("expires_at").map(Timestamp.init(milliseconds:))
        let revokedAt = try row.int64IfPresent("revoked_at").map(Timestamp.init(milliseconds:))
        self.init(
            id: try row.string("id"), name: try row.string("name"),
            kind: Kind(rawValue: try row.string("kind")) ?? .publishable, prefix: try row.string("prefix"),
            chatbotID: try row.stringIfPresent("chatbot_id"),
            scopes: try row.string("scopes").split(separator: " ").compactMap { KeyScope(rawValue: String($0)) },
            origins: try row.string("origins").split(separator: " ").map(String.init),
            rateLimit: try row.stringIfPresent("rate_limit"), budget: try row.intIfPresent("budget"),
            spent: try row.int("spent"),
            state: revokedAt != nil ? .revoked : (expiresAt.map { $0 <= now } ?? false) ? .expired : .active,
            expiresAt: expiresAt, revokedAt: revokedAt,
            lastUsedAt: try row.int64IfPresent("last_used_at").map(Timestamp.init(milliseconds:)),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")))
    }

    /// What a key is for: a chatbot, or the user who makes it.
    package enum Subject: Sendable {
        case chatbot(String, Tenant)
        case user(String)

        /// Which rows of `api_keys` are the subject's.
        fileprivate var filter: (sql: String, args: [any SQLBindable]) {
            switch self {
            case .chatbot(let id, let tenant): ("k.workspace_id = ? AND k.chatbot_id = ?", [tenant.workspaceID, id])
            case .user(let id): ("k.user_id = ?", [id])
            }
        }
    }

    /// A new key. Its text is not stored: only the response that creates the key contains it.
    package struct New: Sendable {
        package let id: String
        package let text: String
        package let prefix: String

        package init(_ kind: Kind, id: String = Identifier.make()) {
            let short = id.replacing("-", with: "")
            self.id = id
            prefix = "\(kind.prefix)_\(short)"
            text = "\(prefix)_\(RandomText.makeHex(bytes: 24))"
        }

        /// The one that demo data names.
        package init(id: String, text: String) {
            self.id = id
            self.text = text
            prefix = String(text.prefix(10))
        }
    }

    package struct Rights: Sendable {
        package var scopes: [KeyScope]
        package var origins: [String] = []
        package var rateLimit: String?
        package var budget: Int?
        package var expiresAt: Timestamp?

        package init(
            scopes: [KeyScope], origins: [String] = [], rateLimit: String? = nil, budget: Int? = nil,
            expiresAt: Timestamp? = nil
        ) {
            self.scopes = scopes
            self.origins = origins
            self.rateLimit = rateLimit
            self.budget = budget
            self.expiresAt = expiresAt
        }
    }

    package static func create(
        _ tx: Transaction, for subject: Subject, by creatorID: String, _ kind: Kind, name: String, _ rights: Rights,
        _ new: New, now: Timestamp
    ) throws -> Issued {
        let (workspaceID, chatbotID, userID): (String?, String?, String?) =
            switch subject {
            case .chatbot(let id, let tenant): (tenant.workspaceID, id, nil)
            case .user(let id): (nil, nil, id)
            }
        try tx.run(
            """
            INSERT INTO api_keys (id, workspace_id, chatbot_id, user_id, created_by, issued_to, name, kind, prefix, hash,
                scopes, origins, rate_limit, budget, expires_at, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                new.id, workspaceID, chatbotID, userID, creatorID, creatorID, name, kind.rawValue, new.prefix,
                Secrets.hash(new.text),
                joined(rights.scopes), rights.origins.joined(separator: " "), rights.rateLimit, rights.budget,
                rights.expiresAt, now,
            ])
        return Issued(key: new.text, apiKey: try find(tx, subject, id: new.id, now: now))
    }

    package static func find(_ tx: Transaction, _ subject: Subject, id: String, now: Timestamp) throws -> APIKey {
        let (filter, args) = subject.filter
        let found = try tx.row("SELECT \(columns) FROM api_keys k WHERE \(filter) AND k.id = ?", args + [id]) {
            try APIKey($0, now: now)
        }
        guard let found else { throw APIError(.notFound) }
        return found
    }

    /// The key, whose row is this transaction's until its end: two changes at once must not undo each other.
    private static func lock(_ tx: Transaction, _ subject: Subject, id: String, now: Timestamp) throws -> APIKey {
        let (filter, args) = subject.filter
        try tx.run("UPDATE api_keys AS k SET name = name WHERE \(filter) AND k.id = ?", args + [id])
        return try find(tx, subject, id: id, now: now)
    }

    package static func list(
        _ tx: Transaction, _ subject: Subject, after: Cursor, limit: Int, now: Timestamp
    ) throws -> [APIKey] {
        let (filter, args) = subject.filter
        return try tx.rows(
            "SELECT \(columns) FROM api_keys k WHERE \(filter) AND k.id < ? ORDER BY k.id DESC LIMIT ?",
            args + [after.id, limit + 1]
        ) { try APIKey($0, now: now) }
    }

    package static func update(
        _ tx: Transaction, _ subject: Subject, id: String, _ change: Update, now: Timestamp
    ) throws -> APIKey {
        let old = try lock(tx, subject, id: id, now: now)
        guard old.state != .revoked else { throw APIError(.conflict, "A revoked key cannot be changed.") }
        if old.kind == .publishable {
            guard change.scopes == nil || change.scopes == [.chat] else {
                throw APIError.invalid("scopes", "A publishable key has the scope 'chat' and no other.")
            }
            guard change.origins?.isEmpty != true else {
                throw APIError.invalid("origins", "A publishable key needs the 'origins' of its websites.")
            }
        }
        let (filter, args) = subject.filter
        try tx.run(
            """
            UPDATE api_keys AS k SET name = ?, scopes = ?, origins = ?, rate_limit = ?, budget = ?, expires_at = ?
            WHERE \(filter) AND k.id = ?
            """,
            [
                change.name ?? old.name, joined(change.scopes ?? old.scopes),
                (change.origins ?? old.origins).joined(separator: " "), change.rateLimit.applied(to: old.rateLimit),
                change.budget.applied(to: old.budget), change.expiresAt.applied(to: old.expiresAt),
            ] + args + [id])
        return try find(tx, subject, id: id, now: now)
    }

    /// Gives the key a new text, which `userID` gets to know. The old one goes on working for a while, and none before it
    /// for longer than that.
    package static func rotate(
        _ tx: Transaction, _ subject: Subject, id: String, by userID: String, overlap: Duration, now: Timestamp
    ) throws -> Issued {
        let old = try lock(tx, subject, id: id, now: now)
        guard old.state == .active else {
            throw APIError(.conflict, "A key that is \(old.state.rawValue) cannot be rotated. Make a new one.")
        }
        let new = New(old.kind, id: id)
        let until = now.adding(overlap)
        try tx.run(
            "UPDATE replaced_keys SET works_until = ? WHERE key_id = ? AND works_until > ?", [until, id, until])
        try tx.run(
            """
            INSERT INTO replaced_keys (hash, key_id, works_until)
            SELECT hash, id, CAST(? AS BIGINT) FROM api_keys WHERE id = ?
            """,
            [until, id])
        // Who rotates all the time keeps the latest.
        try tx.run(
            """
            DELETE FROM replaced_keys WHERE hash IN (SELECT hash FROM replaced_keys WHERE key_id = ?
                ORDER BY works_until DESC LIMIT 100 OFFSET 100)
            """,
            [id])
        let (filter, args) = subject.filter
        try tx.run(
            "UPDATE api_keys AS k SET hash = ?, prefix = ?, issued_to = ? WHERE \(filter) AND k.id = ?",
            [Secrets.hash(new.text), new.prefix, userID] + args + [id])
        return Issued(key: new.text, apiKey: try find(tx, subject, id: id, now: now))
    }

    /// The row stays, so that a call with the key is told what became of it.
    package static func revoke(_ tx: Transaction, _ subject: Subject, id: String, now: Timestamp) throws {
        _ = try find(tx, subject, id: id, now: now)
        let (filter, args) = subject.filter
        try tx.run(
            "UPDATE api_keys AS k SET revoked_at = COALESCE(revoked_at, ?) WHERE \(filter) AND k.id = ?",
            [now] + args + [id])
        try purgeRevoked(tx, subject)
    }

    /// Revoked keys of one subject whose rows stay; older ones go, so that making and revoking keys fills nothing.
    private static let mostRevoked = 1000

    private static func purgeRevoked(_ tx: Transaction, _ subject: Subject) throws {
        let (filter, args) = subject.filter
        try tx.run(
            """
            DELETE FROM api_keys WHERE id IN (SELECT k.id FROM api_keys k WHERE \(filter) AND k.revoked_at IS NOT NULL
                ORDER BY k.revoked_at DESC, k.id DESC LIMIT 100 OFFSET \(mostRevoked))
            """,
            args)
    }

    /// Newest first. `filter` is over `api_keys` as `k`.
    package static func list(
        _ tx: Transaction, where filter: String, _ args: [any SQLBindable], limit: Int, now: Timestamp
    ) throws -> [APIKey] {
        try tx.rows("SELECT \(columns) FROM api_keys k WHERE \(filter) ORDER BY k.id DESC LIMIT ?", args + [limit]) {
            try APIKey($0, now: now)
        }
    }

    /// A stored key, with its holder.
    package struct Live: Sendable {
        package let key: APIKey
        package let holder: Holder
        /// The limits of the account that answers for the key.
        package let limits: EffectiveLimits
        /// The key was replaced by another one, and works until then.
        package let replacedUntil: Timestamp?
    }

    package enum Holder: Sendable {
        /// The owner is the one of its workspace who pays; the creator may have gone.
        case chatbot(workspaceID: String, ownerID: String, creatorID: String?)
        case user(id: String, personalWorkspaceID: String)
    }

    /// Also returns nil if the account that answers for the key, its user or its workspace's owner, may no longer act.
    package static func live(_ tx: Transaction, text: String, now: Timestamp) throws -> Live? {
        let hash = Secrets.hash(text)
        if let live = try live(tx, where: "k.hash = ?", hash, replacedUntil: nil, now: now) { return live }
        let replaced = try tx.row("SELECT key_id, works_until FROM replaced_keys WHERE hash = ?", [hash]) {
            (id: try $0.string("key_id"), until: Timestamp(milliseconds: try $0.int64("works_until")))
        }
        return try replaced.flatMap { try live(tx, where: "k.id = ?", $0.id, replacedUntil: $0.until, now: now) }
    }

    private static func live(
        _ tx: Transaction, where filter: String, _ value: any SQLBindable, replacedUntil: Timestamp?, now: Timestamp
    ) throws -> Live? {
        try tx.row(
            """
            SELECT \(columns), k.workspace_id, k.created_by, u.id AS holder_id, \(EffectiveLimits.columns),
                (SELECT w.id FROM workspaces w WHERE w.personal_user_id = k.user_id) AS personal_workspace_id
            FROM api_keys k
            JOIN users u ON u.id = COALESCE(k.user_id, \(Subscriber.payer(of: "k.workspace_id")))
                AND u.disabled_at IS NULL AND u.deleted_at IS NULL
            JOIN plans p ON p.id = u.plan_id
            WHERE \(filter)
            """,
            [value]
        ) { row in
            let holderID = try row.string("holder_id")
            let holder: Holder =
                if let workspaceID = try row.stringIfPresent("workspace_id") {
                    .chatbot(
                        workspaceID: workspaceID, ownerID: holderID, creatorID: try row.stringIfPresent("created_by"))
                } else {
                    .user(id: holderID, personalWorkspaceID: try row.string("personal_workspace_id"))
                }
            return Live(
                key: try APIKey(row, now: now), holder: holder, limits: try EffectiveLimits(row),
                replacedUntil: replacedUntil)
        }
    }

    package static func touch(_ tx: Transaction, id: String, now: Timestamp) throws {
        try tx.run("UPDATE api_keys SET last_used_at = ? WHERE id = ?", [now, id])
    }

    private static func joined(_ scopes: [KeyScope]) -> String {
        KeyScope.allCases.filter(scopes.contains).map(\.rawValue).joined(separator: " ")
    }
}

extension APIKey {
    /// Before a key is made: the plan of the user, or of the workspace's owner, must have room for one more. Of several at
    /// once, each waits for the one before.
    package static func requireRoom(_ tx: Transaction, for subject: Subject) throws {
        let ownerID: String? =
            switch subject {
            case .chatbot(_, let tenant): try Subscriber.payer(tx, workspaceID: tenant.workspaceID)?.userID
            case .user(let id): id
            }
        guard let ownerID else { return }
        try tx.run("UPDATE users SET plan_id = plan_id WHERE id = ?", [ownerID])
        guard let most = try Subscriber.find(tx, userID: ownerID)?.limits.keys else { return }
        guard try count(tx, of: ownerID) < most else {
            throw APIError(
                .planLimitReached,
                "The plan allows \(most) API keys. Revoke one that is not needed, even if it expired.")
        }
    }

    /// Those of the user's own and of all workspaces that the user owns, as long as they are not revoked.
    package static func count(_ tx: Transaction, of ownerID: String) throws -> Int {
        try tx.row(
            """
            SELECT COUNT(*) AS keys FROM api_keys WHERE revoked_at IS NULL AND (user_id = ? OR workspace_id IN
                (SELECT workspace_id FROM members WHERE user_id = ? AND role = 'owner' AND accepted_at IS NOT NULL))
            """,
            [ownerID, ownerID]
        ) { try $0.int("keys") } ?? 0
    }
}

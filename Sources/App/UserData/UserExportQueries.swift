import Accounts
import Chat
import Chatbots
import HTTPKit
import Platform
import Storage

extension UserExport {
    /// What stands once in the document.
    struct Account: Sendable {
        let user: User
        let details: UserContext.Profile
        let plan: String?
        let credits: Int
        let usage: [Day]

        struct Day: Codable, Sendable {
            let day: Timestamp
            let messages: Int
            let conversations: Int
        }

        /// Also of a user who has been deleted.
        static func find(_ tx: Transaction, userID: String, _ secrets: Secrets, now: Timestamp) throws -> Account {
            guard let found = try User.find(tx, id: userID, evenDeleted: true),
                let subscriber = try Subscriber.find(tx, userID: userID)
            else { throw APIError(.notFound) }
            let details = try UserDetails(encrypted: found.encryptedDetails, secrets)
            let plan = try tx.row("SELECT plan_id FROM users WHERE id = ?", [userID]) {
                try $0.stringIfPresent("plan_id")
            }
            let usage = try tx.rows(
                "SELECT day, messages, conversations FROM daily_usage WHERE user_id = ? ORDER BY day", [userID]
            ) { row in
                Day(
                    day: Timestamp(milliseconds: try row.int64("day") * 86_400_000),
                    messages: try row.int("messages"), conversations: try row.int("conversations"))
            }
            return Account(
                user: found.user.with(details), details: .init(details, email: found.user.email), plan: plan ?? nil,
                credits: try Credits.find(tx, of: subscriber, now: now).balance, usage: usage)
        }
    }

    /// The user's membership in the workspace that follows in the order of ids.
    static func nextTenant(_ tx: Transaction, userID: String, after: String) throws -> Tenant? {
        try tx.row(
            """
            SELECT m.workspace_id, \(Tenant.roleColumn) FROM members m WHERE m.user_id = ? AND m.workspace_id > ?
            ORDER BY m.workspace_id LIMIT 1
            """,
            [userID, after]
        ) { try Tenant($0, userID: userID) }
    }
}

extension Conversation {
    /// The user's own, so ordered that one which goes on meanwhile comes later, not earlier.
    static func listForExport(
        _ tx: Transaction, in tenant: Tenant, after: Cursor, limit: Int, now: Timestamp = .now
    ) throws -> [Conversation] {
        try tx.rows(
            """
            SELECT \(columns) FROM conversations c
            WHERE c.user_id = ? AND c.workspace_id = ? AND (c.updated_at, c.id) > (?, ?) AND \(isThere)
            ORDER BY c.updated_at, c.id LIMIT ?
            """,
            [tenant.userID, tenant.workspaceID, after.key, after.id, limit]
        ) { try Conversation($0, now: now) }
    }
}

/// An export that outlives its user for a while, in encrypted parts.
struct KeptExport: Sendable {
    static let lifetime = Duration.seconds(30 * 86_400)

    let database: Database
    let secrets: Secrets
    let objects: FileObjects
    let userID: String

    /// Returns true if there is a complete export, false if the purge has begun but the user can still be exported, and
    /// nil if no export was requested. Throws for a user who can still be restored, so that operators cannot export the
    /// data of a user, restore the account, and leave the user unaware of it.
    static func find(_ tx: Transaction, userID: String) throws -> Bool? {
        let user = try tx.row(
            "SELECT wants_export, exported_at, purging_at FROM deleted_users WHERE user_id = ?", [userID]
        ) { row in
            (
                wantsExport: try row.bool("wants_export"), isComplete: try row.int64IfPresent("exported_at") != nil,
                isPurged: try row.int64IfPresent("purging_at") != nil
            )
        }
        if let user {
            guard user.wantsExport else { return nil }
            guard user.isPurged else {
                throw APIError(
                    .conflict, "This user can still be restored. The export is there once the purge has begun.")
            }
            return user.isComplete
        }
        return try tx.row("SELECT 1 AS found FROM user_exports WHERE user_id = ?", [userID]) { _ in true }
    }

    /// Stores the export. Starts over if an earlier run was interrupted.
    func keep(now: Timestamp) async throws {
        try await Self.drop(database) { tx in
            try tx.run(
                """
                DELETE FROM user_exports WHERE id IN (SELECT id FROM user_exports WHERE user_id = ? LIMIT 50)
                """,
                [userID])
        }
        let export = UserExport(database: database, secrets: secrets, objects: objects, userID: userID)
        try await export.write { [userID] bytes in
            let content = try secrets.encrypt(bytes)
            try await database.write(.system) { tx in
                try tx.run(
                    "INSERT INTO user_exports (id, user_id, content, created_at) VALUES (?, ?, ?, ?)",
                    [Identifier.make(), userID, content, now])
            }
        }
        try await database.write(.system) { [userID] tx in
            try tx.run("UPDATE deleted_users SET exported_at = ? WHERE user_id = ?", [now, userID])
        }
    }

    static func dropExpired(_ database: Database, now: Timestamp) async throws {
        try await drop(database) { tx in
            try tx.run(
                """
                DELETE FROM user_exports WHERE id IN
                    (SELECT id FROM user_exports WHERE created_at < ? ORDER BY created_at LIMIT 50)
                """,
                [now.adding(.zero - lifetime)])
        }
    }

    private static func drop(
        _ database: Database, _ some: @escaping @Sendable (Transaction) throws -> Int
    ) async throws {
        while try await database.write(.system, some) > 0 { try Task.checkCancellation() }
    }

    var file: UserFile {
        UserFile(userID: userID) { emit in
            var after = ""
            while true {
                let (userID, last) = (userID, after)
                let part = try await database.read(.system) { tx in
                    try tx.row(
                        "SELECT id, content FROM user_exports WHERE user_id = ? AND id > ? ORDER BY id LIMIT 1",
                        [userID, last]
                    ) { (id: try $0.string("id"), content: try $0.string("content")) }
                }
                guard let part else { return }
                try await emit(try secrets.decrypt(part.content))
                after = part.id
            }
        }
    }
}

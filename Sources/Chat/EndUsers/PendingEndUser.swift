package import HTTPKit
package import Platform
package import Storage

extension EndUser {
    /// An end user to store: a new one, one with changed details, or one whose last visit was a while ago. It is stored
    /// in the transaction that begins the turn, so that a refused call stores nothing.
    package struct Pending: Sendable {
        /// A visit within this time of the last one is not stored.
        private static let freshness = Duration.seconds(43_200)

        /// The id that the end user has, or gets unless a concurrent call has stored it.
        package let id: String
        /// The person, with the details of the call merged in.
        package let person: Person
        private let named: Named
        private let chatbotID: String
        private let secrets: Secrets

        /// Nil if there is nothing to store.
        package init?(
            _ found: EndUser?, _ named: Named, chatbotID: String, _ secrets: Secrets, now: Timestamp = .now
        ) throws {
            let known = try UserDetails(encrypted: found?.encryptedDetails, secrets)
            let told = known.applying(named.details)
            if let found, told == known, found.updatedAt.adding(Self.freshness) > now { return nil }
            id = found?.id ?? Identifier.make()
            person = Person(id: named.id, email: nil, encryptedDetails: try told.encrypted(secrets))
            self.named = named
            self.chatbotID = chatbotID
            self.secrets = secrets
        }

        /// Returns the id that the end user has from here on.
        package func save(_ tx: Transaction, in tenant: Tenant, now: Timestamp) throws -> String {
            try EndUser.save(
                tx, in: tenant, chatbotID: chatbotID, externalID: named.id, named.details, secrets, newID: id, now: now
            ).id
        }
    }
}

/// Removes end users who hold no conversation and have not been heard of for a long time.
package struct UnusedEndUsers: Sendable {
    /// Rows that are looked at in one transaction.
    private static let page = 200

    package let database: Database
    /// Days after which one is removed; 0 for never.
    package var days: Int

    package init(database: Database, days: Int = 90) {
        self.database = database
        self.days = days
    }

    package var job: Job {
        Job(kind: "end_users.purge_unused", interval: .seconds(6 * 3600)) { _ in try await purge(now: .now) }
    }

    package func purge(now: Timestamp) async throws {
        guard days > 0 else { return }
        let before = now.adding(.seconds(-86_400 * days))
        var after = ""
        while true {
            let start = after
            let (last, isAnyUnused) = try await database.read(.system) { tx in
                let last =
                    try tx.row(
                        """
                        SELECT MAX(id) AS last FROM (SELECT id FROM end_users WHERE id > ? ORDER BY id LIMIT \(Self.page)) p
                        """, [start]
                    ) { try $0.stringIfPresent("last") } ?? nil
                let unused = try last.flatMap { last in
                    try tx.row(
                        "SELECT 1 AS one FROM end_users e WHERE \(Self.isUnused) LIMIT 1", [start, last, before]
                    ) { _ in true }
                }
                return (last, unused != nil)
            }
            guard let last else { return }
            after = last
            guard isAnyUnused else { continue }
            try await database.write(.system) { tx in
                // A visit meanwhile has changed `updated_at`, and the row stays.
                try tx.run(
                    "DELETE FROM end_users WHERE id IN (SELECT e.id FROM end_users e WHERE \(Self.isUnused)) AND updated_at < ?",
                    [start, last, before, before])
            }
            try Task.checkCancellation()
        }
    }

    private static let isUnused = """
        e.id > ? AND e.id <= ? AND e.updated_at < ? AND NOT EXISTS (SELECT 1 FROM conversations c
            WHERE c.workspace_id = e.workspace_id AND c.end_user_id = e.id)
        """
}

package import HTTPKit
package import Platform
package import Storage

/// How long message logs are kept.
package struct MessageLogRetention: Sendable {
    package let database: Database
    /// 0: for ever.
    package let days: Int

    package init(database: Database, days: Int) {
        self.database = database
        self.days = days
    }

    package var jobs: [Job] {
        guard days > 0 else { return [] }
        return [Job(kind: "message_logs.purge", interval: .seconds(3600)) { _ in try await purge(now: .now) }]
    }

    package func purge(now: Timestamp) async throws {
        let before = now.adding(.seconds(-86_400 * days))
        try await database.inBatches { tx, limit in try MessageLog.purge(tx, before: before, limit: limit) }
    }
}

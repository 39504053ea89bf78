import HTTPKit
import Storage

/// How long message logs are kept.
struct MessageLogRetention: Sendable {
    let database: Database
    /// 0: for ever.
    let days: Int

    var jobs: [Job] {
        guard days > 0 else { return [] }
        return [Job(kind: "message_logs.purge", interval: .seconds(3600)) { _ in try await purge(now: .now) }]
    }

    func purge(now: Timestamp) async throws {
        let before = now.adding(.seconds(-86_400 * days))
        try await database.inBatches { tx in try MessageLog.purge(tx, before: before, limit: Database.batch) }
    }
}

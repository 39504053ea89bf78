import Chat
import HTTPKit
import Logging
import ModelAPI
import Platform
import ServiceLifecycle
import Storage

/// Detects dead instances if several share a PostgreSQL database, and releases their leases long before these expire.
///
/// An instance that is only slow or paused must keep its leases. So it counts as dead only if two conditions hold: its
/// counter was unchanged in several successful reads in a row, and the server has no connection with its name any more.
/// The kernel closes connections when a process dies, and not before. An instance whose connections the others cannot
/// see, such as one behind a pooler, is left alone; the leases of its turns expire by themselves.
struct Instances: Service {
    private static let interval = Duration.milliseconds(750)
    /// Number of reads with an unchanged counter after which an instance may be dead.
    private static let patience = 3

    let database: Database
    let logger: Logger

    /// What this instance knows of the others.
    struct Watch: Sendable {
        fileprivate var beat: Int64 = 0
        fileprivate var role: String?
        /// The counter of each instance by its name, and how often it was read unchanged.
        fileprivate var seen: [String: (beat: Int64, looks: Int)] = [:]
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var watch = Watch()
            while !Task.isCancelled {
                do {
                    try await look(&watch)
                } catch {
                    // What was not answered says nothing about others.
                    watch.seen = [:]
                    logger.warning("other instances not looked at", metadata: ["cause": "\(error)"])
                }
                guard (try? await Task.sleep(for: Self.interval)) != nil else { return }
            }
        }
    }

    /// Counts on, and gives back what instances were doing that have died.
    func look(_ watch: inout Watch, now: Timestamp = .now) async throws {
        if watch.role == nil { watch.role = try await database.visibleRole() }
        watch.beat += 1
        let (beat, role, name) = (watch.beat, watch.role, database.name)
        try await database.write(.system) { tx in
            try tx.run(
                """
                INSERT INTO instances (id, beat, role) VALUES (?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET beat = excluded.beat, role = excluded.role
                """,
                [name, beat, role])
        }
        let others = try await database.read(.system) { tx in try Self.others(tx, than: name) }
        var seen: [String: (beat: Int64, looks: Int)] = [:]
        for other in others {
            let known = watch.seen[other.name]
            let looks = known?.beat == other.beat ? (known?.looks ?? 0) + 1 : 0
            seen[other.name] = (other.beat, looks)
            guard looks >= Self.patience, other.isGone else { continue }
            seen[other.name] = nil
            try await release(other, now: now)
        }
        watch.seen = seen
    }

    private struct Other: Sendable {
        let name: String
        let beat: Int64
        /// Whether it could be seen if it was connected, and is not.
        let isGone: Bool
    }

    private static func others(_ tx: Transaction, than name: String) throws -> [Other] {
        try tx.rows(
            """
            SELECT i.id, i.beat, i.role = current_user AND NOT EXISTS (SELECT 1 FROM pg_stat_activity s
                WHERE s.application_name = i.id) AS is_gone FROM instances i WHERE i.id <> ?
            """,
            [name]
        ) { row in
            Other(
                name: try row.string("id"), beat: try row.int64("beat"),
                isGone: try row.boolIfPresent("is_gone") ?? false)
        }
    }

    /// One of those who have noticed does it.
    private func release(_ other: Other, now: Timestamp) async throws {
        let isMine = try await database.write(.system) { tx in
            guard
                try tx.run("DELETE FROM instances WHERE id = ? AND beat = ?", [other.name, other.beat]) == 1
            else { return false }
            try TurnQueries.release(tx, from: other.name, now: now)
            try ResponseUpkeep.closeAbandoned(tx, before: now, instance: other.name)
            try JobQueue.release(tx, from: other.name)
            return true
        }
        if isMine { logger.notice("another instance is gone", metadata: ["instance": .string(other.name)]) }
    }
}

package import Files
import Foundation
import HTTPKit
package import Logging
import NIOCore
package import Platform
package import Storage

/// Removes bytes that no file needs: those of deleted rows, those of expired uploads, and those that a killed process stored
/// without writing their row.
package struct FileSweep: Sendable {
    private static let removal = "files.remove"
    /// Objects of one transaction.
    private static let batch = 100
    /// Age at which an object without a row is removed, in seconds. Its row is written within moments after it.
    static let grace = TimeInterval(86_400)

    package let database: Database
    package let store: any ByteStore
    package let queue: JobQueue
    package let logger: Logger

    package init(database: Database, store: any ByteStore, queue: JobQueue, logger: Logger) {
        self.database = database
        self.store = store
        self.queue = queue
        self.logger = logger
    }

    package var jobs: [Job] {
        [
            Job(kind: Self.removal, interval: .seconds(30)) { _ in try await remove() },
            Job(kind: "files.expire", interval: .seconds(300)) { _ in try await expire(now: .now) },
            Job(kind: "files.orphans", interval: .seconds(6 * 3600), timeLimit: .seconds(6 * 3600)) { _ in
                try await removeOrphans(before: Date().addingTimeInterval(-Self.grace))
            },
        ]
    }

    /// Runs the removal of deleted bytes soon.
    package func hasten() async {
        do {
            try await database.write(.system) { tx in try JobQueue.hasten(tx, recurring: Self.removal, now: .now) }
            queue.wake()
        } catch {
            logger.warning("deleted files are left to the job", metadata: ["cause": "\(error)"])
        }
    }

    /// Removes the objects of deleted rows, unless an `ObjectLease` holds. Objects that cannot be removed stay for the next
    /// run.
    package func remove() async throws {
        while true {
            try Task.checkCancellation()
            let names = try await database.read(.system) { tx in
                guard try !ObjectLease.holds(tx, now: .now) else { return [String]() }
                return try tx.rows("SELECT object FROM removed_objects ORDER BY object LIMIT ?", [Self.batch]) {
                    try $0.string("object")
                }
            }
            if names.isEmpty { return }
            for name in names.compactMap({ ObjectName($0) }) { try await store.remove(name) }
            try await database.write(.system) { tx in
                for name in names { try tx.run("DELETE FROM removed_objects WHERE object = ?", [name]) }
            }
        }
    }

    func expire(now: Timestamp) async throws {
        try await database.inBatches { tx, limit in try Upload.purge(tx, now: now, limit: limit) }
    }

    /// Removes objects without a row, unless the store belongs to another database.
    func removeOrphans(before: Date) async throws {
        guard try await isOurs() else {
            logger.warning("the files' store belongs to another database: objects without a row are not removed")
            return
        }
        try await store.removeUnfinished(before: before)
        var after: ObjectName?
        while true {
            try Task.checkCancellation()
            let page = try await store.list(after: after, limit: Self.batch)
            guard let last = page.last else { return }
            after = last.name
            let old = page.filter { $0.modifiedAt < before && $0.name != Self.mark }.map(\.name.text)
            if old.isEmpty { continue }
            let known = try await database.read(.system) { tx in
                try ObjectLease.holds(tx, now: .now)
                    ? nil
                    : tx.rows("SELECT object FROM file_parts WHERE object IN (\(old.placeholders))", old) {
                        try $0.string("object")
                    }
            }
            guard let known else { return }
            for name in Set(old).subtracting(known).sorted().compactMap({ ObjectName($0) }) {
                try await store.remove(name)
                logger.notice("bytes without a file removed", metadata: ["object": "\(name)"])
            }
        }
    }

    /// An object whose content is the id of the database that the store belongs to.
    private static let mark = ObjectName(String(repeating: "0", count: 32))!

    private func isOurs() async throws -> Bool {
        let own = try await database.read(.system) { tx in
            try tx.row("SELECT id FROM file_store") { try $0.string("id") } ?? ""
        }
        if let found = try await store.get(Self.mark) { return String(buffer: found) == own }
        // A server of another database may do the same at once: the mark that remains decides.
        try? await store.put(ByteBuffer(string: own), as: Self.mark)
        return try await store.get(Self.mark).map { String(buffer: $0) } == own
    }
}

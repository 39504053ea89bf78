import Foundation
package import HTTPKit
import HTTPTypes
package import Logging
import ServiceLifecycle
package import Storage
import Synchronization

/// Writes audit entries, decides which refusals are recorded, and seals the entries.
package final class AuditTrail: Sendable {
    private static let batch = 500
    private static let lookInterval = Duration.seconds(3600)

    package let database: Database
    private let chain: AuditChain
    /// The file to which each published head is appended as a line.
    private let headFile: String?
    private let logger: Logger
    /// A flood of refusals must not fill the disk.
    private let throttled = RateLimiter()
    private struct Progress {
        /// When this process last checked all entries. The first check must cover all: sealing may have been down for
        /// any time before the start, and another instance's clock may be behind by any time.
        var lookedAtAll: Timestamp?
        var published: AuditHead?
        var publishedAt: ContinuousClock.Instant?
    }
    private let progress = Mutex(Progress())

    package init(database: Database, secrets: Secrets, headFile: String?, logger: Logger) {
        self.database = database
        chain = AuditChain(secrets)
        self.headFile = headFile
        self.logger = logger
    }

    package func records(_ error: APIError, of record: AuditRecord, from address: String) -> Bool {
        switch error.status.code {
        case 401, 402, 403:
            record.isSignIn
                || record.actor != AuditEntry.anonymous
                    && isFirst("\(record.actor) \(record.action) \(error.code.rawValue)")
        case 429: record.isSignIn && isFirst(address)
        default: false
        }
    }

    /// Whether this name occurs for the first time within a minute.
    private func isFirst(_ name: String) -> Bool { throttled.take(name, RateLimit(1, per: .minute)).isAllowed }

    package var jobs: [Job] {
        [
            Job(kind: "audit.seal", interval: .seconds(10)) { [self] _ in
                try await seal()
                try await publish()
            }
        ]
    }

    package func seal(now: Timestamp = .now) async throws {
        let looksAtAll = progress.withLock { progress in
            progress.lookedAtAll.map { !($0..<$0.adding(Self.lookInterval)).contains(now) } ?? true
        }
        let first = try await database.read(.system) { tx in
            try AuditChain.firstUnsealed(tx, from: looksAtAll ? "" : AuditChain.horizon(tx, now: now))
        }
        if let first {
            while try await sealBatch(from: first) == Self.batch { try Task.checkCancellation() }
        }
        if looksAtAll { progress.withLock { $0.lookedAtAll = now } }
    }

    private func sealBatch(from first: String) async throws -> Int {
        do {
            return try await database.write(.system) { [chain] tx in
                try chain.seal(tx, from: first, limit: Self.batch)
            }
        } catch let error as StorageError {
            // Another instance has sealed the same at the same time.
            guard case .unique = error.kind else { throw error }
            return 0
        }
    }

    package func head() async throws -> AuditHead? {
        try await database.read(.system) { tx in try AuditChain.head(tx) }
    }

    /// Publishes the head of the chain to the log and to a file, which an attacker with access to the database cannot
    /// change. Does so at most once a minute, unless `isLast` is true.
    package func publish(isLast: Bool = false) async throws {
        guard let head = try await head() else { return }
        let isDue = progress.withLock { progress in
            let isEarly = progress.publishedAt.map { $0.duration(to: .now) < .seconds(60) } ?? false
            guard head != progress.published, isLast || !isEarly else { return false }
            (progress.published, progress.publishedAt) = (head, .now)
            return true
        }
        guard isDue else { return }
        logger.info(
            "audit head", metadata: ["sequence": .stringConvertible(head.sequence), "mac": .string(head.macText)])
        if let headFile { append("\(head.text) \(Timestamp.now.iso8601)\n", to: headFile) }
    }

    private func append(_ line: String, to path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { if descriptor >= 0 { close(descriptor) } }
        let bytes = Array(line.utf8)
        guard descriptor >= 0, write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            logger.error(
                "the audit head is not in its file",
                metadata: ["file": .string(path), "cause": .string(String(cString: strerror(errno)))])
            return
        }
    }
}

/// Seals and publishes once more when everything else has stopped.
package struct LastAuditHead: Service {
    package let trail: AuditTrail
    package let logger: Logger

    package init(trail: AuditTrail, logger: Logger) {
        self.trail = trail
        self.logger = logger
    }

    package func run() async throws {
        try await gracefulShutdown()
        do {
            try await trail.seal()
            try await trail.publish(isLast: true)
        } catch {
            logger.warning("the last audit head not published", metadata: ["cause": .string(String(describing: error))])
        }
    }
}

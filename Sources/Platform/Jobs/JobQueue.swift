package import HTTPKit
package import Storage
import Synchronization

/// The queue of jobs. A caller that inserts a job in its own transaction calls `wake` after it; otherwise the job
/// starts up to a second later.
package final class JobQueue: Sendable {
    /// Maximum length of a payload, in bytes. The caller encrypts secrets in it.
    package static let maxPayload = 65_536
    /// How long a dead job can be retried, and how long it is kept.
    package static let (payloadRetention, retention) = (Duration.seconds(86_400), Duration.seconds(30 * 86_400))

    package let database: Database
    private struct Nap {
        var task: Task<Void, Never>?
        var isWoken = false
    }
    private let nap = Mutex(Nap())

    package init(database: Database) { self.database = database }

    /// Returns false if there is already a job with this unique key.
    @discardableResult
    package func enqueue(
        _ kind: String, payload: String? = nil, uniqueKey: String? = nil, at time: Timestamp = .now
    ) async throws -> Bool {
        let isNew = try await database.write(.system) { tx in
            try Self.insert(tx, kind, payload: payload, uniqueKey: uniqueKey, at: time)
        }
        wake()
        return isNew
    }

    package func wake() {
        nap.withLock { nap in
            nap.isWoken = true
            nap.task?.cancel()
        }
    }

    /// Returns after this time, or earlier if `wake` is called.
    package func sleep(for duration: Duration) async {
        let task = nap.withLock { nap -> Task<Void, Never>? in
            defer { nap.isWoken = false }
            guard !nap.isWoken else { return nil }
            let task = Task { _ = try? await Task.sleep(for: duration) }
            nap.task = task
            return task
        }
        await withTaskCancellationHandler {
            await task?.value
        } onCancel: {
            task?.cancel()
        }
    }
}

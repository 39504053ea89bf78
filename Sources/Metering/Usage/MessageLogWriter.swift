import HTTPKit
import JSON
import Logging
package import Platform
package import Storage
import Synchronization

/// Writes the logs of calls that write nothing else. While one batch is being committed, the next one is collected, so
/// calls that end at the same time share a commit. Each `write` returns when its log is durable.
package final class MessageLogWriter: Sendable {
    private static let batch = 500

    private struct Waiting: Sendable {
        let log: MessageLog
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var waiting: [Waiting] = []
        var isWriting = false
    }

    private let database: Database
    private let secrets: Secrets
    private let keepsContent: Bool
    /// Waited before each batch, so that it grows.
    private let interval: Duration
    /// Logs that may wait; beyond them the server is overloaded.
    private let capacity: Int
    private let state = Mutex(State())

    package init(database: Database, secrets: Secrets, keepsContent: Bool, interval: Duration, capacity: Int = 8192) {
        self.capacity = capacity
        self.database = database
        self.secrets = secrets
        self.keepsContent = keepsContent
        self.interval = interval
    }

    /// The question and the answer, encrypted; nil if contents are not kept.
    package func content(question: @autoclosure () -> String, answer: @autoclosure () -> String) throws -> String? {
        guard keepsContent else { return nil }
        return try secrets.encrypt(
            try JSONWriter.encode(MessageLog.Content(question: question(), answer: answer())))
    }

    /// Returns when the log is durable.
    package func write(_ log: MessageLog) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let (isFull, begins) = state.withLock { state in
                guard state.waiting.count < capacity else { return (true, false) }
                state.waiting.append(Waiting(log: log, continuation: continuation))
                defer { state.isWriting = true }
                return (false, !state.isWriting)
            }
            if isFull { continuation.resume(throwing: APIError(.overloaded, retryAfter: 1)) }
            // Nothing of the task that happens to be the first belongs to the others.
            if begins { Task.detached { await self.drain() } }
        }
    }

    private func drain() async {
        while true {
            if interval > .zero { try? await Task.sleep(for: interval) }
            let batch = state.withLock { state in
                let batch = Array(state.waiting.prefix(Self.batch))
                state.waiting.removeFirst(batch.count)
                state.isWriting = !batch.isEmpty
                return batch
            }
            if batch.isEmpty { return }
            await write(batch[...])
        }
    }

    /// A log that the database does not take must not take the others with it.
    private func write(_ batch: ArraySlice<Waiting>) async {
        do {
            // Sorted in the same order on all instances, so that two that add to the same sums cannot deadlock.
            let logs = batch.map(\.log).sorted { $0.sumsKey < $1.sumsKey }
            try await database.write(.system) { tx in
                for log in logs { try log.insert(tx) }
            }
            for one in batch { one.continuation.resume() }
        } catch {
            let isTrouble = [.databaseBusy, .databaseFull, .databaseUnavailable].contains(APIError(any: error).code)
            if batch.count > 1, !isTrouble {
                for index in batch.indices { await write(batch[index...index]) }
            } else {
                for one in batch { one.continuation.resume(throwing: error) }
            }
        }
    }
}

extension MessageLog {
    /// Orders logs as the rows of the daily sums that they are added to.
    fileprivate var sumsKey: String {
        [chatbotID, provider ?? "", model, asker.keyID ?? "", String((id.utf8.last ?? 0) % 8)].joined(separator: "\n")
    }
}

import HTTPKit
package import Logging
import ServiceLifecycle
import Storage

/// Every second, the responses that are being written in the background are stored as far as they have come, so that other
/// instances can follow them, and a request to stop them is seen.
package struct ResponseKeeper: Service {
    /// Responses in one transaction: few enough that no other write waits long for it.
    private static let batch = 16

    package let store: ResponseStore
    package let logger: Logger

    package init(store: ResponseStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var seconds = 0
            while (try? await Task.sleep(for: .seconds(1))) != nil {
                seconds += 1
                await keep()
                if seconds.isMultiple(of: 15) { for response in store.running.all { response.beat() } }
            }
        }
    }

    private func keep() async {
        var waiting = store.running.all[...]
        while !waiting.isEmpty {
            let batch = Array(waiting.prefix(Self.batch))
            waiting = waiting.dropFirst(Self.batch)
            do {
                let stopped = try await store.database.write(.system) { tx in
                    try batch.filter { try !keep($0, tx) }
                }
                for response in stopped { response.stop() }
            } catch {
                // The next second tries again, with all that has come by then.
                logger.warning("responses not kept yet", metadata: ["cause": .string(String(describing: error))])
            }
        }
    }

    /// Returns whether the response is to go on.
    private func keep(_ response: RunningResponse, _ tx: Transaction) throws -> Bool {
        let (id, workspaceID, events) = (response.plan.id, response.workspaceID, response.current.events)
        let kept = try ResponseQueries.renew(tx, id: id, in: workspaceID, events: events.count, now: .now)
        guard let kept else { return false }
        let new = events[min(kept.stored, events.count)...]
        try ResponseQueries.append(tx, store.parts.output(new), to: id, in: workspaceID)
        return !kept.isStopped
    }
}

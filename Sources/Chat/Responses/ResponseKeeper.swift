import HTTPKit
package import Logging
import ServiceLifecycle
package import Storage

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
            let taken = batch.map { $0.takeUnkept() }
            do {
                let parts = try taken.map { try store.parts.output($0) }
                let stopped = try await store.database.write(.system) { tx in
                    try zip(batch, parts).filter { response, parts in
                        let (id, workspaceID) = (response.plan.id, response.workspaceID)
                        if try ResponseQueries.renew(tx, id: id, in: workspaceID, now: .now) { return true }
                        try ResponseQueries.append(tx, parts, to: id, in: workspaceID)
                        return false
                    }.map(\.0)
                }
                for response in stopped { response.stop() }
            } catch {
                // The next second tries again, with all that has come by then.
                for (response, events) in zip(batch, taken) { response.forgetKept(events.count) }
                logger.warning("responses not kept yet", metadata: ["cause": .string(String(describing: error))])
            }
        }
    }
}

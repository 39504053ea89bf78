import HTTPKit
package import Logging
import ServiceLifecycle
package import Storage

/// Stops replies at the request of other instances. If several share a database, a client may ask one instance to stop
/// a reply that another one writes, so each checks once a second for requests to stop its own replies.
package struct RemoteStops: Service {
    package let database: Database
    package let replies: RunningReplies
    package let logger: Logger

    package init(database: Database, replies: RunningReplies, logger: Logger) {
        self.database = database
        self.replies = replies
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .seconds(1))) != nil {
                guard replies.count > 0 else { continue }
                do {
                    let stopped = try await database.read(.system) { tx in try TurnQueries.stopped(tx, now: .now) }
                    for id in stopped { replies.reply(id)?.stop() }
                } catch {
                    logger.warning("stops not read", metadata: ["cause": .string(String(describing: error))])
                }
            }
        }
    }
}

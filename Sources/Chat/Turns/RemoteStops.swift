import HTTPKit
package import Logging
import ServiceLifecycle
package import Storage

/// Where several processes share a database, a stop may be asked of one while the reply is written by another: each
/// looks once a second whether one of its own is meant.
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

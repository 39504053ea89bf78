import HTTPKit
import Logging
import ServiceLifecycle
import Storage

/// Where several processes share a database, a stop may be asked of one while the reply is written by another: each
/// looks once a second whether one of its own is meant.
struct RemoteStops: Service {
    let database: Database
    let replies: RunningReplies
    let logger: Logger

    func run() async throws {
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

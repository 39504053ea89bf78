import HTTPKit
package import Logging
import ServiceLifecycle
package import Storage

/// Every second, the replies that are being written are kept in the database as far as they have come: a crash leaves
/// that much, another process can follow, and the turns stay held. A reply that is over sooner costs nothing here.
package struct ReplyKeeper: Service {
    /// Replies kept in one transaction: few enough that no other write waits long for it.
    private static let batch = 32

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
            var seconds = 0
            while (try? await Task.sleep(for: .seconds(1))) != nil {
                seconds += 1
                await keep(everyTurn: seconds.isMultiple(of: 5))
                if seconds.isMultiple(of: 15) { for reply in replies.all { reply.beat() } }
            }
        }
    }

    /// `everyTurn`: also those of which nothing new has come, so that their turns stay held.
    private func keep(everyTurn: Bool) async {
        var waiting = replies.all.filter { everyTurn || $0.hasUnstoredText }[...]
        while !waiting.isEmpty {
            let batch = Array(waiting.prefix(Self.batch))
            waiting = waiting.dropFirst(Self.batch)
            let contents = batch.map { $0.takeUnstored() }
            do {
                let stopped = try await database.write(.system) { tx in
                    try zip(batch, contents).filter { reply, content in
                        try TurnQueries.keep(
                            tx, reply.tenant, conversationID: reply.conversationID, replyID: reply.messageID,
                            content, now: .now)
                    }.map(\.0)
                }
                for reply in stopped { reply.stop() }
            } catch {
                // The next second tries again, with all that has come by then.
                for reply in batch { reply.forgetStored() }
                logger.warning("replies not kept yet", metadata: ["cause": .string(String(describing: error))])
            }
        }
    }
}

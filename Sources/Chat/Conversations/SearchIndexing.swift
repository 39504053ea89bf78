import HTTPKit
package import Platform
package import Storage

/// The job that indexes what was said since it last ran. What changes a conversation counts the change in `to_index`, and does
/// no more, so that a turn does not become slower. Works in small transactions, so that others need not wait.
package struct SearchIndexing: Sendable {
    /// Conversations and messages of one transaction, and what these have at most, unless the first one is longer.
    private static let (conversationsAtOnce, messagesAtOnce, bytesAtOnce) = (50, 100, 128 << 10)
    /// Between two transactions, for others.
    private static let pause = Duration.milliseconds(2)

    package let database: Database

    package init(database: Database) { self.database = database }

    package var job: Job {
        Job(kind: "search.index", interval: .seconds(5), timeLimit: .seconds(6 * 3600)) { _ in try await run() }
    }

    /// How far a run has come.
    private struct Place {
        /// Everything up to here has been looked at.
        var conversationID = ""
        /// What is left of the next conversation.
        var rest: (conversation: WaitingConversation, after: Int64)?
    }

    /// Indexes all conversations without a running turn.
    package func run() async throws {
        var place = Place()
        while case let parts = try await parts(from: place), let last = parts.last {
            try Task.checkCancellation()
            try await database.write(.system) { [dialect = database.dialect] tx in
                for part in parts { try part.index(tx, dialect) }
            }
            place =
                last.isEnd
                ? Place(conversationID: last.conversation.id)
                : Place(conversationID: place.conversationID, rest: (last.conversation, last.lastPosition))
            try await Task.sleep(for: Self.pause)
        }
    }

    private func parts(from place: Place) async throws -> [SearchPart] {
        try await database.read(.system) { tx in
            var (parts, messages, bytes): ([SearchPart], Int, Int) = ([], Self.messagesAtOnce, Self.bytesAtOnce)
            let waiting =
                try place.rest.map { [$0.conversation] }
                ?? WaitingConversation.find(tx, after: place.conversationID, limit: Self.conversationsAtOnce)
            for conversation in waiting where messages > 0 && bytes > 0 {
                let part = try SearchPart(
                    tx, conversation, after: place.rest?.after ?? SearchEntry.titlePosition, messages: messages,
                    bytes: bytes)
                parts.append(part)
                if !part.isEnd { break }
                messages -= part.count
                bytes -= part.bytes
            }
            return parts
        }
    }
}

import HTTPKit
package import Logging
package import Storage

/// Removes what has been deleted. A deletion marks a row, which hides it and all below it at once; the rows themselves go
/// in small transactions, the first within the request and the rest by a job. A job that was interrupted is taken up again.
package struct Deletions: Sendable {
    /// Something that was deleted with all below it.
    package enum Root: Sendable, Equatable {
        case workspace(id: String)
        case chatbot(workspaceID: String, id: String)
        case endUser(workspaceID: String, id: String)
        case conversation(workspaceID: String, id: String)

        package var workspaceID: String {
            switch self {
            case .workspace(let id): id
            case .chatbot(let workspaceID, _), .endUser(let workspaceID, _), .conversation(let workspaceID, _):
                workspaceID
            }
        }
    }

    private static let kind = "deletions.purge"
    /// Between two transactions, for others.
    private static let pause = Duration.milliseconds(5)
    /// How long one root is worked at before the next has its turn, so that a large one does not delay a small one.
    private static let turn = Duration.seconds(2)

    package let database: Database
    package let queue: JobQueue
    package let logger: Logger
    /// Rows that one transaction deletes.
    package var batch: Int

    package init(database: Database, queue: JobQueue, logger: Logger, batch: Int = Database.batch) {
        self.database = database
        self.queue = queue
        self.logger = logger
        self.batch = batch
    }

    package var job: Job {
        Job(kind: Self.kind, interval: .seconds(30), timeLimit: .seconds(6 * 3600)) { _ in try await run() }
    }

    /// Removes the first rows of what a request has just marked: all of it if that is little. The job does the rest, also
    /// if this fails.
    package func begin(_ root: Root) async {
        do {
            let isDone = try await TransactionHook.$current.withValue(nil) { try await removeSome(of: root) }
            if isDone { return }
            try await TransactionHook.$current.withValue(nil) {
                try await database.write(.system, for: .workspace(root.workspaceID)) { tx in
                    try JobQueue.hasten(tx, recurring: Self.kind, now: .now)
                }
            }
            queue.wake()
        } catch {
            logger.warning("deleted rows are left to the job", metadata: ["cause": "\(error)"])
        }
    }

    /// Removes all that is marked.
    package func run() async throws {
        var failed: [Root] = []
        var failure: (any Error)?
        while true {
            let roots = try await database.read(.system) { tx in try Self.marked(tx) }.filter { !failed.contains($0) }
            if roots.isEmpty { break }
            for root in roots {
                do {
                    try await work(at: root)
                } catch {
                    // One that cannot be removed keeps none of the others.
                    try Task.checkCancellation()
                    logger.warning("deleted rows not removed", metadata: ["root": "\(root)", "cause": "\(error)"])
                    failed.append(root)
                    failure = error
                }
            }
        }
        if let failure { throw failure }
    }

    private func work(at root: Root) async throws {
        let end = ContinuousClock.now + Self.turn
        while ContinuousClock.now < end {
            try Task.checkCancellation()
            if try await removeSome(of: root) { return }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// One transaction's worth. Returns true if nothing is left, not even the root.
    package func removeSome(of root: Root) async throws -> Bool {
        // Sees the rows of a workspace that has no members any more, at the turn of the workspace.
        try await database.write(.system, for: .workspace(root.workspaceID)) { [batch] tx in
            var purge = RowPurge(tx, rows: batch)
            switch root {
            case .conversation(let workspaceID, let id):
                return try purge.removeConversations(where: "workspace_id = ? AND id = ?", [workspaceID, id])
            case .endUser(let workspaceID, let id):
                guard
                    try purge.removeConversations(where: "workspace_id = ? AND end_user_id = ?", [workspaceID, id]),
                    try purge.removeResponses(
                        where: """
                            EXISTS (SELECT 1 FROM end_users e WHERE e.workspace_id = ? AND e.id = ?
                                AND e.workspace_id = responses.workspace_id AND e.chatbot_id = responses.chatbot_id
                                AND e.former_id = responses.external_id AND responses.created_at <= e.deleted_at)
                            """, [workspaceID, id]),
                    // Last: replies that ended meanwhile have written their log, and later ones find no end user.
                    try purge.forget(endUserID: id, in: workspaceID)
                else { return false }
                return try purge.removeRows(of: "end_users", where: "workspace_id = ? AND id = ?", [workspaceID, id])
            case .chatbot(let workspaceID, let id):
                let isChatbots = "workspace_id = ? AND chatbot_id = ?"
                guard try purge.removeConversations(where: isChatbots, [workspaceID, id]) else { return false }
                guard try purge.removeFiles(of: "files", where: isChatbots, [workspaceID, id]),
                    try purge.removeResponses(
                        where: "responses.workspace_id = ? AND responses.chatbot_id = ?", [workspaceID, id])
                else { return false }
                for table in ["prompts", "curated_answers", "api_keys", "end_users"] {
                    guard try purge.removeRows(of: table, where: isChatbots, [workspaceID, id]) else { return false }
                }
                return try purge.removeRows(of: "chatbots", where: "workspace_id = ? AND id = ?", [workspaceID, id])
            case .workspace(let id):
                return try purge.removeContents(ofWorkspace: id)
                    && purge.removeRows(of: "workspaces", where: "id = ?", [id])
            }
        }
    }

    /// The oldest first. What is marked for a later time is not complete yet, and is removed if it never is.
    private static func marked(_ tx: Transaction, now: Timestamp = .now) throws -> [Root] {
        func rows(_ table: String, _ root: (Row) throws -> Root) throws -> [Root] {
            try tx.rows(
                "SELECT * FROM \(table) WHERE deleted_at IS NOT NULL AND deleted_at <= ? ORDER BY deleted_at LIMIT 50",
                [now], root)
        }
        return try rows("workspaces") { .workspace(id: try $0.string("id")) }
            + rows("chatbots") { .chatbot(workspaceID: try $0.string("workspace_id"), id: try $0.string("id")) }
            + rows("end_users") { .endUser(workspaceID: try $0.string("workspace_id"), id: try $0.string("id")) }
            + rows("conversations") {
                .conversation(workspaceID: try $0.string("workspace_id"), id: try $0.string("id"))
            }
    }
}

extension RowPurge {
    /// Returns true if nothing is left in the workspace.
    package mutating func removeContents(ofWorkspace id: String) throws -> Bool {
        guard try removeConversations(where: "workspace_id = ?", [id]) else { return false }
        guard try removeResponses(where: "responses.workspace_id = ?", [id]) else { return false }
        for table in ["files", "uploads"] {
            guard try removeFiles(of: table, where: "workspace_id = ?", [id]) else { return false }
        }
        for table in ["prompts", "curated_answers", "api_keys", "end_users", "chatbots"] {
            guard try removeRows(of: table, where: "workspace_id = ?", [id]) else { return false }
        }
        return true
    }
}

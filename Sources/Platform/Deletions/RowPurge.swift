package import Storage

/// Removes rows in small portions: one transaction takes no more than a number of rows, and no longer than a time, so that
/// no other write waits long for it. Rows go from the leaves to the root, because a cascade would take all of them at once.
package struct RowPurge {
    /// The longest that one transaction goes on, but for its last statement.
    package static let longest = Duration.milliseconds(10)
    /// Rows of one statement: even long messages take a few milliseconds.
    private static let rowsPerStatement = 50

    private let tx: Transaction
    private let end: ContinuousClock.Instant
    private var left: Int

    package init(_ tx: Transaction, rows: Int = Database.batch) {
        self.tx = tx
        left = rows
        end = .now + Self.longest
    }

    private var isOver: Bool { left <= 0 || ContinuousClock.now >= end }

    /// Runs a statement whose last argument is the number of rows that it may change, until it changes fewer. Returns false
    /// if the transaction has to end before that.
    private mutating func inPortions(_ sql: String, _ args: [any SQLBindable]) throws -> Bool {
        while !isOver {
            let limit = min(left, Self.rowsPerStatement)
            let changed = try tx.run(sql, args + [limit])
            left -= changed
            if changed < limit { return true }
        }
        return false
    }

    /// Deletes rows of a table with an `id`. Returns true if none are left.
    package mutating func removeRows(of table: String, where filter: String, _ args: [any SQLBindable]) throws -> Bool {
        try inPortions("DELETE FROM \(table) WHERE id IN (SELECT id FROM \(table) WHERE \(filter) LIMIT ?)", args)
    }

    /// Deletes files or uploads after their parts and what a knowledge file is searched by, of which a large file has
    /// many. Returns true if none are left.
    package mutating func removeFiles(of table: String, where filter: String, _ args: [any SQLBindable]) throws -> Bool
    {
        if table == "files", try !removeChunks(where: filter, args) { return false }
        let column = table == "files" ? "file_id" : "upload_id"
        let areGone = try inPortions(
            """
            DELETE FROM file_parts WHERE object IN (SELECT object FROM file_parts
                WHERE \(column) IN (SELECT id FROM \(table) WHERE \(filter)) LIMIT ?)
            """, args)
        if try !areGone || table == "files" && !removeTexts(where: filter, args) { return false }
        return try removeRows(of: table, where: filter, args)
    }

    private mutating func removeTexts(where filter: String, _ args: [any SQLBindable]) throws -> Bool {
        try inPortions(
            """
            DELETE FROM file_texts WHERE (workspace_id, file_id, position) IN (SELECT workspace_id, file_id, position
                FROM file_texts WHERE file_id IN (SELECT id FROM files WHERE \(filter)) LIMIT ?)
            """, args)
    }

    private mutating func removeChunks(where filter: String, _ args: [any SQLBindable]) throws -> Bool {
        try inPortions(
            """
            DELETE FROM knowledge_chunks WHERE number IN (SELECT number FROM knowledge_chunks
                WHERE (workspace_id, file_id) IN (SELECT workspace_id, id FROM files WHERE \(filter)) LIMIT ?)
            """, args)
    }

    /// Deletes responses after their parts. Returns true if none are left.
    package mutating func removeResponses(where filter: String, _ args: [any SQLBindable]) throws -> Bool {
        let areGone = try inPortions(
            """
            DELETE FROM response_parts WHERE id IN (SELECT id FROM response_parts
                WHERE (workspace_id, response_id) IN (SELECT workspace_id, id FROM responses WHERE \(filter)) LIMIT ?)
            """, args)
        return try areGone && removeRows(of: "responses", where: filter, args)
    }

    /// Deletes conversations, each after its messages. Returns true if none are left.
    package mutating func removeConversations(where filter: String, _ args: [any SQLBindable]) throws -> Bool {
        while !isOver {
            let found = try tx.rows(
                "SELECT workspace_id, id FROM conversations WHERE \(filter) LIMIT ?", args + [Self.rowsPerStatement]
            ) { (workspaceID: try $0.string("workspace_id"), id: try $0.string("id")) }
            if found.isEmpty { return true }
            for (workspaceID, id) in found {
                guard try removeMessages(of: "messages", workspaceID, conversationID: id),
                    try removeMessages(of: "hidden_messages", workspaceID, conversationID: id),
                    try removeFiles(of: "files", where: "workspace_id = ? AND conversation_id = ?", [workspaceID, id])
                else { return false }
                left -= try tx.run("DELETE FROM conversations WHERE workspace_id = ? AND id = ?", [workspaceID, id])
            }
        }
        return false
    }

    private mutating func removeMessages(
        of table: String, _ workspaceID: String, conversationID: String
    ) throws -> Bool {
        try inPortions(
            """
            DELETE FROM \(table) WHERE workspace_id = ? AND id IN (SELECT id FROM \(table)
                WHERE workspace_id = ? AND conversation_id = ? LIMIT ?)
            """, [workspaceID, workspaceID, conversationID])
    }

    /// Takes an end user out of the message logs, with what was said. Returns true if nothing is left of it there.
    package mutating func forget(endUserID: String, in workspaceID: String) throws -> Bool {
        try inPortions(
            """
            UPDATE message_logs SET end_user_id = NULL, content = NULL WHERE workspace_id = ? AND id IN
                (SELECT id FROM message_logs WHERE workspace_id = ? AND end_user_id = ? LIMIT ?)
            """, [workspaceID, workspaceID, endUserID])
    }
}

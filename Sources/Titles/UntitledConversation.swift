package import HTTPKit
import Platform
package import Storage

/// A user's conversation whose title is the beginning of its first message, until a model writes a better one.
package struct UntitledConversation: Sendable {
    /// Beyond this age the first title stays.
    private static let lifetime = Duration.seconds(86_400)
    /// The most that a model reads of each message, in characters.
    private static let longest = 800

    let workspaceID: String
    let id: String
    let userID: String
    /// The first messages, oldest first.
    let messages: [(isUser: Bool, text: String)]

    /// The oldest one of the next workspace that has any, after a workspace; nil after the last workspace. Conversations
    /// with a chatbot's own endpoint are not shown to another model.
    static func next(_ tx: Transaction, after workspaceID: String) throws -> UntitledConversation? {
        let found = try tx.row(
            """
            SELECT v.workspace_id, v.id, v.user_id FROM conversations v
            JOIN chatbots c ON c.workspace_id = v.workspace_id AND c.id = v.chatbot_id
            WHERE v.to_title > 0 AND v.workspace_id > ? AND v.deleted_at IS NULL AND v.turn_message_id IS NULL
            AND v.last_position > 0 AND c.deleted_at IS NULL AND c.llm_endpoint_url IS NULL
            ORDER BY v.workspace_id, v.created_at LIMIT 1
            """,
            [workspaceID]
        ) { (try $0.string("workspace_id"), try $0.string("id"), try $0.string("user_id")) }
        guard let (workspaceID, id, userID) = found else { return nil }
        let messages = try tx.rows(
            """
            SELECT sender, SUBSTR(content, 1, \(longest)) AS beginning FROM messages
            WHERE workspace_id = ? AND conversation_id = ? AND sender IN ('user', 'ai')
            AND status IN ('complete', 'partial') AND content <> ''
            ORDER BY position LIMIT 2
            """,
            [workspaceID, id]
        ) { (isUser: try $0.string("sender") == "user", text: try $0.string("beginning")) }
        return UntitledConversation(workspaceID: workspaceID, id: id, userID: userID, messages: messages)
    }

    /// Stores what a model wrote, unless the user has given a title meanwhile.
    func store(_ tx: Transaction, title: String) throws {
        try tx.run(
            """
            UPDATE conversations SET title = ?, to_title = 0, to_index = to_index + 1
            WHERE workspace_id = ? AND id = ? AND to_title > 0 AND deleted_at IS NULL
            """,
            [title, workspaceID, id])
    }

    func countFailure(_ tx: Transaction) throws {
        try tx.run(
            "UPDATE conversations SET to_title = to_title - 1 WHERE workspace_id = ? AND id = ? AND to_title > 0",
            [workspaceID, id])
    }

    /// Lets old conversations keep the titles that they have.
    package static func giveUp(_ tx: Transaction, now: Timestamp, limit: Int) throws -> Int {
        try tx.run(
            """
            UPDATE conversations SET to_title = 0 WHERE to_title > 0 AND (workspace_id, id) IN
                (SELECT workspace_id, id FROM conversations WHERE to_title > 0 AND created_at < ? LIMIT ?)
            """,
            [now.adding(.zero - lifetime), limit])
    }
}

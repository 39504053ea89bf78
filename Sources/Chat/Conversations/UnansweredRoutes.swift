import Accounts
import Chatbots
package import HTTPKit
import HTTPTypes
package import Platform
import Storage

/// A question that a chatbot with files answered without them.
package struct UnansweredQuestion: JSONOutput {
    package let conversationID: String
    /// The reply.
    package let messageID: String
    /// Null if its message is gone.
    package let question: String?
    package let answer: String
    package let createdAt: Timestamp
    /// The curated answer that this question has by now, or null.
    package private(set) var curatedAnswerID: String?
}

extension UnansweredQuestion {
    private init(_ row: Row) throws {
        self.init(
            conversationID: try row.string("conversation_id"), messageID: try row.string("id"),
            question: try row.stringIfPresent("question"), answer: try row.string("content"),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")))
    }

    /// Newest first: of the applications' users and visitors, and of the caller's own conversations.
    static func list(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, after: Cursor, limit: Int
    ) throws -> RowPage<UnansweredQuestion> {
        var page = try tx.page(
            """
            SELECT m.id, m.conversation_id, m.content, m.created_at, (SELECT q.content FROM messages q
                WHERE q.workspace_id = m.workspace_id AND q.conversation_id = m.conversation_id
                AND q.position < m.position AND (m.parent_position IS NULL OR q.position = m.parent_position)
                ORDER BY q.position DESC LIMIT 1) AS question
            FROM messages m JOIN conversations c ON c.workspace_id = m.workspace_id AND c.id = m.conversation_id
            WHERE m.workspace_id = ? AND m.citations = '[]' AND m.id < ? AND m.status = 'complete'
                AND c.chatbot_id = ? AND (c.user_id IS NULL OR c.user_id = ?) AND \(Conversation.isThere)
            ORDER BY m.id DESC
            """,
            [tenant.workspaceID, after.id, chatbotID, tenant.userID], limit: limit, UnansweredQuestion.init)
        let answers = try CuratedAnswer.ids(
            tx, in: tenant, chatbotID: chatbotID, for: page.items.compactMap(\.question))
        for index in page.items.indices {
            page.items[index].curatedAnswerID = page.items[index].question.flatMap { answers[$0] }
        }
        return page
    }
}

extension ConversationRoutes {
    package func unanswered(_ who: UserCaller, _ paging: Paging) async throws -> List<UnansweredQuestion> {
        let after = try paging.cursor(or: .newest)
        let found = try await database.read(who.scope) { tx in
            let (chatbot, tenant) = try Chatbot.find(tx, id: who["chatbot_id"], for: who.caller)
            try tenant.require(.edit)
            return try UnansweredQuestion.list(
                tx, in: tenant, chatbotID: chatbot.id, after: after, limit: paging.count)
        }
        return List(found) { Cursor(id: $0.messageID) }
    }

    var unansweredTable: [Route] {
        [
            Route(
                .get, "/chatbots/{chatbot_id}/unanswered", .read, id: "list_unanswered_questions",
                "List questions that no file answered",
                about:
                    "Newest first: questions to which a chatbot with files gave a reply that cites none, of its end users and "
                    + "of your own conversations.",
                unanswered,
                errors: [.forbidden])
        ].tagged(.conversations)
    }
}

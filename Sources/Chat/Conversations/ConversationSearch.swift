import Accounts
package import HTTPKit
import Platform
import Storage

/// A title or a message with the words that were asked for.
package struct FoundMessage: JSONOutput {
    package let conversationID: String
    /// Null if the title was found.
    package let messageID: String?
    /// The conversation's.
    package let title: String?
    package let snippet: String
    /// The places of the words in the snippet, each with its start and its end, in UTF-16 units.
    package let marks: [[Int]]
    package let createdAt: Timestamp
}

/// Searches the caller's own conversations of one workspace, newest first.
package struct ConversationSearch: Sendable {
    package struct Query: Input, Ruled {
        package let q: String
        package let chatbotID: String?
        package let from: Timestamp?
        package let to: Timestamp?
        package let sender: Message.Sender?
        package let limit: Int?
        package let after: String?

        package static var rules: [String: Rule] {
            [
                "q": .text(1...200, note: "Words or their beginnings; all of them have to be there."),
                "chatbot_id": .note("Only conversations with this chatbot."),
                "from": .note("Only what was written then or later."), "to": .note("Only what was written before."),
                "sender": .note("Only this sender's messages, and no titles."),
                "limit": .number(1...50, note: "20 if omitted. A page may have fewer although there is a next one."),
                "after": Paging.rules["after"]!,
            ]
        }

        var count: Int { limit ?? 20 }
        /// Numbers of entries.
        var times: Range<Int64> {
            let least = from.map(SearchEntry.leastNumber) ?? 0
            return least..<max(least, to.map(SearchEntry.leastNumber) ?? .max)
        }
    }

    /// A row that may be shown.
    fileprivate struct Hit {
        let number: Int64
        let conversationID: String
        let position: Int64
        let path: MessagePath
        let title: String?
        let messageID: String?
        let createdAt: Timestamp

        init(_ row: Row) throws {
            number = try row.int64("number")
            conversationID = try row.string("conversation_id")
            position = try row.int64("position")
            path = try MessagePath(text: try row.stringIfPresent("path"))
            title = try row.stringIfPresent("title")
            messageID = try row.stringIfPresent("message_id")
            createdAt = Timestamp(milliseconds: try row.int64("created_at"))
        }

        var isShown: Bool {
            position == SearchEntry.titlePosition ? title != nil : messageID != nil && path.contains(position)
        }
    }

    /// What was found, with the texts, which are divided into words when the transaction is over.
    struct Page: Sendable {
        fileprivate let hits: [(hit: Hit, text: String)]
        let next: Cursor?

        static let empty = Page(hits: [], next: nil)

        func shown(asked: [String]) -> List<FoundMessage> {
            List(
                data: hits.map { hit, text in
                    let snippet = Snippet(text, asked: asked)
                    return FoundMessage(
                        conversationID: hit.conversationID, messageID: hit.messageID, title: hit.title,
                        snippet: snippet.text, marks: snippet.marks.map { [$0.lowerBound, $0.upperBound] },
                        createdAt: hit.createdAt)
                }, next: next?.text)
        }
    }

    /// Rows of the index that are looked at together, and how often for one page.
    private static let (atOnce, mostRounds) = (100, 10)

    let tenant: Tenant
    let asked: [String]
    let chatbotID: String?
    let sender: Message.Sender?
    let times: Range<Int64>
    let limit: Int
    let dialect: Dialect

    func page(_ tx: Transaction, after: Cursor) throws -> Page {
        var hits: [Hit] = []
        var below = min(after.key, times.upperBound)
        for _ in 0..<Self.mostRounds {
            let numbers = try numbers(tx, below: below)
            guard let last = numbers.last else { return try shown(tx, hits, next: nil) }
            below = last
            hits += try self.hits(tx, numbers).filter(\.isShown)
            if hits.count > limit {
                hits.removeSubrange(limit...)
                return try shown(tx, hits, next: hits[limit - 1].number)
            }
            if numbers.count < Self.atOnce { return try shown(tx, hits, next: nil) }
        }
        return try shown(tx, hits, next: below)
    }

    private func numbers(_ tx: Transaction, below: Int64) throws -> [Int64] {
        let condition = dialect.condition(beginnings: SearchOwner(tenant).beginnings(of: asked))
        return try tx.rows(
            dialect.largestKeys(of: "search_words", withWordsIn: "words", key: "number"),
            [condition, below, times.lowerBound, Self.atOnce]
        ) { try $0.int64(0) }
    }

    private func hits(_ tx: Transaction, _ numbers: [Int64]) throws -> [Hit] {
        let isChatbots = chatbotID == nil ? "" : "AND c.chatbot_id = ?"
        let isSenders = sender == nil ? "" : "AND m.sender = ?"
        // So that one statement has to be prepared.
        let padded = numbers + Array(repeating: numbers[0], count: Self.atOnce - numbers.count)
        return try tx.rows(
            """
            SELECT e.number, e.conversation_id, e.position, c.path, c.title, m.id AS message_id,
                COALESCE(m.created_at, c.created_at) AS created_at
            FROM search_entries e
            JOIN conversations c ON c.workspace_id = e.workspace_id AND c.id = e.conversation_id
            LEFT JOIN messages m ON m.conversation_id = e.conversation_id AND m.position = e.position
                AND m.workspace_id = e.workspace_id
            WHERE e.number IN (\(padded.placeholders)) AND c.workspace_id = ? AND c.user_id = ?
                AND \(Conversation.isThere) \(isChatbots) \(isSenders)
            ORDER BY e.number DESC
            """,
            padded + [tenant.workspaceID, tenant.userID] + [chatbotID, sender?.rawValue].compactMap(\.self), Hit.init)
    }

    private func shown(_ tx: Transaction, _ hits: [Hit], next: Int64?) throws -> Page {
        var texts: [String: String] = [:]
        let ids = hits.compactMap(\.messageID)
        if !ids.isEmpty {
            _ = try tx.rows(
                "SELECT id, content FROM messages WHERE workspace_id = ? AND id IN (\(ids.placeholders))",
                [tenant.workspaceID] + ids
            ) { texts[try $0.string("id")] = try $0.string("content") }
        }
        return Page(
            hits: hits.map { hit in (hit, hit.messageID.map { texts[$0] ?? "" } ?? hit.title ?? "") },
            next: next.map { Cursor(key: $0, id: hits.last?.conversationID ?? "none") })
    }
}

import HTTPKit
import Knowledge
import Platform
import Storage

/// Where a turn continues its conversation.
package struct TurnPlace: Sendable {
    /// The message that the turn's first one follows; nil if there is none.
    let parentID: String?
    /// Nil: the first message of the turn follows the newest one. 0: it follows none.
    let parentPosition: Int64?
    /// What the conversation shows with what the turn adds.
    let path: MessagePath
    /// The versions that the turn's first message has already, oldest first.
    let versions: [String]
    /// What the conversation shows again if the reply fails; nil if the failed reply stays.
    let fallback: MessagePath?

    static let first = TurnPlace(parentID: nil, parentPosition: nil, path: .whole, versions: [], fallback: nil)

    /// As many versions as one message can have.
    private static let mostVersions = 100
    /// As many changes of versions as one path can have.
    private static let mostRanges = 400

    private init(
        parentID: String?, parentPosition: Int64?, path: MessagePath, versions: [String], fallback: MessagePath?
    ) {
        self.parentID = parentID
        self.parentPosition = parentPosition
        self.path = path
        self.versions = versions
        self.fallback = fallback
    }

    /// After the last message that is shown.
    fileprivate init(after leaf: TurnQueries.Turn?, of conversation: TurnQueries.TurnConversation) throws {
        let path = conversation.path
        self.init(
            parentID: leaf?.id, parentPosition: path.leaf,
            path: path.leaf == nil ? path : path.adding(from: conversation.lastPosition + 1), versions: [],
            fallback: nil)
        try requireShort()
    }

    /// Beside what follows a message already.
    /// - Parameter path: One that leads to the message or beyond.
    fileprivate init(
        _ tx: Transaction, in tenant: Tenant, beside versionsOf: TurnQueries.Turn?, on path: MessagePath,
        of conversation: TurnQueries.TurnConversation, fallback: MessagePath?
    ) throws {
        let parent = versionsOf?.position ?? 0
        let versions = try MessageTree.versions(tx, in: tenant, conversationID: conversation.id, after: parent)
        self.init(
            parentID: versionsOf?.id, parentPosition: parent,
            path: path.cut(at: parent).adding(from: conversation.lastPosition + 1), versions: versions,
            fallback: versions.isEmpty ? nil : fallback)
        try requireShort()
        guard versions.count < Self.mostVersions else {
            throw APIError(
                .conflict, "A message has at most \(Self.mostVersions) versions.",
                bengali: "একটি বার্তার সর্বোচ্চ \(Self.mostVersions)টি সংস্করণ থাকতে পারে।", param: "message_id")
        }
    }

    private func requireShort() throws {
        guard path.ranges.count <= Self.mostRanges else {
            throw APIError(
                .conflict, "This conversation has too many versions to go on. Copy it, and continue in the copy.",
                bengali: "এই কথোপকথনে সংস্করণ এত বেশি যে আর চালানো যায় না। অনুলিপি করে সেটিতে চালিয়ে যান।")
        }
    }
}

extension TurnQueries {
    /// A message of the history.
    struct Turn {
        let id: String
        let position: Int64
        let isUser: Bool
        /// Without citations: the numbers of another turn's sources would mislead.
        let content: String
        let status: String
        let hasFiles: Bool
    }

    /// The messages that the turn follows, newest first, and its place after them.
    static func place(
        _ tx: Transaction, _ tenant: Tenant, _ conversation: TurnConversation, _ wanted: TurnTarget
    ) throws -> (turns: [Turn], place: TurnPlace) {
        let (id, shown) = (conversation.id, conversation.path)
        switch wanted {
        case .chatbot, .defaultChatbot, .conversation:
            let turns = try recentTurns(tx, tenant, conversationID: id, on: shown)
            return (turns, try TurnPlace(after: turns.first, of: conversation))
        case .anotherReply(_, let messageID):
            let path = try messageID.map { try Conversation.path(tx, in: tenant, id: id, shown: shown, to: $0).path }
            let found = try recentTurns(tx, tenant, conversationID: id, on: path ?? shown)
            let turns = Array(found.drop { !$0.isUser })
            guard let asked = turns.first else { throw APIError(.nothingToRegenerate) }
            let place = try TurnPlace(
                tx, in: tenant, beside: asked, on: path ?? shown, of: conversation, fallback: shown)
            return (turns, place)
        case .edit(_, let messageID):
            let (path, isFromUser) = try Conversation.path(tx, in: tenant, id: id, shown: shown, to: messageID)
            guard isFromUser else {
                throw APIError(
                    .conflict, "Only messages of the user can be edited.",
                    bengali: "শুধু ব্যবহারকারীর বার্তা সম্পাদনা করা যায়।", param: "message_id")
            }
            let turns = Array(try recentTurns(tx, tenant, conversationID: id, on: path).dropFirst())
            let place = try TurnPlace(
                tx, in: tenant, beside: turns.first, on: path, of: conversation, fallback: nil)
            return (turns, place)
        }
    }

    private static let longestHistory = 50

    /// Newest first.
    private static func recentTurns(
        _ tx: Transaction, _ tenant: Tenant, conversationID: String, on path: MessagePath
    ) throws -> [Turn] {
        let (onPath, ranges) = path.condition(after: .max, isNewestFirst: true, limit: longestHistory)
        return try tx.rows(
            """
            SELECT id, position, sender, content, status, attached, citations IS NOT NULL AS is_sourced FROM messages
            WHERE workspace_id = ? AND conversation_id = ? \(onPath)
            ORDER BY position DESC LIMIT \(longestHistory)
            """,
            [tenant.workspaceID, conversationID] + ranges
        ) { row in
            let content = try row.string("content")
            return Turn(
                id: try row.string("id"), position: try row.int64("position"),
                isUser: try row.string("sender") == "user",
                content: try row.bool("is_sourced") ? CitationScanner.stripped(content) : content,
                status: try row.string("status"), hasFiles: try row.int("attached") > 0)
        }
    }
}

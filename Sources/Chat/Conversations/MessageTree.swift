import HTTPKit
import Platform
import Storage

/// All messages of a conversation, without what they say. A parent's position is always lower than its children's.
struct MessageTree {
    private struct Node {
        let id: String
        let position: Int64
        let parent: Int64
    }

    private let nodes: [Node]

    init(_ tx: Transaction, in tenant: Tenant, conversationID: String) throws {
        var before: Int64 = 0
        nodes = try tx.rows(
            """
            SELECT id, position, parent_position FROM messages WHERE workspace_id = ? AND conversation_id = ?
            ORDER BY position
            """,
            [tenant.workspaceID, conversationID]
        ) { row in
            let position = try row.int64("position")
            defer { before = position }
            return Node(
                id: try row.string("id"), position: position,
                parent: try row.int64IfPresent("parent_position") ?? before)
        }
    }

    /// The path that ends with a message.
    func path(to position: Int64) -> MessagePath {
        let parents = Dictionary(uniqueKeysWithValues: nodes.map { ($0.position, $0.parent) })
        var chosen: Set<Int64> = []
        var next: Int64? = position
        while let place = next, let parent = parents[place] {
            chosen.insert(place)
            next = parent
        }
        return MessagePath(chosen, of: nodes.map(\.position))
    }

    /// The newest message among those that a message leads to, itself included. Nil: there is no such message.
    func newest(from id: String) -> Int64? {
        guard let start = nodes.firstIndex(where: { $0.id == id }) else { return nil }
        var reached: Set<Int64> = [nodes[start].position]
        for node in nodes[start...] where reached.contains(node.parent) { reached.insert(node.position) }
        return reached.max()
    }
}

extension MessageTree {
    /// Names the parents and the versions of messages that are neighbours: on a path, or among all of a conversation.
    /// - Parameter startsWithFirst: Whether no message comes before them.
    static func place(
        _ messages: inout [Message.Placed], _ tx: Transaction, in tenant: Tenant, conversationID: String,
        isNewestFirst: Bool = false, startsWithFirst: Bool = false, hasVersions: Bool
    ) throws {
        let order = isNewestFirst ? Array(messages.indices.reversed()) : Array(messages.indices)
        guard let first = order.first else { return }
        var ids = Dictionary(uniqueKeysWithValues: messages.map { ($0.position, $0.message.id) })
        var before: Int64 = 0
        if !startsWithFirst, messages[first].parentPosition == nil {
            let found = try previous(tx, in: tenant, conversationID: conversationID, to: messages[first].position)
            before = found?.position ?? 0
            ids[before] = found?.id
        }
        var parents: [Int: Int64] = [:]
        for index in order {
            parents[index] = messages[index].parentPosition ?? before
            before = messages[index].position
        }
        let unknown = Set(parents.values).subtracting(ids.keys).subtracting([0])
        ids.merge(try find(tx, in: tenant, conversationID: conversationID, at: unknown)) { $1 }
        var versions: [Int64: [String]] = [:]
        if hasVersions, let least = parents.values.min(), let most = parents.values.max() {
            versions = try Self.versions(tx, in: tenant, conversationID: conversationID, after: least...most)
        }
        for (index, parent) in parents {
            messages[index].message.parentID = ids[parent]
            messages[index].message.siblings = versions[parent] ?? [messages[index].message.id]
        }
    }

    private static func previous(
        _ tx: Transaction, in tenant: Tenant, conversationID: String, to position: Int64
    ) throws -> (id: String, position: Int64)? {
        try tx.row(
            """
            SELECT id, position FROM messages WHERE workspace_id = ? AND conversation_id = ? AND position < ?
            ORDER BY position DESC LIMIT 1
            """,
            [tenant.workspaceID, conversationID, position]
        ) { (try $0.string("id"), try $0.int64("position")) }
    }

    private static func find(
        _ tx: Transaction, in tenant: Tenant, conversationID: String, at positions: Set<Int64>
    ) throws -> [Int64: String] {
        if positions.isEmpty { return [:] }
        let found = try tx.rows(
            """
            SELECT id, position FROM messages WHERE workspace_id = ? AND conversation_id = ? AND position IN (\(positions.placeholders))
            """,
            [tenant.workspaceID, conversationID] + positions.sorted().map { $0 as any SQLBindable }
        ) { (try $0.int64("position"), try $0.string("id")) }
        return Dictionary(uniqueKeysWithValues: found)
    }

    /// The messages that follow the same one, oldest first, by that one's position; only where there are several.
    private static func versions(
        _ tx: Transaction, in tenant: Tenant, conversationID: String, after parents: ClosedRange<Int64>
    ) throws -> [Int64: [String]] {
        let named = """
            FROM messages WHERE workspace_id = ? AND conversation_id = ? AND parent_position BETWEEN ? AND ?
            """
        let conversation: [any SQLBindable] = [tenant.workspaceID, conversationID]
        let found = try tx.rows(
            """
            SELECT id, position, parent_position \(named)
            UNION ALL SELECT m.id, m.position, f.parent_position
            FROM (SELECT DISTINCT parent_position \(named)) f
            JOIN messages m ON m.workspace_id = ? AND m.conversation_id = ? AND m.parent_position IS NULL
                AND m.position = (SELECT MIN(n.position) FROM messages n
                    WHERE n.workspace_id = ? AND n.conversation_id = ? AND n.position > f.parent_position)
            ORDER BY position
            """,
            conversation + [parents.lowerBound, parents.upperBound] + conversation
                + [parents.lowerBound, parents.upperBound] + conversation + conversation
        ) { (parent: try $0.int64("parent_position"), id: try $0.string("id")) }
        return Dictionary(grouping: found, by: \.parent).mapValues { $0.map(\.id) }
    }

    /// The messages that follow one, oldest first; 0 stands for the beginning.
    static func versions(
        _ tx: Transaction, in tenant: Tenant, conversationID: String, after parent: Int64
    ) throws -> [String] {
        let conversation: [any SQLBindable] = [tenant.workspaceID, conversationID]
        return try tx.rows(
            """
            SELECT id, position FROM messages WHERE workspace_id = ? AND conversation_id = ? AND parent_position = ?
            UNION ALL SELECT id, position FROM messages
            WHERE workspace_id = ? AND conversation_id = ? AND parent_position IS NULL
                AND position = (SELECT MIN(position) FROM messages
                    WHERE workspace_id = ? AND conversation_id = ? AND position > ?)
            ORDER BY position
            """,
            conversation + [parent] + conversation + conversation + [parent]
        ) { try $0.string("id") }
    }
}

extension Conversation {
    /// The path that ends with a message: a part of the one that is shown, or another one. Throws `not_found`.
    static func path(
        _ tx: Transaction, in tenant: Tenant, id: String, shown: MessagePath, to messageID: String
    ) throws -> (path: MessagePath, isFromUser: Bool) {
        guard Identifier.isPlausible(messageID) else { throw APIError(.notFound) }
        let found = try tx.row(
            "SELECT position, sender FROM messages WHERE workspace_id = ? AND conversation_id = ? AND id = ?",
            [tenant.workspaceID, id, messageID]
        ) { (position: try $0.int64("position"), isFromUser: try $0.string("sender") == "user") }
        guard let found else { throw APIError(.notFound) }
        if shown.contains(found.position) { return (shown.cut(at: found.position), found.isFromUser) }
        let tree = try MessageTree(tx, in: tenant, conversationID: id)
        return (tree.path(to: found.position).cut(at: found.position), found.isFromUser)
    }
}

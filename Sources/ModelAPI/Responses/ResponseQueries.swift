package import HTTPKit
import Metering
package import Platform
package import Storage

/// The statements on stored responses.
enum ResponseQueries {
    /// A response whose writer has not been heard of for this long is over.
    static let lease = Duration.seconds(30)
    /// Responses that one account may have in the background at a time.
    static let mostInBackground = 32

    private static let columns = """
        r.id, r.workspace_id, r.is_background, r.status, r.previous_id, r.ending, r.bytes, r.lease_until
        """

    /// What is known of a response when it begins.
    struct New: Sendable {
        let id: String
        let tenant: Tenant
        let chatbotID: String
        let owner: ResponseOwner
        /// The user whose limits apply.
        let account: String
        let logID: String
        let model: String
        let previousID: String?
        let isBackground: Bool
        var bytes: Int
        let createdAt: Timestamp
        let expiresAt: Timestamp?
        /// The instance that writes it; nil if it is stored when it has ended.
        let instance: String?

        func with(bytes: Int) -> New {
            var copy = self
            copy.bytes = bytes
            return copy
        }
    }

    static func insert(
        _ tx: Transaction, _ new: New, status: ResponseObject.Status = .inProgress, ending: String? = nil
    ) throws {
        try tx.run(
            """
            INSERT INTO responses (id, workspace_id, chatbot_id, owner, user_id, key_id, external_id, account, log_id,
                model, previous_id, is_background, status, ending, bytes, instance, lease_until, created_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                new.id, new.tenant.workspaceID, new.chatbotID, new.owner.principal, new.owner.userID, new.owner.keyID,
                new.owner.externalID, new.account, new.logID, new.model, new.previousID, new.isBackground ? 1 : 0,
                status.rawValue, ending, new.bytes, new.instance,
                new.instance.map { _ in new.createdAt.adding(lease) }, new.createdAt, new.expiresAt,
            ])
    }

    static func append(
        _ tx: Transaction, _ parts: some Sequence<StoredResponse.Part>, to id: String, in workspaceID: String
    ) throws {
        for part in parts {
            try tx.run(
                "INSERT INTO response_parts (id, workspace_id, response_id, kind, content) VALUES (?, ?, ?, ?, ?)",
                [part.id, workspaceID, id, part.kind, part.content])
        }
    }

    /// Throws `too_much_at_once` if the account has as many in the background as it may. Those that begin at the same time
    /// are counted one after another, because the transaction has counted the account's messages before.
    static func requireRoomInBackground(_ tx: Transaction, _ new: New) throws {
        let running = try tx.row(
            "SELECT COUNT(*) AS count FROM responses WHERE account = ? AND status = 'in_progress' AND is_background = 1 AND id <> ?",
            [new.account, new.id]
        ) { try $0.int("count") }
        guard running ?? 0 < mostInBackground else {
            throw APIError(
                .tooMuchAtOnce,
                "An account may have \(mostInBackground) responses in the background at a time. Wait for one of them, or "
                    + "cancel it.", retryAfter: 5)
        }
    }

    /// Renews the lease of a response that is being written, which has so many events by now. Returns how many of them are
    /// stored already, and whether its client has cancelled it; nil if it has been deleted, or has ended.
    static func renew(
        _ tx: Transaction, id: String, in workspaceID: String, events: Int, now: Timestamp
    ) throws -> (stored: Int, isStopped: Bool)? {
        let found = try tx.row(
            """
            SELECT is_stopped, events FROM responses WHERE workspace_id = ? AND id = ? AND status = 'in_progress'
            """,
            [workspaceID, id]
        ) { (stored: try $0.int("events"), isStopped: try $0.bool("is_stopped")) }
        // A guarded update, for the response may end between the two statements.
        guard let found,
            try tx.run(
                """
                UPDATE responses SET lease_until = ?, events = ?
                WHERE workspace_id = ? AND id = ? AND status = 'in_progress' AND events = ?
                """,
                [now.adding(lease), events, workspaceID, id, found.stored]) == 1
        else { return nil }
        return found
    }

    /// Stores how a response ended. Returns how many of its events are stored already; nil if it has been deleted.
    static func end(
        _ tx: Transaction, id: String, in workspaceID: String, _ status: ResponseObject.Status, ending: String,
        addedBytes: Int
    ) throws -> Int? {
        try tx.row(
            """
            UPDATE responses SET status = ?, ending = ?, bytes = bytes + ?, lease_until = NULL, instance = NULL
            WHERE workspace_id = ? AND id = ? RETURNING events
            """,
            [status.rawValue, ending, addedBytes, workspaceID, id]
        ) { try $0.int("events") }
    }

    // MARK: Reading

    /// Which responses an owner may read: its own, in a workspace that it still belongs to, of a chatbot that is there, and
    /// not of an end user who was deleted since.
    private static let isOwners = """
        r.owner = ? AND (CAST(? AS TEXT) IS NULL OR r.external_id = ?) AND (r.expires_at IS NULL OR r.expires_at > ?)
        AND (r.user_id IS NULL OR EXISTS (SELECT 1 FROM members m
            WHERE m.workspace_id = r.workspace_id AND m.user_id = r.user_id))
        AND EXISTS (SELECT 1 FROM chatbots c
            WHERE c.workspace_id = r.workspace_id AND c.id = r.chatbot_id AND c.deleted_at IS NULL)
        AND (r.external_id IS NULL OR NOT EXISTS (SELECT 1 FROM end_users e
            WHERE e.deleted_at IS NOT NULL AND e.workspace_id = r.workspace_id AND e.chatbot_id = r.chatbot_id
                AND e.former_id = r.external_id AND r.created_at <= e.deleted_at))
        """

    private static func args(_ owner: ResponseOwner, _ now: Timestamp) -> [any SQLBindable] {
        [owner.principal, owner.externalID, owner.externalID, now]
    }

    private static func response(_ row: Row) throws -> StoredResponse {
        StoredResponse(
            id: try row.string("id"), workspaceID: try row.string("workspace_id"),
            isBackground: try row.bool("is_background"),
            status: .init(rawValue: try row.string("status")) ?? .failed,
            previousID: try row.stringIfPresent("previous_id"), ending: try row.stringIfPresent("ending"),
            bytes: try row.int("bytes"),
            leaseUntil: try row.int64IfPresent("lease_until").map(Timestamp.init(milliseconds:)))
    }

    /// Throws `not_found`, also for a response of another owner.
    static func find(
        _ tx: Transaction, id: String, of owner: ResponseOwner, now: Timestamp = .now
    ) throws -> StoredResponse {
        let found = try tx.row(
            "SELECT \(columns) FROM responses r WHERE r.id = ? AND \(isOwners)", [id] + args(owner, now), response)
        guard let found else { throw APIError(.notFound) }
        return found
    }

    /// The same response as it is now; nil if it has been deleted.
    static func again(_ tx: Transaction, _ known: StoredResponse) throws -> StoredResponse? {
        try tx.row(
            "SELECT \(columns) FROM responses r WHERE r.workspace_id = ? AND r.id = ?", [known.workspaceID, known.id],
            response)
    }

    /// - Parameter after: the id of the last part that is known.
    static func parts(_ tx: Transaction, of response: StoredResponse, after: String = "") throws -> [StoredResponse
        .Part]
    {
        try tx.rows(
            """
            SELECT id, response_id, kind, content FROM response_parts
            WHERE workspace_id = ? AND response_id = ? AND id > ? ORDER BY id
            """,
            [response.workspaceID, response.id, after], part)
    }

    /// The parts of all these responses, by their ids.
    static func parts(_ tx: Transaction, of chain: [StoredResponse]) throws -> [String: [StoredResponse.Part]] {
        guard let workspaceID = chain.first?.workspaceID else { return [:] }
        let parts = try tx.rows(
            """
            SELECT id, response_id, kind, content FROM response_parts WHERE workspace_id = ?
            AND response_id IN (\(chain.placeholders)) ORDER BY id
            """,
            [workspaceID] + chain.map(\.id), part)
        return Dictionary(grouping: parts, by: \.responseID)
    }

    private static func part(_ row: Row) throws -> StoredResponse.Part {
        StoredResponse.Part(
            id: try row.string("id"), responseID: try row.string("response_id"), kind: try row.string("kind"),
            content: try row.string("content"))
    }

    /// A user's own, in the order of their ids.
    static func list(_ tx: Transaction, in tenant: Tenant, after: String, limit: Int) throws -> [StoredResponse] {
        try tx.rows(
            """
            SELECT \(columns) FROM responses r WHERE r.user_id = ? AND r.workspace_id = ? AND r.id > ?
            ORDER BY r.id LIMIT ?
            """,
            [tenant.userID, tenant.workspaceID, after, limit], response)
    }

    /// Bounds of what one response continues.
    private static let mostInChain = 500
    private static let mostBytesInChain = 20 << 20

    /// A response and all that it continues, the first one first. For the same end user alone: an application that mixes
    /// up its users does not mix up what they said.
    static func chain(
        _ tx: Transaction, endingIn id: String, of owner: ResponseOwner, now: Timestamp
    ) throws -> [StoredResponse] {
        let isOwners = "\(isOwners) AND COALESCE(r.external_id, '') = ?"
        let ownerArgs = args(owner, now) + [owner.externalID ?? ""]
        let chain = try tx.rows(
            """
            WITH RECURSIVE chain AS (
                SELECT \(columns), 1 AS depth FROM responses r WHERE r.id = ? AND \(isOwners)
                UNION ALL
                SELECT \(columns), depth + 1 FROM chain JOIN responses r ON r.id = chain.previous_id
                WHERE depth <= ? AND \(isOwners)
            )
            SELECT * FROM chain ORDER BY depth DESC
            """,
            [id] + ownerArgs + [mostInChain] + ownerArgs, response)
        guard let first = chain.first else { throw unknown(id) }
        guard chain.count <= mostInChain, chain.reduce(0, { $0 + $1.bytes }) <= mostBytesInChain else {
            throw tooLong("previous_response_id")
        }
        if let missing = first.previousID { throw unknown(missing) }
        return chain
    }

    /// Those of these responses that the owner has made for this end user, of one workspace.
    static func find(
        _ tx: Transaction, ids: [String], of owner: ResponseOwner, now: Timestamp
    ) throws -> [StoredResponse] {
        guard ids.count <= mostInChain else { throw tooLong("input") }
        let found = try tx.rows(
            """
            SELECT \(columns) FROM responses r WHERE r.id IN (\(ids.placeholders))
            AND \(isOwners) AND COALESCE(r.external_id, '') = ? ORDER BY r.id
            """,
            ids + args(owner, now) + [owner.externalID ?? ""], response)
        guard found.reduce(0, { $0 + $1.bytes }) <= mostBytesInChain else { throw tooLong("input") }
        return found.filter { $0.workspaceID == found[0].workspaceID }
    }

    private static func tooLong(_ param: String) -> APIError {
        APIError(
            .messageTooLong,
            "The responses that this one continues are too long. Begin again with a summary of them.", param: param)
    }

    static func unknown(_ id: String) -> APIError {
        APIError(
            .previousResponseNotFound,
            "This key has no stored response '\(id.prefix(64))' for this 'user', or it was deleted.",
            param: "previous_response_id")
    }

    /// Keeps the responses that another one continues for as long as that one. Changes rows once a day at most.
    static func extend(
        _ tx: Transaction, _ chain: [StoredResponse], until: Timestamp?
    ) throws {
        guard let until, !chain.isEmpty else { return }
        try tx.run(
            "UPDATE responses SET expires_at = ? WHERE id IN (\(chain.placeholders)) AND expires_at < ? AND expires_at > 0",
            [until] + chain.map(\.id) + [until.adding(.seconds(-86_400))])
    }

    // MARK: Ending and deleting

    /// Asks the instance that writes a response to stop.
    static func requestStop(_ tx: Transaction, _ response: StoredResponse) throws {
        try tx.run(
            "UPDATE responses SET is_stopped = 1 WHERE workspace_id = ? AND id = ? AND status = 'in_progress'",
            [response.workspaceID, response.id])
    }

    /// Hides a response, which no continuation keeps any more, until its rows are removed.
    static func markDeleted(_ tx: Transaction, id: String, in workspaceID: String) throws {
        try tx.run(
            "UPDATE responses SET expires_at = 0, is_stopped = 1 WHERE workspace_id = ? AND id = ?", [workspaceID, id])
    }

    /// Removes the rows of a response, parts first. Returns true if none are left.
    static func remove(_ tx: Transaction, _ response: StoredResponse) throws -> Bool {
        var purge = RowPurge(tx)
        return try purge.removeResponses(where: "workspace_id = ? AND id = ?", [response.workspaceID, response.id])
    }
}

/// What happens to responses besides calls: their servers die, their time is over.
package enum ResponseUpkeep {
    /// Ends the responses whose instance has died. What it cost is not known, as it is of turns.
    package static func closeAbandoned(_ tx: Transaction, before now: Timestamp, instance: String? = nil) throws {
        let filter = "status = 'in_progress' AND (lease_until < ? OR instance = ?)"
        let args: [any SQLBindable] = [now, instance ?? ""]
        try tx.send(
            """
            INSERT INTO message_logs (id, workspace_id, chatbot_id, payer_id, user_id, key_id, model, prompt_tokens,
                completion_tokens, cost, total_ms, outcome, created_at)
            SELECT log_id, workspace_id, chatbot_id, \(Subscriber.payer(of: "responses.workspace_id")), user_id, key_id,
                model, 0, 0, 0, 0, 'partial', created_at
            FROM responses WHERE \(filter)
            ON CONFLICT (id) DO NOTHING
            """,
            args)
        try tx.run("UPDATE responses SET status = 'failed', lease_until = NULL, instance = NULL WHERE \(filter)", args)
    }

    /// Deletes responses whose time is over, each after its parts. Returns true if none are left.
    package static func purge(_ purge: inout RowPurge, before now: Timestamp) throws -> Bool {
        try purge.removeResponses(where: "expires_at <= ? AND status <> 'in_progress'", [now])
    }
}

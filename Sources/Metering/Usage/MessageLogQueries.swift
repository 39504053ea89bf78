package import HTTPKit
import Platform
package import Storage

extension MessageLog {
    /// One that was closed as abandoned, by another process, is put right. Of an end user who was erased meanwhile it
    /// holds neither the id nor what was said.
    ///
    /// The database adds it to the sums of its day in the same transaction. What a vendor or an endpoint counts is cut to
    /// what sums can hold.
    package func insert(_ tx: Transaction) throws {
        let endUser: (filter: String, args: [any SQLBindable]) =
            asker.endUserID.map { ("id = ?", [$0]) }
            ?? ("chatbot_id = ? AND external_id = ?", [chatbotID, asker.externalID])
        let kept: (sql: String, args: [any SQLBindable]) =
            asker.endUserID.map {
                (
                    "CASE WHEN EXISTS (SELECT 1 FROM end_users WHERE id = ? AND deleted_at IS NULL) THEN ? END",
                    [$0, content]
                )
            }
            ?? ("?", [content])
        try tx.send(
            """
            INSERT INTO message_logs (id, workspace_id, chatbot_id, payer_id, user_id, key_id, end_user_id,
                conversation_id, message_id, request_id, provider, model, prompt_tokens, completion_tokens, cost,
                first_token_ms, total_ms, outcome, error_code, cached_tokens, cache_write_tokens, reasoning_tokens, searches,
                content, created_at)
            VALUES (?, ?, ?, COALESCE(?, \(Subscriber.payer(of: "?"))), ?, ?,
                (SELECT id FROM end_users WHERE \(endUser.filter) AND deleted_at IS NULL),
                ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, \(kept.sql), ?)
            ON CONFLICT (id) DO UPDATE SET key_id = excluded.key_id, request_id = excluded.request_id,
                provider = excluded.provider, model = excluded.model, prompt_tokens = excluded.prompt_tokens,
                completion_tokens = excluded.completion_tokens, cached_tokens = excluded.cached_tokens,
                cache_write_tokens = excluded.cache_write_tokens, reasoning_tokens = excluded.reasoning_tokens,
                searches = excluded.searches,
                cost = CASE WHEN excluded.cost > message_logs.cost THEN excluded.cost ELSE message_logs.cost END,
                first_token_ms = excluded.first_token_ms, total_ms = excluded.total_ms, outcome = excluded.outcome,
                error_code = excluded.error_code, content = excluded.content, end_user_id = excluded.end_user_id
            """,
            [
                id, workspaceID, chatbotID, asker.payerID, workspaceID, asker.userID, asker.keyID,
            ] + endUser.args + [
                conversationID, messageID, requestID, provider, model, min(max(0, usage.promptTokens), Self.mostTokens),
                min(max(0, usage.completionTokens), Self.mostTokens), min(usage.cost, Self.mostCost),
                firstToken?.milliseconds, total.milliseconds, outcome.rawValue, errorCode,
                usage.cachedTokens, usage.cacheWriteTokens, usage.reasoningTokens, usage.searches,
            ] + kept.args + [createdAt])
    }

    private static let mostTokens = 1_000_000_000
    /// Cost in micro-units.
    private static let mostCost: Int64 = 1_000_000_000_000_000

    /// The logs of replies that are about to be closed because their writers have died. `filter` is of the messages `a`.
    package static func insertAbandoned(_ tx: Transaction, where filter: String, _ args: [any SQLBindable]) throws {
        try tx.send(
            """
            INSERT INTO message_logs (id, workspace_id, chatbot_id, payer_id, user_id, key_id, end_user_id,
                conversation_id, message_id, model, prompt_tokens, completion_tokens, cost, total_ms, outcome,
                created_at)
            SELECT a.id, a.workspace_id, v.chatbot_id, \(Subscriber.payer(of: "a.workspace_id")), v.user_id,
                (SELECT r.key_id FROM reservations r WHERE r.id = a.id), v.end_user_id, v.id, a.id,
                COALESCE(a.model, ''), 0, 0, 0, 0, 'partial', a.created_at
            FROM messages a JOIN conversations v ON v.workspace_id = a.workspace_id AND v.id = a.conversation_id
            WHERE a.status = 'running' AND \(filter)
            ON CONFLICT (id) DO NOTHING
            """,
            args)
    }

    /// Deletes the oldest before a time, at most `limit`; says how many there were.
    package static func purge(_ tx: Transaction, before: Timestamp, limit: Int) throws -> Int {
        try tx.run(
            """
            DELETE FROM message_logs WHERE id IN
                (SELECT id FROM message_logs WHERE created_at < ? ORDER BY created_at, id LIMIT ?)
            """,
            [before, limit])
    }

    /// Takes a user out of the logs, who asked or who paid, with what was said; at most `limit` of either kind. Says how
    /// many there were: zero when it is done.
    package static func forget(_ tx: Transaction, userID: String, limit: Int) throws -> Int {
        let asked = try tx.run(
            """
            UPDATE message_logs SET user_id = NULL, content = NULL,
                payer_id = CASE WHEN payer_id = ? THEN NULL ELSE payer_id END
            WHERE id IN (SELECT id FROM message_logs WHERE user_id = ? LIMIT ?)
            """,
            [userID, userID, limit])
        let paid = try tx.run(
            """
            UPDATE message_logs SET payer_id = NULL, content = NULL WHERE id IN
                (SELECT id FROM message_logs WHERE payer_id = ? AND (user_id IS NULL OR user_id <> payer_id) LIMIT ?)
            """,
            [userID, limit])
        return asked + paid
    }
}

extension Duration {
    /// Whole ones, rounded down.
    package var milliseconds: Int64 { Int64(self / .milliseconds(1)) }
}

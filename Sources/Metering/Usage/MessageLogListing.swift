package import HTTPKit
package import HTTPTypes
package import Hummingbird
package import JSON
package import Storage

extension MessageLog {
    package struct Filter: Input, Ruled {
        package enum Format: String, Choice { case json, csv, jsonl }

        package let userID: String?
        package let chatbotID: String?
        package let keyID: String?
        package let workspaceID: String?
        package let conversationID: String?
        package let model: String?
        package let provider: String?
        package let outcome: Outcome?
        package let errorCode: String?
        package let from: Timestamp?
        package let to: Timestamp?
        package let content: Bool?
        package let format: Format?
        package let limit: Int?
        package let after: String?

        package static var rules: [String: Rule] {
            Paging.rules.merging([
                "from": .note("Those that began then or later."), "to": .note("Those that began before."),
                "content": .note("Shows what was said, which leaves an entry in the audit log."),
                "format": .note("`csv` and `jsonl` are files of all that the filter lets through."),
            ]) { $1 }
        }

        package var paging: Paging { Paging(limit: limit, after: after) }

        /// The columns that must be equal to something.
        package var columns: [(name: String, value: String)] {
            [
                ("user_id", userID), ("chatbot_id", chatbotID), ("key_id", keyID), ("workspace_id", workspaceID),
                ("conversation_id", conversationID), ("model", model), ("provider", provider),
                ("outcome", outcome?.rawValue), ("error_code", errorCode),
            ].compactMap { name, value in value.map { (name, $0) } }
        }

        /// As an audit entry names it.
        package var criteria: [String: JSONValue] {
            var all = Dictionary(uniqueKeysWithValues: columns.map { ($0.name, JSONValue.string($0.value)) })
            all["from"] = from.map { .string($0.iso8601) }
            all["to"] = to.map { .string($0.iso8601) }
            return all
        }
    }

    package struct Reading: Input {
        package let content: Bool?
    }

    /// One log as operators see it.
    package struct Shown: JSONOutput {
        package let id: String
        package let createdAt: Timestamp
        package let workspaceID: String
        package let chatbotID: String
        package let payerID: String?
        package let userID: String?
        package let keyID: String?
        package let endUserID: String?
        package let conversationID: String?
        package let messageID: String?
        package let requestID: String?
        package let provider: String?
        package let model: String
        package let promptTokens: Int64
        package let completionTokens: Int64
        /// Parts of `prompt_tokens`: read from the vendor's cache, and written to it.
        package let cachedTokens: Int64
        package let cacheWriteTokens: Int64
        /// A part of `completion_tokens`.
        package let reasoningTokens: Int64
        /// Searches that the vendor was asked for.
        package let searches: Int64
        /// Cost in micro-units.
        package let cost: Int64
        package let firstTokenMs: Int64?
        package let totalMs: Int64
        package let outcome: Outcome
        package let errorCode: String?
        /// Present if it is asked for and was kept.
        package var content: Content?

        /// With the content still encrypted.
        package struct Stored: Sendable {
            package let log: Shown
            package let content: String?

            package var id: String { log.id }
            package var cursor: Cursor { Cursor(key: log.createdAt.milliseconds, id: log.id) }

            package func without() -> Shown { log }

            package func with(_ content: Content?) -> Shown {
                var log = log
                log.content = content
                return log
            }
        }

        package static func columns(_ withContent: Bool) -> [String] {
            [
                "created_at", "id", "workspace_id", "chatbot_id", "payer_id", "user_id", "key_id", "end_user_id",
                "conversation_id", "message_id", "request_id", "provider", "model", "prompt_tokens",
                "completion_tokens", "cost", "first_token_ms", "total_ms", "outcome", "error_code",
                "cached_tokens", "cache_write_tokens", "reasoning_tokens", "searches",
            ] + (withContent ? ["question", "answer"] : [])
        }

        package func fields(_ withContent: Bool) -> [String?] {
            [
                createdAt.iso8601, id, workspaceID, chatbotID, payerID, userID, keyID, endUserID, conversationID,
                messageID, requestID, provider, model, String(promptTokens), String(completionTokens), String(cost),
                firstTokenMs.map { String($0) }, String(totalMs), outcome.rawValue, errorCode,
                String(cachedTokens), String(cacheWriteTokens), String(reasoningTokens), String(searches),
            ] + (withContent ? [content?.question, content?.answer] : [])
        }
    }

    /// A page, or all as a file.
    package enum Listing: Output {
        case page(List<Shown>)
        case export(LineExport)

        package static var schema: Schema? { .of(List<Shown>.self) }
        package static var mediaTypes: [String] { ["application/json"] + LineExport.mediaTypes }

        package func response(_ status: HTTPResponse.Status) throws -> Response {
            switch self {
            case .page(let page): try page.response(status)
            case .export(let export): export.response(status)
            }
        }
    }
}

extension MessageLog.Shown {
    private static func select(content: Bool) -> String {
        "SELECT \(columns(false).joined(separator: ", ")), \(content ? "content" : "NULL AS content") FROM message_logs"
    }

    /// Newest first. Content is read only if the filter asks for it.
    package static func list(
        _ tx: Transaction, _ filter: MessageLog.Filter, after: Cursor, limit: Int
    ) throws -> RowPage<Stored> {
        var conditions = ["(created_at, id) < (?, ?)"]
        var args: [any SQLBindable] = [after.key, after.id]
        for (name, value) in filter.columns {
            conditions.append("\(name) = ?")
            args.append(value)
        }
        if let from = filter.from {
            conditions.append("created_at >= ?")
            args.append(from)
        }
        if let to = filter.to {
            conditions.append("created_at < ?")
            args.append(to)
        }
        return try tx.page(
            """
            \(select(content: filter.content ?? false)) WHERE \(conditions.joined(separator: " AND "))
            ORDER BY created_at DESC, id DESC
            """,
            args, limit: limit, stored)
    }

    package static func find(_ tx: Transaction, id: String) throws -> Stored? {
        try tx.row("\(select(content: true)) WHERE id = ?", [id], stored)
    }

    private static func stored(_ row: Row) throws -> Stored {
        Stored(
            log: MessageLog.Shown(
                id: try row.string("id"), createdAt: Timestamp(milliseconds: try row.int64("created_at")),
                workspaceID: try row.string("workspace_id"), chatbotID: try row.string("chatbot_id"),
                payerID: try row.stringIfPresent("payer_id"), userID: try row.stringIfPresent("user_id"),
                keyID: try row.stringIfPresent("key_id"), endUserID: try row.stringIfPresent("end_user_id"),
                conversationID: try row.stringIfPresent("conversation_id"),
                messageID: try row.stringIfPresent("message_id"), requestID: try row.stringIfPresent("request_id"),
                provider: try row.stringIfPresent("provider"), model: try row.string("model"),
                promptTokens: try row.int64("prompt_tokens"), completionTokens: try row.int64("completion_tokens"),
                cachedTokens: try row.int64("cached_tokens"), cacheWriteTokens: try row.int64("cache_write_tokens"),
                reasoningTokens: try row.int64("reasoning_tokens"), searches: try row.int64("searches"),
                cost: try row.int64("cost"), firstTokenMs: try row.int64IfPresent("first_token_ms"),
                totalMs: try row.int64("total_ms"),
                outcome: MessageLog.Outcome(rawValue: try row.string("outcome")) ?? .failed,
                errorCode: try row.stringIfPresent("error_code")),
            content: try row.stringIfPresent("content"))
    }
}

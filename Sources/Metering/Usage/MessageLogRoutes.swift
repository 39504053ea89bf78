package import HTTPKit
import HTTPTypes
import Hummingbird
import JSON
import Logging
package import Platform
package import Storage

package enum LogsRead: Need { package static var permission: Permission { .logsRead } }

/// The logs of all exchanges with models, for operators.
package struct MessageLogRoutes: Sendable {
    package let database: Database
    package let secrets: Secrets

    package init(database: Database, secrets: Secrets) {
        self.database = database
        self.secrets = secrets
    }

    package func list(_ who: Operator<LogsRead>, _ filter: MessageLog.Filter) async throws -> MessageLog.Listing {
        let start = try filter.paging.cursor(or: .newest)
        let showsContent = filter.content ?? false
        if showsContent { try await record(who, target: nil, detail: filter.criteria) }
        if let format = filter.format, let format = LineExport.Format(rawValue: format.rawValue) {
            return .export(
                LineExport(
                    name: "message-logs", format: format, header: MessageLog.Shown.columns(showsContent), start: start
                ) { after in
                    try await page(filter, after: after, limit: 500, who.call.logger) { shown, lines in
                        if format == .csv {
                            lines.writeString(CSV.line(shown.fields(showsContent)))
                        } else {
                            lines.writeBytes(try JSONWriter.encode(shown))
                            lines.writeString("\n")
                        }
                    }
                })
        }
        let rows = try await database.read(.system) { tx in
            try MessageLog.Shown.list(tx, filter, after: start, limit: filter.paging.count)
        }
        return .page(
            List(rows, cursor: \.cursor, shown: { showsContent ? opened($0, who.call.logger) : $0.without() }))
    }

    package func read(_ who: Operator<LogsRead>, _ input: MessageLog.Reading) async throws -> MessageLog.Shown {
        let found = try await database.read(.system) { tx in try MessageLog.Shown.find(tx, id: who["log_id"]) }
        guard let found else { throw APIError(.notFound) }
        guard input.content ?? false else { return found.without() }
        try await record(who, target: "message_log:\(found.id)", detail: [:])
        return opened(found, who.call.logger)
    }

    private func page(
        _ filter: MessageLog.Filter, after: Cursor, limit: Int, _ logger: Logger,
        _ write: (MessageLog.Shown, inout ByteBuffer) throws -> Void
    ) async throws -> LineExport.Page {
        let rows = try await database.read(.system) { tx in
            try MessageLog.Shown.list(tx, filter, after: after, limit: limit)
        }
        var page = LineExport.Page(next: rows.hasMore ? rows.items.last?.cursor : nil)
        for row in rows.items {
            try write(filter.content ?? false ? opened(row, logger) : row.without(), &page.lines)
        }
        return page
    }

    /// Records in the audit log that an operator has read contents of messages.
    private func record(_ who: Operator<LogsRead>, target: String?, detail: [String: JSONValue]) async throws {
        let call = who.call
        try await database.write(.system) { [actor = who.principal ?? AuditEntry.system] tx in
            try AuditEntry.insert(
                tx, actor: actor, action: "message_logs.read_content", target: target, detail: .object(detail),
                address: call.remoteAddress, requestID: call.id)
        }
    }

    /// What was encrypted with a key that is gone hides nothing else.
    private func opened(_ row: MessageLog.Shown.Stored, _ logger: Logger) -> MessageLog.Shown {
        do {
            return row.with(try row.content.map { try secrets.decryptJSON(MessageLog.Content.self, $0) })
        } catch {
            logger.error("content of a message log is not readable", metadata: ["log_id": .string(row.id)])
            return row.without()
        }
    }
}

extension MessageLogRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/admin/message-logs", .read, id: "list_message_logs", "List calls of models",
                about: "Newest first, filtered by user, chatbot, model, time or outcome. `format` exports them as "
                    + "CSV or JSON lines.",
                list,
                errors: [.forbidden]),
            Route(
                .get, "/admin/message-logs/{log_id}", .read, id: "get_message_log", "Get one call of a model",
                about: "`content` asks for the question and the answer, if they are kept.",
                read,
                errors: [.forbidden, .notFound]),
        ].tagged(.administration)
    }
}

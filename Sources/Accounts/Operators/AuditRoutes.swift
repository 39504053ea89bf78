package import HTTPKit
package import HTTPTypes
package import Hummingbird
import JSON
import NIOCore
package import Platform
package import Storage

package enum AuditRead: Need { package static var permission: Permission { .auditRead } }

/// The audit trail, for operators.
package struct AuditRoutes: Sendable {
    package let trail: AuditTrail

    package init(trail: AuditTrail) {
        self.trail = trail
    }

    package func list(_ who: Operator<AuditRead>, _ filter: AuditEntry.Filter) async throws -> AuditEntry.Listing {
        let start = try filter.paging.cursor(or: .newest)
        if let format = filter.format, let format = LineExport.Format(rawValue: format.rawValue) {
            return .export(
                LineExport(name: "audit-log", format: format, header: AuditEntry.columns, start: start) { after in
                    let entries = try await page(filter, after: after, limit: 500)
                    let last = entries.hasMore ? entries.items.last : nil
                    var page = LineExport.Page(next: last.map { Cursor(id: $0.id) })
                    for entry in entries.items {
                        if format == .csv {
                            page.lines.writeString(CSV.line(entry.fields))
                        } else {
                            page.lines.writeBytes(try JSONWriter.encode(entry))
                            page.lines.writeString("\n")
                        }
                    }
                    return page
                })
        }
        let entries = try await page(filter, after: start, limit: filter.paging.count)
        return .page(List(entries) { Cursor(id: $0.id) })
    }

    private func page(_ filter: AuditEntry.Filter, after: Cursor, limit: Int) async throws -> RowPage<AuditEntry> {
        try await trail.database.read(.system) { tx in
            try AuditEntry.list(tx, filter, after: after, limit: limit)
        }
    }

    package struct Head: JSONOutput {
        /// 0 before the first seal.
        package let sequence: Int64
        package let mac: String
    }

    package func head(_ who: Operator<AuditRead>) async throws -> Head {
        let head = try await trail.head() ?? AuditChain.start
        return Head(sequence: head.sequence, mac: head.macText)
    }
}

extension AuditEntry {
    package struct Filter: Input, Ruled {
        package enum Format: String, Choice { case json, csv, jsonl }

        package let actor: String?
        package let action: String?
        package let target: String?
        package let outcome: String?
        package let from: Timestamp?
        package let to: Timestamp?
        package let format: Format?
        package let limit: Int?
        package let after: String?

        package static var rules: [String: Rule] {
            Paging.rules.merging([
                "actor": .note("Such as `user:ID`, `key:ID`, `operator:ID`, `system` or `anonymous`."),
                "action": .note("Such as `PATCH /chatbots/{chatbot_id}`."), "target": .note("Such as `chatbot:ID`."),
                "outcome": .note("`success`, or the code of a refusal."), "from": .note("Those of then or later."),
                "to": .note("Those before."),
                "format": .note("`csv` and `jsonl` are files of all that the filter lets through."),
            ]) { $1 }
        }

        package var paging: Paging { Paging(limit: limit, after: after) }
    }

    /// A page, or all as a file.
    package enum Listing: Output {
        case page(List<AuditEntry>)
        case export(LineExport)

        package static var schema: Schema? { .of(List<AuditEntry>.self) }
        package static var mediaTypes: [String] { ["application/json"] + LineExport.mediaTypes }

        package func response(_ status: HTTPResponse.Status) throws -> Response {
            switch self {
            case .page(let page): try page.response(status)
            case .export(let export): export.response(status)
            }
        }
    }

    package static let columns = [
        "created_at", "id", "actor", "action", "target", "outcome", "detail", "address", "request_id",
    ]

    package var fields: [String?] {
        [
            createdAt.iso8601, id, actor, action, target, outcome,
            detail.map { String(decoding: $0.serialized(), as: UTF8.self) }, address, requestID,
        ]
    }

    /// Newest first.
    package static func list(_ tx: Transaction, _ filter: Filter, after: Cursor, limit: Int) throws -> RowPage<
        AuditEntry
    > {
        var conditions = ["id < ?"]
        var args: [any SQLBindable] = [after.id]
        for (column, value) in [
            ("actor", filter.actor), ("action", filter.action), ("target", filter.target), ("outcome", filter.outcome),
        ] {
            guard let value else { continue }
            conditions.append("\(column) = ?")
            args.append(value)
        }
        if let from = filter.from {
            // Ids are in the order of time and are made a little before the entry, so they find the place.
            conditions.append("id >= ? AND created_at >= ?")
            args += [Identifier.lowest(at: from.adding(.seconds(-3600))), from]
        }
        if let to = filter.to {
            conditions.append("created_at < ?")
            args.append(to)
        }
        return try tx.page(
            """
            SELECT \(columns.joined(separator: ", ")) FROM audit_entries
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC
            """,
            args, limit: limit
        ) { row in
            AuditEntry(
                id: try row.string("id"), actor: try row.string("actor"), action: try row.string("action"),
                target: try row.stringIfPresent("target"), outcome: try row.string("outcome"),
                detail: try row.stringIfPresent("detail").map(JSONText.value),
                address: try row.stringIfPresent("address"), requestID: try row.stringIfPresent("request_id"),
                createdAt: Timestamp(milliseconds: try row.int64("created_at")))
        }
    }
}

extension AuditRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/admin/audit-log", .read, id: "list_audit_entries", "List audit entries",
                about: "Newest first, filtered by actor, action, target or time. `format` exports them as CSV or "
                    + "JSON lines.",
                list,
                errors: [.forbidden]),
            Route(
                .get, "/admin/audit-log/head", .read, id: "get_audit_head", "Get the head of the audit trail",
                about: "The last sealed entry's number and MAC. Kept elsewhere, it proves that later entries "
                    + "continue the same trail.",
                head,
                errors: [.forbidden]),
        ].tagged(.administration)
    }
}

package import HTTPKit
package import Platform
package import Storage

/// What a chatbot was used for in a time, summed up: for the workspace's editors.
package struct ChatbotUsage: JSONOutput {
    package enum Grouping: String, Choice { case day, model, key }

    package struct Asked: Input, Ruled {
        package let from: Timestamp?
        package let to: Timestamp?
        package let by: Grouping?
        package static var rules: [String: Rule] {
            UsageRange.rules.merging(["by": .note("`day`, of UTC, if omitted.")]) { $1 }
        }
    }

    /// One day, model or key; only those with an exchange are listed.
    package struct Group: JSONOutput {
        package let day: String?
        package let provider: String?
        package let model: String?
        /// Null for what people asked without a key.
        package let keyID: String?
        package let messages: Int64
        package let promptTokens: Int64
        package let completionTokens: Int64
        /// Cost, in micro-units.
        package let cost: Int64
        package let failures: Int64
        /// Average time to the first token, in milliseconds; null if no reply had one.
        package let firstTokenMs: Int64?
    }

    package let from: Timestamp
    package let to: Timestamp
    package let by: Grouping
    package let total: Group
    package let data: [Group]
}

/// A time that is summed up: never more than a year at once.
package struct UsageRange: Sendable {
    private static let mostDays: Int64 = 366
    package static let dayLength: Int64 = 86_400_000

    package let from: Timestamp
    package let to: Timestamp

    package static var rules: [String: Rule] {
        [
            "from": .note("The 30th day before `to` if omitted."),
            "to": .note("Now if omitted; at most 366 days after `from`."),
        ]
    }

    package init(from: Timestamp?, to: Timestamp?, now: Timestamp = .now) throws(APIError) {
        // What began within this millisecond belongs to it.
        self.to = to ?? now.adding(.milliseconds(1))
        self.from = from ?? self.to.adding(.seconds(-30 * 86_400))
        guard self.from < self.to else { throw .invalid("from", "'from' must be before 'to'.") }
        guard self.to.milliseconds - self.from.milliseconds <= Self.mostDays * Self.dayLength else {
            throw .invalid("from", "'from' and 'to' must be at most \(Self.mostDays) days apart.")
        }
    }

    /// `2026-01-31` of a day's number since 1970.
    package static func name(ofDay day: Int64) -> String {
        String(Timestamp(milliseconds: day * dayLength).iso8601.prefix(10))
    }
}

extension ChatbotUsage {
    package static func find(
        _ tx: Transaction, in tenant: Tenant, chatbotID: String, _ range: UsageRange, by: Grouping
    ) throws -> ChatbotUsage {
        let keys =
            switch by {
            case .day: "day"
            case .model: "provider, model"
            case .key: "key_id"
            }
        let columns =
            switch by {
            case .day: "day, NULL AS provider, NULL AS model, NULL AS key_id"
            case .model: "NULL AS day, NULLIF(provider, '') AS provider, model, NULL AS key_id"
            case .key: "NULL AS day, NULL AS provider, NULL AS model, NULLIF(key_id, '') AS key_id"
            }
        let source = UsageSource(
            range, where: "workspace_id = ? AND chatbot_id = ?", [tenant.workspaceID, chatbotID])
        let rows = try tx.rows(
            """
            SELECT \(columns), \(UsageSource.columns) FROM (\(source.sql)) u GROUP BY \(keys) HAVING SUM(messages) > 0
            ORDER BY \(by == .day ? "day" : "SUM(messages) DESC, \(keys)")
            """,
            source.args
        ) { row in
            (
                try row.int64IfPresent("day"), try row.stringIfPresent("provider"), try row.stringIfPresent("model"),
                try row.stringIfPresent("key_id"), try UsageSums(row)
            )
        }
        let total = UsageSums(sumOf: rows.map(\.4))
        return ChatbotUsage(
            from: range.from, to: range.to, by: by, total: Group(total),
            data: rows.map { day, provider, model, keyID, sums in
                Group(sums, day: day.map(UsageRange.name), provider: provider, model: model, keyID: keyID)
            })
    }
}

extension ChatbotUsage.Group {
    fileprivate init(
        _ sums: UsageSums, day: String? = nil, provider: String? = nil, model: String? = nil,
        keyID: String? = nil
    ) {
        self.init(
            day: day, provider: provider, model: model, keyID: keyID, messages: sums.messages,
            promptTokens: sums.promptTokens, completionTokens: sums.completionTokens, cost: sums.cost,
            failures: sums.failures,
            firstTokenMs: sums.firstTokens == 0 ? nil : sums.firstTokenMs / sums.firstTokens)
    }
}

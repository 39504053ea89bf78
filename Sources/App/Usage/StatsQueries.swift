import Storage

extension Stats {
    static func users(_ tx: Transaction) throws -> Int64 {
        try tx.row("SELECT COUNT(*) AS users FROM users WHERE deleted_at IS NULL") { try $0.int64("users") } ?? 0
    }

    static func activeUsers(_ tx: Transaction, _ range: UsageRange) throws -> Int64 {
        try tx.row(
            """
            SELECT COUNT(DISTINCT user_id) AS users FROM message_logs WHERE created_at >= ? AND created_at < ?
            """,
            [range.from, range.to]
        ) { try $0.int64("users") } ?? 0
    }

    /// Oldest first.
    static func days(_ tx: Transaction, _ range: UsageRange) throws -> [Sums] {
        var days: [Int64: Sums] = [:]
        func day(_ row: Row) throws -> (Int64, Sums) {
            let day = try row.int64("day")
            return (day, days[day] ?? Sums(day: UsageRange.name(ofDay: day)))
        }
        let logged = try tx.rows(
            """
            SELECT created_at / \(UsageRange.dayLength) AS day, COUNT(DISTINCT user_id) AS active_users,
                COUNT(*) AS messages, CAST(SUM(prompt_tokens) AS BIGINT) AS prompt_tokens,
                CAST(SUM(completion_tokens) AS BIGINT) AS completion_tokens, CAST(SUM(cost) AS BIGINT) AS cost,
                SUM(CASE WHEN outcome = 'failed' THEN 1 ELSE 0 END) AS failures
            FROM message_logs WHERE created_at >= ? AND created_at < ? GROUP BY created_at / \(UsageRange.dayLength)
            """,
            [range.from, range.to]
        ) { row in
            var (day, sums) = try day(row)
            sums.activeUsers = try row.int64("active_users")
            sums.messages = try row.int64("messages")
            sums.promptTokens = try row.int64("prompt_tokens")
            sums.completionTokens = try row.int64("completion_tokens")
            sums.cost = try row.int64("cost")
            sums.failures = try row.int64("failures")
            return (day, sums)
        }
        days = Dictionary(uniqueKeysWithValues: logged)
        for (table, count) in [("users", \Sums.newUsers), ("conversations", \Sums.conversations)] {
            let created = try tx.rows(
                """
                SELECT created_at / \(UsageRange.dayLength) AS day, COUNT(*) AS created FROM \(table)
                WHERE id >= ? AND id < ? AND created_at >= ? AND created_at < ?
                GROUP BY created_at / \(UsageRange.dayLength)
                """,
                range.ids + [range.from, range.to]
            ) { row in
                var (day, sums) = try day(row)
                sums[keyPath: count] = try row.int64("created")
                return (day, sums)
            }
            days.merge(created) { $1 }
        }
        return days.sorted { $0.key < $1.key }.map(\.value)
    }
}

extension Stats.Sums {
    init(adding days: [Stats.Sums], activeUsers: Int64) {
        self.init(day: nil, activeUsers: activeUsers)
        for day in days {
            newUsers += day.newUsers
            conversations += day.conversations
            messages += day.messages
            promptTokens += day.promptTokens
            completionTokens += day.completionTokens
            cost += day.cost
            failures += day.failures
        }
    }
}

extension UsageRange {
    /// Between which the ids lie of what was made in this time: they begin with it, and clocks may differ by a minute. So a
    /// table without an index on its time need not be read whole.
    fileprivate var ids: [any SQLBindable] {
        [Identifier.first(at: from.adding(.seconds(-60))), Identifier.first(at: to.adding(.seconds(60)))]
    }
}

extension Identifier {
    /// Comes before every id that is made at this time or later.
    static func first(at time: Timestamp) -> String {
        let digits = String(UInt64(max(0, time.milliseconds)) & 0xFFFF_FFFF_FFFF, radix: 16)
        let padded = String(repeating: "0", count: 12 - digits.utf8.count) + digits
        return "\(padded.prefix(8))-\(padded.suffix(4))"
    }
}

package import HTTPKit
package import Storage

extension Stats {
    package static func users(_ tx: Transaction) throws -> Int64 {
        try tx.row("SELECT COUNT(*) AS users FROM users WHERE deleted_at IS NULL") { try $0.int64("users") } ?? 0
    }

    /// Users who asked something: of whole days as they are kept by day, and of a day that the range cuts those who have a
    /// log within it.
    private static func active(
        _ range: UsageRange, _ columns: String, _ suffix: String = ""
    ) -> (parts: [String], args: [any SQLBindable]) {
        var parts = ["SELECT \(columns) FROM active_users a WHERE a.day >= ? AND a.day < ? \(suffix)"]
        var args: [any SQLBindable] = [range.wholeDays.lowerBound, range.wholeDays.upperBound]
        for cut in range.cutDays {
            parts.append(
                """
                SELECT \(columns) FROM active_users a WHERE a.day = ? AND EXISTS (SELECT 1 FROM message_logs l
                    WHERE l.user_id = a.user_id AND l.created_at >= ? AND l.created_at < ?) \(suffix)
                """)
            args += [cut.day, cut.from, cut.to]
        }
        return (parts, args)
    }

    package static func activeUsers(_ tx: Transaction, _ range: UsageRange) throws -> Int64 {
        let (parts, args) = active(range, "a.user_id")
        return try tx.row(
            "SELECT COUNT(*) AS users FROM (\(parts.joined(separator: " UNION "))) u", args
        ) { try $0.int64("users") } ?? 0
    }

    private static func activeUsersByDay(_ tx: Transaction, _ range: UsageRange) throws -> [Int64: Int64] {
        let (parts, args) = active(range, "a.day, COUNT(*) AS users", "GROUP BY a.day")
        let rows = try tx.rows(parts.joined(separator: " UNION ALL "), args) {
            (try $0.int64("day"), try $0.int64("users"))
        }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    /// Oldest first.
    package static func days(_ tx: Transaction, _ range: UsageRange) throws -> [Sums] {
        var days: [Int64: Sums] = [:]
        func day(_ row: Row) throws -> (Int64, Sums) {
            let day = try row.int64("day")
            return (day, days[day] ?? Sums(day: UsageRange.name(ofDay: day)))
        }
        let activeUsers = try activeUsersByDay(tx, range)
        let source = UsageSource(range)
        let logged = try tx.rows(
            """
            SELECT day, \(UsageSource.columns) FROM (\(source.sql)) u GROUP BY day HAVING SUM(messages) > 0
            """,
            source.args
        ) { row in
            var (day, sums) = try day(row)
            let logged = try UsageSums(row)
            sums.activeUsers = activeUsers[day] ?? 0
            sums.messages = logged.messages
            sums.promptTokens = logged.promptTokens
            sums.completionTokens = logged.completionTokens
            sums.cost = logged.cost
            sums.failures = logged.failures
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
    package init(adding days: [Stats.Sums], activeUsers: Int64) {
        // Each field by itself: Swift 6.3's optimizer does not finish with one loop that adds to all of them.
        self.init(
            day: nil, activeUsers: activeUsers, newUsers: days.saturatedSum(\.newUsers),
            conversations: days.saturatedSum(\.conversations), messages: days.saturatedSum(\.messages),
            promptTokens: days.saturatedSum(\.promptTokens),
            completionTokens: days.saturatedSum(\.completionTokens), cost: days.saturatedSum(\.cost),
            failures: days.saturatedSum(\.failures))
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
    package static func first(at time: Timestamp) -> String {
        let digits = String(UInt64(max(0, time.milliseconds)) & 0xFFFF_FFFF_FFFF, radix: 16)
        let padded = String(repeating: "0", count: 12 - digits.utf8.count) + digits
        return "\(padded.prefix(8))-\(padded.suffix(4))"
    }
}

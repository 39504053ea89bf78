import HTTPKit
package import Storage

/// What is added up of message logs.
package struct UsageSums: Sendable, Equatable {
    package var messages: Int64 = 0
    package var promptTokens: Int64 = 0
    package var completionTokens: Int64 = 0
    package var cost: Int64 = 0
    package var failures: Int64 = 0
    package var firstTokens: Int64 = 0
    package var firstTokenMs: Int64 = 0

    package init() {}

    package init(_ row: Row) throws {
        messages = try row.int64("messages")
        promptTokens = try Self.whole(row, "prompt_tokens")
        completionTokens = try Self.whole(row, "completion_tokens")
        cost = try Self.whole(row, "cost")
        failures = try row.int64("failures")
        firstTokens = try row.int64("first_tokens")
        firstTokenMs = try row.int64("first_token_ms")
    }

    package init(sumOf parts: [UsageSums]) {
        // Each field by itself: Swift 6.3's optimizer does not finish with one loop that adds to all of them.
        messages = parts.saturatedSum(\.messages)
        promptTokens = parts.saturatedSum(\.promptTokens)
        completionTokens = parts.saturatedSum(\.completionTokens)
        cost = parts.saturatedSum(\.cost)
        failures = parts.saturatedSum(\.failures)
        firstTokens = parts.saturatedSum(\.firstTokens)
        firstTokenMs = parts.saturatedSum(\.firstTokenMs)
    }

    private static let million: Int64 = 1_000_000

    /// Two columns in SQL that `whole` puts together. A sum beyond 64 bits is an error in both databases, and a million logs
    /// at the highest price reach that; the sums of millions and of what is left over do not.
    fileprivate static func columns(for name: String) -> String {
        """
        CAST(SUM(\(name) / \(million)) AS BIGINT) AS \(name)_millions,
        CAST(SUM(\(name) % \(million)) AS BIGINT) AS \(name)_rest
        """
    }

    /// The sum, at most the greatest 64-bit number.
    private static func whole(_ row: Row, _ name: String) throws -> Int64 {
        let millions = try row.int64("\(name)_millions").multipliedSaturated(by: million)
        return max(0, millions.addingSaturated(try row.int64("\(name)_rest")))
    }
}

/// The sums of a range of time, from the daily sums (`usage_days`), and for days that the range cuts from the logs of the
/// shorter part: either of those within it, or of those outside, which are subtracted from the day's sums. The result is
/// exactly the sum of the logs in the range.
package struct UsageSource {
    private struct Part {
        let sql: String
        let args: [any SQLBindable]
    }

    /// The rows to sum up, as a table in SQL with the columns of `usage_days`.
    package let sql: String
    package let args: [any SQLBindable]

    /// - Parameter filter: a condition on columns that logs and daily sums share.
    package init(_ range: UsageRange, where filter: String = "1 = 1", _ filterArgs: [any SQLBindable] = []) {
        let (from, to) = (range.from.milliseconds, range.to.milliseconds)
        let (first, last) = (UsageRange.day(of: from), UsageRange.day(of: to))
        var parts = [Self.days(first, last, sign: 1, filter, filterArgs)]
        parts += Self.beginning(of: first, until: from, sign: -1, filter, filterArgs)
        parts += Self.beginning(of: last, until: to, sign: 1, filter, filterArgs)
        sql = parts.map(\.sql).joined(separator: " UNION ALL ")
        args = parts.flatMap(\.args)
    }

    package static let columns = """
        CAST(SUM(messages) AS BIGINT) AS messages,
        \(["prompt_tokens", "completion_tokens", "cost"].map(UsageSums.columns).joined(separator: ", ")),
        CAST(SUM(failures) AS BIGINT) AS failures, CAST(SUM(first_tokens) AS BIGINT) AS first_tokens,
        CAST(SUM(first_token_ms) AS BIGINT) AS first_token_ms
        """

    private static let sums = [
        "messages", "prompt_tokens", "completion_tokens", "cost", "failures", "first_tokens", "first_token_ms",
    ]

    /// Whole days, without the last.
    private static func days(
        _ first: Int64, _ end: Int64, sign: Int, _ filter: String, _ args: [any SQLBindable]
    ) -> Part {
        let columns = sums.map { sign < 0 ? "-\($0) AS \($0)" : $0 }.joined(separator: ", ")
        return Part(
            sql: """
                SELECT day, provider, model, key_id, \(columns) FROM usage_days WHERE day >= ? AND day < ? AND \(filter)
                """,
            args: [first, end] + args)
    }

    /// A day before some time in it.
    private static func beginning(
        of day: Int64, until end: Int64, sign: Int, _ filter: String, _ args: [any SQLBindable]
    ) -> [Part] {
        let (start, next) = (day * UsageRange.dayLength, (day + 1) * UsageRange.dayLength)
        if end == start { return [] }
        if end - start <= next - end { return [logs(start, end, sign: sign, filter, args)] }
        return [days(day, day + 1, sign: sign, filter, args), logs(end, next, sign: -sign, filter, args)]
    }

    private static func logs(
        _ from: Int64, _ to: Int64, sign: Int, _ filter: String, _ args: [any SQLBindable]
    ) -> Part {
        let minus = sign < 0 ? "-" : ""
        return Part(
            sql: """
                SELECT created_at / \(UsageRange.dayLength) AS day, COALESCE(provider, '') AS provider, model,
                    COALESCE(key_id, '') AS key_id, \(minus)1 AS messages, \(minus)prompt_tokens AS prompt_tokens,
                    \(minus)completion_tokens AS completion_tokens, \(minus)cost AS cost,
                    CASE WHEN outcome = 'failed' THEN \(minus)1 ELSE 0 END AS failures,
                    CASE WHEN first_token_ms IS NULL THEN 0 ELSE \(minus)1 END AS first_tokens,
                    \(minus)COALESCE(first_token_ms, 0) AS first_token_ms
                FROM message_logs WHERE created_at >= ? AND created_at < ? AND \(filter)
                """,
            args: [from, to] + args)
    }
}

extension UsageRange {
    /// Days that lie in the range from beginning to end.
    package var wholeDays: Range<Int64> {
        let first = Self.day(of: from.milliseconds + Self.dayLength - 1)
        return first..<max(first, Self.day(of: to.milliseconds))
    }

    /// Days of which only a part lies in the range, with that part in milliseconds.
    package var cutDays: [(day: Int64, from: Int64, to: Int64)] {
        let (first, last) = (Self.day(of: from.milliseconds), Self.day(of: to.milliseconds))
        return Set([first, last]).sorted().compactMap { day in
            let start = max(from.milliseconds, day * Self.dayLength)
            let end = min(to.milliseconds, (day + 1) * Self.dayLength)
            return start < end && end - start < Self.dayLength ? (day, start, end) : nil
        }
    }

    /// Days since 1970 in UTC, also before that.
    package static func day(of milliseconds: Int64) -> Int64 {
        milliseconds >= 0 ? milliseconds / dayLength : -((dayLength - 1 - milliseconds) / dayLength)
    }
}

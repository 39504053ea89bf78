package import HTTPKit
package import Storage

/// What a user has done on one UTC day. Nothing resets it: each day has a row of its own.
package struct DailyUsage: Sendable, Equatable {
    /// How long a day's counters are kept.
    package static let retention = Duration.seconds(90 * 86_400)

    package var messages = 0
    /// Messages of websites' visitors; `messages` includes them.
    package var visitorMessages = 0
    package var conversations = 0
    /// Those that websites' visitors began, which `conversations` counts too.
    package var visitorConversations = 0

    /// Counts messages and conversations before they are created, and throws if this would exceed the limit of the day.
    /// Parallel calls can therefore never exceed it. Visitors, who are anonymous, may use at most half of each limit.
    @discardableResult
    package static func count(
        _ tx: Transaction, _ subscriber: Subscriber, messages: Int = 0, conversations: Int = 0,
        byVisitor isVisitor: Bool = false, now: Timestamp
    ) throws -> DailyUsage {
        // A count that is not increased may be above its limit, if the limit was lowered meanwhile.
        let mostMessages = messages == 0 ? .max : subscriber.limits.messagesPerDay ?? .max
        let mostConversations = conversations == 0 ? .max : subscriber.limits.conversationsPerDay ?? .max
        let mostByVisitors = isVisitor ? mostMessages / 2 + mostMessages % 2 : .max
        let mostBegunByVisitors = isVisitor ? mostConversations / 2 + mostConversations % 2 : .max
        var counted: DailyUsage?
        if messages <= mostMessages, conversations <= mostConversations {
            counted = try tx.row(
                """
                INSERT INTO daily_usage (user_id, day, messages, visitor_messages, conversations, visitor_conversations)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (user_id, day) DO UPDATE SET messages = daily_usage.messages + excluded.messages,
                    visitor_messages = daily_usage.visitor_messages + excluded.visitor_messages,
                    conversations = daily_usage.conversations + excluded.conversations,
                    visitor_conversations = daily_usage.visitor_conversations + excluded.visitor_conversations
                WHERE daily_usage.messages + excluded.messages <= ?
                AND daily_usage.visitor_messages + excluded.visitor_messages <= ?
                AND daily_usage.conversations + excluded.conversations <= ?
                AND daily_usage.visitor_conversations + excluded.visitor_conversations <= ?
                RETURNING messages, visitor_messages, conversations, visitor_conversations
                """,
                [
                    subscriber.userID, now.day, messages, isVisitor ? messages : 0, conversations,
                    isVisitor ? conversations : 0, mostMessages, mostByVisitors, mostConversations, mostBegunByVisitors,
                ], DailyUsage.init)
        }
        if let counted { return counted }
        let used = try find(tx, userID: subscriber.userID, now: now)
        let isMessages = used.messages + messages > mostMessages || used.visitorMessages + messages > mostByVisitors
        let kind = isMessages ? "messages" : "conversations"
        let whatIsUsedUp =
            isVisitor
            ? "This website's \(kind) for today" : "Today's \(isMessages ? mostMessages : mostConversations) \(kind)"
        throw APIError(
            .dailyLimitReached, "\(whatIsUsedUp) are used up. The next ones come at midnight in UTC.",
            retryAfter: now.secondsToNextDay)
    }

    package static func find(_ tx: Transaction, userID: String, now: Timestamp) throws -> DailyUsage {
        try tx.row(
            """
            SELECT messages, visitor_messages, conversations, visitor_conversations FROM daily_usage
            WHERE user_id = ? AND day = ?
            """,
            [userID, now.day], DailyUsage.init) ?? DailyUsage()
    }

    /// Gives a user back what today's limits took.
    package static func reset(_ tx: Transaction, userID: String, now: Timestamp) throws {
        try tx.run("DELETE FROM daily_usage WHERE user_id = ? AND day = ?", [userID, now.day])
    }

    /// Returns how many rows it took.
    package static func purge(_ tx: Transaction, before: Timestamp, limit: Int) throws -> Int {
        try tx.run(
            """
            DELETE FROM daily_usage WHERE (user_id, day) IN
                (SELECT user_id, day FROM daily_usage WHERE day < ? ORDER BY day LIMIT ?)
            """,
            [before.day, limit])
    }
}

extension DailyUsage {
    private init(_ row: Row) throws {
        self.init(
            messages: try row.int("messages"), visitorMessages: try row.int("visitor_messages"),
            conversations: try row.int("conversations"),
            visitorConversations: try row.int("visitor_conversations"))
    }
}

extension DailyAllowance {
    /// Nil if the user's messages are not limited.
    package init?(_ used: DailyUsage, _ limits: EffectiveLimits, now: Timestamp) {
        guard let limit = limits.messagesPerDay else { return nil }
        self.init(limit: limit, remaining: max(0, limit - used.messages), resetSeconds: now.secondsToNextDay)
    }
}

extension Timestamp {
    private static let dayLength: Int64 = 86_400_000

    /// Days since 1970, in UTC.
    package var day: Int64 { milliseconds / Self.dayLength }
    package var nextDay: Timestamp { Timestamp(milliseconds: (day + 1).multipliedSaturated(by: Self.dayLength)) }
    /// Seconds until the next day, rounded up, so that a client that waits for this time is not too early.
    fileprivate var secondsToNextDay: Int { Int((nextDay.milliseconds - milliseconds + 999) / 1000) }
}

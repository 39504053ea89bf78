package import HTTPKit
import HTTPTypes
package import Metering
package import Platform
package import Storage

/// What was used, summed up: a chatbot's for its workspace's editors, the whole server's for operators.
package struct UsageRoutes: Sendable {
    package let database: Database

    package init(database: Database) {
        self.database = database
    }

    package func ofChatbot(_ who: UserCaller, _ asked: ChatbotUsage.Asked) async throws -> ChatbotUsage {
        let range = try UsageRange(from: asked.from, to: asked.to)
        return try await database.read(who.scope) { tx in
            let (chatbot, tenant) = try Chatbot.find(tx, id: who["chatbot_id"], for: who.caller)
            try tenant.require(.edit)
            return try ChatbotUsage.find(tx, in: tenant, chatbotID: chatbot.id, range, by: asked.by ?? .day)
        }
    }

    package func stats(_ who: Operator<StatsRead>, _ asked: Stats.Asked) async throws -> Stats {
        let now = Timestamp.now
        let range = try UsageRange(from: asked.from, to: asked.to, now: now)
        let midnight = Timestamp(milliseconds: now.milliseconds - now.milliseconds % UsageRange.dayLength)
        let today = try UsageRange(from: midnight, to: midnight.adding(.seconds(86_400)))
        return try await database.read(.system) { tx in
            let days = try Stats.days(tx, range)
            return Stats(
                from: range.from, to: range.to, users: try Stats.users(tx),
                today: try Stats.days(tx, today).first
                    ?? Stats.Sums(day: UsageRange.name(ofDay: midnight.milliseconds / UsageRange.dayLength)),
                total: Stats.Sums(adding: days, activeUsers: try Stats.activeUsers(tx, range)), days: days)
        }
    }
}

extension UsageRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/chatbots/{chatbot_id}/usage", .read, id: "get_chatbot_usage", "Get a chatbot's usage",
                about: "Messages, tokens, cost and failures by day, model or key.",
                ofChatbot,
                errors: [.forbidden])
        ].tagged(.chatbots)
            + [
                Route(
                    .get, "/admin/stats", .read, id: "get_stats", "Get the server's usage",
                    about: "Today's sums and those of each day. Days are UTC.",
                    stats,
                    errors: [.forbidden])
            ].tagged(.administration)
    }
}

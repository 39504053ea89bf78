package import HTTPKit
import HTTPTypes
package import Platform
package import Storage

/// What a user may do, has done today, and has left.
package struct OwnUsageRoutes: Sendable {
    package let database: Database

    package init(database: Database) {
        self.database = database
    }

    package struct Usage: JSONOutput {
        package let plan: Named
        package let limits: EffectiveLimits
        package let used: Used
        package let credits: Balance
        /// When the day's counters begin anew.
        package let resetsAt: Timestamp
    }

    package struct Named: Codable, Sendable {
        package let id: String
        package let name: String
    }

    package struct Used: Codable, Sendable {
        package let messagesToday: Int
        package let conversationsToday: Int
        package let keys: Int
        package let files: Int
    }

    /// Credits, in micro-units.
    package struct Balance: Codable, Sendable {
        package let balance: Int
        /// Maximum cost of the running calls; not included in the balance.
        package let reserved: Int
        /// Credits granted each month; null if calls are not charged.
        package let perMonth: Int?
        /// When the balance is next filled up to `perMonth`.
        package let renewsAt: Timestamp
    }

    package func own(_ who: UserCaller) async throws -> Usage {
        let userID = who.caller.userID
        // Keys of several workspaces are counted, and those of the user's own, which belong to none.
        return try await database.read(.system, for: who.scope) { tx in try Self.usage(tx, userID: userID, now: .now) }
    }

    package static func usage(_ tx: Transaction, userID: String, now: Timestamp) throws -> Usage {
        guard let subscriber = try Subscriber.find(tx, userID: userID) else { throw APIError(.notFound) }
        let plan = try Plan.of(tx, userID: userID)
        let today = try DailyUsage.find(tx, userID: userID, now: now)
        let credits = try Credits.find(tx, of: subscriber, now: now)
        return Usage(
            plan: Named(id: plan.id, name: plan.name), limits: subscriber.limits,
            used: Used(
                messagesToday: today.messages, conversationsToday: today.conversations,
                keys: try APIKey.count(tx, of: userID), files: try WorkspaceLimits.countFiles(tx, ofOwner: userID)),
            credits: Balance(
                balance: credits.balance, reserved: credits.reserved, perMonth: subscriber.limits.creditsPerMonth,
                renewsAt: now.nextMonth),
            resetsAt: now.nextDay)
    }
}

extension OwnUsageRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/users/me/usage", .read, id: "get_my_usage", "Get my limits and usage",
                about: "The plan's limits, today's usage, credits, and when they are reset.",
                own)
        ].tagged(.users)
    }
}

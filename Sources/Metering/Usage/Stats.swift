package import HTTPKit
import Platform
import Storage

package enum StatsRead: Need { package static var permission: Permission { .statsRead } }

/// How much the whole server is used: today, in a time, and on each day of it.
package struct Stats: JSONOutput {
    package struct Asked: Input, Ruled {
        package let from: Timestamp?
        package let to: Timestamp?
        package static var rules: [String: Rule] { UsageRange.rules }
    }

    package struct Sums: JSONOutput {
        /// Day in UTC; null for the sum of all days.
        package let day: String?
        /// Users who asked something, applications' users not counted.
        package var activeUsers: Int64
        package var newUsers: Int64
        package var conversations: Int64
        package var messages: Int64
        package var promptTokens: Int64
        package var completionTokens: Int64
        /// Cost, in micro-units.
        package var cost: Int64
        package var failures: Int64

        package init(
            day: String?, activeUsers: Int64 = 0, newUsers: Int64 = 0, conversations: Int64 = 0, messages: Int64 = 0,
            promptTokens: Int64 = 0, completionTokens: Int64 = 0, cost: Int64 = 0, failures: Int64 = 0
        ) {
            self.day = day
            self.activeUsers = activeUsers
            self.newUsers = newUsers
            self.conversations = conversations
            self.messages = messages
            self.promptTokens = promptTokens
            self.completionTokens = completionTokens
            self.cost = cost
            self.failures = failures
        }
    }

    package let from: Timestamp
    package let to: Timestamp
    /// Accounts that there are now.
    package let users: Int64
    package let today: Sums
    package let total: Sums
    /// Only those on which something happened.
    package let days: [Sums]

    package init(from: Timestamp, to: Timestamp, users: Int64, today: Sums, total: Sums, days: [Sums]) {
        self.from = from
        self.to = to
        self.users = users
        self.today = today
        self.total = total
        self.days = days
    }
}

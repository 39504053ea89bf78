import HTTPKit
import Storage

enum StatsRead: Need { static var permission: Permission { .statsRead } }

/// How much the whole server is used: today, in a time, and on each day of it.
struct Stats: JSONOutput {
    struct Asked: Input, Ruled {
        let from: Timestamp?
        let to: Timestamp?
        static var rules: [String: Rule] { UsageRange.rules }
    }

    struct Sums: JSONOutput {
        /// Of UTC; null for all days together.
        let day: String?
        /// Users who asked something, applications' users not counted.
        var activeUsers: Int64 = 0
        var newUsers: Int64 = 0
        var conversations: Int64 = 0
        var messages: Int64 = 0
        var promptTokens: Int64 = 0
        var completionTokens: Int64 = 0
        /// In micro-units.
        var cost: Int64 = 0
        var failures: Int64 = 0
    }

    let from: Timestamp
    let to: Timestamp
    /// Accounts that there are now.
    let users: Int64
    let today: Sums
    let total: Sums
    /// Only those on which something happened.
    let days: [Sums]
}

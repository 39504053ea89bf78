import HTTPTypes
import JSON

/// So many requests in a time, as settings and keys spell it: `120/minute`.
package struct RateLimit: Sendable, Equatable {
    package let count: Int
    package let period: Period

    package enum Period: String, Sendable, CaseIterable {
        case second, minute, hour, day

        package var duration: Duration {
            switch self {
            case .second: .seconds(1)
            case .minute: .seconds(60)
            case .hour: .seconds(3600)
            case .day: .seconds(86_400)
            }
        }
    }

    package init(_ count: Int, per period: Period) {
        self.count = count
        self.period = period
    }

    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int(parts[0]), (1...1_000_000).contains(count), String(count) == parts[0],
            let period = Period(rawValue: String(parts[1]))
        else { return nil }
        self.init(count, per: period)
    }

    /// Until one request comes back; rounded down, so that the whole limit fits into its time.
    package var interval: Duration { period.duration / count }

    package var text: String { "\(count)/\(period.rawValue)" }

    package static let form = "[1-9][0-9]{0,6}/(second|minute|hour|day)"
}

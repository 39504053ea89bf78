import HTTPTypes
import JSON

/// So many requests in a time, as settings and keys spell it: `120/minute`.
struct RateLimit: Sendable, Equatable {
    let count: Int
    let period: Period

    enum Period: String, Sendable, CaseIterable {
        case second, minute, hour, day

        var duration: Duration {
            switch self {
            case .second: .seconds(1)
            case .minute: .seconds(60)
            case .hour: .seconds(3600)
            case .day: .seconds(86_400)
            }
        }
    }

    init(_ count: Int, per period: Period) {
        self.count = count
        self.period = period
    }

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int(parts[0]), (1...1_000_000).contains(count), String(count) == parts[0],
            let period = Period(rawValue: String(parts[1]))
        else { return nil }
        self.init(count, per: period)
    }

    /// Until one request comes back; rounded down, so that the whole limit fits into its time.
    var interval: Duration { period.duration / count }

    var text: String { "\(count)/\(period.rawValue)" }

    static let form = "[1-9][0-9]{0,6}/(second|minute|hour|day)"
}

/// What is left of a limit after a request, as the `RateLimit-*` headers show it.
struct Allowance: Sendable, Equatable {
    let isAllowed: Bool
    let limit: Int
    let remaining: Int
    /// Until the whole limit is there again.
    let resetSeconds: Int
    /// Until one more request is allowed; 0 where one is.
    let retrySeconds: Int

    /// Of a bucket that is full again after `full`, and from which one more can be taken after `next`.
    init(_ isAllowed: Bool, _ limit: RateLimit, full: Duration, next: Duration) {
        self.isAllowed = isAllowed
        self.limit = limit.count
        remaining = max(0, limit.count - Int(Self.divide(full, limit.interval)))
        resetSeconds = Int(Self.divide(full, .seconds(1)))
        retrySeconds = Int(Self.divide(next, .seconds(1)))
    }

    /// Rounded up, exactly.
    private static func divide(_ duration: Duration, _ unit: Duration) -> Int128 {
        (duration.attoseconds + unit.attoseconds - 1) / unit.attoseconds
    }

    /// Whether this one leaves its caller less than the other does.
    func isTighter(than other: Allowance) -> Bool {
        isAllowed == other.isAllowed ? remaining < other.remaining : !isAllowed
    }

    func set(in headers: inout HTTPFields) {
        headers[HTTPField.Name("RateLimit-Limit")!] = String(limit)
        headers[HTTPField.Name("RateLimit-Remaining")!] = String(remaining)
        headers[HTTPField.Name("RateLimit-Reset")!] = String(resetSeconds)
    }
}

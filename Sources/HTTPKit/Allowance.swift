package import HTTPTypes
import Synchronization

/// What is left of a limit after a request, as the `RateLimit-*` headers show it.
package struct Allowance: Sendable, Equatable {
    package let isAllowed: Bool
    package let limit: Int
    package let remaining: Int
    /// Until the whole limit is there again.
    package let resetSeconds: Int
    /// Seconds until one more request is allowed; 0 if one is allowed now.
    package let retrySeconds: Int

    /// The state of a bucket that is full again after `full` and allows one more request after `next`.
    package init(_ isAllowed: Bool, _ limit: RateLimit, full: Duration, next: Duration) {
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
    package func isTighter(than other: Allowance) -> Bool {
        isAllowed == other.isAllowed ? remaining < other.remaining : !isAllowed
    }

    package func set(in headers: inout HTTPFields) {
        headers[HTTPField.Name("RateLimit-Limit")!] = String(limit)
        headers[HTTPField.Name("RateLimit-Remaining")!] = String(remaining)
        headers[HTTPField.Name("RateLimit-Reset")!] = String(resetSeconds)
    }
}

/// What is left of the limits that a request counts against: the one that leaves least.
package final class MetLimits: Sendable {
    private let state = Mutex<Allowance?>(nil)

    package var tightest: Allowance? { state.withLock { $0 } }

    package func record(_ allowance: Allowance) {
        state.withLock { tightest in
            if tightest.map(allowance.isTighter) ?? true { tightest = allowance }
        }
    }
}

/// What is left of a day's messages after a call, as the `Daily-Messages-*` headers show it.
package struct DailyAllowance: Sendable, Equatable {
    package let limit: Int
    package let remaining: Int
    package let resetSeconds: Int

    package init(limit: Int, remaining: Int, resetSeconds: Int) {
        self.limit = limit
        self.remaining = remaining
        self.resetSeconds = resetSeconds
    }

    /// Set by the one task that handles the request.
    package final class Box: Sendable {
        private let value = Mutex<DailyAllowance?>(nil)

        package var allowance: DailyAllowance? { value.withLock { $0 } }

        package func set(_ allowance: DailyAllowance?) { value.withLock { $0 = allowance } }
    }

    package func set(in headers: inout HTTPFields) {
        headers[HTTPField.Name("Daily-Messages-Limit")!] = String(limit)
        headers[HTTPField.Name("Daily-Messages-Remaining")!] = String(remaining)
        headers[HTTPField.Name("Daily-Messages-Reset")!] = String(resetSeconds)
    }
}

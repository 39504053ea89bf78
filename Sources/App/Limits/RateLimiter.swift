import Synchronization

/// Token buckets of this process: each is as deep as its limit and fills evenly, so a burst up to the limit passes and
/// the rate holds after it.
final class RateLimiter: Sendable {
    private struct Bucket {
        /// When it is full again, if nothing more is taken.
        var fullAt: ContinuousClock.Instant
    }

    /// Buckets kept at most; full ones are the same as none.
    private static let capacity = 100_000

    private let buckets = Mutex<[String: Bucket]>([:])

    var count: Int { buckets.withLock { $0.count } }

    /// Takes one request from the bucket of `key`.
    func take(_ key: String, _ limit: RateLimit, now: ContinuousClock.Instant = .now) -> Allowance {
        let depth = limit.period.duration
        // Rounded down, so that the whole limit fits into the bucket.
        let interval = depth / limit.count
        return buckets.withLock { buckets in
            let fullAt = max(buckets[key]?.fullAt ?? now, now)
            let after = fullAt + interval
            guard after <= now + depth else {
                return Self.allowance(false, limit, fullAt: fullAt, after - depth, now, interval)
            }
            if buckets.count >= Self.capacity { Self.dropFull(&buckets, now) }
            buckets[key] = Bucket(fullAt: after)
            return Self.allowance(true, limit, fullAt: after, now, now, interval)
        }
    }

    private static func allowance(
        _ isAllowed: Bool, _ limit: RateLimit, fullAt: ContinuousClock.Instant, _ nextAt: ContinuousClock.Instant,
        _ now: ContinuousClock.Instant, _ interval: Duration
    ) -> Allowance {
        let used = Int(divide(fullAt - now, interval))
        return Allowance(
            isAllowed: isAllowed, limit: limit.count, remaining: max(0, limit.count - used),
            resetSeconds: seconds(fullAt - now), retrySeconds: seconds(nextAt - now))
    }

    private static func seconds(_ duration: Duration) -> Int { Int(divide(duration, .seconds(1))) }

    /// Rounded up, exactly.
    private static func divide(_ duration: Duration, _ unit: Duration) -> Int128 {
        (duration.attoseconds + unit.attoseconds - 1) / unit.attoseconds
    }

    /// An attacker with many addresses must not fill the memory: if hardly any bucket is full, all begin anew.
    private static func dropFull(_ buckets: inout [String: Bucket], _ now: ContinuousClock.Instant) {
        buckets = buckets.filter { $0.value.fullAt > now }
        if buckets.count > capacity * 3 / 4 { buckets.removeAll(keepingCapacity: true) }
    }
}

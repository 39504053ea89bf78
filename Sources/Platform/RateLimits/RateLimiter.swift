package import HTTPKit
import Synchronization

/// Token buckets of this process: each is as deep as its limit and fills evenly, so a burst up to the limit passes and
/// the rate holds after it.
package final class RateLimiter: Sendable {
    private struct Bucket {
        /// When it is full again, if nothing more is taken.
        var fullAt: ContinuousClock.Instant
    }

    /// Buckets kept at most; full ones are the same as none.
    private static let capacity = 100_000

    private let buckets = Mutex<[String: Bucket]>([:])

    package var count: Int { buckets.withLock { $0.count } }

    /// Takes a request from the bucket of `key`, or, with none to take, tells whether there is one.
    package func take(
        _ key: String, _ limit: RateLimit, cost: Int = 1, now: ContinuousClock.Instant = .now
    ) -> Allowance {
        buckets.withLock { buckets in
            let fullAt = max(buckets[key]?.fullAt ?? now, now)
            let next = fullAt + limit.interval - limit.period.duration
            guard next <= now else { return Allowance(false, limit, full: fullAt - now, next: next - now) }
            guard cost > 0 else { return Allowance(true, limit, full: fullAt - now, next: .zero) }
            if buckets.count >= Self.capacity { Self.dropFull(&buckets, now) }
            let after = fullAt + limit.interval * cost
            buckets[key] = Bucket(fullAt: after)
            return Allowance(true, limit, full: after - now, next: .zero)
        }
    }

    /// Fills the bucket.
    package func reset(_ key: String) { buckets.withLock { $0[key] = nil } }

    /// An attacker with many addresses must not fill the memory: if hardly any bucket is full, all begin anew.
    private static func dropFull(_ buckets: inout [String: Bucket], _ now: ContinuousClock.Instant) {
        buckets = buckets.filter { $0.value.fullAt > now }
        if buckets.count > capacity * 3 / 4 { buckets.removeAll(keepingCapacity: true) }
    }
}

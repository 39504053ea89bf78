package import HTTPKit
package import Logging
package import Redis
import Synchronization

/// All rate limits. If instances share them, the buckets are in Redis. While Redis is unavailable or slow, each
/// instance counts for itself, with the same limits.
package final class SharedRateLimiter: Sendable {
    private let own: [RateSubject: RateLimiter]
    private let redis: RedisLinks?
    private let secrets: Secrets
    private let refused = Mutex<[RateSubject: Int]>([:])

    /// - Parameter patience: how long to wait for Redis before this instance counts for itself.
    package init(
        secrets: Secrets, redis: RedisServer? = nil, patience: Duration = .milliseconds(25), logger: Logger
    ) {
        self.secrets = secrets
        own = Dictionary(uniqueKeysWithValues: RateSubject.allCases.map { ($0, RateLimiter()) })
        self.redis = redis.map {
            RedisLinks(
                $0, RateScript.script, patience: patience,
                whileAway: "each instance counts limits for itself until it answers", logger: logger)
        }
    }

    /// Takes a request from the bucket of `name`, or, with a `cost` of 0, tells whether there is one.
    package func take(_ subject: RateSubject, _ name: String, _ limit: RateLimit, cost: Int = 1) async -> Allowance {
        var allowance: Allowance?
        if let redis {
            allowance = await redis.run(RateScript.take(key(subject, name), limit, cost: cost)).flatMap {
                RateScript.allowance($0, limit)
            }
        }
        let answer = allowance ?? own[subject]!.take(name, limit, cost: cost)
        if !answer.isAllowed { refused.withLock { $0[subject, default: 0] += 1 } }
        return answer
    }

    /// Refills a bucket, both on this instance and in Redis.
    package func reset(_ subject: RateSubject, _ name: String) async {
        own[subject]!.reset(name)
        if let redis { _ = await redis.run(RateScript.reset(key(subject, name))) }
    }

    /// Requests refused since the start.
    package var refusals: [RateSubject: Int] { refused.withLock { $0 } }
    /// How often the connection to Redis was lost, and whether it is up; nil if Redis is not used.
    package var redisState: (outages: Int, isUp: Bool)? { redis?.state }

    package func close() { redis?.close() }

    /// The key of a bucket: a keyed hash, so that a reader of Redis learns neither names nor addresses.
    private func key(_ subject: RateSubject, _ name: String) -> String {
        "mynah:limit:" + Base64URL.encode(Array(secrets.fingerprint(Array("\(subject.rawValue) \(name)".utf8))[..<16]))
    }
}

/// The token bucket of `RateLimiter` as a script, which Redis runs as one step, by its own clock.
package enum RateScript {
    package static let script = RedisScript(text, probe: (["mynah:limit:probe"], ["1000", "1000", "1"]))

    /// Instants are in microseconds, which a Lua number holds exactly. Answers 1 or 0, the time until the bucket is full,
    /// and the time until one more can be taken.
    private static let text = """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local interval, depth, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
        local next = full + interval - depth
        if next > now then return {0, full - now, next - now} end
        if cost > 0 then
            full = full + interval * cost
            redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1)
        end
        return {1, full - now, 0}
        """

    package static func take(_ key: String, _ limit: RateLimit, cost: Int) -> RedisCommand {
        let interval = max(1, Int(limit.interval / .microseconds(1)))
        return .script([key], [String(interval), String(interval * limit.count), String(cost)])
    }

    package static func reset(_ key: String) -> RedisCommand { .plain(["DEL", key]) }

    package static func allowance(_ reply: RedisReply, _ limit: RateLimit) -> Allowance? {
        guard case .integers(let numbers) = reply, numbers.count == 3 else { return nil }
        return Allowance(
            numbers[0] == 1, limit, full: .microseconds(max(0, numbers[1])), next: .microseconds(max(0, numbers[2])))
    }
}

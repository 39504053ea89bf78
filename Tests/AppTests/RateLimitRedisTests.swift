import Foundation
import Logging
import Redis
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// Limits that instances share, against a real Redis.
@Suite struct RateLimitRedisTests {
    private static let secrets = try! Secrets(
        encryptionKeys: ["w4cT0VYJx4CkYxZyTTxDQvMTZT4vT2hZsbP4tVfpX0M="],
        secretKey: "only-these-tests-know-it-but-it-has-0123456789-signs")

    /// So many instances on one Redis that runs; everything is gone when the test ends.
    private static func run(
        instances: Int = 1, password: String? = nil,
        _ test: ([SharedRateLimiter], RedisProcess, RecordedLog) async throws -> Void
    ) async throws {
        let (redis, log) = (RedisProcess(password: password), RecordedLog())
        defer { redis.stop() }
        try redis.start()
        let limiters = try (0..<instances).map { _ in
            SharedRateLimiter(
                // A busy machine must not look like a Redis that is away.
                secrets: secrets, redis: try redis.server, patience: .seconds(10),
                logger: Logger(label: "test") { _ in log.handler })
        }
        defer { for limiter in limiters { limiter.close() } }
        for limiter in limiters { try await wait { limiter.redisState?.isUp == true } }
        try await test(limiters, redis, log)
    }

    private static func wait(_ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while !condition() {
            try #require(ContinuousClock.now < deadline, "what the test waits for does not happen")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test("Instances share a bucket: of many requests at once, no more pass than the limit in all")
    func shared() async throws {
        try await Self.run(instances: 2) { limiters, _, _ in
            let limit = RateLimit(50, per: .day)
            let passed = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<400 {
                    group.addTask { await limiters[number % 2].take(.account, "a", limit).isAllowed }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(passed == 50)
            let refused = await limiters[0].take(.account, "a", limit)
            #expect(!refused.isAllowed && refused.limit == 50 && refused.remaining == 0)
            #expect((1...1728).contains(refused.retrySeconds) && (84_000...86_400).contains(refused.resetSeconds))
            #expect(await limiters[1].take(.account, "b", limit).remaining == 49)
            #expect(await limiters[0].take(.account, "b", limit).remaining == 48)
            #expect(await limiters[0].take(.key, "b", limit).remaining == 49, "kinds are apart")
            #expect(await limiters[1].take(.key, "b", limit, cost: 0).remaining == 49, "looking takes nothing")
            await limiters[1].reset(.account, "a")
            #expect(await limiters[0].take(.account, "a", limit).remaining == 49)
            #expect(limiters[0].refusals[.account, default: 0] + limiters[1].refusals[.account, default: 0] == 351)
        }
    }

    @Test("A bucket in Redis says what one in memory says, for any limit", arguments: RateLimit.Period.allCases)
    func same(period: RateLimit.Period) async throws {
        try await Self.run { limiters, _, _ in
            for count in [1, 2, 3, 7, 10, 59, 120] {
                let (limit, own, start) = (RateLimit(count, per: period), RateLimiter(), ContinuousClock.now)
                for number in 0...count {
                    let there = await limiters[0].take(.key, "\(count)", limit)
                    // If a request became available again between the two calls, they may differ.
                    guard ContinuousClock.now - start < limit.interval else { break }
                    let here = own.take("", limit, now: start)
                    #expect(there.isAllowed == here.isAllowed && there.isAllowed == (number < count), "\(limit.text)")
                    #expect(there.remaining == here.remaining, "\(limit.text) after \(number)")
                    let passed = Int((ContinuousClock.now - start).components.seconds) + 1
                    #expect(abs(there.resetSeconds - here.resetSeconds) <= passed)
                    #expect(abs(there.retrySeconds - here.retrySeconds) <= passed)
                }
            }
        }
    }

    @Test("Redis holds no name, and nothing for longer than it matters")
    func contents() async throws {
        try await Self.run { limiters, redis, _ in
            for _ in 0..<3 { _ = await limiters[0].take(.address, "203.0.113.9", RateLimit(5, per: .minute)) }
            let connection = try RedisConnection(redis.server, RateScript.script)
            let dump = try connection.run([.plain(["EVAL", Self.everything, "0"])], within: .seconds(5))
            guard case .text(let text) = dump[0] else { Issue.record("\(dump)"); return }
            let entries = text.split(separator: "\n").filter { !$0.contains("probe") }
            #expect(entries.count == 1 && !text.contains("203.0.113"), "\(text)")
            let left = entries.first?.split(separator: " ").last.flatMap { Int($0) } ?? -1
            #expect((1...36_001).contains(left), "three of five a minute are back after 36 seconds: \(left)")
        }
    }

    /// Each key with the milliseconds that it has left.
    private static let everything = """
        local lines = {}
        for _, key in ipairs(redis.call('KEYS', '*')) do
            table.insert(lines, key .. ' ' .. redis.call('PTTL', key))
        end
        return table.concat(lines, '\\n')
        """

    @Test(
        "While Redis is gone, each instance counts for itself; when it is back, they share again",
        .timeLimit(.minutes(2)))
    func outage() async throws {
        try await Self.run(instances: 2) { limiters, redis, log in
            let limit = RateLimit(10, per: .day)
            for limiter in limiters { #expect(await limiter.take(.key, "a", limit).isAllowed) }
            redis.stop()
            for limiter in limiters {
                // The first requests find out; none of them fails.
                for _ in 0..<4 { #expect(await limiter.take(.key, "a", limit).isAllowed) }
                try await Self.wait { limiter.redisState?.isUp == false }
                for _ in 0..<40 { _ = await limiter.take(.key, "b", limit) }
                #expect(limiter.refusals[.key] == 30, "the limit holds, in each instance")
            }
            try redis.start()
            for limiter in limiters { try await Self.wait { limiter.redisState?.isUp == true } }
            #expect(await limiters[0].take(.key, "b", limit).remaining == 9)
            #expect(await limiters[1].take(.key, "b", limit).remaining == 8)
            for limiter in limiters { #expect(limiter.redisState?.outages == 1) }
            #expect(
                log.lines.count { $0.hasPrefix("warning") && $0.contains("Redis is away") } == 2, "once per instance")
            #expect(log.lines.count { $0.contains("Redis answers again") } == 2)
        }
    }

    @Test("A Redis that hangs holds nobody up, and is used again when it goes on", .timeLimit(.minutes(2)))
    func frozen() async throws {
        try await Self.run { limiters, redis, _ in
            let (limiter, limit) = (limiters[0], RateLimit(1000, per: .day))
            redis.freeze()
            let answers = await withTaskGroup(of: Allowance.self) { group in
                for _ in 0..<200 { group.addTask { await limiter.take(.key, "a", limit) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count == 200 && answers.allSatisfy(\.isAllowed))
            try await Self.wait { limiter.redisState?.isUp == false }
            redis.thaw()
            try await Self.wait { limiter.redisState?.isUp == true }
            #expect(await limiter.take(.key, "fresh", limit).remaining == 999)
        }
    }

    @Test("A password is sent, and a wrong one or one that is missing leaves each instance alone, untold in the log")
    func password() async throws {
        try await Self.run(password: "canary-redis-password") { limiters, redis, log in
            #expect(await limiters[0].take(.key, "a", RateLimit(2, per: .day)).remaining == 1)
            for wrong in ["", ":canary-wrong@"] {
                let server = try RedisServer("redis://\(wrong)127.0.0.1:\(redis.port)")
                let refused = SharedRateLimiter(
                    secrets: Self.secrets, redis: server, logger: Logger(label: "test") { _ in log.handler })
                defer { refused.close() }
                try await Self.wait { refused.redisState?.outages == 1 }
                #expect(await refused.take(.key, "a", RateLimit(2, per: .day)).remaining == 1)
            }
            #expect(!log.lines.contains { $0.contains("canary") })
        }
    }

    @Test(
        "REDIS_URL",
        arguments: [
            ("redis://10.0.0.1", "10.0.0.1:6379 0 []"), ("redis://cache:6380/2", "cache:6380 2 [[\"SELECT\", \"2\"]]"),
            ("redis://:p%40ss@cache/0", "cache:6379 0 [[\"AUTH\", \"p@ss\"]]"),
            ("redis://me:pw@cache", "cache:6379 0 [[\"AUTH\", \"me\", \"pw\"]]"),
            ("redis://[fd00::1]:7000", "fd00::1:7000 0 []"), ("rediss://cache", "needsTLS"),
            ("http://cache", "malformed"), ("cache:6379", "malformed"), ("redis://", "malformed"),
            ("redis://cache/x", "malformed"), ("redis://cache/-1", "malformed"), ("redis://cache?x=1", "malformed"),
            ("redis://cache:0", "malformed"), ("redis://cache:99999", "malformed"), ("", "malformed"),
        ])
    func address(text: String, expected: String) {
        do throws(RedisServer.Problem) {
            let server = try RedisServer(text)
            #expect("\(server.location) \(server.database) \(server.greeting)" == expected)
        } catch {
            #expect("\(error)" == expected)
        }
    }
}

import HTTPTypes
import JSON
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

@Suite struct RateLimitTests {
    private static let start = ContinuousClock.now

    @Test(
        "A limit is a number and a time",
        arguments: [
            ("1/second", RateLimit(1, per: .second)), ("60/minute", RateLimit(60, per: .minute)),
            ("5000/hour", RateLimit(5000, per: .hour)), ("1000000/day", RateLimit(1_000_000, per: .day)),
            ("0/minute", nil), ("-1/minute", nil), ("+1/minute", nil), ("01/minute", nil), ("1000001/day", nil),
            ("99999999999999999999/day", nil), ("1/week", nil), ("1/Minute", nil), ("1", nil), ("/minute", nil),
            ("1/minute/", nil), (" 1/minute", nil), ("1.5/minute", nil), ("১/minute", nil), ("", nil),
        ] as [(String, RateLimit?)])
    func parsed(text: String, expected: RateLimit?) {
        #expect(RateLimit(text) == expected)
        if let expected {
            #expect(expected.text == text)
            #expect(text.wholeMatch(of: try! Regex(RateLimit.form)) != nil)
        }
    }

    @Test("A burst of the whole limit passes, and not one more", arguments: RateLimit.Period.allCases)
    func burst(period: RateLimit.Period) {
        var random = RandomJSON(seed: 11)
        for count in Array(1...130) + (0..<30).map({ _ in 1 + random.below(5000) }) {
            let (limiter, limit) = (RateLimiter(), RateLimit(count, per: period))
            for number in 1...count {
                let allowance = limiter.take("k", limit, now: Self.start)
                guard allowance.isAllowed, allowance.remaining == count - number, allowance.limit == count else {
                    Issue.record("request \(number) of \(limit.text): \(allowance)")
                    break
                }
            }
            let refused = limiter.take("k", limit, now: Self.start)
            #expect(!refused.isAllowed && refused.remaining == 0, "\(limit.text)")
            #expect(refused.resetSeconds == period.duration.components.seconds, "\(limit.text)")
            #expect(refused.retrySeconds >= 1)
        }
    }

    @Test("Whoever waits as long as Retry-After says is let in, and no sooner than the rate allows")
    func refill() {
        var random = RandomJSON(seed: 12)
        for _ in 0..<300 {
            let limit = RateLimit(1 + random.below(500), per: random.pick(RateLimit.Period.allCases))
            let limiter = RateLimiter()
            var now = Self.start
            while limiter.take("k", limit, now: now).isAllowed {}
            let refused = limiter.take("k", limit, now: now)
            // One comes back with each interval: half of one is not enough.
            let interval = limit.period.duration / limit.count
            #expect(!limiter.take("k", limit, now: now + interval / 2).isAllowed, "\(limit.text)")
            now += .seconds(refused.retrySeconds)
            #expect(limiter.take("k", limit, now: now).isAllowed, "\(limit.text) after \(refused.retrySeconds) s")
        }
    }

    @Test("Over any time, no more pass than the limit and what has come back in it")
    func bound() {
        var random = RandomJSON(seed: 13)
        for _ in 0..<200 {
            let limit = RateLimit(1 + random.below(50), per: random.pick(RateLimit.Period.allCases))
            let limiter = RateLimiter()
            var now = Self.start
            var passed: [ContinuousClock.Instant] = []
            for _ in 0..<400 {
                now += limit.period.duration * random.below(1000) / (400 * limit.count)
                let allowance = limiter.take("k", limit, now: now)
                #expect((0...limit.count).contains(allowance.remaining))
                #expect(allowance.isAllowed == (allowance.retrySeconds == 0))
                if allowance.isAllowed { passed.append(now) }
            }
            for (index, first) in passed.enumerated().filter({ $0.offset.isMultiple(of: 7) }) {
                for (other, last) in passed.enumerated().dropFirst(index) {
                    let back = (last - first) / (limit.period.duration / limit.count)
                    #expect(Double(other - index + 1) <= Double(limit.count) + back + 1e-6, "\(limit.text)")
                }
            }
        }
    }

    @Test("Every key has a bucket of its own, and time that runs backwards opens none")
    func separate() {
        let (limiter, limit) = (RateLimiter(), RateLimit(2, per: .minute))
        for key in ["a", "b", "", "🦜"] {
            #expect(limiter.take(key, limit, now: Self.start).isAllowed)
            #expect(limiter.take(key, limit, now: Self.start).isAllowed)
            #expect(!limiter.take(key, limit, now: Self.start).isAllowed)
            #expect(!limiter.take(key, limit, now: Self.start - .seconds(30)).isAllowed)
        }
        #expect(limiter.take("a", limit, now: Self.start + .seconds(3600)).remaining == 1, "full again, and no fuller")
    }

    @Test("Many keys do not fill the memory, and full buckets go first")
    func bounded() {
        let limiter = RateLimiter()
        let (day, second) = (RateLimit(2, per: .day), RateLimit(1, per: .second))
        for _ in 0..<2 { #expect(limiter.take("kept", day, now: Self.start).isAllowed) }
        for number in 0..<260_000 {
            _ = limiter.take("\(number)", second, now: Self.start + .milliseconds(number))
            #expect(limiter.count <= 100_000)
        }
        #expect(!limiter.take("kept", day, now: Self.start + .seconds(300)).isAllowed)
        for number in 0..<120_000 { _ = limiter.take("day \(number)", day, now: Self.start + .seconds(300)) }
        #expect(limiter.count <= 100_000)
    }

    @Test("Threads that take at once get no more than there is")
    func threads() async {
        let limiter = RateLimiter()
        let limit = RateLimit(500, per: .day)
        let passed = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { @concurrent in
                    (0..<200).count(where: { _ in limiter.take("k", limit, now: Self.start).isAllowed })
                }
            }
            return await group.reduce(0, +)
        }
        #expect(passed == 500)
    }

    @Test("Of 100 requests at once with a key of 10 a day, exactly 10 pass")
    func atOnce() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let key = try await app.ownKey(["rate_limit": "10/day"], as: user)
            let answers = try await withThrowingTaskGroup(of: TestApp.Answer.self) { group in
                for _ in 0..<100 {
                    group.addTask { try await app.call(.get, "/users/me", headers: [.apiKey: key.text]) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let passed = answers.filter { $0.status == 200 }
            #expect(passed.count == 10)
            #expect(Set(passed.compactMap { $0.headers[.remaining] }) == Set((0..<10).map(String.init)))
            for refused in answers where refused.status != 200 {
                #expect(refused.status == 429 && refused.errorCode == "rate_limited", "\(refused.text)")
                #expect(refused["error"]?["type"] == "rate_limit_error")
                #expect(refused.headers[.limit] == "10" && refused.headers[.remaining] == "0")
                #expect((1...8640).contains(Int(refused.headers[.retryAfter] ?? "") ?? 0))
                #expect((77_760...86_400).contains(Int(refused.headers[.reset] ?? "") ?? 0))
            }
        }
    }

    @Test("What is left of a key's limit is in its answers; a key without one, and a session, show the account's")
    func headers() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let (key, free) = (try await app.ownKey(["rate_limit": "3/day"], as: user), try await app.ownKey(as: user))
            for left in ["2", "1", "0"] {
                let answer = try await app.call(.get, "/users/me", headers: [.apiKey: key.text])
                #expect(answer.headers[.limit] == "3" && answer.headers[.remaining] == left)
                #expect(Int(answer.headers[.reset] ?? "") != nil && answer.headers[.retryAfter] == nil)
            }
            #expect(try await app.call(.get, "/users/me", headers: [.apiKey: key.text]).status == 429)
            let unlimited = try await app.call(.get, "/users/me", headers: [.apiKey: free.text])
            let session = try await app.call(.get, "/users/me", as: user)
            for answer in [unlimited, session] {
                #expect(answer.status == 200 && answer.headers[.limit] == "100000", "the account's")
            }
            // A key that may not do something spends nothing on it.
            let reader = try await app.ownKey(["rate_limit": "1/day", "scopes": ["read"]], as: user)
            for _ in 0..<3 {
                let refused = try await app.call(
                    .post, "/chatbots", ["name": "x"], headers: [.apiKey: reader.text])
                #expect(refused.status == 403)
            }
            #expect(try await app.call(.get, "/users/me", headers: [.apiKey: reader.text]).status == 200)
        }
    }

    @Test("A limit is the key's: rotating gives no second one, and another key is another")
    func perKey() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let key = try await app.ownKey(["rate_limit": "2/day"], as: user)
            let other = try await app.ownKey(["rate_limit": "2/day"], as: user)
            let rotated = try await app.rotate("/users/me/api-keys", key.id, as: user)
            #expect(try await app.fate(of: key.text) == nil)
            #expect(try await app.fate(of: rotated) == nil)
            #expect(try await app.fate(of: rotated) == "rate_limited")
            #expect(try await app.fate(of: key.text) == "rate_limited")
            #expect(try await app.fate(of: other.text) == nil)
        }
    }
}

extension HTTPField.Name {
    fileprivate static let limit = HTTPField.Name("RateLimit-Limit")!
    fileprivate static let remaining = HTTPField.Name("RateLimit-Remaining")!
    fileprivate static let reset = HTTPField.Name("RateLimit-Reset")!
}

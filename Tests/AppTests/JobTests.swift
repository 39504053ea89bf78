import Foundation
import HTTPTypes
import JSON
import Logging
import Storage
import Synchronization
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

/// Background jobs: one instance at a time, with retries.
@Suite struct JobTests {
    /// What ran, and whether anything ran twice at once.
    final class Journal: Sendable {
        private struct State {
            var running: Set<String> = []
            var done: [String: Int] = [:]
            var overlaps = 0
        }
        private let state = Mutex(State())

        var done: [String: Int] { state.withLock { $0.done } }
        var overlaps: Int { state.withLock { $0.overlaps } }
        var begun: Int { state.withLock { $0.running.count } }

        func begin(_ id: String) {
            state.withLock { if !$0.running.insert(id).inserted { $0.overlaps += 1 } }
        }

        func end(_ id: String) {
            state.withLock { state in
                state.running.remove(id)
                state.done[id, default: 0] += 1
            }
        }
    }

    struct Unlucky: Error {}

    private static func runner(
        _ app: TestApp, _ job: Job, grace: Duration = .milliseconds(100), lease: Duration = .seconds(60)
    ) -> Task<Void, Never> {
        let runner = JobRunner(app.app.jobQueue, [job], grace: grace, lease: lease, logger: app.app.logger)
        return Task { await runner.run() }
    }

    private static func jobs(_ app: TestApp, _ state: QueuedJob.State? = nil) async throws -> [QueuedJob] {
        try await app.database.read(.system) { tx in
            try JobQueue.list(tx, state: state, after: .newest, limit: 1000)
        }
    }

    /// As if the time for it had come.
    private static func makeDue(_ app: TestApp) async throws {
        try await app.database.write(.system) { tx in
            try tx.run("UPDATE jobs SET run_at = 0 WHERE state = 'queued'")
        }
        app.app.jobQueue.wake()
    }

    @Test("Two instances never run the same job, and each job runs once")
    func twoInstances() async throws {
        try await TestApp.run { app in
            try await app.another { other in
                let journal = Journal()
                let job = Job(kind: "count", atOnce: 4) { run in
                    journal.begin(run.id)
                    await Task.yield()
                    journal.end(run.id)
                }
                for number in 0..<100 { try await app.app.jobQueue.enqueue("count", payload: "\(number)") }
                let runners = [Self.runner(app, job), Self.runner(other, job)]
                try await app.eventually("all is done") { try await Self.jobs(app).isEmpty }
                for runner in runners {
                    runner.cancel()
                    await runner.value
                }
                #expect(journal.done.count == 100 && journal.done.values.allSatisfy { $0 == 1 })
                #expect(journal.overlaps == 0)
            }
        }
    }

    @Test("One of many concurrent claims gets the job")
    func claims() async throws {
        try await TestApp.run { app in
            try await app.another { other in
                for _ in 0..<20 {
                    try await app.app.jobQueue.enqueue("race")
                    let claims = try await withThrowingTaskGroup(of: Claim?.self) { group in
                        for database in [app.database, other.database, app.database, other.database] {
                            group.addTask {
                                try await database.write(.system) { tx in
                                    let now = Timestamp.now
                                    return try JobQueue.claim(
                                        tx, kinds: ["race"], until: now.adding(.seconds(60)), now: now)
                                }
                            }
                        }
                        return try await group.reduce(into: []) { if let claim = $1 { $0.append(claim) } }
                    }
                    #expect(claims.count == 1)
                }
            }
        }
    }

    @Test("A failing job is retried with growing delays, then dead, and an operator can retry it")
    func failures() async throws {
        try await TestApp.run { app in
            let luck = Journal()
            let job = Job(kind: "unlucky", attempts: 3) { _ in
                guard luck.begun > 0 else { throw Unlucky() }
            }
            let runner = Self.runner(app, job)
            try await app.app.jobQueue.enqueue("unlucky", payload: "kept")
            for attempt in 1...2 {
                try await app.eventually("attempt \(attempt) failed") {
                    let job = try await Self.jobs(app).first
                    return job?.attempts == attempt && job?.state == .queued
                }
                let failed = try #require(try await Self.jobs(app).first)
                #expect(failed.runAt > failed.updatedAt && failed.lastError?.contains("Unlucky") == true)
                try await Self.makeDue(app)
            }
            try await app.eventually("it is dead") { try await Self.jobs(app, .dead).count == 1 }
            let admin = try await app.auditor()
            let dead = try await app.call(.get, "/admin/jobs?state=dead", as: admin)
            #expect(dead["data"]?[0]?["kind"] == "unlucky" && dead["data"]?[0]?["attempts"] == 3)
            #expect(!dead.text.contains("kept"))
            #expect(try await app.call(.get, "/admin/jobs?state=running", as: admin)["data"] == [])
            let id = try #require(dead["data"]?[0]?["id"]?.string)

            luck.begin("now")
            let retried = try await app.call(.post, "/admin/jobs/\(id)/retry", as: admin)
            #expect(retried.status == 200 && retried["attempts"] == 0, "\(retried.text)")
            #expect(try await app.entry(of: retried)?.target == "job:\(id)")
            try await app.eventually("it is done") { try await Self.jobs(app).isEmpty }
            #expect(try await app.call(.post, "/admin/jobs/\(id)/retry", as: admin).status == 404)
            try await app.app.jobQueue.enqueue("unlucky", at: .now.adding(.seconds(60)))
            let queued = try #require(try await Self.jobs(app).first)
            #expect(try await app.call(.post, "/admin/jobs/\(queued.id)/retry", as: admin).status == 409)
            runner.cancel()
            await runner.value
        }
    }

    @Test("Waits double up to an hour, and no two are alike")
    func backoff() {
        let job = Job(kind: "x") { _ in }
        for (attempt, most) in [(1, 5), (2, 10), (5, 80), (11, 3600), (1000, 3600)] {
            let waits = (0..<50).map { _ in job.backoff(attempt: attempt) }
            #expect(waits.allSatisfy { $0 <= .seconds(most) && $0 >= .seconds(most) / 2 })
            #expect(Set(waits).count > 1)
        }
        #expect(Job(kind: "x", interval: .seconds(30)) { _ in }.backoff(attempt: 1000) <= .seconds(30))
    }

    @Test("Another instance takes over a dead instance's job; a job that kills every instance is dead")
    func crash() async throws {
        try await TestApp.run { app in
            let queue = app.app.jobQueue
            try await queue.enqueue("crash")
            /// As an instance that then dies.
            func claim(_ now: Timestamp) async throws -> Claim? {
                try await app.database.write(.system) { tx in
                    try JobQueue.claim(tx, kinds: ["crash"], until: now.adding(.seconds(60)), now: now)
                }
            }
            let first = try #require(try await claim(.now))
            #expect(try await claim(.now) == nil)
            #expect(try await claim(.now.adding(.seconds(59))) == nil)
            let second = try #require(try await claim(.now.adding(.seconds(61))))
            #expect(second.run.id == first.run.id && second.run.attempt == 2)
            // The first one was not dead, only slow: it has nothing to say any more.
            let isFirstThere = try await app.database.write(.system) { tx in
                try JobQueue.end(tx, first, .done, now: .now)
                return try JobQueue.renew(tx, first, until: .now.adding(.seconds(600)))
            }
            #expect(!isFirstThere)
            #expect(try await Self.jobs(app).first?.state == .running)
            try await app.database.write(.system) { tx in try tx.run("UPDATE jobs SET leased_until = 0, attempts = 8") }
            let journal = Journal()
            let runner = Self.runner(app, Job(kind: "crash") { journal.end($0.id) })
            try await app.eventually("it is dead") { try await Self.jobs(app, .dead).count == 1 }
            #expect(journal.done.isEmpty)
            runner.cancel()
            await runner.value
        }
    }

    @Test("A lease is renewed while the job runs, and a job that lost its lease is cancelled")
    func leases() async throws {
        try await TestApp.run { app in
            let journal = Journal()
            let job = Job(kind: "slow") { run in
                journal.begin(run.id)
                defer { journal.end(run.id) }
                try await Task.sleep(for: .seconds(600))
            }
            try await app.app.jobQueue.enqueue("slow")
            let runner = Self.runner(app, job, lease: .milliseconds(300))
            try await app.eventually("it runs") { journal.begun == 1 }
            let begun = try #require(try await Self.jobs(app).first?.leasedUntil)
            try await app.eventually("the lease is renewed") {
                try #require(try await Self.jobs(app).first?.leasedUntil) > begun.adding(.milliseconds(300))
            }
            #expect(journal.done.isEmpty)
            try await app.database.write(.system) { tx in
                try tx.run(
                    "UPDATE jobs SET leased_by = 'another', leased_until = ?", [Timestamp.now.adding(.seconds(60))])
            }
            try await app.eventually("it was broken off") { journal.done.count == 1 }
            #expect(try await Self.jobs(app).first?.state == .running)
            runner.cancel()
            await runner.value
        }
    }

    @Test("What takes too long is broken off and fails")
    func timeLimit() async throws {
        try await TestApp.run { app in
            let job = Job(kind: "endless", timeLimit: .milliseconds(50)) { _ in try await Task.sleep(for: .seconds(600))
            }
            try await app.app.jobQueue.enqueue("endless")
            let runner = Self.runner(app, job)
            try await app.eventually("it failed") {
                try await Self.jobs(app).first?.lastError?.contains("longer") == true
            }
            runner.cancel()
            await runner.value
        }
    }

    @Test("A recurring job is queued once for all instances and again after each end, also after failures")
    func recurring() async throws {
        try await TestApp.run { app in
            let journal = Journal()
            let job = Job(kind: "tick", interval: .seconds(3600), attempts: 1) { run in
                journal.end("\(journal.done.count)")
                if journal.done.count > 1 { throw Unlucky() }
            }
            let runners = [Self.runner(app, job), Self.runner(app, job)]
            for number in 1...4 {
                try await app.eventually("it ran \(number) times") {
                    let job = try await Self.jobs(app).first
                    return journal.done.count == number && job?.state == .queued
                }
                let queued = try await Self.jobs(app)
                #expect(queued.count == 1 && queued[0].runAt > .now && queued[0].attempts == max(0, number - 1))
                if number < 4 { try await Self.makeDue(app) }
            }
            for runner in runners {
                runner.cancel()
                await runner.value
            }
            // A clock that was wrong must not put it off for years.
            try await app.database.write(.system) { tx in try tx.run("UPDATE jobs SET run_at = ?", [Int64.max / 2]) }
            let runner = Self.runner(app, job)
            try await app.eventually("it ran again") { journal.done.count == 5 }
            runner.cancel()
            await runner.value
        }
    }

    @Test("At shutdown running jobs may finish within the grace period; others return to the queue uncounted")
    func shutdown() async throws {
        try await TestApp.run { app in
            let journal = Journal()
            let job = Job(kind: "long") { run in
                journal.begin(run.id)
                try await Task.sleep(for: .seconds(600))
            }
            try await app.app.jobQueue.enqueue("long")
            let runner = Self.runner(app, job, grace: .seconds(600))
            try await app.eventually("it runs") { journal.begun == 1 }
            runner.cancel()
            await runner.value
            let left = try #require(try await Self.jobs(app).first)
            #expect(left.state == .queued && left.attempts == 0 && left.lastError == nil && left.runAt <= .now)
        }
    }

    @Test("A unique key is queued once, a payload is bounded, and what is queued is begun at once")
    func queueing() async throws {
        try await TestApp.run { app async throws in
            let queue = app.app.jobQueue
            #expect(try await queue.enqueue("mail", uniqueKey: "a"))
            #expect(try await !queue.enqueue("mail", uniqueKey: "a"))
            #expect(try await queue.enqueue("mail"))
            await #expect(throws: APIError.self) {
                try await queue.enqueue("mail", payload: String(repeating: "x", count: JobQueue.maxPayload + 1))
            }
            #expect(try await Self.jobs(app).count == 2)
            let start = ContinuousClock.now
            queue.wake()
            await queue.sleep(for: .seconds(600))
            async let sleep: Void = queue.sleep(for: .seconds(600))
            queue.wake()
            await sleep
            #expect(ContinuousClock.now - start < .seconds(600))
        }
    }

    @Test("A dead job keeps its payload for a day and its row for 30 days; a waiting job keeps its payload")
    func deadLeave() async throws {
        try await TestApp.run { app in
            for kind in ["dead", "waits"] { try await app.app.jobQueue.enqueue(kind, payload: "to whom") }
            try await app.database.write(.system) { tx in
                try tx.run("UPDATE jobs SET state = 'dead' WHERE kind = 'dead'")
            }
            func sweep(_ days: Double) async throws -> [String: Bool] {
                try await app.app.housekeeping.sweep(now: .now.adding(.seconds(86_400 * days)))
                return try await app.database.read(.system) { tx in
                    Dictionary(
                        try tx.rows("SELECT kind, payload FROM jobs") {
                            (try $0.string("kind"), try $0.stringIfPresent("payload") != nil)
                        }, uniquingKeysWith: { $1 })
                }
            }
            #expect(try await sweep(0.9) == ["dead": true, "waits": true])
            #expect(try await sweep(1.1) == ["dead": false, "waits": true])
            #expect(try await sweep(29) == ["dead": false, "waits": true])
            #expect(try await sweep(31) == ["waits": true])
            let mail = try #require(app.app.jobs.first { $0.kind == Mailer.kind })
            await #expect(throws: Job.Hopeless.self) {
                try await mail.body(Job.Run(id: "x", payload: nil, attempt: 1))
            }
        }
    }

    @Test("Deletions of many rows take a transaction for each few")
    func batches() async throws {
        try await TestApp.run { app in
            try await app.database.write(.system) { tx in
                for number in 0..<1203 {
                    try tx.run(
                        """
                        INSERT INTO idempotency_keys (principal, key, fingerprint, created_at)
                        VALUES ('user:x', ?, ?, ?)
                        """,
                        ["\(number)", [UInt8(1)], Int64(number < 1201 ? 1 : 100)])
                }
            }
            let journal = Journal()
            try await app.database.inBatches { tx, limit in
                let count = try Idempotency.purge(tx, before: Timestamp(milliseconds: 50), limit: limit)
                journal.end("\(count)")
                return count
            }
            #expect(journal.done == ["500": 2, "201": 1])
            #expect(try await app.count("idempotency_keys") == 2)
        }
    }

    @Test("Every job of the table is of a kind of its own, and all that recur run without failing")
    func table() async throws {
        try await TestApp.run { app in
            let jobs = app.app.jobs
            #expect(Set(jobs.map(\.kind)).count == jobs.count)
            for job in jobs where job.interval != nil {
                try await job.body(Job.Run(id: "x", payload: nil, attempt: 1))
            }
        }
    }

    @Test("A process that comes near its bounds says so once, and once when it is well again")
    func watch() {
        let log = RecordedLog()
        let box = Box(reading: .init(memory: 1 << 20, disk: 1 << 30))
        let watch = ProcessWatch(
            memoryWarning: 10, diskWarning: 100, logger: Logger(label: "test") { _ in log.handler }
        ) { box.value }
        func see(_ memory: Int?, _ disk: Int?) -> [String] {
            box.value = .init(memory: memory.map { $0 << 20 }, disk: disk.map { $0 << 20 })
            let before = log.lines.count
            watch.look()
            return Array(log.lines.dropFirst(before))
        }
        #expect(see(9, 100) == [])
        #expect(see(10, 100).map { $0.hasPrefix("warning much memory") } == [true])
        #expect(see(11, 99).map { $0.hasPrefix("warning little disk") } == [true])
        #expect(see(11, 99) == [] && see(nil, nil) == [])
        #expect(see(5, 500).count == 2)
        #expect(watch.last == .init(memory: 5 << 20, disk: 500 << 20))
    }

    final class Box: Sendable {
        private let reading: Mutex<ProcessWatch.Reading>
        init(reading: ProcessWatch.Reading) { self.reading = Mutex(reading) }
        var value: ProcessWatch.Reading {
            get { reading.withLock { $0 } }
            set { reading.withLock { $0 = newValue } }
        }
    }
}

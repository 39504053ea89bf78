import HTTPKit
package import Logging
import ServiceLifecycle
package import Spans
import Storage
import Synchronization

/// Does the work that is due: what it takes is its own for the time of a lease, which it renews until the work is done.
/// If its process dies, the lease runs out and another instance takes the work up.
package final class JobRunner: Service {
    private static let poll = Duration.seconds(1)

    private let queue: JobQueue
    private let jobs: [String: Job]
    private let lease: Duration
    /// For work that runs when the server is told to stop.
    private let grace: Duration
    /// Nil if nothing is traced.
    private let spans: SpanRecorder?
    private let logger: Logger
    private struct Running {
        let kind: String
        let task: Task<Void, Never>
    }
    private let running = Mutex<[String: Running]>([:])

    private struct LeaseLost: Error {}
    private struct TooSlow: Error, CustomStringConvertible {
        let description: String
    }

    package init(
        _ queue: JobQueue, _ jobs: [Job], grace: Duration, lease: Duration = .seconds(60), spans: SpanRecorder? = nil,
        logger: Logger
    ) {
        self.spans = spans
        self.queue = queue
        self.jobs = Dictionary(jobs.map { ($0.kind, $0) }) { first, _ in
            preconditionFailure("two jobs are of the kind \(first.kind)")
        }
        self.grace = grace
        self.lease = lease
        self.logger = logger
    }

    package func run() async {
        await cancelWhenGracefulShutdown { await self.takeWork() }
        await finish()
    }

    private func takeWork() async {
        var isPrepared = false
        while !Task.isCancelled {
            do {
                if !isPrepared { try await prepare() }
                isPrepared = true
                try await beginWhatIsDue()
            } catch {
                logger.warning("jobs not taken", metadata: ["cause": .string(String(describing: error))])
            }
            await queue.sleep(for: Self.poll)
        }
    }

    private func prepare() async throws {
        let jobs = jobs.values
        try await queue.database.write(.system) { tx in
            for job in jobs.sorted(by: { $0.kind < $1.kind }) {
                guard let interval = job.interval else { continue }
                try JobQueue.insert(tx, recurring: job, every: interval, now: .now)
            }
        }
    }

    private func beginWhatIsDue() async throws {
        while !Task.isCancelled {
            let busy = running.withLock { running in running.values.reduce(into: [:]) { $0[$1.kind, default: 0] += 1 } }
            let kinds = jobs.values.filter { busy[$0.kind, default: 0] < $0.atOnce }.map(\.kind).sorted()
            let now = Timestamp.now
            guard !kinds.isEmpty,
                try await queue.database.read(.system, { tx in try JobQueue.isDue(tx, kinds: kinds, now: now) })
            else { return }
            let (until, instance) = (now.adding(lease), queue.database.name)
            let claim = try await queue.database.write(.system) { tx in
                try JobQueue.claim(tx, kinds: kinds, by: instance, until: until, now: now)
            }
            // Another was quicker: there may be more.
            guard let claim, let job = jobs[claim.kind] else { continue }
            running.withLock { running in
                running[claim.lease] = Running(kind: claim.kind, task: Task { await self.carryOut(claim, job) })
            }
        }
    }

    private func carryOut(_ claim: Claim, _ job: Job) async {
        let ending = await attempt(claim, job)
        if let ending {
            // Runs in a task of its own, so that the result is stored even if this task is cancelled.
            await Task {
                do {
                    try await queue.database.write(.system) { tx in
                        try JobQueue.end(tx, claim, ending, now: .now)
                    }
                } catch {
                    logger.warning(
                        "the end of a job not kept", metadata: metadata(claim, ["cause": "\(error)"]))
                }
            }.value
        }
        running.withLock { $0[claim.lease] = nil }
        queue.wake()
    }

    private func traced(_ kind: String, _ work: () async throws -> Void) async throws {
        let span = spans?.begin("job \(kind)", .internal)
        span?.set(.job, kind)
        defer { span?.end() }
        do {
            try await Span.working(in: span, work)
        } catch {
            span?.fail(error)
            throw error
        }
    }

    /// Runs the job once. Returns nil if the lease was lost.
    private func attempt(_ claim: Claim, _ job: Job) async -> JobQueue.Ending? {
        do {
            // The job was claimed and not finished so often that it may be what kills the process.
            guard job.interval != nil || claim.run.attempt <= job.attempts else {
                throw TooSlow(description: "the process ended while it ran")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.traced(claim.kind) { try await job.body(claim.run) } }
                group.addTask { try await self.keepLease(claim, job) }
                try await group.next()
                group.cancelAll()
            }
            guard let interval = job.interval else { return .done }
            return .again(at: Timestamp.now.adding(interval), attempts: 0, error: nil)
        } catch is LeaseLost {
            logger.warning("a job's lease was lost", metadata: metadata(claim))
            return nil
        } catch  where Task.isCancelled {
            return .again(at: .now, attempts: claim.run.attempt - 1, error: nil)
        } catch {
            let text = String(String(describing: error).prefix(500))
            let isDead = job.interval == nil && (claim.run.attempt >= job.attempts || error is Job.Hopeless)
            logger.warning(isDead ? "job is dead" : "job failed", metadata: metadata(claim, ["cause": .string(text)]))
            guard !isDead else { return .dead(error: text) }
            return .again(
                at: Timestamp.now.adding(job.backoff(attempt: claim.run.attempt)), attempts: claim.run.attempt,
                error: text)
        }
    }

    /// Returns only by throwing: when it is cancelled, when the lease is lost, or when the work has taken too long.
    private func keepLease(_ claim: Claim, _ job: Job) async throws {
        let end = ContinuousClock.now + job.timeLimit
        var leasedUntil = claim.leasedUntil
        while ContinuousClock.now < end {
            try await Task.sleep(for: min(lease / 3, end - .now))
            let until = Timestamp.now.adding(lease)
            do {
                let isKept = try await queue.database.write(.system) { tx in
                    try JobQueue.renew(tx, claim, until: until)
                }
                guard isKept else { throw LeaseLost() }
                leasedUntil = until
            } catch let error as StorageError {
                // A short outage of the database does not end the lease.
                guard leasedUntil > .now else { throw LeaseLost() }
                logger.warning("a job's lease not renewed", metadata: metadata(claim, ["cause": "\(error)"]))
            }
        }
        throw TooSlow(description: "it took longer than \(job.timeLimit)")
    }

    /// Waits for what runs as long as the grace lasts; the rest is given back, for another instance to take.
    private func finish() async {
        let tasks = running.withLock { $0.values.map(\.task) }
        let end = Task {
            try? await Task.sleep(for: grace)
            for task in tasks { task.cancel() }
        }
        await withTaskCancellationHandler {
            for task in tasks { await task.value }
        } onCancel: {
            end.cancel()
        }
        end.cancel()
    }

    private func metadata(_ claim: Claim, _ more: Logger.Metadata = [:]) -> Logger.Metadata {
        more.merging(["job": .string(claim.run.id), "kind": .string(claim.kind)]) { $1 }
    }
}

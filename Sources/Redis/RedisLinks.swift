import Dispatch
import Foundation
package import Logging
import Synchronization

/// A few connections to Redis, each with a thread of its own. A request waits for one no longer than twice
/// `patience`, and not at all while none works.
package final class RedisLinks: Sendable {
    private static let count = 2

    private struct State {
        var working = 0
        var outages = 0
        /// Since the last change that was logged.
        var isOut = false
    }

    private let links: [RedisLink]
    private let next = Atomic<Int>(0)
    private let health: Mutex<State>
    private let logger: Logger
    private let location: String
    private let whileAway: String

    /// What is logged when Redis is lost says what follows from it.
    ///
    /// - Parameter patience: with one exchange; a request that has just missed one waits for it and for its own.
    package init(
        _ server: RedisServer, _ script: RedisScript, patience: Duration, whileAway: String, logger: Logger
    ) {
        self.logger = logger
        location = server.location
        self.whileAway = whileAway
        health = Mutex(State())
        links = (0..<Self.count).map { _ in RedisLink(server, script, patience) }
        for link in links {
            link.start { [weak self] error in self?.changed(error) }
        }
    }

    deinit { close() }

    package var state: (outages: Int, isUp: Bool) { health.withLock { ($0.outages, $0.working > 0) } }

    /// Returns nil if Redis is away, slow or overwhelmed.
    package func run(_ command: RedisCommand) async -> RedisReply? {
        let first = next.wrappingAdd(1, ordering: .relaxed).newValue & Int.max
        return await withCheckedContinuation { answer in
            for offset in 0..<links.count
            where links[(first + offset) % links.count].submit(.init(command: command, answer: answer)) {
                return
            }
            answer.resume(returning: nil)
        }
    }

    package func close() { for link in links { link.close() } }

    /// A link works, or has failed. An outage is logged once, when the last link has failed, and so is its end.
    private func changed(_ error: RedisError?) {
        let message: (Logger.Level, String)? = health.withLock { state in
            guard let error else {
                state.working += 1
                guard state.isOut else { return nil }
                state.isOut = false
                return (.notice, "Redis answers again")
            }
            state.working = max(0, state.working - (error.wasWorking ? 1 : 0))
            guard state.working == 0, !state.isOut else { return nil }
            state.isOut = true
            state.outages += 1
            return (.warning, "Redis is away: \(whileAway)")
        }
        guard let (level, text) = message else { return }
        logger.log(
            level: level, "\(text)", metadata: ["redis": "\(location)", "cause": "\(error?.description ?? "none")"])
    }
}

/// A connection, the thread that uses it, and what waits for it.
private final class RedisLink: Sendable {
    struct Job: Sendable {
        let command: RedisCommand
        let answer: CheckedContinuation<RedisReply?, Never>
    }

    private struct State {
        var jobs: [Job] = []
        var isWorking = false
        var isClosed = false
    }

    private static let mostWaiting = 2000
    private static let mostAtOnce = 256

    private let server: RedisServer
    private let script: RedisScript
    private let patience: Duration
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    init(_ server: RedisServer, _ script: RedisScript, _ patience: Duration) {
        self.patience = patience
        self.server = server
        self.script = script
    }

    /// Returns false if the job is not accepted.
    func submit(_ job: Job) -> Bool {
        let (isTaken, isFirst) = state.withLock { state in
            guard state.isWorking, state.jobs.count < Self.mostWaiting else { return (false, false) }
            state.jobs.append(job)
            return (true, state.jobs.count == 1)
        }
        if isFirst { wake.signal() }
        return isTaken
    }

    func close() {
        state.withLock { $0.isClosed = true }
        wake.signal()
    }

    func start(_ report: @escaping @Sendable (RedisError?) -> Void) {
        RedisThread.start("redis", while: { [self] in !isClosed }, wait: { [self] in pause($0) }) {
            [self] connected throws(RedisError) in
            do throws(RedisError) {
                let connection = try RedisConnection(server, script)
                connected()
                guard open() else { return }
                report(nil)
                try serve(connection)
                _ = drop()
            } catch {
                var error = error
                error.wasWorking = drop()
                report(error)
                throw error
            }
        }
    }

    private var isClosed: Bool { state.withLock(\.isClosed) }

    /// Accepts jobs from now on. Returns false if the link is closed.
    private func open() -> Bool {
        state.withLock { state in
            state.isWorking = !state.isClosed
            return state.isWorking
        }
    }

    /// Ends early if the link is closed. What was signalled for jobs that are gone does not cut it short.
    private func pause(_ seconds: TimeInterval) {
        while wake.wait(timeout: .now()) == .success {}
        if !isClosed { _ = wake.wait(timeout: .now() + seconds) }
    }

    /// Until the link is closed, or fails.
    private func serve(_ connection: RedisConnection) throws(RedisError) {
        while true {
            wake.wait()
            while true {
                let (jobs, isClosed) = state.withLock { state in
                    let jobs = Array(state.jobs.prefix(Self.mostAtOnce))
                    state.jobs.removeFirst(jobs.count)
                    return (jobs, state.isClosed)
                }
                if jobs.isEmpty {
                    if isClosed { return }
                    break
                }
                do throws(RedisError) {
                    let replies = try connection.run(jobs.map(\.command), within: patience)
                    for (job, reply) in zip(jobs, replies) { job.answer.resume(returning: reply) }
                } catch {
                    for job in jobs { job.answer.resume(returning: nil) }
                    throw error
                }
            }
        }
    }

    /// Accepts no more jobs, and fails those that wait. Returns true if the link worked until now.
    private func drop() -> Bool {
        let (jobs, wasWorking) = state.withLock { state in
            defer {
                state.jobs = []
                state.isWorking = false
            }
            return (state.jobs, state.isWorking)
        }
        for job in jobs { job.answer.resume(returning: nil) }
        return wasWorking
    }
}

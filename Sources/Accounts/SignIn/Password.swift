import Foundation
import Platform
import Synchronization

package enum PasswordError: Error {
    /// Too many are waiting already.
    case overloaded
    /// The work could not be done, or the caller no longer waits for it.
    case unavailable
}

/// Hashes passwords on threads of its own, so that a storm of sign-ins waits for itself and for nothing else.
///
/// A password is its Unicode text in NFC, so that it does not matter which keyboard composed the accents.
package struct PasswordHasher: Sendable {
    package enum Scheme: Sendable {
        case argon2id
        case bcrypt(rounds: Int)
    }

    package enum Verification: Sendable, Equatable {
        case wrong
        case right(needsRehash: Bool)
    }

    private let scheme: Scheme
    private let threads: HashingThreads

    /// - Parameter maxWaiting: how many may wait while every worker is busy.
    package init(scheme: Scheme, workers: Int = 2, maxWaiting: Int = 64) {
        self.scheme = scheme
        threads = HashingThreads(count: workers, maxWaiting: maxWaiting)
    }

    package func hash(_ password: String) async throws(PasswordError) -> String {
        try await threads.run { [scheme] () throws(HashingFailure) in try scheme.hash(Self.bytes(password)) }
    }

    /// An unknown or malformed hash takes as long as one that is not the password's.
    package func verify(_ password: String, against hash: String) async throws(PasswordError) -> Verification {
        try await threads.run { [scheme] () throws(HashingFailure) in
            try scheme.verify(Self.bytes(password), against: hash)
        }
    }

    /// The work of `verify`, for an account that does not exist.
    package func verifyNothing(_ password: String) async throws(PasswordError) {
        _ = try await hash(password)
    }

    private static func bytes(_ password: String) -> [UInt8] {
        Array(password.precomposedStringWithCanonicalMapping.utf8)
    }
}

extension PasswordHasher.Scheme {
    fileprivate func hash(_ password: [UInt8]) throws(HashingFailure) -> String {
        switch self {
        case .argon2id: try Argon2id.standard.hash(password)
        case .bcrypt(let rounds): try Bcrypt(rounds: rounds).hash(password)
        }
    }

    fileprivate func verify(
        _ password: [UInt8], against hash: String
    ) throws(HashingFailure) -> PasswordHasher.Verification {
        if let bcrypt = Bcrypt(of: hash) {
            let isRight = try Bcrypt.verify(password, against: hash)
            return isRight ? .right(needsRehash: !isCurrent(bcrypt)) : .wrong
        }
        if let argon2id = Argon2id(of: hash), let isRight = try Argon2id.verify(password, against: hash) {
            return isRight ? .right(needsRehash: !isCurrent(argon2id)) : .wrong
        }
        _ = try self.hash(password)
        return .wrong
    }

    private func isCurrent(_ hash: Argon2id) -> Bool {
        if case .argon2id = self { hash == .standard } else { false }
    }

    private func isCurrent(_ hash: Bcrypt) -> Bool {
        if case .bcrypt(let rounds) = self { hash == Bcrypt(rounds: rounds) } else { false }
    }
}

/// A few threads and a short queue before them.
package final class HashingThreads: Sendable {
    private let queue: HashingQueue

    package init(count: Int, maxWaiting: Int, name: String = "passwords") {
        queue = HashingQueue(limit: count + maxWaiting)
        for _ in 0..<count {
            Thread.detachNewThread { [queue] in
                Thread.current.name = name
                queue.work()
            }
        }
    }

    deinit { queue.close() }

    package func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws(HashingFailure) -> Value
    ) async throws(PasswordError) -> Value {
        let id = queue.nextID()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, PasswordError>, Never>) in
                let job = HashingQueue.Job(
                    id: id,
                    run: {
                        let result = Result(catching: work).mapError { _ in PasswordError.unavailable }
                        return { continuation.resume(returning: result) }
                    },
                    drop: { continuation.resume(returning: .failure($0)) })
                queue.add(job)
                // It may have been too early for `onCancel` to find the job.
                if Task.isCancelled { queue.cancel(id) }
            }
        } onCancel: {
            queue.cancel(id)
        }
        return try result.get()
    }
}

/// What waits to be hashed. Every job is either run or dropped, once.
private final class HashingQueue: Sendable {
    struct Job: Sendable {
        let id: UInt64
        /// Does the work; what it returns tells the caller.
        let run: @Sendable () -> () -> Void
        let drop: @Sendable (PasswordError) -> Void
    }

    private struct State {
        var lastID: UInt64 = 0
        var waiting: [Job] = []
        var running = 0
        var isClosed = false
    }

    private let limit: Int
    private let state = Mutex(State())
    /// Rung for every job that is added.
    private let bell = DispatchSemaphore(value: 0)

    init(limit: Int) { self.limit = limit }

    func nextID() -> UInt64 {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    func add(_ job: Job) {
        let hasRoom = state.withLock { state in
            guard state.waiting.count + state.running < limit else { return false }
            state.waiting.append(job)
            return true
        }
        if hasRoom { bell.signal() } else { job.drop(.overloaded) }
    }

    func cancel(_ id: UInt64) {
        let job = state.withLock { state in
            state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
        }
        job?.drop(.unavailable)
    }

    /// Those who wait hold the threads, so that none can be left waiting.
    func close() {
        state.withLock { $0.isClosed = true }
        bell.signal()
    }

    func work() {
        while true {
            bell.wait()
            let (job, isClosed) = state.withLock { state -> (Job?, Bool) in
                guard !state.isClosed else { return (nil, true) }
                guard !state.waiting.isEmpty else { return (nil, false) }
                state.running += 1
                return (state.waiting.removeFirst(), false)
            }
            if isClosed {
                bell.signal()
                return
            }
            guard let job else { continue }
            let answer = job.run()
            state.withLock { $0.running -= 1 }
            answer()
        }
    }
}

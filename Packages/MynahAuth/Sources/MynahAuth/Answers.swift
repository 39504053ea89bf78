import Crypto
import HTTPTypes
import Synchronization

/// Cache of Mynah's answers about credentials, by their hashes. Concurrent questions about the same credential share
/// one request.
final class Answers: Sendable {
    typealias Answer = Result<MynahIdentity, MynahAuthError>
    private typealias Instant = ContinuousClock.Instant
    private typealias Digest = SHA256.Digest

    /// Back-off after a failure.
    private static let peace = Duration.seconds(1)
    /// Maximum number of concurrent questions; further ones get a stale answer or fail at once.
    private static let mostQuestions = 1000

    private struct State {
        var accepted: [Digest: (identity: MynahIdentity, at: Instant)] = [:]
        /// Separate from `accepted`, so that a flood of invalid keys cannot evict valid ones.
        var refused: [Digest: (error: MynahAuthError, at: Instant)] = [:]
        var questions: [Digest: Task<Answer, Never>] = [:]
        var awayUntil: Instant?
    }

    private enum Step {
        case answer(Answer)
        case wait(Task<Answer, Never>)
    }

    private let options: MynahAuth.Options
    private let ask: @Sendable (String, _ client: String?) async throws -> Answer
    private let state = Mutex(State())

    init(_ options: MynahAuth.Options, ask: @escaping @Sendable (String, _ client: String?) async throws -> Answer) {
        self.options = options
        self.ask = ask
    }

    func identity(_ credential: String, from client: String?) async throws(MynahAuthError) -> MynahIdentity {
        let digest = SHA256.hash(data: Array(credential.utf8))
        let now = ContinuousClock.now
        let step: Step = state.withLock { state in
            if let known = state.accepted[digest], known.at + options.acceptedFor > now {
                return .answer(.success(known.identity))
            }
            if let known = state.refused[digest], known.at + options.refusedFor > now {
                return .answer(.failure(known.error))
            }
            if let question = state.questions[digest] { return .wait(question) }
            if state.awayUntil.map({ $0 > now }) ?? false || state.questions.count >= Self.mostQuestions {
                return .answer(stale(state, digest, now))
            }
            let question = Task { await self.question(credential, client, digest) }
            state.questions[digest] = question
            return .wait(question)
        }
        switch step {
        case .answer(let answer): return try answer.get()
        case .wait(let question): return try await question.value.get()
        }
    }

    /// Runs in a task of its own, so that cancelling one caller does not affect others who wait for the same answer.
    private func question(_ credential: String, _ client: String?, _ digest: Digest) async -> Answer {
        let answer = try? await ask(credential, client)
        let now = ContinuousClock.now
        return state.withLock { state in
            state.questions[digest] = nil
            guard let answer else {
                state.awayUntil = now + Self.peace
                return stale(state, digest, now)
            }
            state.awayUntil = nil
            switch answer {
            case .success(let identity):
                if state.accepted.count >= options.capacity { state.accepted.removeAll(keepingCapacity: true) }
                state.accepted[digest] = (identity, now)
            case .failure(let error):
                // A key beyond its rate limit is good again later, whatever becomes of Mynah meanwhile.
                if error.status != .tooManyRequests { state.accepted[digest] = nil }
                if state.refused.count >= options.capacity { state.refused.removeAll(keepingCapacity: true) }
                state.refused[digest] = (error, now)
            }
            return answer
        }
    }

    private func stale(_ state: State, _ digest: Digest, _ now: Instant) -> Answer {
        guard let known = state.accepted[digest], known.at + options.staleFor > now else { return .failure(.away) }
        return .success(known.identity)
    }
}

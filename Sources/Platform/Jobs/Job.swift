/// A kind of work that is done beside requests: by one instance at a time, and again where it fails.
package struct Job: Sendable {
    package let kind: String
    /// How long after its end it begins anew; nil for work that is done as often as it is queued.
    package var interval: Duration?
    /// After so many failures it is dead until somebody retries it; what recurs never dies.
    package var attempts: Int
    /// How many of the kind one instance does at once.
    package var atOnce: Int
    /// One try is cancelled after this time.
    package var timeLimit: Duration
    /// Must bear being run again after it has half been done: a process may die in it.
    package let body: @Sendable (Run) async throws -> Void

    package init(
        kind: String, interval: Duration? = nil, attempts: Int = 8, atOnce: Int = 1,
        timeLimit: Duration = Duration.seconds(900), body: @escaping @Sendable (Run) async throws -> Void
    ) {
        self.kind = kind
        self.interval = interval
        self.attempts = attempts
        self.atOnce = atOnce
        self.timeLimit = timeLimit
        self.body = body
    }

    /// One try.
    package struct Run: Sendable {
        package let id: String
        package let payload: String?
        /// From 1.
        package let attempt: Int

        package var keptPayload: String {
            get throws {
                guard let payload else { throw Hopeless(description: "it was dead for a day: its content is gone") }
                return payload
            }
        }
    }

    /// What another try would not mend: the job is dead at once.
    package struct Hopeless: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) { self.description = description }
    }

    private static let longestBackoff = Duration.seconds(3600)

    /// How long to wait after the failure of this attempt: it doubles, and no two that failed at once wait alike.
    package func backoff(attempt: Int) -> Duration {
        let most = min(interval ?? Self.longestBackoff, Self.longestBackoff)
        return min(most, .seconds(5 << min(max(0, attempt - 1), 10))) * Double.random(in: 0.5...1)
    }
}

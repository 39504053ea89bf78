/// A kind of background work. One instance at a time runs a job, and a failed job is retried.
package struct Job: Sendable {
    package let kind: String
    /// Time from the end of one run to the next; nil if the job runs once each time it is queued.
    package var interval: Duration?
    /// Number of failures after which a job is dead until an operator retries it. Recurring jobs never become dead.
    package var attempts: Int
    /// How many jobs of this kind one instance runs at once.
    package var atOnce: Int
    /// A run is cancelled after this time.
    package var timeLimit: Duration
    /// Must be safe to run again after a partial run: the process may die at any point.
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
        /// Number of the attempt, starting at 1.
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

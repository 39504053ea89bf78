/// A kind of work that is done beside requests: by one instance at a time, and again where it fails.
struct Job: Sendable {
    let kind: String
    /// How long after its end it begins anew; nil for work that is done as often as it is queued.
    var interval: Duration?
    /// After so many failures it is dead until somebody retries it; what recurs never dies.
    var attempts = 8
    /// How many of the kind one instance does at once.
    var atOnce = 1
    /// One try is cancelled after this time.
    var timeLimit = Duration.seconds(900)
    /// Must bear being run again after it has half been done: a process may die in it.
    let body: @Sendable (Run) async throws -> Void

    /// One try.
    struct Run: Sendable {
        let id: String
        let payload: String?
        /// From 1.
        let attempt: Int

        var keptPayload: String {
            get throws {
                guard let payload else { throw Hopeless(description: "it was dead for a day: its content is gone") }
                return payload
            }
        }
    }

    /// What another try would not mend: the job is dead at once.
    struct Hopeless: Error, CustomStringConvertible { let description: String }

    private static let longestBackoff = Duration.seconds(3600)

    /// How long to wait after the failure of this attempt: it doubles, and no two that failed at once wait alike.
    func backoff(attempt: Int) -> Duration {
        let most = min(interval ?? Self.longestBackoff, Self.longestBackoff)
        return min(most, .seconds(5 << min(max(0, attempt - 1), 10))) * Double.random(in: 0.5...1)
    }
}

package import LLM
package import Storage

/// What is kept of a completion besides its log, and how it ends.
package protocol CompletionRecord: Sendable {
    /// Whether the call goes on when its client leaves.
    var outlivesClient: Bool { get }
    /// Called when it is known what is asked, before anything is reserved. Returns whether `begin` has something to write.
    func prepare(_ completion: CompletionBeginning) async throws -> Bool
    /// Part of the transaction that reserves the cost.
    func begin(_ tx: Transaction) throws
    /// Called if nothing was reserved after `prepare`.
    func abandon() async
    /// Makes it known how the model's call is ended from elsewhere.
    func onStop(_ stop: @escaping @Sendable () -> Void)
    func receive(_ event: ChatEvent)
    /// What came so far is void.
    func attemptFailed()
    /// Returns what is to be written together with the log; nil if there is nothing.
    /// - Parameter usage: what is charged for.
    /// - Parameter callerLeft: whether the caller ended the call.
    func settle(
        _ ending: Result<ChatResult, any Error>, _ usage: ChatUsage?, callerLeft: Bool
    ) throws -> (@Sendable (Transaction) throws -> Void)?
    /// Called last.
    /// - Parameter failure: why the ending could not be stored.
    func end(failure: (any Error)?)
}

/// A completion that is about to begin.
package struct CompletionBeginning: Sendable {
    package let resolved: ResolvedChatbot
    /// The model that is asked first.
    package let model: String
    /// The log's.
    package let id: String
}

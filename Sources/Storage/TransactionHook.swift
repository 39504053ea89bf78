import Synchronization

/// Statements that go with the first write of a task, in its transaction: both are committed, or neither is.
package final class TransactionHook: Sendable {
    /// Nothing rides with the writes of a task that is in no `$current.withValue`.
    @TaskLocal package static var current: TransactionHook?

    private let body: @Sendable (Transaction) throws -> Void
    private let done = Atomic(false)

    package init(_ body: @escaping @Sendable (Transaction) throws -> Void) { self.body = body }

    /// Whether its statements have been committed.
    package var isDone: Bool { done.load(ordering: .acquiring) }

    func write<T: Sendable>(
        _ engine: any Engine, _ scope: Scope, turn: Scope, _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T {
        let result = try await engine.write(scope, turn: turn) { [ride = self.body] tx in
            let result = try body(tx)
            try ride(tx)
            return result
        }
        done.store(true, ordering: .releasing)
        return result
    }
}

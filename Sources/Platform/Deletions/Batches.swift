package import Storage

extension Database {
    /// The most rows that one transaction deletes, so that no request waits long for it.
    package static let batch = 500

    /// Repeats a deletion, which returns how many rows it took, until it takes fewer than a whole batch.
    package func inBatches(_ delete: @escaping @Sendable (Transaction) throws -> Int) async throws {
        while try await write(.system, delete) >= Self.batch { try Task.checkCancellation() }
    }
}

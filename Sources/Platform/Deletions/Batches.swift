package import Storage

extension Database {
    /// The most rows that one transaction deletes, so that no request waits long for it.
    package static let batch = 500

    /// Repeats a deletion until it deletes fewer rows than it may.
    /// - Parameter delete: deletes rows, at most as many as its second argument says, and returns how many it deleted.
    package func inBatches(_ delete: @escaping @Sendable (Transaction, _ limit: Int) throws -> Int) async throws {
        while try await write(.system, { try delete($0, Self.batch) }) >= Self.batch { try Task.checkCancellation() }
    }
}

import HTTPKit
import Synchronization

/// Calls that wait for their turn in conversations, those of each conversation in the order in which they came.
package final class WaitingLines: Sendable {
    /// How many calls of one conversation wait, the first one included.
    package static let longest = 5

    private struct Waiter {
        let id: UInt64
        var wake: CheckedContinuation<Void, any Error>?
    }

    private struct State {
        var lines: [String: [Waiter]] = [:]
        var last: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    package func count(in conversationID: String) -> Int { state.withLock { $0.lines[conversationID]?.count ?? 0 } }

    /// Runs `work` as soon as what came before has ended.
    /// - Throws: `conversation_busy` if too many wait already.
    package func inTurn<Result: Sendable>(
        in conversationID: String, _ work: () async throws -> Result
    ) async throws -> Result {
        let id = try enter(conversationID)
        defer { leave(id, conversationID) }
        try await first(id, conversationID)
        return try await work()
    }

    private func enter(_ conversationID: String) throws(APIError) -> UInt64 {
        let id = state.withLock { state -> UInt64? in
            guard state.lines[conversationID, default: []].count < Self.longest else { return nil }
            state.last += 1
            state.lines[conversationID, default: []].append(Waiter(id: state.last))
            return state.last
        }
        guard let id else {
            throw APIError(
                .conversationBusy,
                "\(Self.longest) messages wait in this conversation. Wait for one of them to be answered.")
        }
        return id
    }

    private func first(_ id: UInt64, _ conversationID: String) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isFirst = state.withLock { state in
                    let line = state.lines[conversationID] ?? []
                    guard let place = line.firstIndex(where: { $0.id == id }), place > 0, !Task.isCancelled else {
                        return true
                    }
                    state.lines[conversationID]?[place].wake = continuation
                    return false
                }
                if isFirst { continuation.resume() }
            }
            try Task.checkCancellation()
        } onCancel: {
            let wake = state.withLock { state -> CheckedContinuation<Void, any Error>? in
                guard let place = state.lines[conversationID]?.firstIndex(where: { $0.id == id }) else { return nil }
                defer { state.lines[conversationID]?[place].wake = nil }
                return state.lines[conversationID]?[place].wake
            }
            wake?.resume(throwing: CancellationError())
        }
    }

    private func leave(_ id: UInt64, _ conversationID: String) {
        let wake = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            state.lines[conversationID]?.removeAll { $0.id == id }
            guard state.lines[conversationID]?.isEmpty == false else {
                state.lines[conversationID] = nil
                return nil
            }
            defer { state.lines[conversationID]?[0].wake = nil }
            return state.lines[conversationID]?[0].wake
        }
        wake?.resume()
    }
}

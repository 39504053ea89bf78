package import HTTPKit
package import Logging
import Platform
import ServiceLifecycle
package import Storage
import Synchronization

/// The WebSockets of this instance. Every few seconds their sessions are looked up, all at once: one whose session has
/// ended is told to close.
package final class OpenSockets: Service {
    private static let interval = Duration.seconds(4)
    /// Sessions looked up in one query.
    private static let batch = 500

    /// WebSockets that one account may have open here.
    package static let mostOfAccount = 256

    /// One of an account's WebSockets, until it is no longer referred to.
    package final class Place: Sendable {
        private let account: String
        private let sockets: OpenSockets

        fileprivate init(_ account: String, _ sockets: OpenSockets) {
            self.account = account
            self.sockets = sockets
        }

        deinit { sockets.leave(account) }
    }

    private struct State {
        var places: [String: Int] = [:]
        var sockets: [Int: (sessionID: String, end: AsyncStream<Void>.Continuation)] = [:]
        var lastNumber = 0
    }

    private let database: Database
    private let logger: Logger
    private let state = Mutex(State())

    package init(database: Database, logger: Logger) {
        self.database = database
        self.logger = logger
    }

    package var count: Int { state.withLock { $0.sockets.count } }

    /// Throws if the account has as many as it may.
    package func place(for account: String) throws(APIError) -> Place {
        let isFull = state.withLock { state in
            let taken = state.places[account] ?? 0
            guard taken < Self.mostOfAccount else { return true }
            state.places[account] = taken + 1
            return false
        }
        guard !isFull else {
            throw APIError(
                .tooMuchAtOnce, "An account has at most \(Self.mostOfAccount) WebSockets open. Close one of them.",
                retryAfter: 5)
        }
        return Place(account, self)
    }

    private func leave(_ account: String) {
        state.withLock { state in
            let taken = state.places[account] ?? 1
            state.places[account] = taken > 1 ? taken - 1 : nil
        }
    }

    /// A stream that yields once the session has ended, and is over when the socket has been removed.
    package func add(sessionID: String) -> (number: Int, sessionEnded: AsyncStream<Void>) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.lastNumber += 1
            state.sockets[state.lastNumber] = (sessionID, continuation)
            return state.lastNumber
        }
        return (number, stream)
    }

    package func remove(_ number: Int) { state.withLock { $0.sockets.removeValue(forKey: number) }?.end.finish() }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.interval)) != nil {
                do {
                    try await self.endThoseOfEndedSessions()
                } catch {
                    self.logger.warning(
                        "sessions of sockets not looked up", metadata: ["cause": .string(String(describing: error))])
                }
            }
        }
    }

    package func endThoseOfEndedSessions(now: Timestamp = .now) async throws {
        var waiting = Array(Set(state.withLock { $0.sockets.values.map(\.sessionID) }))[...]
        while !waiting.isEmpty {
            let batch = Array(waiting.prefix(Self.batch))
            waiting = waiting.dropFirst(Self.batch)
            let live = try await database.read(.system) { tx in try Session.live(tx, among: batch, now: now) }
            let ended = Set(batch).subtracting(live)
            let sockets = state.withLock { state in state.sockets.values.filter { ended.contains($0.sessionID) } }
            for socket in sockets { socket.end.yield() }
        }
    }
}

extension Session {
    /// Those of these sessions that still stand.
    fileprivate static func live(_ tx: Transaction, among ids: [String], now: Timestamp) throws -> [String] {
        try tx.rows(
            """
            SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id AND u.disabled_at IS NULL
            AND u.deleted_at IS NULL
            WHERE s.expires_at > ? AND s.id IN (\(ids.placeholders))
            """,
            [now] + ids
        ) { try $0.string("id") }
    }
}

package import HTTPKit
package import Platform
import Synchronization

/// A reply while it is being written: what has come so far, and who waits for more. Any number of connections follow
/// it, each at its own pace, and none of them holds it up.
package final class RunningReply: Sendable {
    package let tenant: Tenant
    package let conversationID: String
    package let messageID: String
    package let beganAt: Timestamp
    package let userMessage: Message?

    package enum Ending: Sendable {
        case message(Message)
        /// The reply could not be stored.
        case lost(APIError)
    }

    package enum Piece: Sendable {
        /// `end` is the offset in UTF-8 bytes after this text, and `citations` are those that are first used in it.
        case text(String, end: Int, citations: [Citation])
        case ended(Ending)
        /// Nothing has come for a while; the connection should show a sign of life.
        case heartbeat

        /// Maximum length of one piece of text, in bytes. Limits what is buffered for a slow client.
        private static let longest = 64 << 10

        /// The text after an offset, cut to one piece at a boundary of characters.
        /// - Parameter citations: with the offsets of their first uses.
        package static func text(
            in bytes: [UInt8], after offset: Int, citing citations: [(offset: Int, citation: Citation)] = []
        ) -> Piece {
            var end = min(bytes.count, offset + longest)
            while end < bytes.count, end > offset + 4, UTF8.isContinuation(bytes[end]) { end -= 1 }
            return .text(
                String(decoding: bytes[offset..<end], as: UTF8.self), end: end,
                citations: citations.filter { (offset..<end).contains($0.offset) }.map(\.citation))
        }
    }

    /// Who ended the model's call.
    package enum Stop: Sendable {
        /// A user, also by deleting the conversation.
        case caller
        case server
    }

    private struct State {
        var bytes: [UInt8] = []
        /// In the order in which they are first used, with the offsets of those places.
        var citations: [(offset: Int, citation: Citation)] = []
        /// Length of the text that is in the database, in bytes.
        var kept = 0
        var ending: Ending?
        var stop: (@Sendable () -> Void)?
        var stopped: Stop?
    }

    private let state = Mutex(State())
    private let readers = WaitingReaders()

    package init(tenant: Tenant, conversationID: String, messageID: String, beganAt: Timestamp, userMessage: Message?) {
        self.tenant = tenant
        self.conversationID = conversationID
        self.messageID = messageID
        self.beganAt = beganAt
        self.userMessage = userMessage
    }

    package var text: String { state.withLock { String(decoding: $0.bytes, as: UTF8.self) } }
    package var length: Int { state.withLock { $0.bytes.count } }
    package var isStopped: Bool { state.withLock { $0.stopped != nil } }
    /// Whether the caller stopped it, who then pays for what the vendor can have made.
    package var callerLeft: Bool { state.withLock { $0.stopped == .caller } }

    package var hasUnstoredText: Bool { state.withLock { $0.bytes.count > $0.kept } }

    /// The sources that were used so far.
    package var citations: [Citation] { state.withLock { $0.citations.map(\.citation) } }

    /// What has come so far, as it is stored.
    package struct Unstored: Sendable {
        package let text: String
        /// Nil if there are none.
        package let citations: [Citation]?
    }

    /// Returns the text so far if it has grown since it was last stored, and counts it as stored; otherwise nil.
    package func takeUnstored() -> Unstored? {
        state.withLock { state in
            guard state.bytes.count > state.kept else { return nil }
            state.kept = state.bytes.count
            return Unstored(
                text: String(decoding: state.bytes, as: UTF8.self),
                citations: state.citations.isEmpty ? nil : state.citations.map(\.citation))
        }
    }

    package func forgetStored() { state.withLock { $0.kept = 0 } }

    /// A model may write NUL, which PostgreSQL does not take.
    /// - Parameter citations: those that are first used in this text, with their offsets in the whole one.
    package func append(_ text: String, citing citations: [(offset: Int, citation: Citation)] = []) {
        if text.isEmpty { return }
        var text = text
        text.withUTF8 { piece in
            wake { state in
                state.citations += citations
                if piece.contains(0) {
                    state.bytes.append(contentsOf: piece.lazy.filter { $0 != 0 })
                } else {
                    state.bytes.append(contentsOf: piece)
                }
            }
        }
    }

    /// Only the first ending counts.
    package func end(_ ending: Ending) { wake { $0.ending = $0.ending ?? ending } }

    private func wake(_ change: (inout State) -> Void) {
        state.withLock { change(&$0) }
        readers.wake()
    }

    /// Wakes everyone who waits with nothing to give.
    package func beat() { readers.wake(hasMore: false) }

    package func onStop(_ stop: @escaping @Sendable () -> Void) {
        let isStopped = state.withLock { state in
            state.stop = stop
            return state.stopped != nil
        }
        if isStopped { stop() }
    }

    /// Ends the model's call and keeps what came. Only the first stop counts.
    package func stop(by who: Stop = .caller) {
        let stop = state.withLock { state in
            if state.stopped == nil { state.stopped = who }
            return state.stop
        }
        stop?()
    }

    /// What comes after an offset, as soon as there is something.
    package func next(after offset: Int) async throws -> Piece {
        while true {
            try Task.checkCancellation()
            if let piece = state.withLock({ Self.piece($0, offset) }) { return piece }
            let hasMore = await readers.wait { state.withLock { Self.piece($0, offset) != nil } }
            if !hasMore { return .heartbeat }
        }
    }

    package func ended() async throws -> Ending {
        while true {
            if case .ended(let ending) = try await next(after: .max) { return ending }
        }
    }

    private static func piece(_ state: State, _ offset: Int) -> Piece? {
        if offset < state.bytes.count {
            return .text(in: state.bytes, after: max(0, offset), citing: state.citations)
        }
        return state.ending.map(Piece.ended)
    }
}

/// The replies that this instance is writing.
package final class RunningReplies: Sendable {
    package init() {}

    private struct State {
        var replies: [String: RunningReply] = [:]
        /// Turns that are about to have a reply.
        var beginning = 0
        var isClosing = false
        /// Whether the grace period of the shutdown is over.
        var isOver = false
        var isDrained: Bool { isClosing && replies.isEmpty && beginning == 0 }
        var drained: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    /// The calls that wait for one of them to end.
    package let lines = WaitingLines()

    package var count: Int { state.withLock { $0.replies.count } }

    /// For a turn that begins, until it calls `leave`: a shutdown waits for its reply.
    package func enter() throws(APIError) {
        let isClosing = state.withLock { state in
            if !state.isClosing { state.beginning += 1 }
            return state.isClosing
        }
        if isClosing { throw APIError(.shuttingDown, retryAfter: 5) }
    }

    package func leave() { change { $0.beginning -= 1 } }

    /// A reply that is added after the grace of a shutdown is stopped at once.
    package func add(_ reply: RunningReply) {
        let isOver = state.withLock { state in
            state.replies[reply.messageID] = reply
            return state.isOver
        }
        if isOver { reply.stop(by: .server) }
    }

    package func remove(_ reply: RunningReply) { change { $0.replies[reply.messageID] = nil } }

    private func change(_ change: (inout State) -> Void) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            change(&state)
            guard state.isDrained else { return [] }
            defer { state.drained.removeAll() }
            return state.drained
        }
        for continuation in waiting { continuation.resume() }
    }

    package var all: [RunningReply] { state.withLock { Array($0.replies.values) } }

    package func reply(_ messageID: String) -> RunningReply? { state.withLock { $0.replies[messageID] } }

    package var isClosing: Bool { state.withLock { $0.isClosing } }

    /// No new reply begins; those that run get `grace` to finish, and keep what came when it is over.
    package func close(grace: Duration) async {
        state.withLock { $0.isClosing = true }
        let deadline = Task {
            try await Task.sleep(for: grace)
            state.withLock { $0.isOver = true }
            for reply in all { reply.stop(by: .server) }
        }
        await withCheckedContinuation { continuation in
            let isDrained = state.withLock { state in
                if state.isDrained { return true }
                state.drained.append(continuation)
                return false
            }
            if isDrained { continuation.resume() }
        }
        deadline.cancel()
    }
}

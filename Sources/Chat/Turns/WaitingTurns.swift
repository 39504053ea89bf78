import HTTPKit
import Platform
import Storage

extension ChatRoutes {
    /// Between two looks at a reply that another instance writes.
    private static let pause = Duration.milliseconds(500)

    /// Begins a turn, if the caller wishes after the one that is running.
    func begin(
        _ who: UserCaller, _ begin: ChatTurn.Begin, _ whileRunning: WhileRunning?
    ) async throws -> RunningReply {
        guard let id = begin.wanted.conversationID, let whileRunning, whileRunning != .reject else {
            return try await turn.begin(.user(who), begin).reply
        }
        // Only those who may read a conversation get a place in its line.
        _ = try await running(who, id)
        let deadline = ContinuousClock.now + turn.patience
        return try await turn.replies.lines.inTurn(in: id) {
            try await beginInTurn(who, begin, in: id, interrupts: whileRunning == .interrupt, by: deadline)
        }
    }

    private func beginInTurn(
        _ who: UserCaller, _ begin: ChatTurn.Begin, in id: String, interrupts: Bool,
        by deadline: ContinuousClock.Instant
    ) async throws -> RunningReply {
        var stopped: String?
        while true {
            guard let messageID = try await running(who, id) else {
                do {
                    return try await turn.begin(.user(who), begin).reply
                } catch let error as APIError where error.code == .conversationBusy && ContinuousClock.now < deadline {
                    continue
                }
            }
            if ContinuousClock.now >= deadline { throw APIError(.conversationBusy) }
            if interrupts, stopped != messageID {
                stopped = messageID
                try await requestStop(who, conversationID: id)
            }
            try await pause(messageID)
        }
    }

    private func running(_ who: UserCaller, _ conversationID: String) async throws -> String? {
        try await database.read(who.scope) { tx in
            try Conversation.find(tx, id: conversationID, for: who.caller).conversation.runningMessageID
        }
    }

    /// Until the reply has ended, or may have.
    private func pause(_ messageID: String) async throws {
        if turn.replies.isClosing { throw APIError(.shuttingDown, retryAfter: 5) }
        guard let reply = turn.replies.reply(messageID) else { return try await Task.sleep(for: Self.pause) }
        // A reply that cannot be stored keeps its conversation's turn.
        if case .ended(.lost(let error)) = try await reply.next(after: .max) { throw error }
    }
}

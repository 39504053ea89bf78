package import Chatbots
import HTTPKit
import JSON
package import Platform
import Storage

extension ChatTurn {
    /// A turn's context without the turn.
    package struct Prepared: Sendable {
        package let chatbot: Chatbot
        package let context: UserContext
        package let conversationID: String?
    }

    /// Prepares what a turn would know, and keeps the session data that the call sends where there is a conversation to
    /// keep it with.
    package func prepare(_ speaker: Speaker, _ begin: Begin) async throws -> Prepared {
        // Whoever reads and then finds the session data changed reads again.
        for _ in 0..<3 {
            let plan = try await database.read(speaker.scope) { tx in
                try TurnQueries.plan(
                    tx, speaker, begin.wanted, secrets, person: begin.endUser?.person, wantsPerson: true)
            }
            guard let person = plan.person else { throw APIError(.internalError) }
            let (sessionData, encrypted) = try sessionData(plan, adding: begin.sessionData)
            if let conversation = plan.conversation, let encrypted {
                let isKept = try await database.write(speaker.scope) { tx in
                    try TurnQueries.keep(tx, plan.tenant, conversation, sessionData: encrypted)
                }
                guard isKept else { continue }
            }
            return Prepared(
                chatbot: plan.chatbot,
                context: try UserContext(
                    person, sessionData: sessionData, history: plan.history, secrets, now: .now),
                conversationID: plan.conversation?.id)
        }
        throw APIError(.conversationBusy)
    }
}

extension TurnQueries {
    /// False where the conversation's session data is no longer what was read.
    fileprivate static func keep(
        _ tx: Transaction, _ tenant: Tenant, _ conversation: Found, sessionData: String
    ) throws -> Bool {
        try tx.run(
            """
            UPDATE conversations SET session_data = ?
            WHERE workspace_id = ? AND id = ? AND COALESCE(session_data, '') = ?
            """,
            [sessionData, tenant.workspaceID, conversation.id, conversation.sessionData ?? ""]) == 1
    }
}

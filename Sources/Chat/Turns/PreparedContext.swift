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

    /// Prepares the context of a turn. Stores the session data of the call if there is already a conversation.
    package func prepare(_ requester: TurnRequester, _ begin: Begin) async throws -> Prepared {
        // Retries if a concurrent call has changed the session data since it was read.
        for _ in 0..<3 {
            let input = try await database.read(requester.scope) { tx in
                try TurnQueries.input(
                    tx, requester, begin.wanted, secrets, person: begin.endUser?.person, wantsPerson: true)
            }
            guard let person = input.person else { throw APIError(.internalError) }
            let (sessionData, encrypted) = try sessionData(input, adding: begin.sessionData)
            if let conversation = input.conversation, let encrypted {
                let isKept = try await database.write(requester.scope) { tx in
                    try TurnQueries.keep(tx, input.tenant, conversation, sessionData: encrypted)
                }
                guard isKept else { continue }
            }
            return Prepared(
                chatbot: input.chatbot,
                context: try UserContext(
                    person, sessionData: sessionData, history: input.history, secrets, now: .now),
                conversationID: input.conversation?.id)
        }
        throw APIError(.conversationBusy)
    }
}

extension TurnQueries {
    /// Stores the session data. Returns false if it has changed since it was read.
    fileprivate static func keep(
        _ tx: Transaction, _ tenant: Tenant, _ conversation: TurnConversation, sessionData: String
    ) throws -> Bool {
        try tx.run(
            """
            UPDATE conversations SET session_data = ?
            WHERE workspace_id = ? AND id = ? AND COALESCE(session_data, '') = ?
            """,
            [sessionData, tenant.workspaceID, conversation.id, conversation.sessionData ?? ""]) == 1
    }
}

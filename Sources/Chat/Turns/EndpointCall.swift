package import Chatbots
import HTTPKit
import JSON
package import LLM
package import Metering
package import Platform
package import Storage

extension ChatRequest.Webhook {
    /// Makes the call of the chatbot's own endpoint; nil if it has none.
    ///
    /// - Parameters:
    ///   - signingSecret: the stored secret; if empty, a new one is made.
    ///   - id: id of the call, the same for each attempt.
    package static func make(
        _ chatbot: Chatbot, in tenant: Tenant, _ requester: TurnRequester, _ choice: ModelChoice, message: String,
        _ context: UserContext?, signingSecret: String?, id: String, _ database: Database, _ secrets: Secrets
    ) async throws -> ChatRequest.Webhook? {
        guard let url = chatbot.llmEndpointURL, let context, var secret = signingSecret else { return nil }
        if secret.isEmpty {
            secret = try await database.write(requester.scope) { tx in
                try SigningSecret.findOrMake(tx, in: tenant, chatbotID: chatbot.id, secrets)
            }
        }
        let document = QueryDocument(
            chatbot, choice, message: message, context, key: requester.applicationKey, now: .now)
        return .init(url: url, document: try JSONWriter.encode(document), secret: Array(secret.utf8), id: id)
    }
}

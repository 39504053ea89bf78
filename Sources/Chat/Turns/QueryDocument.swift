package import Chatbots
package import HTTPKit
import JSON
package import Metering
package import Platform

/// All that an application is told with an answer, and that a chatbot's own endpoint is sent to make one. It never holds
/// a prompt or a secret.
package struct QueryDocument: JSONOutput {
    package let chatbotID: String
    package let chatbotName: String
    package let userMessage: String
    package let userContext: UserContext
    package let chatbotConfig: Config
    /// Null if the call was not made with a chatbot's key.
    package let apiKeyInfo: KeyInfo?
    package let timestamp: Timestamp

    package struct Config: JSONOutput {
        package let provider: String
        package let model: String
        package let temperature: Double?
        package let maxTokens: Int
        package let greeting: String?
        package let config: JSONObject
    }

    package struct KeyInfo: JSONOutput {
        package let id: String
        package let name: String
        package let prefix: String
        package let kind: APIKey.Kind
        package let scopes: [KeyScope]
        package let createdAt: Timestamp
        package let lastUsedAt: Timestamp?
    }

    package init(
        _ chatbot: Chatbot, _ choice: ModelChoice, message: String, _ context: UserContext, key: APIKey?,
        now: Timestamp
    ) {
        chatbotID = chatbot.id
        chatbotName = chatbot.name
        userMessage = message
        userContext = context
        chatbotConfig = Config(
            provider: choice.provider, model: choice.model, temperature: chatbot.temperature,
            maxTokens: choice.maxTokens, greeting: chatbot.greeting, config: chatbot.config)
        apiKeyInfo = key.map { key in
            KeyInfo(
                id: key.id, name: key.name, prefix: key.prefix, kind: key.kind, scopes: key.scopes,
                createdAt: key.createdAt, lastUsedAt: key.lastUsedAt)
        }
        timestamp = now
    }
}

import HTTPKit
import JSON

/// All that an application is told with an answer, and that a chatbot's own endpoint is sent to make one. It never holds
/// a prompt or a secret.
struct QueryDocument: JSONOutput {
    let chatbotID: String
    let chatbotName: String
    let userMessage: String
    let userContext: UserContext
    let chatbotConfig: Config
    /// Null where no chatbot's key was used.
    let apiKeyInfo: KeyInfo?
    let timestamp: Timestamp

    struct Config: JSONOutput {
        let provider: String
        let model: String
        let temperature: Double?
        let maxTokens: Int
        let greeting: String?
        let config: JSONObject
    }

    struct KeyInfo: JSONOutput {
        let id: String
        let name: String
        let prefix: String
        let kind: APIKey.Kind
        let scopes: [APIKey.Scope]
        let createdAt: Timestamp
        let lastUsedAt: Timestamp?
    }

    init(
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

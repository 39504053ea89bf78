import HTTPKit

/// What a client can name as a model: chatbots by their slugs, and the further models that they offer. It has the
/// fields of OpenAI's list and of Anthropic's.
struct ModelList: JSONOutput {
    let object: String
    let data: [Model]
    let firstID: String?
    let lastID: String?
    let hasMore: Bool

    struct Model: JSONOutput {
        let id: String
        let object: String
        let type: String
        let displayName: String
        /// Seconds since 1970.
        let created: Int
        let createdAt: Timestamp
        let ownedBy: String

        init(_ chatbot: Chatbot, id: String, name: String) {
            self.id = id
            object = "model"
            type = "model"
            displayName = name
            created = Int(chatbot.createdAt.milliseconds / 1000)
            createdAt = chatbot.createdAt
            ownedBy = "mynah"
        }
    }

    /// Chatbots that have their slug in common are listed by their ids, since the slug would be refused.
    init(_ offers: [(chatbot: Chatbot, models: [String])]) {
        let slugs = Dictionary(grouping: offers, by: \.chatbot.slug)
        data = offers.flatMap { chatbot, models in
            let name = slugs[chatbot.slug]?.count == 1 ? chatbot.slug : chatbot.id
            return [Model(chatbot, id: name, name: chatbot.name)]
                + models.map { Model(chatbot, id: "\(name)/\($0)", name: "\(chatbot.name): \($0)") }
        }
        object = "list"
        firstID = data.first?.id
        lastID = data.last?.id
        hasMore = false
    }
}

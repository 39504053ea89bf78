package import Chatbots
package import HTTPKit

/// What a client can name as a model: chatbots by their slugs, and the further models that they offer. It has the
/// fields of OpenAI's list and of Anthropic's.
package struct ModelList: JSONOutput {
    package let object: String
    package let data: [Model]
    package let firstID: String?
    package let lastID: String?
    package let hasMore: Bool

    package struct Model: JSONOutput {
        package let id: String
        package let object: String
        package let type: String
        package let displayName: String
        /// Seconds since 1970.
        package let created: Int
        package let createdAt: Timestamp
        package let ownedBy: String

        package init(_ chatbot: Chatbot, id: String, name: String) {
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
    package init(_ offers: [(chatbot: Chatbot, models: [String])]) {
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

import Chat
package import Chatbots
package import HTTPKit

/// How many tokens a model would read.
package struct TokenCount: JSONOutput {
    package let inputTokens: Int
}

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

    /// The model of a name, which may have the chatbot's id in place of its slug; nil if there is none.
    static func model(named name: String, of offers: [(chatbot: Chatbot, models: [String])]) -> Model? {
        let listed = ModelList(offers).data
        if let model = listed.first(where: { $0.id == name }) { return model }
        for (chatbot, models) in offers where name.hasPrefix(chatbot.id) {
            let rest = name.dropFirst(chatbot.id.count)
            if rest.isEmpty { return Model(chatbot, id: name, name: chatbot.name) }
            guard rest.first == "/", models.contains(String(rest.dropFirst())) else { continue }
            return Model(chatbot, id: name, name: "\(chatbot.name): \(rest.dropFirst())")
        }
        return nil
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

import Accounts
import Chatbots
package import HTTPKit
import HTTPTypes
import ModelCalls
package import Platform
import Storage

/// Tests what a chatbot finds for a question, for the workspace's editors and for keys with the scope `knowledge`.
package struct KnowledgeSearchRoutes: Sendable {
    private let search: KnowledgeSearch
    var database: Database { search.database }

    package init(search: KnowledgeSearch) { self.search = search }

    package struct Query: Input, Ruled {
        package let query: String
        package let limit: Int?

        package static var rules: [String: Rule] {
            [
                "query": .text(1...2000, note: "What a user would ask."),
                "limit": .number(1...50, note: "10 if left out. A larger one shows more of the same list."),
            ]
        }
    }

    private static let usualLimit = 10

    package func find(_ who: UserOrKey, _ input: Query) async throws -> Findings {
        let (tenant, requester) = try await tenant(who)
        let caller = EmbeddingCaller(requester, in: tenant, chatbotID: who["chatbot_id"], isMessage: false)
        return try await search.find(
            .init(
                input.query, limit: input.limit ?? Self.usualLimit, who.scope, caller, requestID: who.call.id))
    }

    func tenant(_ who: UserOrKey) async throws -> (Tenant, TurnRequester) {
        switch who {
        case .user(let user):
            let tenant = try await database.read(user.scope) { tx in
                let tenant = try Chatbot.find(tx, id: user["chatbot_id"], for: user.caller).tenant
                try tenant.require(.edit)
                return tenant
            }
            return (tenant, .user(user))
        case .key(let key):
            try key.require(chatbotID: key["chatbot_id"])
            return (Tenant(key.holder), .application(key, endUserID: nil))
        }
    }
}

extension KnowledgeSearchRoutes {
    package var table: [Route] {
        ([
            Route(
                .post, "/chatbots/{chatbot_id}/knowledge/search",
                RoutePolicy.turn.scopes(.knowledge), id: "search_chatbot_knowledge",
                "Search a chatbot's knowledge",
                about:
                    "The passages that are found for a question, best first, and why. The workspace's owner pays for the "
                    + "model that finds by meaning.",
                find,
                errors: [
                    .forbidden, .keyNotForChatbot, .budgetExhausted, .insufficientCredits, .shuttingDown,
                ])
        ] + passageTable).tagged(.files)
    }
}

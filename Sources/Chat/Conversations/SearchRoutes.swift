import Accounts
import Chatbots
package import HTTPKit
import HTTPTypes
package import Platform
import Storage

extension ConversationRoutes {
    package func search(_ who: UserCaller, _ query: ConversationSearch.Query) async throws -> List<FoundMessage> {
        let after = try Paging(limit: query.limit, after: query.after).cursor(or: .newest)
        let asked = SearchOwner.asked(query.q)
        let page = try await database.read(who.scope) { [dialect = database.dialect] tx in
            let tenant =
                try query.chatbotID.map { try Chatbot.find(tx, id: $0, for: who.caller).tenant }
                ?? who.tenant(tx, .read)
            // A query without any word finds nothing.
            if asked.isEmpty { return ConversationSearch.Page.empty }
            let search = ConversationSearch(
                tenant: tenant, asked: asked, chatbotID: query.chatbotID, sender: query.sender, times: query.times,
                limit: query.count, dialect: dialect)
            return try search.page(tx, after: after)
        }
        return page.shown(asked: asked)
    }

    var searchTable: [Route] {
        [
            Route(
                .get, "/conversations/search", .readChat, id: "search_conversations", "Search my conversations",
                about:
                    "Titles and messages that have words beginning with all words of `q`, newest first, without regard to "
                    + "case, accents and vowel signs. Chinese, Japanese and Thai words are found anywhere in a text. Only "
                    + "shown versions are found, and no failed replies.",
                search,
                errors: [.notFound])
        ].tagged(.conversations)
    }
}

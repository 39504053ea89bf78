import HTTPKit
import HTTPTypes
package import Platform
import Storage

extension ConversationRoutes {
    /// The passage that a reply cites, for a caller who may read the reply, and no other passage.
    package func citation(_ who: UserCaller) async throws -> Citation {
        try await database.read(who.scope) { tx in
            let (conversation, tenant) = try Conversation.findReadable(tx, id: who["conversation_id"], for: who.caller)
            let message = try Message.find(tx, in: tenant, conversationID: conversation.id, id: who["message_id"])
            let number = Int(who.call.parameter("n"))
            guard let found = message.citations?.first(where: { $0.n == number }), found.quote != nil else {
                throw APIError(
                    .notFound, "This message cites no such passage, or its file has been deleted.",
                    bengali: "এই বার্তায় এমন কোনো উদ্ধৃতি নেই, অথবা তার ফাইলটি মুছে ফেলা হয়েছে।")
            }
            return found
        }
    }

    var citationTable: [Route] {
        [
            Route(
                .get, "/conversations/{conversation_id}/messages/{message_id}/citations/{n}", .readChat,
                id: "get_citation", "Get a passage that a reply cites",
                about: "For those who may read the conversation. A citation of a deleted file keeps its name in the "
                    + "message, and has no passage any more.",
                citation)
        ].tagged(.conversations)
    }
}

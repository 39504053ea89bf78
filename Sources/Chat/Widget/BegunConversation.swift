import Accounts
import Chatbots
import HTTPKit
package import Platform
import Storage

/// A visitor's conversation before its first message, so that this message can have files.
package struct BegunConversation: JSONOutput {
    package let conversationID: String
    /// Nil if the visitor came with one.
    package let visitorToken: String?
}

extension VisitorFileRoutes {
    /// Counts as a file of the visitor's address, so that empty conversations are as few as files, and as one of the day's
    /// conversations.
    package func begin(_ who: Visitor) async throws -> WithVisitorToken<BegunConversation> {
        let (visitor, newToken) = try await widget.visitor(who, isNewcomer: true)
        guard let visitor else { throw APIError(.notFound) }
        let known = try await widget.endUser(visitor, who)
        let (tenant, chatbotID) = (Tenant(who.holder), who.holder.chatbotID)
        try await database.read(who.scope) { tx in
            _ = try Chatbot.find(tx, of: who.holder)
            try requireAllowed(tx, in: tenant, chatbotID: chatbotID)
        }
        try await who.call.countVisitorFile(of: who.holder)
        let id = try await database.write(who.scope) { tx in
            _ = try Chatbot.find(tx, of: who.holder)
            try WorkspaceLimits.require(.bytes, tx, in: tenant)
            let endUserID = try known.pending?.save(tx, in: tenant, now: .now) ?? known.id
            let conversation = try Conversation.create(
                tx, in: tenant, chatbotID: chatbotID, owner: .application(endUserID: endUserID), title: nil,
                isTitleGiven: false, now: .now)
            try DailyUsage.count(tx, who.holder.subscriber, conversations: 1, byVisitor: true, now: .now)
            who.call.audit(target: "conversation:\(conversation.id)")
            return conversation.id
        }
        return WithVisitorToken(
            answer: BegunConversation(conversationID: id, visitorToken: newToken), newToken: newToken)
    }
}

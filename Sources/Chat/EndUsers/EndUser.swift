package import HTTPKit
package import Platform
import Storage

/// Someone an application serves with a chatbot, and names by an id of its own.
package struct EndUser: Sendable {
    package let id: String
    package let workspaceID: String
    /// The application's own id.
    package let externalID: String
    package let encryptedDetails: String?
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    package static let idRule = Rule.text(1...200, note: "The application's own id of its user.")

    /// An end user as a workspace's editors see it.
    package struct Shown: JSONOutput {
        package let id: String
        package let chatbotID: String
        package let profile: UserContext.Profile
        package let createdAt: Timestamp
        package let updatedAt: Timestamp
    }

    /// An end user as a call names it, with what the call tells of it.
    package struct Named: Decodable, Sendable, Ruled {
        package let id: String
        package let details: UserDetails.Update

        package static var rules: [String: Rule] { UserDetails.Update.rules.merging(["id": EndUser.idRule]) { $1 } }

        private enum CodingKeys: String, CodingKey { case id }

        package init(from decoder: any Decoder) throws {
            id = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .id)
            details = try UserDetails.Update(from: decoder)
        }
    }

    package struct Filter: Input, Ruled {
        package let q: String?
        package let limit: Int?
        package let after: String?
        package static var rules: [String: Rule] {
            Paging.rules.merging(["q": .note("Only the one with this id, which the application gave it.")]) { $1 }
        }
        package var paging: Paging { Paging(limit: limit, after: after) }
    }

    package struct ConversationFilter: Input, Ruled {
        package let user: String?
        package let limit: Int?
        package let after: String?
        package static var rules: [String: Rule] {
            Paging.rules.merging(["user": .note("Only those of the end user with this id.")]) { $1 }
        }
        package var paging: Paging { Paging(limit: limit, after: after) }
    }
}

/// A conversation that an application began with a key, as the workspace's editors see it.
package struct ApplicationConversation: JSONOutput {
    package let conversation: Conversation
    /// The application's own id of the end user; null if it named none.
    package let userID: String?

    private enum CodingKeys: String, CodingKey { case userID }

    package init(_ conversation: Conversation, userID: String?) {
        self.conversation = conversation
        self.userID = userID
    }

    package init(from decoder: any Decoder) throws {
        conversation = try Conversation(from: decoder)
        userID = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(String.self, forKey: .userID)
    }

    package func encode(to encoder: any Encoder) throws {
        try conversation.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(userID, forKey: .userID)
    }
}

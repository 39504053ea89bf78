import HTTPKit
import Storage

/// Someone an application serves with a chatbot, and names by an id of its own.
struct EndUser: Sendable {
    let id: String
    let workspaceID: String
    /// The application's own id.
    let externalID: String
    let encryptedDetails: String?
    let createdAt: Timestamp
    let updatedAt: Timestamp

    static let idRule = Rule.text(1...200, note: "The application's own id of its user.")

    /// An end user as a workspace's editors see it.
    struct Shown: JSONOutput {
        let id: String
        let chatbotID: String
        let profile: UserContext.Profile
        let createdAt: Timestamp
        let updatedAt: Timestamp
    }

    /// An end user as a call names it, with what the call tells of it.
    struct Named: Decodable, Sendable, Ruled {
        let id: String
        let details: UserDetails.Update

        static var rules: [String: Rule] { UserDetails.Update.rules.merging(["id": EndUser.idRule]) { $1 } }

        private enum CodingKeys: String, CodingKey { case id }

        init(from decoder: any Decoder) throws {
            id = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .id)
            details = try UserDetails.Update(from: decoder)
        }
    }

    struct Filter: Input, Ruled {
        let q: String?
        let limit: Int?
        let after: String?
        static var rules: [String: Rule] {
            Paging.rules.merging(["q": .note("Only the one with this id, which the application gave it.")]) { $1 }
        }
        var paging: Paging { Paging(limit: limit, after: after) }
    }

    struct ConversationFilter: Input, Ruled {
        let user: String?
        let limit: Int?
        let after: String?
        static var rules: [String: Rule] {
            Paging.rules.merging(["user": .note("Only those of the end user with this id.")]) { $1 }
        }
        var paging: Paging { Paging(limit: limit, after: after) }
    }
}

/// A conversation that an application began with a key, as the workspace's editors see it.
struct ApplicationConversation: JSONOutput {
    let conversation: Conversation
    /// The end user, by the application's own id; null where it named nobody.
    let userID: String?

    private enum CodingKeys: String, CodingKey { case userID }

    init(_ conversation: Conversation, userID: String?) {
        self.conversation = conversation
        self.userID = userID
    }

    init(from decoder: any Decoder) throws {
        conversation = try Conversation(from: decoder)
        userID = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(String.self, forKey: .userID)
    }

    func encode(to encoder: any Encoder) throws {
        try conversation.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(userID, forKey: .userID)
    }
}

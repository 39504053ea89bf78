package import HTTPKit
import Platform

/// A link by which anyone who has it reads a conversation as it was when the link was made.
package struct ConversationShare: JSONOutput {
    package let id: String
    package let createdAt: Timestamp
    package let expiresAt: Timestamp

    package static let usualDays = 30
    package static let mostDays = 365
    /// Maximum number of open links to one conversation.
    static let most = 20

    package struct Create: Input, Ruled {
        package let expiresAt: Timestamp?

        package static var rules: [String: Rule] {
            ["expires_at": .note("In \(usualDays) days if omitted, and at most in \(mostDays).")]
        }

        package func validate() throws(APIError) {
            guard let expiresAt else { return }
            let now = Timestamp.now
            guard expiresAt > now, expiresAt <= now.adding(.seconds(86_400 * mostDays)) else {
                throw APIError.invalid(
                    "expires_at", "'expires_at' must lie in the future, and at most \(mostDays) days from now.")
            }
        }
    }

    /// A link as the response to its creation shows it, once.
    package struct Made: JSONOutput {
        package let id: String
        /// With the token, of which only a hash is kept.
        package let url: String
        package let createdAt: Timestamp
        package let expiresAt: Timestamp
    }
}

/// One page of a shared conversation.
package struct SharedConversation: JSONOutput {
    package let title: String?
    package let chatbotName: String
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    package let data: [SharedMessage]
    package let next: String?
}

/// A message as a link shows it: what was said, without ids, thoughts, files and the passages of its sources.
package struct SharedMessage: JSONOutput {
    package let sender: Message.Sender
    package let content: String
    package let status: Message.Status
    package let createdAt: Timestamp
    /// The sources that the reply refers to, by name only.
    package let citations: [Source]?

    package struct Source: JSONOutput {
        package let n: Int
        package let name: String
        package let page: Int?
    }
}

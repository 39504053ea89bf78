import Foundation
import HTTPKit

/// A conversation, which the contract also calls a session: private to the user who began it.
struct Conversation: JSONOutput {
    let id: String
    let sessionID: String
    let workspaceID: String
    let chatbotID: String
    let projectID: String
    let title: String?
    /// The reply that is being written now; `GET /conversations/{id}/stream` follows it.
    let runningMessageID: String?
    let createdAt: Timestamp
    let updatedAt: Timestamp

    /// A user, or an application that began it by key.
    enum Owner: Sendable {
        case user(String)
        case application(endUserID: String?)
    }

    struct Create: Input, Ruled {
        let chatbotID: String?
        let projectID: String?
        let title: String?
        static var rules: [String: Rule] {
            [
                "chatbot_id": .note("The workspace's default chatbot where it is left out."),
                "project_id": .note("Another name of chatbot_id."), "title": .text(0...200),
            ]
        }
    }

    struct Update: Input, Ruled {
        let title: Change<String>
        static var rules: [String: Rule] { ["title": .text(0...200)] }
    }

    struct Filter: Input, Ruled {
        let chatbotID: String?
        let projectID: String?
        let limit: Int?
        let after: String?
        static var rules: [String: Rule] {
            Paging.rules.merging([
                "chatbot_id": .note("Only those with this chatbot."),
                "project_id": .note("Another name of chatbot_id."),
            ]) { $1 }
        }
        var paging: Paging { Paging(limit: limit, after: after) }
    }

    /// A title for a conversation whose user gave none: the beginning of the first message.
    static func title(from message: String) -> String {
        let line = message.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let words = line.split(separator: " ").joined(separator: " ")
        return words.count <= 60 ? words : words.prefix(59).trimmingCharacters(in: .whitespaces) + "…"
    }
}

/// One message of a conversation.
struct Message: JSONOutput {
    let id: String
    let conversationID: String
    let sender: Sender
    let content: String
    let status: Status
    let errorCode: String?
    let model: String?
    let usage: Usage?
    let rating: Int?
    let comment: String?
    let createdAt: Timestamp

    enum Sender: String, Choice { case user, ai, staff, system }

    /// A partial message is what came before its reply was stopped or cut off.
    enum Status: String, Choice { case complete, partial, failed }

    /// Tokens, as the model's provider counted them.
    struct Usage: JSONOutput {
        let promptTokens: Int
        let completionTokens: Int
        let totalTokens: Int

        init(promptTokens: Int, completionTokens: Int) {
            self.promptTokens = promptTokens
            self.completionTokens = completionTokens
            totalTokens = promptTokens + completionTokens
        }
    }

    struct Create: Input, Ruled {
        let content: String
        let model: String?
        let stream: Bool?
        static var rules: [String: Rule] {
            [
                "content": .text(1...Message.maxLength), "model": .note("One of the chatbot's models."),
                "stream": .note("Answer with server-sent events; so does `Accept: text/event-stream`."),
            ]
        }
    }

    enum Order: String, Choice { case asc, desc }

    struct Listing: Input, Ruled {
        let order: Order?
        let limit: Int?
        let after: String?
        static var rules: [String: Rule] {
            Paging.rules.merging(["order": .note("`asc`, oldest first, where it is left out; `desc`, newest first.")]) {
                $1
            }
        }
        var paging: Paging { Paging(limit: limit, after: after) }
    }

    struct Feedback: Input, Ruled {
        let rating: Int
        let comment: String?
        static var rules: [String: Rule] {
            ["rating": Rule(numbers: [1, -1]), "comment": .text(0...2000)]
        }
    }

    /// In Unicode scalars.
    static let maxLength = 32_000
}

extension MessageLog.Outcome {
    init(_ status: Message.Status) {
        switch status {
        case .complete: self = .complete
        case .partial: self = .partial
        case .failed: self = .failed
        }
    }
}

extension Speaker {
    /// Whose a conversation becomes that this speaker begins.
    var owner: Conversation.Owner {
        switch self {
        case .user(let who): .user(who.caller.userID)
        case .application(_, let endUserID): .application(endUserID: endUserID)
        case .visitor(_, let endUserID): .application(endUserID: endUserID)
        }
    }
}

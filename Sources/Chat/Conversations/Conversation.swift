import Foundation
package import HTTPKit
import Metering
import Platform

/// A conversation, which the contract also calls a session: private to the user who began it.
package struct Conversation: JSONOutput {
    package let id: String
    package let sessionID: String
    package let workspaceID: String
    package let chatbotID: String
    package let projectID: String
    package let title: String?
    /// The reply that is being written now; `GET /conversations/{id}/stream` follows it.
    package let runningMessageID: String?
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
    /// Whether it is kept at the top of the list.
    package var pinned = false
    /// Whether it is kept out of the list.
    package var archived = false
    /// The name of the folder that its user keeps it in.
    package var folder: String? = nil
    /// Not shown.
    package var path = MessagePath.whole
    /// Not shown.
    package var lastPosition: Int64 = 0

    private enum CodingKeys: CodingKey {
        case id, sessionID, workspaceID, chatbotID, projectID, title, runningMessageID, createdAt, updatedAt, pinned,
            archived, folder
    }

    /// A user, or an application that began it by key.
    package enum Owner: Sendable {
        case user(String)
        case application(endUserID: String?)
    }

    package struct Create: Input, Ruled {
        package let chatbotID: String?
        package let projectID: String?
        package let title: String?
        package static var rules: [String: Rule] {
            [
                "chatbot_id": .note("The workspace's default chatbot if omitted."),
                "project_id": .note("Another name of chatbot_id."), "title": .text(0...200),
            ]
        }
    }

    package struct Update: Input, Ruled {
        package let title: Change<String>
        package let chatbotID: String?
        package let pinned: Bool?
        package let archived: Bool?
        package let folder: Change<String>
        package static var rules: [String: Rule] {
            [
                "title": .text(0...200),
                "chatbot_id": .note("Another chatbot of the same workspace, which answers from now on."),
                "pinned": .note("Whether it is kept at the top of the list."),
                "archived": .note("Whether it is kept out of the list. It can still be read, searched and continued."),
                "folder": Folder.rule,
            ]
        }

        package func validate() throws(APIError) {
            if case .value(let name) = folder { try Folder.check(name) }
        }
    }

    /// The message whose version is to be shown.
    package struct Shown: Input, Ruled {
        package let messageID: String
        package static var rules: [String: Rule] {
            ["message_id": .note("The path leads through this message to the newest one that follows it.")]
        }
    }

    package struct Copy: Input, Ruled {
        package let messageID: String?
        package static var rules: [String: Rule] {
            ["message_id": .note("The last message to copy, also one that is not shown; the shown ones if omitted.")]
        }
    }

    package struct Filter: Input, Ruled {
        package let chatbotID: String?
        package let projectID: String?
        package let pinned: Bool?
        package let archived: Bool?
        package let folder: String?
        package let limit: Int?
        package let after: String?
        package static var rules: [String: Rule] {
            Paging.rules.merging([
                "chatbot_id": .note("Only those with this chatbot."),
                "project_id": .note("Another name of chatbot_id."),
                "pinned": .note("Only those that are pinned, or only those that are not; both if omitted."),
                "archived": .note("`true`: only those in the archive; otherwise none of them."),
                "folder": .text(
                    0...Folder.maxLength, note: "Only those in this folder; only those in none if it is empty."),
            ]) { $1 }
        }
        package var paging: Paging { Paging(limit: limit, after: after) }
    }

    /// How often a model may be asked for a better title than the first one.
    package static let titleTries = 3

    /// A title for a conversation whose user gave none: the beginning of the first message.
    package static func title(from message: String) -> String {
        let line = message.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let words = line.split(separator: " ").joined(separator: " ")
        return words.count <= 60 ? words : words.prefix(59).trimmingCharacters(in: .whitespaces) + "…"
    }
}

/// One message of a conversation.
package struct Message: JSONOutput {
    package let id: String
    package let conversationID: String
    package let sender: Sender
    package let content: String
    package let status: Status
    package let errorCode: String?
    package let model: String?
    package let usage: Usage?
    package let rating: Int?
    package let comment: String?
    package let createdAt: Timestamp
    /// What the model thought before it answered, if its vendor tells.
    package var reasoning: Reasoning? = nil
    /// Why the reply ended: `stop`, `length` if it reached the chatbot's limit, `content_filter` or `tool_calls`. Nil for
    /// what people wrote, and for replies that failed or were stopped.
    package var finishReason: String? = nil
    /// The files that its writer attached.
    package var attachments: [Attachment]? = nil
    /// The message that it follows; nil for a first one.
    package var parentID: String? = nil
    /// The versions of this message, itself included, oldest first.
    package var siblings: [String] = []
    /// The chatbot that gave this reply, if the conversation has another one since.
    package var chatbotID: String? = nil
    /// The sources that the reply refers to, in the order of their first uses. Nil unless it was made with a chatbot's files.
    package var citations: [Citation]? = nil

    package struct Reasoning: JSONOutput {
        package let content: String
        /// Seconds between the first thought and the first word of the answer.
        package let seconds: Double
    }

    package enum Sender: String, Choice { case user, ai, staff, system }

    /// A partial message is what came before its reply was stopped or cut off.
    package enum Status: String, Choice { case complete, partial, failed }

    /// Tokens, as the model's provider counted them.
    package struct Usage: JSONOutput {
        package let promptTokens: Int
        package let completionTokens: Int
        package let totalTokens: Int

        package init(promptTokens: Int, completionTokens: Int) {
            self.promptTokens = promptTokens
            self.completionTokens = completionTokens
            totalTokens = promptTokens + completionTokens
        }
    }

    package struct Create: Input, Ruled {
        package let content: String
        package let model: String?
        package let stream: Bool?
        package let attachments: [Attachment.Reference]?
        package let whileRunning: WhileRunning?
        package static var rules: [String: Rule] {
            [
                "content": .text(1...Message.maxLength), "model": .note("One of the chatbot's models."),
                "stream": .note("Answer with server-sent events; so does `Accept: text/event-stream`."),
                "attachments": Attachment.rule, "while_running": WhileRunning.rule,
            ]
        }

        package func validate() throws(APIError) { try Attachment.check(attachments) }
    }

    package enum Order: String, Choice { case asc, desc }

    package enum Branch: String, Choice {
        case active, all

        static let rule = Rule.note("`active`, the shown versions, if omitted; `all`, every message.")
    }

    package struct Listing: Input, Ruled {
        package let order: Order?
        package let branch: Branch?
        package let limit: Int?
        package let after: String?
        package static var rules: [String: Rule] {
            Paging.rules.merging([
                "order": .note("`asc`, oldest first, if omitted; `desc`, newest first."), "branch": Branch.rule,
            ]) { $1 }
        }
        package var paging: Paging { Paging(limit: limit, after: after) }
    }

    package struct Feedback: Input, Ruled {
        package let rating: Int
        package let comment: String?
        package static var rules: [String: Rule] {
            ["rating": Rule(numbers: [1, -1]), "comment": .text(0...2000)]
        }
    }

    /// Maximum length, in Unicode scalars.
    package static let maxLength = 32_000
}

extension MessageLog.Outcome {
    package init(_ status: Message.Status) {
        switch status {
        case .complete: self = .complete
        case .partial: self = .partial
        case .failed: self = .failed
        }
    }
}

extension TurnRequester {
    /// Whose a conversation becomes that this requester begins.
    package var owner: Conversation.Owner {
        switch self {
        case .user(let who): .user(who.caller.userID)
        case .application(_, let endUserID): .application(endUserID: endUserID)
        case .visitor(_, let endUserID): .application(endUserID: endUserID)
        }
    }
}
